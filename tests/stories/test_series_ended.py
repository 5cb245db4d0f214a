"""A loss or a move: the cheerful texts end at once, without a word, and can be started again."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from service.domain.ending import CHEERFUL, EndReason
from service.domain.errors import BadInput, NotAllowed
from service.domain.message import MessageStatus
from service.domain.prompt import ScheduleKind
from service.domain.staff import Actor
from service.store.audit import By
from service.store.schema import AuditEntry
from service.workflows import ending, enrolment, rounds
from tests.rig.on_call import hire
from tests.rig.world import ANA, STAFF, World, appointment, check_in, medication, meeting


@pytest.fixture
def ana(world: World) -> int:
    person = world.enrol(ANA, name="Ana")
    world.schedule(person, check_in("10:00"))
    world.schedule(person, meeting("19:00", lead_minutes=60))
    world.schedule(person, medication("11:00", label="blue box"))
    world.settle()
    return person


def test_all_cheerful_texts_end_and_what_is_needed_goes_on(world: World, ana: int) -> None:
    before = len(world.shown(ANA))
    assert ending.end_all(world.parts.database, ana, CHEERFUL, EndReason.LOSS, STAFF, world.now) == 2
    world.move(timedelta(days=2))
    texts = world.new_on(ANA, before)
    assert texts
    assert all("blue box" in text for text in texts)
    person = world.person(ANA)
    assert [view.kind for view in person.schedules] == [ScheduleKind.MEDICATION]
    assert {view.because for view in person.ended} == {EndReason.LOSS}


def test_what_waits_is_withdrawn_with_it(world: World, ana: int) -> None:
    world.move_to("2026-10-26 09:59")
    parts = world.parts
    rounds.plan_all(parts.database, parts.words, parts.programme, world.now, timedelta(minutes=2))
    assert len(world.with_status(ANA, MessageStatus.QUEUED)) == 1
    ending.end_all(parts.database, ana, CHEERFUL, EndReason.LOSS, STAFF, world.now)
    (held,) = world.with_status(ANA, MessageStatus.CANCELLED)
    assert held.reason == "the schedule was ended"
    before = len(world.shown(ANA))
    world.move_to("2026-10-26 10:50")
    assert world.new_on(ANA, before) == []


def test_a_question_that_was_asked_is_not_asked_again_but_its_answer_counts(world: World, ana: int) -> None:
    world.move_to("2026-10-26 10:05")
    before = len(world.shown(ANA))
    ending.end_all(world.parts.database, ana, CHEERFUL, EndReason.LOSS, STAFF, world.now)
    world.move(timedelta(minutes=30))
    world.text(ANA, "2")
    assert [point.score for point in world.person(ANA).scores] == [2]
    world.move(timedelta(days=1))
    assert not any("still here" in text for text in world.new_on(ANA, before))


def test_no_second_asking_after_the_end(world: World, ana: int) -> None:
    world.move_to("2026-10-26 10:05")
    ending.end_all(world.parts.database, ana, CHEERFUL, EndReason.LOSS, STAFF, world.now)
    before = len(world.shown(ANA))
    world.move(timedelta(hours=20))
    assert all("blue box" in text for text in world.new_on(ANA, before))


def test_an_ending_says_why_and_who_and_can_be_taken_back(world: World, ana: int) -> None:
    database = world.parts.database
    dana = By(Actor.COORDINATOR, hire(world, "Dana"))
    check = world.person(ANA).schedules[0].id
    assert ending.end_schedule(database, check, dana, world.now, EndReason.MOVED) == ana
    (ended,) = world.person(ANA).ended
    assert (ended.because, ended.by, ended.may_restart) == (EndReason.MOVED, "Dana", True)
    assert ending.restart(database, check, dana, world.now) == ana
    assert ending.restart(database, check, dana, world.now) == ana  # twice does no harm
    person = world.person(ANA)
    assert person.ended == []
    assert len(person.schedules) == 3
    before = len(world.shown(ANA))
    world.move_to("2026-10-26 10:01")
    assert any("how are you today" in text for text in world.new_on(ANA, before))
    with database.read() as session:
        rows = session.execute(
            select(AuditEntry.action, AuditEntry.detail).where(AuditEntry.action.startswith("schedule."))
        ).all()
    assert [row.action for row in rows[-2:]] == ["schedule.ended", "schedule.restarted"]
    assert rows[-2].detail["because"] == "moved"


def test_ending_twice_keeps_the_first_reason(world: World, ana: int) -> None:
    check = world.person(ANA).schedules[0].id
    for because in (EndReason.LOSS, EndReason.OTHER):
        ending.end_schedule(world.parts.database, check, STAFF, world.now, because)
    assert world.person(ANA).ended[0].because is EndReason.LOSS


def test_what_is_over_or_not_to_be_texted_is_not_started_again(world: World, ana: int) -> None:
    database = world.parts.database
    once = world.schedule(ana, appointment("14:30", on=date(2026, 10, 27)))
    ending.end_schedule(database, once, STAFF, world.now)
    world.move(timedelta(days=3))
    assert [view.may_restart for view in world.person(ANA).ended] == [False]
    with pytest.raises(BadInput):
        ending.restart(database, once, STAFF, world.now)
    check = world.person(ANA).schedules[0].id
    enrolment.stop(database, ana, STAFF, world.now, reason="sold the phone", is_wrong_number=True)
    with pytest.raises(NotAllowed):
        ending.restart(database, check, STAFF, world.now)
    with pytest.raises(BadInput):
        ending.end_all(database, ana, (), EndReason.LOSS, STAFF, world.now)


def test_after_a_stop_a_restart_waits_for_their_return(world: World, ana: int) -> None:
    database = world.parts.database
    check = world.person(ANA).schedules[0].id
    ending.end_schedule(database, check, STAFF, world.now)
    world.text(ANA, "STOP")
    ending.restart(database, check, STAFF, world.now)
    assert world.person(ANA).schedules[0].next_due_local is None
    world.text(ANA, "START")
    assert world.person(ANA).schedules[0].next_due_local is not None
