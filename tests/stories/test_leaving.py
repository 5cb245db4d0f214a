"""STOP, START and HELP: leaving is easy and final at once, and coming back brings no burst."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from werkzeug.datastructures import MultiDict

from service.bootstrap import webhook_token
from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.message import MessageStatus
from service.gateways.base import Gate, OutboundText, SendOutcome, Withheld
from service.gateways.simulated import ACCOUNT_SID, CONFIRMATIONS, INBOUND_PATH, SERVICE_NUMBER
from service.gateways.twilio import TwilioWebhooks
from service.routing.reading import Reading
from service.workflows import enrolment, rounds
from tests.rig.world import ANA, BEN, CY, STAFF, World, check_in, medication, settings_for

NEVER_ACCEPTED = "+12025550195"
TUESDAY = date(2026, 10, 27)


@pytest.fixture
def ana(world: World) -> World:
    """Opted in on Monday 26 October 2026 at 9 in New York, with a check-in at 10 every day."""
    return with_ana(world)


@pytest.fixture
def carried(database_url: str, start: datetime) -> Iterator[World]:
    """The same, with the carrier confirming STOP and START by itself."""
    made = World(settings_for(database_url, opt_out_replies="gateway"), start)
    yield with_ana(made)
    made.close()


def with_ana(world: World) -> World:
    world.schedule(world.enrol(ANA), check_in("10:00"))
    world.settle()
    return world


def is_out(world: World, number: str = ANA) -> bool:
    return world.person(number).consent is ConsentStatus.OPTED_OUT


def crowd(world: World, phrases: list[str]) -> dict[str, str]:
    """One opted-in person for each phrase, with a check-in tomorrow: number and phrase."""
    people = {f"+1202555{2000 + place}": phrase for place, phrase in enumerate(phrases)}
    for number in people:
        world.schedule(world.enrol(number), check_in("10:00", starting=TUESDAY))
    world.settle()
    return people


STOPS = [
    "STOP", "stop", "Stop.", "  sToP  ", "STOP!!!", "stop all", "STOPALL", "UNSUBSCRIBE", "Cancel", "END",
    "quit", "REVOKE", "OPTOUT", "opt out", "ALTO", "parar", "ＳＴＯＰ",
]  # fmt: skip
OWN_WORDS = [
    "please stop texting me", "stop sending me these messages", "dont text me anymore",
    "take me off this list",
    "remove me from your list", "no more texts please", "i want to unsubscribe", "Quit texting my phone",
    "ya no me manden mensajes",
]  # fmt: skip


@pytest.mark.parametrize("phrases", [STOPS, OWN_WORDS], ids=["keywords", "own words"])
def test_stop_in_any_form_ends_all_texts_and_is_confirmed_once(world: World, phrases: list[str]) -> None:
    people = crowd(world, phrases)
    unlike = {}
    for number, phrase in people.items():
        replies = world.text(number, phrase)
        again = world.text(number, phrase)
        good = len(replies) == 1 and "988" in replies[0] and "911" in replies[0] and "START" in replies[0]
        if not (good and is_out(world, number) and again == []):
            unlike[phrase] = replies, again
    assert not unlike
    before = {number: len(world.shown(number)) for number in people}
    world.move(timedelta(days=3))
    assert {number: len(world.shown(number)) for number in people} == before


NOT_STOPS = [
    "i cant stop using", "how do i stop the cravings", "i want to quit heroin", "will this ever end",
    "did you cancel my appointment?", "i stopped taking my meds", "what happens if i quit cold turkey",
]  # fmt: skip


def test_a_text_about_stopping_something_else_keeps_the_person_in(world: World) -> None:
    people = crowd(world, NOT_STOPS)
    for number, phrase in people.items():
        world.text(number, phrase)
    assert [phrase for number, phrase in people.items() if is_out(world, number)] == []


def test_stop_leaves_a_consent_record_and_tells_staff_the_last_answer(ana: World) -> None:
    ana.move_to("2026-10-26 10:00")
    ana.say(ANA, "2")
    ana.move_to("2026-10-27 18:00")  # a silent day since
    ana.say(ANA, "STOP")
    line = ana.person(ANA).consent_history[-1]
    assert (line.status, line.source, line.at) == (ConsentStatus.OPTED_OUT, ConsentSource.TEXT, ana.now)
    (alert,) = [alert for alert in ana.alerts() if alert.kind.value == "opted-out"]
    assert (alert.detail, alert.text) == ("last check-in 2 of 5", "STOP")


def test_stop_cancels_what_is_queued(ana: World) -> None:
    ana.schedule(ana.id_of(ANA), medication("09:30", on=date(2026, 10, 26)))
    ana.move_to("2026-10-26 09:30")
    ana.say(ANA, "later")
    enrolment.text_by_hand(ana.parts.database, ana.id_of(ANA), "Your bus pass is here.", STAFF, ana.now)
    assert len(ana.with_status(ANA, MessageStatus.QUEUED)) == 2
    ana.say(ANA, "STOP")
    before = len(ana.shown(ANA))
    ana.move(timedelta(days=3))
    assert ana.new_on(ANA, before) == []
    assert {item.reason for item in ana.with_status(ANA, MessageStatus.CANCELLED)} == {"opted out"}
    assert len(ana.with_status(ANA, MessageStatus.CANCELLED)) == 2
    assert {text.withheld for text in ana.upcoming(ANA)} == {"not opted in"}


def test_a_text_planned_just_before_stop_is_not_sent(ana: World) -> None:
    ana.wall.advance(timedelta(hours=1))
    parts = ana.parts
    assert rounds.plan_all(parts.database, parts.words, parts.programme, ana.now) == 1
    ana.say(ANA, "STOP")
    before = len(ana.shown(ANA))
    ana.settle()
    assert ana.new_on(ANA, before) == []
    assert ana.person(ANA).open_questions == 0


def stop_while_sending(world: World, number: str, patch: pytest.MonkeyPatch) -> None:
    """The person's STOP comes in while the next text is with the gateway: begun, not yet accepted."""
    send = world.phone.send
    texted: list[list[str]] = []

    def slow(text: OutboundText, gate: Gate) -> SendOutcome:
        if not gate.may_leave():
            return Withheld()
        gate.has_left()
        if not texted:
            texted.append(world.text(number, "STOP"))
        return send(text)

    patch.setattr(world.phone, "send", slow)


def test_a_text_in_flight_at_stop_is_the_last_one(ana: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_while_sending(ana, ANA, monkeypatch)
    before = len(ana.shown(ANA))
    ana.move(timedelta(days=3))
    confirmation, in_flight = ana.new_on(ANA, before)
    assert "START" in confirmation
    assert "1 to 5" in in_flight
    assert ana.person(ANA).open_questions == 0
    assert is_out(ana)


def test_a_text_the_gateway_could_not_take_is_not_tried_again_after_stop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.enrol(NEVER_ACCEPTED)
    stop_while_sending(world, NEVER_ACCEPTED, monkeypatch)
    world.settle()
    world.move(timedelta(hours=1))
    (notice,) = [item for item in world.sent(NEVER_ACCEPTED) if item.words == "joined@en-1"]
    assert (notice.status, notice.reason) == (MessageStatus.CANCELLED, "opted out")


def test_anybody_can_stop_whether_we_text_them_or_not(world: World) -> None:
    world.enrol(BEN, opted_in=False)
    for number in (BEN, CY):  # invited; unknown
        assert "START" in world.say(number, "STOP")
        assert world.text(number, "STOP") == []
        assert is_out(world, number)
    world.move(timedelta(days=10))
    assert (len(world.shown(BEN)), len(world.shown(CY))) == (1, 1)
    assert world.alert_kinds() == []  # they leave nothing that staff would miss


def test_the_carrier_confirms_its_own_words_and_we_stay_silent(carried: World) -> None:
    before = len(carried.shown(ANA))
    assert carried.text(ANA, "STOP") == [CONFIRMATIONS["STOP"]]
    assert carried.text(ANA, "stop") == []
    assert is_out(carried)
    carried.move(timedelta(days=2))
    assert carried.new_on(ANA, before) == [CONFIRMATIONS["STOP"]]
    assert carried.text(ANA, "START") == [CONFIRMATIONS["START"]]
    line = carried.person(ANA).consent_history[-1]
    assert (line.status, line.wording) == (ConsentStatus.OPTED_IN, None)  # not words that nobody saw
    carried.move_to("2026-10-28 10:00")
    assert len(carried.new_on(ANA, before)) == 3


def test_an_opt_out_in_own_words_is_ours_to_confirm_and_so_is_the_return(carried: World) -> None:
    assert "988" in carried.say(ANA, "please stop texting me")
    assert is_out(carried)
    assert "welcome back" in carried.say(ANA, "START")
    assert carried.person(ANA).consent_history[-1].wording_version == "welcome_back@en-1"


def test_the_return_of_somebody_whom_staff_stopped_is_ours_to_confirm(carried: World) -> None:
    enrolment.stop(carried.parts.database, carried.id_of(ANA), STAFF, carried.now, reason="by phone")
    assert "welcome back" in carried.say(ANA, "START")


@pytest.mark.parametrize("words", ["DETENER", "arret"])
def test_a_stop_word_that_only_the_carrier_knows_counts(carried: World, words: str) -> None:
    form = [
        ("MessageSid", "SM" + "1" * 32), ("AccountSid", ACCOUNT_SID), ("From", ANA), ("To", SERVICE_NUMBER),
        ("Body", words), ("NumMedia", "0"), ("OptOutType", "STOP"),
    ]  # fmt: skip
    webhooks = TwilioWebhooks(ACCOUNT_SID, webhook_token(carried.settings))
    signature = webhooks.sign(carried.parts.programme.base_url + INBOUND_PATH, form)
    answer = carried.app.test_client().post(
        INBOUND_PATH, data=MultiDict(form), headers={"X-Twilio-Signature": signature}
    )
    assert answer.status_code == 200
    assert "<Message" not in answer.text
    assert is_out(carried)


def test_stop_works_even_when_texts_cannot_be_read(ana: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the word lists are gone")

    monkeypatch.setattr("service.workflows.replies.understand", broken)
    assert "988" in ana.say(ANA, " Stop ")
    assert is_out(ana)


@pytest.mark.parametrize("words", ["START", "join", "Unstop", "yes", "please text me again"])
def test_start_brings_back_without_a_burst(ana: World, words: str) -> None:
    ana.schedule(ana.id_of(ANA), medication("08:00"))
    ana.say(ANA, "STOP")
    before = len(ana.shown(ANA))
    ana.move_to("2026-10-31 12:00")
    reply = ana.say(ANA, words)
    for needed in ("welcome back", "HELP", "STOP", "988", "911"):
        assert needed in reply
    ana.move_to("2026-11-01 07:59")
    assert ana.new_on(ANA, before) == [reply]  # nothing of the days away
    ana.move_to("2026-11-01 10:00")
    medicine, again, checking = ana.new_on(ANA, before)[1:]
    assert medicine.startswith("Time for")
    assert again.startswith("Checking once more")
    assert "1 to 5" in checking


def test_stop_and_start_again_and_again_is_followed_every_time(ana: World) -> None:
    for _ in range(5):
        assert "won't get any more" in ana.say(ANA, "STOP")
        assert "welcome back" in ana.say(ANA, "START")
    assert ana.person(ANA).consent is ConsentStatus.OPTED_IN


@pytest.mark.parametrize("words", ["HELP", " help ", "Help!", "info", "AYUDA"])
def test_help_says_who_and_where_before_and_after_stop(ana: World, words: str) -> None:
    for _ in range(2):
        reply = ana.say(ANA, words)
        for needed in ("Harbor", "555-0100", "988", "911"):
            assert needed in reply
        ana.text(ANA, "STOP")
    assert is_out(ana)


@pytest.mark.parametrize("confirmed_by", ["service", "gateway"])
def test_stop_nothing_matters_anymore_is_honoured_twice(
    database_url: str, start: datetime, confirmed_by: str
) -> None:
    world = World(settings_for(database_url, opt_out_replies=confirmed_by), start)
    with_ana(world)
    reply = world.say(ANA, "STOP nothing matters anymore")
    assert is_out(world)
    assert reply.startswith("Please call or text 988 now.")
    assert "won't get any more texts" in reply
    assert world.alert_kinds()[0] in {"crisis", "possible-danger"}
    assert world.alert_kinds()[1:] == ["opted-out"]
    before = len(world.shown(ANA))
    world.move(timedelta(days=2))
    assert world.new_on(ANA, before) == []
    world.close()


def test_somebody_in_danger_is_answered_after_stop(ana: World) -> None:
    ana.say(ANA, "STOP")
    assert ana.say(ANA, "i took all my pills").startswith("Call 911")
    assert is_out(ana)
    kinds = ana.alert_kinds()
    assert "wants-person" not in kinds  # whose "no reply was sent" would be untrue
    assert len(kinds) == 2
    assert "please call" in ana.alerts()[0].detail


def test_when_the_carrier_blocks_the_answer_to_danger_staff_are_told_to_call(carried: World) -> None:
    carried.text(ANA, "STOP")
    assert carried.text(ANA, "i want to kill myself") == []
    assert (carried.alerts()[0].kind.value, carried.alerts()[0].text) == ("crisis", "i want to kill myself")
    assert "please call" in carried.alerts()[0].detail
    (failed,) = carried.with_status(ANA, MessageStatus.FAILED)
    assert "988" in (failed.body or "")


def test_whatever_else_somebody_texts_after_stop_gets_silence_and_staff_are_told_once(ana: World) -> None:
    ana.say(ANA, "STOP")
    for words in ("hello?", "MENU", "4", "how does methadone work", "ok bye"):
        assert ana.text(ANA, words) == [], words
    assert is_out(ana)
    assert sorted(ana.alert_kinds()) == ["opted-out", "wants-person"]


def test_who_may_want_to_leave_is_told_how_and_staff_are_asked_to_read_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.enrol(ANA)
    monkeypatch.setattr(Reading, "leaving", 0.9)
    reply = world.say(ANA, "is the van late")
    assert reply.endswith(world.parts.words.text("leave_unsure", "en").body)
    assert world.person(ANA).consent is ConsentStatus.OPTED_IN
    assert world.alert_kinds() == ["may-leave"]
    world.say(ANA, "STOP")
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
