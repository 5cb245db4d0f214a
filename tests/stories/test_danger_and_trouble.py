"""Danger is answered first whatever is open; and what may go wrong with texts coming in."""

import io
import itertools
import logging
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zipfile import BadZipFile

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from service.bootstrap import webhook_token
from service.domain.consent import ConsentStatus
from service.domain.message import MessageStatus
from service.gateways.simulated import ACCOUNT_SID, INBOUND_PATH, SERVICE_NUMBER
from service.gateways.twilio import TwilioWebhooks
from service.workflows.alerting import acknowledge
from tests.rig.world import (
    ANA,
    BEN,
    CY,
    STAFF,
    World,
    appointment,
    check_in,
    medication,
    meeting,
    settings_for,
)

TUESDAY = date(2026, 10, 27)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ana(world: World) -> World:
    """Opted in on Monday 26 October 2026 at 9 in New York."""
    world.enrol(ANA)
    world.settle()
    return world


def post(world: World, number: str, body: str, sid: str) -> TestResponse:
    """One text as the gateway posts it, with a message id of our choice."""
    form = [
        ("MessageSid", sid), ("AccountSid", ACCOUNT_SID), ("From", number), ("To", SERVICE_NUMBER),
        ("Body", body), ("NumMedia", "0"),
    ]  # fmt: skip
    webhooks = TwilioWebhooks(ACCOUNT_SID, webhook_token(world.settings))
    signature = webhooks.sign(world.parts.programme.base_url + INBOUND_PATH, form)
    return world.app.test_client().post(
        INBOUND_PATH, data=MultiDict(form), headers={"X-Twilio-Signature": signature}
    )


DANGER = {
    "crisis": ["i want to kill myself", "im going to end it tonight", "no quiero vivir mas"],
    "overdose": ["my friend od'd and wont wake up", "he isnt breathing", "i think im overdosing"],
    "medical": ["chest pain and i cant breathe", "i swallowed bleach"],
}
FIRST_WORDS = {
    "crisis": "Please call or text 988 now.",
    "overdose": "Call 911 now:",
    "medical": "Call 911 or go",
}
FIRST_IN_SPANISH = "Llama ya al 988"  # a text that is clearly in Spanish, from whoever


@pytest.mark.parametrize("kind", DANGER)
def test_danger_gets_its_fixed_reply_first_whatever_is_open(world: World, kind: str) -> None:
    people = {f"+120255540{place:02d}": text for place, text in enumerate(DANGER[kind])}
    for number in people:
        participant_id = world.enrol(number)
        world.schedule(participant_id, check_in("10:00", on=TUESDAY))
        world.schedule(participant_id, medication("10:00", on=TUESDAY))
        world.schedule(participant_id, meeting("11:00", on=TUESDAY))
        world.schedule(participant_id, appointment("12:00", on=TUESDAY, lead_minutes=120))
    world.move_to("2026-10-27 10:00")
    misread = {}
    for number, text in people.items():
        reply = world.say(number, text)
        if not reply.startswith((FIRST_WORDS[kind], FIRST_IN_SPANISH)):
            misread[text] = reply
    assert not misread
    assert world.alert_kinds() == [kind] * len(people)
    assert [alert.text for alert in world.alerts()] == [*people.values()]
    assert {world.person(number).open_questions for number in people} == {4}


def test_danger_alerts_once_while_open_and_again_after_acknowledgement(ana: World) -> None:
    for text in ("i want to kill myself", "i want to die", "i want to kill myself"):
        assert "988" in ana.say(ANA, text)
    (alert,) = ana.alerts()
    acknowledge(ana.parts.database, alert.id, STAFF, ana.now, "called")
    ana.say(ANA, "i want to die")
    (newer,) = ana.alerts()
    assert newer.id != alert.id
    assert newer.urgency.value == "1-now"


def test_another_kind_of_danger_and_another_person_have_alerts_of_their_own(ana: World) -> None:
    ana.enrol(BEN)
    ana.say(ANA, "i want to kill myself")
    ana.say(ANA, "my friend od'd and wont wake up")
    ana.say(BEN, "i want to kill myself")
    assert sorted(ana.alert_kinds()) == ["crisis", "crisis", "overdose"]


def test_an_unknown_number_in_danger_alerts_once_while_open(world: World) -> None:
    for text in ("i want to kill myself", "i want to die"):
        assert "988" in world.say(CY, text)
    world.say(BEN, "i want to die")
    assert [alert.who for alert in world.alerts()] == [CY, BEN]


@pytest.mark.parametrize(("text", "score"), [("4 but im not safe right now", 4), ("2, i want to die", 2)])
def test_an_answer_beside_danger_is_recorded_and_safety_comes_back(ana: World, text: str, score: int) -> None:
    ana.schedule(ana.id_of(ANA), check_in("10:00", on=TUESDAY))
    ana.move_to("2026-10-27 10:00")
    assert ana.say(ANA, text).startswith("Please call or text 988 now.")
    assert [point.score for point in ana.person(ANA).scores] == [score]
    assert "crisis" in ana.alert_kinds()
    before = len(ana.shown(ANA))
    ana.move(timedelta(hours=6))
    assert ana.new_on(ANA, before) == []  # answered, so not asked again


@pytest.fixture
def deaf(ana: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The service cannot understand any text."""

    def broken(text: str, **_: object) -> None:
        raise ValueError(f"cannot read {text!r}")

    monkeypatch.setattr("service.workflows.replies.understand", broken)
    return ana


def test_a_text_that_cannot_be_understood_is_kept_and_answered_safely(deaf: World) -> None:
    answer = post(deaf, ANA, "my text is 4", "SM" + "2" * 32)
    assert answer.status_code == 200
    for needed in ("988", "911", "Your text is saved", "CRAVING"):
        assert needed in answer.text
    (alert,) = deaf.alerts()
    assert (alert.kind.value, alert.urgency.value, alert.text) == ("not-understood", "1-now", "my text is 4")
    assert [item.body for item in deaf.thread(ANA) if item.direction == "in"] == ["my text is 4"]
    assert "988" in deaf.say(CY, "from a number we do not know")


FILE_FAULTS = [
    FileNotFoundError(2, "No such file or directory", "table.npz"),
    ValueError("cannot reshape array of size 3"),
    EOFError("No data left in file"),
    BadZipFile("File is not a zip file"),
    tomllib.TOMLDecodeError("Expected '=' after a key"),
    MemoryError(),
]


@pytest.mark.parametrize("fault", FILE_FAULTS, ids=lambda fault: type(fault).__name__)
def test_a_table_that_is_missing_or_broken_at_its_first_use_loses_no_text_and_no_danger(
    ana: World, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def broken(text: str, **_: object) -> None:
        raise fault

    monkeypatch.setattr("service.workflows.replies.understand", broken)
    for number, body in enumerate(("how does methadone work", "4"), 1):
        reply = ana.say(ANA, body)
        assert "988" in reply
        assert "one word: CRAVING" in reply
        assert ana.alert_kinds() == ["not-understood"] * number
    assert [item.body for item in ana.thread(ANA) if item.direction == "in"] == [
        "how does methadone work",
        "4",
    ]
    assert ana.say(ANA, "i want to kill myself") == ana.parts.words.text("safety.crisis", "en").body
    assert "crisis" in ana.alert_kinds()
    ana.say(ANA, "STOP")
    assert ana.person(ANA).consent is ConsentStatus.OPTED_OUT


def test_word_lists_that_break_at_their_first_use_lose_no_text(
    ana: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deeper down, and all of them: not even danger can be told from anything else then."""

    def broken(*_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", "lists.toml")

    for place in ("safety._cues", "topics._phrases", "language._words"):
        monkeypatch.setattr(f"service.routing.{place}", broken)
    reply = ana.say(ANA, "i want to kill myself")
    assert "988" in reply
    assert "911" in reply
    (alert,) = ana.alerts()
    assert (alert.kind.value, alert.urgency.value) == ("not-understood", "1-now")
    assert alert.text == "i want to kill myself"
    ana.say(ANA, "STOP")
    assert ana.person(ANA).consent is ConsentStatus.OPTED_OUT


def test_danger_is_heard_even_when_the_rest_cannot_be_understood(deaf: World) -> None:
    assert deaf.say(ANA, "i want to kill myself").startswith("Please call or text 988 now.")
    assert deaf.alert_kinds() == ["crisis"]


def test_a_fault_half_way_leaves_nothing_half_done(ana: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no such thing")

    ana.schedule(ana.id_of(ANA), check_in("10:00", on=TUESDAY))
    ana.move_to("2026-10-27 10:00")
    monkeypatch.setattr("service.workflows.answering._take_score", broken)  # after the score was written
    assert "Your text is saved" in ana.say(ANA, "1")
    monkeypatch.undo()
    assert ana.person(ANA).open_questions == 1
    assert ana.person(ANA).scores == []
    assert ana.alert_kinds() == ["not-understood"]


@pytest.mark.parametrize("body", ["1", "STOP", "i want to kill myself", "PAUSE 3 DAYS", "MORE"])
def test_the_same_text_delivered_again_gets_the_stored_reply_and_changes_nothing(
    ana: World, body: str
) -> None:
    ana.schedule(ana.id_of(ANA), check_in("10:00"))
    ana.move_to("2026-10-26 10:00")
    first = post(ana, ANA, body, "SM" + "3" * 32)
    ana.move(MINUTE)
    thread, alerts, consent = ana.thread(ANA), ana.alerts(), ana.person(ANA).consent_history
    second = post(ana, ANA, body, "SM" + "3" * 32)
    assert (first.status_code, second.status_code) == (200, 200)
    assert "<Message" in first.text
    assert second.text == first.text
    assert ana.thread(ANA) == thread
    assert ana.alerts() == alerts
    assert ana.person(ANA).consent_history == consent


def test_a_text_with_a_wrong_signature_is_refused_and_not_recorded(ana: World) -> None:
    answer = ana.app.test_client().post(
        INBOUND_PATH, data={"Body": "STOP", "From": ANA}, headers={"X-Twilio-Signature": "bm9wZQ=="}
    )
    assert answer.status_code == 403
    assert ana.person(ANA).consent is ConsentStatus.OPTED_IN
    assert [item for item in ana.thread(ANA) if item.direction == "in"] == []


AWAY = "I am out of the office and will get back to you on Monday."


def test_the_same_words_over_and_over_stop_being_answered(ana: World) -> None:
    answered = [len(ana.text(ANA, AWAY)) for _ in range(8)]
    assert answered == [1, 1, 1, 0, 0, 0, 0, 0]
    assert len([item for item in ana.thread(ANA) if item.direction == "in"]) == 8
    assert "reply-limit" in ana.alert_kinds()
    assert len(ana.text(ANA, "MENU")) == 1  # a person at the same phone is still answered
    ana.move(timedelta(minutes=16))
    assert len(ana.text(ANA, AWAY)) == 1


def test_automatic_replies_that_never_repeat_cannot_make_us_exceed_the_caps(ana: World) -> None:
    def talk(count: int) -> list[str]:
        """An auto-responder that answers at once, each time in other words."""
        said = []
        for number in range(count):
            said += ana.text(ANA, f"Away, case {ana.now:%H%M} {number} has been opened")
            ana.wall.advance(timedelta(seconds=30))
        return said

    first_hour = talk(40)
    assert len(first_hour) == 21
    assert "stop answering for a while" in first_hour[-1]
    cap = ana.settings.daily_text_cap
    ana.move(timedelta(hours=2))
    talk(40)
    ana.move(timedelta(hours=2))
    talk(10)
    today = [item for item in ana.sent(ANA) if item.status is not MessageStatus.CANCELLED]
    assert len(today) == cap
    assert ana.say(ANA, "i want to kill myself").startswith("Please call or text 988")
    assert ana.say(ANA, "STOP")
    assert ana.alert_kinds().count("reply-limit") == 2  # a loop, and the day's limit: one each


def test_two_automatic_phones_are_held_apart(ana: World) -> None:
    ana.enrol(BEN)
    for number in range(30):
        for phone in (ANA, BEN):
            ana.text(phone, f"Auto reply {number}: thanks for your message")
    replies = [[item for item in ana.sent(phone) if item.words != "joined@en-1"] for phone in (ANA, BEN)]
    assert [len(found) for found in replies] == [21, 21]


def test_a_person_in_danger_is_answered_in_the_middle_of_a_loop(ana: World) -> None:
    for number in range(25):
        ana.text(ANA, f"Auto reply {number}")
    for words in ("i want to kill myself", "im going to overdose on purpose", "i want to die"):
        assert "988" in ana.say(ANA, words) or "911" in ana.say(ANA, words)


CRY = "i want to kill myself, case {}"
IN_FULL, THE_LINE = "Please call or text 988", "If you're not safe right now"


def test_safety_replies_to_an_automatic_phone_end_and_all_is_still_stored(ana: World) -> None:
    """It answers each of our texts at once in other words of danger, and falls silent when we do."""
    answers = []
    for number in range(50):
        said = ana.text(ANA, CRY.format(number))
        if not said:
            break
        answers += said
        ana.wall.advance(timedelta(seconds=20))
    assert [answer.split(" now")[0][:20] for answer in answers] == [IN_FULL[:20]] * 4 + [THE_LINE[:20]]
    assert len([item for item in ana.thread(ANA) if item.direction == "in"]) == 6
    assert ana.alert_kinds().count("crisis") == 1
    assert "reply-limit" in ana.alert_kinds()


def test_a_person_who_goes_on_writing_in_danger_gets_the_numbers_again_within_ten_minutes(ana: World) -> None:
    answered_at = []
    for number in range(120):
        for answer in ana.text(ANA, CRY.format(number)):
            assert "988" in answer
            answered_at.append(number)
        ana.wall.advance(timedelta(seconds=30))
    gaps = [later - earlier for earlier, later in itertools.pairwise(answered_at)]
    assert max(gaps) * timedelta(seconds=30) <= timedelta(minutes=10)
    assert len(answered_at) <= 6 * 5 + 5  # of 120 in an hour


def test_the_same_cry_over_and_over_keeps_the_line_with_the_numbers(ana: World) -> None:
    said = [ana.text(ANA, "help me im going to kill myself") for _ in range(6)]
    assert [len(each) for each in said] == [1, 1, 1, 1, 0, 0]
    assert said[3][0].startswith(THE_LINE)
    ana.wall.advance(timedelta(minutes=11))
    assert "988" in ana.say(ANA, "help me im going to kill myself")


def test_an_unknown_number_gets_at_most_four_replies_a_day(world: World) -> None:
    answered = []
    for number in range(8):
        answered += world.text(CY, f"who is this {number}")
        world.wall.advance(timedelta(minutes=20))
    assert len(answered) == 4
    assert "988" in world.say(CY, "i want to kill myself")
    world.move(timedelta(days=1))
    assert len(world.text(CY, "hello again")) == 1


@pytest.fixture
def written(database_url: str, start: datetime) -> Iterator[tuple[World, io.StringIO]]:
    """A service that logs all it can, and what it has logged."""
    made = World(settings_for(database_url, log_level="DEBUG"), start)
    root = logging.getLogger()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    lines = io.StringIO()
    handler.setStream(lines)
    yield made, lines
    made.close()
    root.setLevel(logging.WARNING)


def test_nothing_personal_appears_in_logs(
    written: tuple[World, io.StringIO], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, lines = written
    participant_id = world.enrol(ANA, name="Anastasia")
    world.schedule(participant_id, medication("10:00", label="blue box"))
    world.move_to("2026-10-26 10:00")
    said = ["done", "i want to kill myself", "how does methadone work", "PAUSE 3 DAYS", "STOP", AWAY]
    for body in said:
        world.text(ANA, body)

    def broken(text: str, **_: object) -> None:
        raise ValueError(f"cannot read {text!r} of {ANA}")

    monkeypatch.setattr("service.workflows.replies.understand", broken)
    world.text(ANA, "my secret is zanzibar")
    world.text(BEN, "JOIN")
    assert "could not be understood" in lines.getvalue()
    assert "could not be understood" in caplog.text
    everything = lines.getvalue() + "".join(f"{vars(record)}" for record in caplog.records)
    personal = [
        ANA, ANA[1:], ANA[2:], BEN[2:], "Anastasia", "blue box", "kill myself", "methadone work", "PAUSE 3",
        "out of the office", "zanzibar", "Harbor:", "Please call",
    ]  # fmt: skip
    assert [words for words in personal if words in everything] == []
