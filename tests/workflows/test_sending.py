"""Sending: what may go out, in which order, and that the rate is only spent on what goes out."""

from datetime import timedelta

import pytest

from service.domain.consent import ConsentStatus
from service.domain.message import MessageKind, MessageStatus
from service.store import outbox
from service.workflows import enrolment, rounds, settling
from service.workflows.dispatching import at_once
from tests.rig.twilio_world import TwilioWorld
from tests.rig.world import ANA, BEN, STAFF, World, check_in, medication
from tests.twilio_double import script

S = MessageStatus


@pytest.fixture
def ana(world: World) -> int:
    world.say(ANA, "JOIN")
    return world.id_of(ANA)


def write(world: World, body: str, number: str = ANA) -> None:
    world.wall.advance(timedelta(seconds=1))
    enrolment.text_by_hand(world.parts.database, world.id_of(number), body, STAFF, world.now)


def send_all(world: World) -> int:
    parts = world.parts
    return rounds.send_all(parts.database, parts.gateway, parts.programme, parts.clock)


@pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)
def test_nothing_is_sent_when_nothing_is_due(world: World, ana: int) -> None:
    assert at_once.send_next(world.parts.database, world.phone, world.parts.programme, world.now) is None


def test_a_text_is_sent_once_however_often_the_job_runs(world: World, ana: int) -> None:
    write(world, "Once.")
    assert send_all(world) == 1
    assert send_all(world) == 0
    assert world.shown(ANA).count("Once.") == 1


def test_texts_go_out_in_the_order_in_which_they_fell_due(world: World, ana: int) -> None:
    for word in ("first", "second", "third"):
        write(world, word)
    send_all(world)
    assert world.shown(ANA)[1:] == ["first", "second", "third"]
    assert [item.body for item in world.sent(ANA)][1:] == ["first", "second", "third"]


@pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)
def test_a_coordinators_text_passes_the_schedules_queue(world: World, ana: int) -> None:
    world.schedule(ana, medication("10:00", label="blue box"))
    world.wall.advance(timedelta(hours=1))
    parts = world.parts
    rounds.plan_all(parts.database, parts.words, parts.programme, world.now)
    write(world, "Please call me.")
    send_all(world)
    assert world.shown(ANA)[1] == "Please call me."
    assert "blue box" in world.shown(ANA)[2]


@pytest.mark.parametrize("words", ["STOP", "stop texting me"])
def test_nothing_that_waits_goes_out_after_an_opt_out(world: World, ana: int, words: str) -> None:
    write(world, "Too late.")
    world.text(ANA, words)
    assert send_all(world) == 0
    assert "Too late." not in world.shown(ANA)
    assert [item.reason for item in world.with_status(ANA, S.CANCELLED)] == ["opted out"]


def test_an_opt_out_that_cancelled_nothing_still_wins_at_the_claim(world: World, ana: int) -> None:
    """A row that an opt-out did not see (written at the same moment) is withheld when it is claimed."""
    world.text(ANA, "STOP")
    with world.parts.database.write() as session:
        outbox.add(
            session,
            kind=MessageKind.CHECK_IN,
            body="Slipped through.",
            now=world.now,
            send_after=world.now,
            expires_at=world.now + timedelta(hours=1),
            participant_id=ana,
        )
    send_all(world)
    assert "Slipped through." not in world.shown(ANA)
    (item,) = world.with_status(ANA, S.CANCELLED)
    assert item.reason == "opted out"


@pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)
def test_a_text_past_its_use_is_expired_with_its_reason(world: World, ana: int) -> None:
    write(world, "Stale.")
    world.wall.advance(timedelta(hours=13))
    send_all(world)
    (item,) = world.with_status(ANA, S.EXPIRED)
    assert item.reason == "too late to be of use"
    assert "Stale." not in world.shown(ANA)


def test_a_pause_withholds_the_schedule_but_not_a_coordinator(world: World, ana: int) -> None:
    world.schedule(ana, check_in("10:00"))
    world.wall.advance(timedelta(minutes=59))
    enrolment.pause(world.parts.database, ana, world.now + timedelta(days=3), STAFF, world.now)
    write(world, "Thinking of you.")
    world.move(timedelta(minutes=5))
    assert world.shown(ANA)[1:] == ["Thinking of you."]
    (item,) = world.with_status(ANA, S.CANCELLED)
    assert item.reason == "paused"


@pytest.mark.parametrize(
    ("ending", "status", "alert"),
    [
        ("0190", S.FAILED, "number-problem"),
        ("0191", S.FAILED, "opted-out"),
        ("0192", S.UNDELIVERED, "undelivered"),
        ("0193", S.UNDELIVERED, "undelivered"),
        ("0194", S.DELIVERED, None),
        ("0195", S.QUEUED, None),
    ],
)
@pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)
def test_the_simulated_phones_magic_numbers_end_as_twilio_would(
    world: World, ending: str, status: MessageStatus, alert: str | None
) -> None:
    number = f"+1202555{ending}"
    participant_id = world.enrol(number)
    world.settle()
    item, *tried_again = world.sent(number)
    assert item.status is status
    assert [again.status for again in tried_again] == ([S.QUEUED] if ending == "0192" else [])
    assert world.alert_kinds() == ([alert] if alert else [])
    if ending == "0191":
        assert world.person(number).consent is ConsentStatus.OPTED_OUT
    assert participant_id


@pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)
def test_a_bad_number_does_not_hold_up_the_others(world: World, ana: int) -> None:
    bad = "+12025550190"
    world.enrol(bad)
    world.settle()
    write(world, "Hello Ana.")
    send_all(world)
    assert "Hello Ana." in world.shown(ANA)


# With Twilio


def test_the_validity_sent_is_what_is_left_of_the_texts_use(twilio_world: TwilioWorld) -> None:
    world = twilio_world
    world.write(ANA)
    world.jobs(timedelta(hours=11, minutes=30))
    (text,) = world.at_twilio()
    assert text.validity_period == 30 * 60


@pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)
def test_two_people_are_told_apart(twilio_world: TwilioWorld) -> None:
    world = twilio_world
    world.text(BEN, "JOIN")
    world.write(ANA, "For Ana.")
    world.write(BEN, "For Ben.")
    world.jobs()
    assert [text.body for text in world.at_twilio(ANA)] == ["For Ana."]
    assert [text.body for text in world.at_twilio(BEN)] == ["For Ben."]


def test_a_rescued_text_that_was_accepted_after_all_ends_as_sent(twilio_world: TwilioWorld) -> None:
    """A sender that was asleep for ten minutes records its answer after others had given the text up."""
    world = twilio_world
    world.write(ANA)
    real = world.parts.gateway

    class Sleepy:
        def send(self, text: object, gate: object) -> object:
            outcome = real.send(text, gate)  # type: ignore[arg-type]
            world.wall.advance(timedelta(minutes=10))
            while settling.rescue_stuck(world.parts.database, world.now) is not None:
                pass
            assert world.status() is S.UNKNOWN
            return outcome

    result = at_once.send_next(world.parts.database, Sleepy(), world.parts.programme, world.now)  # type: ignore[arg-type]
    assert result is not None
    assert (world.status(), world.last().reason) == (S.SENT, None)


def test_while_one_text_tries_whether_the_account_works_again_no_other_sender_tries(
    twilio_world: TwilioWorld,
) -> None:
    world = twilio_world
    for n in range(3):
        world.write(ANA, f"text {n}")
    world.double.script(script.refuse(20003, 401))
    world.jobs()
    world.wall.advance(timedelta(minutes=6))
    real, others = world.parts.gateway, []

    class Probing:
        def send(self, text: object, gate: object) -> object:
            others.append(at_once.send_next(world.parts.database, real, world.parts.programme, world.now))
            return real.send(text, gate)  # type: ignore[arg-type]

    at_once.send_next(world.parts.database, Probing(), world.parts.programme, world.now)  # type: ignore[arg-type]
    assert others == [None]
    assert len(world.at_twilio()) == 1
