"""Somebody of staff is talking with a person: check-ins and meeting texts wait, what has its time goes."""

from datetime import timedelta

import pytest

from service.domain.message import MessageStatus
from service.workflows import enrolment, rounds, talking
from service.workflows.dispatching.claim import claim
from service.workflows.dispatching.launch import held
from tests.rig.world import ANA, STAFF, World, appointment, check_in, medication, meeting

HOW = "how are you today"


@pytest.fixture
def ana(world: World) -> int:
    person = world.enrol(ANA, name="Ana")
    world.schedule(person, check_in("10:00"))
    world.settle()
    return person


def write(world: World, person: int, body: str = "Are you all right?") -> None:
    enrolment.text_by_hand(world.parts.database, person, body, STAFF, world.now)
    world.settle()


def asked(world: World) -> int:
    return sum(HOW in text for text in world.shown(ANA))


def test_a_check_in_waits_an_hour_after_a_text_by_hand(world: World, ana: int) -> None:
    world.move_to("2026-10-26 09:40")
    write(world, ana)
    until = world.person(ANA).held_until
    assert until is not None
    assert (until.hour, until.minute) == (10, 40)
    (coming, *_) = world.upcoming(ANA)
    assert coming.send_at == world.now + timedelta(minutes=60)
    assert coming.withheld is None
    world.move_to("2026-10-26 10:39")
    assert asked(world) == 0
    world.move_to("2026-10-26 10:41")
    assert asked(world) == 1
    assert world.person(ANA).held_until is None


def test_medication_and_appointments_still_go(world: World, ana: int) -> None:
    world.schedule(ana, medication("10:05", label="blue box"))
    world.schedule(ana, appointment("11:00", lead_minutes=45))
    world.move_to("2026-10-26 09:59")
    write(world, ana)
    before = len(world.shown(ANA))
    world.move_to("2026-10-26 10:20")
    texts = " ".join(world.new_on(ANA, before))
    assert "blue box" in texts
    assert "appointment" in texts
    assert HOW not in texts


def test_what_they_write_freely_prolongs_it_and_an_answer_does_not(world: World, ana: int) -> None:
    world.move_to("2026-10-26 09:40")
    world.text(ANA, "it is all too much today")
    assert world.person(ANA).held_until is None  # nobody has answered: no talk
    write(world, ana)
    world.move_to("2026-10-26 10:30")
    world.text(ANA, "my sister moved out and i am alone with it")
    world.move_to("2026-10-26 11:00")
    world.text(ANA, "MENU")
    until = world.person(ANA).held_until
    assert until is not None
    assert (until.hour, until.minute) == (11, 30)
    world.move_to("2026-10-26 11:29")
    assert asked(world) == 0
    world.move_to("2026-10-26 11:31")
    assert asked(world) == 1


def test_a_check_in_that_waits_already_is_held_back_too(world: World, ana: int) -> None:
    parts = world.parts
    world.move_to("2026-10-26 09:59")
    rounds.plan_all(parts.database, parts.words, parts.programme, world.now, timedelta(minutes=2))
    assert len(world.with_status(ANA, MessageStatus.QUEUED)) == 1
    write(world, ana)
    world.move_to("2026-10-26 10:50")
    assert asked(world) == 0
    world.move_to("2026-10-26 11:00")
    assert asked(world) == 1


def test_a_text_in_hand_goes_back_when_the_talk_begins_before_it_leaves(world: World, ana: int) -> None:
    parts = world.parts
    world.move_to("2026-10-26 09:59")
    rounds.plan_all(parts.database, parts.words, parts.programme, world.now, timedelta(minutes=2))
    at = world.now + timedelta(minutes=1)
    taken = claim(parts.database, parts.programme, None, at, 10, "us")
    assert len(taken.texts) == 1
    enrolment.text_by_hand(parts.database, ana, "One moment", STAFF, at)
    with held(parts.database, parts.programme, taken.texts, "us", at) as wave:
        assert wave.may_go == frozenset()
    (waiting,) = [item for item in world.with_status(ANA, MessageStatus.QUEUED) if item.written_by is None][
        :1
    ]
    assert waiting.status is MessageStatus.QUEUED
    world.move_to("2026-10-26 10:50")
    assert asked(world) == 0


def test_it_can_be_lifted_and_what_waits_goes_at_once(world: World, ana: int) -> None:
    world.move_to("2026-10-26 09:40")
    write(world, ana)
    world.move_to("2026-10-26 10:10")
    assert asked(world) == 0
    talking.lift(world.parts.database, ana, STAFF, world.now)
    world.settle()
    assert asked(world) == 1
    talking.lift(world.parts.database, ana, STAFF, world.now)  # nothing to lift: no harm
    world.move(timedelta(hours=1))
    assert asked(world) == 1


def test_it_can_be_extended(world: World, ana: int) -> None:
    world.move_to("2026-10-26 09:40")
    write(world, ana)
    world.move_to("2026-10-26 10:30")
    assert talking.extend(world.parts.database, ana, STAFF, world.now) == world.now + timedelta(hours=1)
    world.move_to("2026-10-26 11:29")
    assert asked(world) == 0
    world.move_to("2026-10-26 11:31")
    assert asked(world) == 1


def test_what_would_come_too_late_is_not_sent_and_says_why(world: World, ana: int) -> None:
    world.schedule(ana, meeting("10:30", lead_minutes=15, label="circle"))
    world.move_to("2026-10-26 10:10")
    write(world, ana)
    before = len(world.shown(ANA))
    world.move_to("2026-10-26 12:00")
    assert not any("circle" in text for text in world.new_on(ANA, before))
    (late,) = world.with_status(ANA, MessageStatus.EXPIRED)
    assert late.reason == "somebody was talking with them until it was too late"
