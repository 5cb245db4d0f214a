"""Texts that came while the webhook was down: found in Twilio's list, counted once, answered if not stale."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from jobs.duties import Duties
from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.message import MessageStatus
from service.store import marks, tallies
from service.store.schema import InboundMessage
from service.workflows import catching_up, enrolment, replies
from service.workflows.catching_up import CaughtUp, catch_up
from tests.rig.twilio_world import TwilioWorld
from tests.rig.world import ANA, BEN, CY, STAFF, World, check_in, medication
from tests.twilio_double import script
from tests.workflows.test_racing import at_once

SOON, HOURS = timedelta(minutes=5), timedelta(hours=5)
on_sqlite = pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)


@pytest.fixture
def world(twilio_world: TwilioWorld) -> TwilioWorld:
    """Ana has joined; the list has been read once."""
    fetch(twilio_world)
    return twilio_world


def fetch(world: TwilioWorld, after: timedelta = timedelta()) -> CaughtUp:
    world.wall.advance(after)
    parts = world.parts
    return catch_up(parts.database, parts.gateway, parts.words, parts.programme, world.now)


def miss(world: TwilioWorld, body: str, number: str = ANA, media_count: int = 0) -> str:
    """A text that only Twilio's list has, a second after what was before; its id."""
    world.wall.advance(timedelta(seconds=1))
    before = {text.sid for text in world.double.texts}
    world.double.receive(number, body, heard=False, media_count=media_count)
    (sid,) = {text.sid for text in world.double.texts} - before
    return sid


def texted(world: TwilioWorld, number: str = ANA) -> list[str]:
    """What the API was given for a number when the jobs have run."""
    before = len(world.at_twilio(number))
    world.jobs()
    return [text.body for text in world.at_twilio(number)][before:]


def stored(world: World) -> list[InboundMessage]:
    with world.parts.database.read() as session:
        return list(session.scalars(select(InboundMessage).order_by(InboundMessage.id)))


def test_a_missed_text_is_stored_once_and_answered_through_the_api(world: TwilioWorld) -> None:
    miss(world, "menu")
    assert fetch(world, SOON) == CaughtUp(1, True)
    (reply,) = texted(world)
    assert "CRAVING" in reply
    for _ in range(3):
        assert fetch(world, SOON) == CaughtUp(0, True)
    assert texted(world) == []
    assert len(stored(world)) == 2
    row = stored(world)[-1]
    assert row.read_late_at is not None
    assert row.read_late_at - row.received_at >= SOON
    with world.parts.database.read() as session:
        assert tallies.all_of(session) == {tallies.TEXTS_READ_LATE: 1}


def test_a_text_that_the_webhook_brought_is_left_alone(world: TwilioWorld) -> None:
    world.text(ANA, "menu")
    assert fetch(world, SOON) == CaughtUp(0, True)
    assert texted(world) == []
    assert [row.read_late_at for row in stored(world)] == [None, None]


def test_a_webhook_that_comes_after_all_is_answered_with_silence(world: TwilioWorld) -> None:
    sid = miss(world, "menu")
    fetch(world, SOON)
    assert world.double.redeliver(sid).messages == []
    assert len(texted(world)) == 1
    assert world.double.redeliver(sid).messages == []
    assert len(stored(world)) == 2


def test_a_text_of_this_minute_is_left_to_the_webhook(world: TwilioWorld) -> None:
    sid = miss(world, "menu")
    assert fetch(world, timedelta(seconds=30)) == CaughtUp(0, True)
    assert len(world.double.redeliver(sid).messages) == 1
    assert fetch(world, SOON) == CaughtUp(0, True)


def test_one_that_was_left_to_the_webhook_is_found_by_the_next_look(world: TwilioWorld) -> None:
    miss(world, "menu")
    assert fetch(world, timedelta(seconds=30)).heard == 0
    assert fetch(world, timedelta(minutes=3)).heard == 1


@pytest.fixture
def other(twilio_world: TwilioWorld) -> Iterator[TwilioWorld]:
    """A second process on the same database."""
    made = TwilioWorld(twilio_world.settings.database_url, twilio_world.double, twilio_world.now)
    made.wall = twilio_world.wall
    yield made
    made.close()


@pytest.mark.parametrize("body", ["menu", "STOP", "i want to kill myself"])
def test_webhook_and_fetch_that_race_for_one_text_count_it_once(
    world: TwilioWorld, other: TwilioWorld, body: str
) -> None:
    numbers = [ANA, BEN, CY]
    for number in numbers[1:]:
        world.text(number, "JOIN")
    sids = [miss(world, body, number) for number in numbers]
    world.wall.advance(SOON)
    before = len(stored(world))
    replies: list[str] = []

    def knock(sid: str) -> None:
        replies.extend(world.double.redeliver(sid).messages)

    at_once(lambda: fetch(world), lambda: fetch(other), *(lambda sid=sid: knock(sid) for sid in sids))
    world.jobs()
    rows = stored(world)[before:]
    assert sorted(row.gateway_sid for row in rows) == sorted(sids)
    through_the_api = [text for number in numbers for text in world.at_twilio(number)]
    assert len(replies) + len(through_the_api) == (0 if body == "STOP" else 3)
    assert world.alert_kinds().count("crisis") == (3 if "kill" in body else 0)
    assert "not-understood" not in world.alert_kinds()
    if body == "STOP":
        assert {world.person(number).consent for number in numbers} == {ConsentStatus.OPTED_OUT}


# What stays true however late


@pytest.mark.parametrize("late", [SOON, timedelta(hours=23)])
def test_danger_is_alerted_and_answered_with_the_safety_reply(world: TwilioWorld, late: timedelta) -> None:
    miss(world, "i want to kill myself")
    fetch(world, late)
    (alert,) = [alert for alert in world.alerts() if alert.kind == "crisis"]
    assert "late" in alert.detail
    (reply,) = texted(world)
    assert reply.startswith("Please call or text 988")


@on_sqlite
def test_danger_of_days_ago_is_for_staff_alone(world: TwilioWorld) -> None:
    miss(world, "i want to kill myself")
    fetch(world, timedelta(days=2))
    assert "read 48 hours late" in [alert.detail for alert in world.alerts() if alert.kind == "crisis"]
    assert texted(world) == []


@pytest.mark.parametrize("late", [SOON, HOURS])
def test_stop_counts_and_twilio_has_confirmed_it(world: TwilioWorld, late: timedelta) -> None:
    world.write(ANA, "See you on Thursday.")
    miss(world, "STOP")
    fetch(world, late)
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
    assert "opted-out" in world.alert_kinds()
    assert texted(world) == []


@pytest.mark.parametrize(("late", "confirmations"), [(SOON, 1), (HOURS, 0)])
def test_a_wish_to_stop_in_own_words_is_confirmed_while_that_is_still_news(
    world: TwilioWorld, late: timedelta, confirmations: int
) -> None:
    miss(world, "please stop texting me")
    fetch(world, late)
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
    assert len(texted(world)) == confirmations


@on_sqlite
def test_somebody_whose_wish_was_found_too_late_to_confirm_is_welcomed_back_by_us(world: TwilioWorld) -> None:
    miss(world, "please stop texting me")
    fetch(world, HOURS)
    assert texted(world) == []
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
    world.double.advanced_opt_out = False
    assert len(world.text(ANA, "START")) == 1


def test_join_counts_and_is_confirmed_with_the_words_on_record(world: TwilioWorld) -> None:
    miss(world, "JOIN", BEN)
    fetch(world, timedelta(days=2, hours=5))
    person = world.person(BEN)
    assert person.consent is ConsentStatus.OPTED_IN
    (confirmation,) = texted(world, BEN)
    assert person.consent_history[-1].wording == confirmation


@on_sqlite
def test_a_late_confirmation_waits_for_the_morning_and_danger_does_not(world: TwilioWorld) -> None:
    miss(world, "JOIN", BEN)
    miss(world, "i want to die", CY)
    fetch(world, timedelta(hours=13, minutes=30))  # half past ten at night
    assert texted(world, BEN) == []
    assert len(texted(world, CY)) == 0  # it went with the same round
    assert len(world.at_twilio(CY)) == 1
    world.jobs(timedelta(hours=10, minutes=35))
    assert len(world.at_twilio(BEN)) == 1


@pytest.mark.parametrize("late", [SOON, HOURS])
def test_an_answer_is_recorded_and_answered_only_while_it_is_fresh(
    world: TwilioWorld, late: timedelta
) -> None:
    world.schedule(world.id_of(ANA), check_in("09:30"))
    world.jobs(timedelta(minutes=31))
    miss(world, "4")
    fetch(world, late)
    (score,) = world.person(ANA).scores
    assert score.score == 4
    assert len(texted(world)) == (1 if late is SOON else 0)
    assert ("read-late" in world.alert_kinds()) is (late is HOURS)


def test_a_rough_score_is_alerted_however_late(world: TwilioWorld) -> None:
    world.schedule(world.id_of(ANA), check_in("09:30"))
    world.jobs(timedelta(minutes=31))
    miss(world, "1")
    fetch(world, HOURS)
    assert "rough-score" in world.alert_kinds()


@on_sqlite
def test_an_answer_that_was_given_before_the_question_does_not_answer_it(world: TwilioWorld) -> None:
    miss(world, "4")
    world.schedule(world.id_of(ANA), check_in("09:30"))
    world.jobs(timedelta(minutes=31))
    fetch(world)
    assert world.person(ANA).scores == []


@on_sqlite
def test_a_newer_answer_is_not_overwritten_by_one_that_was_missed(world: TwilioWorld) -> None:
    world.schedule(world.id_of(ANA), check_in("09:30"))
    world.jobs(timedelta(minutes=31))
    miss(world, "2")
    world.wall.advance(timedelta(minutes=1))
    world.text(ANA, "4")
    fetch(world, SOON)
    assert [score.score for score in world.person(ANA).scores] == [4]


@on_sqlite
def test_later_said_hours_ago_is_over(world: TwilioWorld) -> None:
    world.schedule(world.id_of(ANA), medication("09:30", label="blue box"))
    world.jobs(timedelta(minutes=31))
    miss(world, "later")
    fetch(world, HOURS)
    assert [item.kind for item in world.with_status(ANA, MessageStatus.QUEUED)] == []
    assert "read-late" in world.alert_kinds()


# Chatter


@on_sqlite
def test_a_stale_text_gets_no_cheerful_answer_and_staff_are_told_once(world: TwilioWorld) -> None:
    for body in ("menu", "how does methadone work", "hello?"):
        miss(world, body)
    fetch(world, HOURS)
    assert texted(world) == []
    assert world.alert_kinds().count("read-late") == 1
    assert world.alerts()[0].detail == "read 5 hours late, and not answered"


@on_sqlite
def test_of_several_missed_texts_only_the_newest_is_chatted_with(world: TwilioWorld) -> None:
    for body in ("hello", "menu", "how does methadone work"):
        miss(world, body)
    fetch(world, SOON)
    assert len(texted(world)) == 1
    assert world.alert_kinds() == []


@on_sqlite
def test_a_text_that_was_followed_by_one_the_webhook_heard_is_not_chatted_with(world: TwilioWorld) -> None:
    miss(world, "hello")
    world.wall.advance(timedelta(seconds=5))
    assert len(world.text(ANA, "menu")) == 1
    fetch(world, SOON)
    assert texted(world) == []


@on_sqlite
def test_a_picture_is_brought_to_staff(world: TwilioWorld) -> None:
    miss(world, "", media_count=1)
    fetch(world, SOON)
    assert "picture" in world.alert_kinds()


# The newer wish stands


@on_sqlite
def test_a_missed_join_does_not_undo_a_later_stop(world: TwilioWorld) -> None:
    miss(world, "JOIN", BEN)
    world.wall.advance(timedelta(minutes=1))
    world.text(BEN, "STOP")
    fetch(world, SOON)
    assert world.person(BEN).consent is ConsentStatus.OPTED_OUT
    assert texted(world, BEN) == []


@on_sqlite
def test_a_missed_stop_does_not_undo_the_persons_own_later_start(world: TwilioWorld) -> None:
    world.text(ANA, "STOP")
    miss(world, "STOP")
    world.wall.advance(timedelta(minutes=1))
    world.text(ANA, "START")
    fetch(world, SOON)
    assert world.person(ANA).consent is ConsentStatus.OPTED_IN


@on_sqlite
def test_a_missed_stop_does_undo_what_staff_entered_meanwhile(world: TwilioWorld) -> None:
    miss(world, "STOP", BEN)
    world.wall.advance(timedelta(minutes=1))
    entry = enrolment.NewParticipant(BEN, "", "", "en", ConsentSource.PAPER, "", True)
    parts = world.parts
    enrolment.enrol(parts.database, parts.words, parts.programme, entry, STAFF, world.now)
    fetch(world, SOON)
    assert world.person(BEN).consent is ConsentStatus.OPTED_OUT


# When the list, or we, cannot


@on_sqlite
def test_a_list_that_cannot_be_read_is_read_from_the_same_place_later(world: TwilioWorld) -> None:
    miss(world, "menu")
    world.double.reads_fail_with = script.Answer(status=503)
    assert fetch(world, SOON) == CaughtUp(0, False)
    world.double.reads_fail_with = None
    assert fetch(world, timedelta(minutes=30)) == CaughtUp(1, True)


@on_sqlite
def test_one_text_that_cannot_be_stored_does_not_hide_the_others(
    world: TwilioWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    miss(world, "menu")
    miss(world, "JOIN", BEN)
    real = replies.receive_text

    def fail_for_ana(database, words, programme, inbound, now, late):
        if inbound.from_number == ANA:
            raise OSError(f"the disk is full of {ANA}")
        return real(database, words, programme, inbound, now, late)

    monkeypatch.setattr(catching_up, "receive_text", fail_for_ana)
    assert fetch(world, SOON) == CaughtUp(1, False)
    assert world.person(BEN).consent is ConsentStatus.OPTED_IN
    assert ANA not in caplog.text
    monkeypatch.undo()
    assert fetch(world, SOON) == CaughtUp(1, True)


@on_sqlite
def test_a_restored_backup_hears_nobody_before_its_replay(world: TwilioWorld) -> None:
    miss(world, "menu")
    with world.parts.database.write() as session:
        marks.put(session, marks.AWAITING_REPLAY)
    assert fetch(world, SOON) == CaughtUp(0, False)
    with world.parts.database.write() as session:
        marks.clear(session, marks.AWAITING_REPLAY)
    assert fetch(world, SOON).heard == 1


@on_sqlite
def test_a_first_look_goes_back_one_day_and_no_further(twilio_world: TwilioWorld) -> None:
    world = twilio_world
    miss(world, "menu")
    world.wall.advance(timedelta(hours=26))
    miss(world, "hello")
    assert fetch(world, SOON).heard == 1


@on_sqlite
def test_texts_by_the_hundred_are_heard_once(world: TwilioWorld) -> None:
    for n in range(450):
        miss(world, f"text {n}", f"+1202555{n:04d}")
    assert fetch(world, SOON).heard == 450
    assert fetch(world).heard == 0


@on_sqlite
def test_the_jobs_process_looks_when_it_starts(world: TwilioWorld) -> None:
    miss(world, "STOP")
    world.wall.advance(SOON)
    Duties(world.parts, threading.Event()).catch_up()
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
