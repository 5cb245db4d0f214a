"""The clock room: what runs how often, that no fault ends it, and that it stops when asked."""

import threading
from datetime import timedelta

import pytest
from apscheduler.jobstores.memory import MemoryJobStore
from sqlalchemy import text

from jobs.duties import Duties
from jobs.timetable import EVERY_SECONDS, make_timetable
from service.store import rehearsal as rows
from service.workflows import health, rehearsal
from tests.rig.world import ANA, World, check_in

pytestmark = pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)
ALL = set(EVERY_SECONDS)


@pytest.fixture
def duties(world: World) -> Duties:
    return Duties(world.parts, threading.Event())


def beats(world: World) -> dict[str, timedelta]:
    return dict(health.check(world.parts.database, world.now, world.wall.now).heartbeat_ages)


def test_the_timetable_is_utc_in_memory_and_never_drops_a_late_tick(duties: Duties) -> None:
    timetable = make_timetable(duties)
    assert str(timetable.timezone) == "UTC"
    jobs = {job.id: job for job in timetable.get_jobs()}
    assert set(jobs) == ALL >= {"plan", "follow_up", "rescue"}
    thread = threading.Thread(target=timetable.start, args=(True,))
    thread.start()
    try:
        while not timetable.running:
            pass
        for job in timetable.get_jobs():
            assert job.coalesce is True
            assert job.max_instances == 1
            assert job.misfire_grace_time is None
            assert job.trigger.interval.total_seconds() == EVERY_SECONDS[job.id]
        assert [type(store) for store in timetable._jobstores.values()] == [MemoryJobStore]
    finally:
        timetable.shutdown()
        thread.join()


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_duty_beats_when_it_has_finished(world: World, duties: Duties, name: str) -> None:
    getattr(duties, name)()
    assert beats(world) == {name: timedelta()}


def test_the_duties_together_text_what_is_due(world: World, duties: Duties) -> None:
    world.schedule(world.enrol(ANA), check_in("10:00"))
    world.wall.advance(timedelta(hours=1))
    duties.plan()
    world.settle()
    assert "1 to 5" in world.shown(ANA)[-1]
    world.wall.advance(timedelta(hours=1))
    duties.follow_up()
    world.settle()
    assert "still here" in world.shown(ANA)[-1]


@pytest.mark.parametrize(
    ("name", "table"),
    [("plan", "schedules"), ("follow_up", "prompts"), ("rescue", "messages")],
)
def test_a_fault_is_survived_without_a_beat_and_the_next_tick_works(
    world: World, duties: Duties, name: str, table: str
) -> None:
    database = world.parts.database
    with database.write() as session:
        session.execute(text(f"ALTER TABLE {table} RENAME TO lost"))
    getattr(duties, name)()
    with database.write() as session:
        session.execute(text(f"ALTER TABLE lost RENAME TO {table}"))
    assert beats(world) == {}
    getattr(duties, name)()
    assert beats(world) == {name: timedelta()}


def test_a_fault_is_logged_without_what_it_says(
    world: World, duties: Duties, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise ValueError(f"about {ANA}")

    monkeypatch.setattr("service.workflows.rounds.plan_all", fail)
    with caplog.at_level("DEBUG"):
        duties.plan()
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.getMessage() == "round failed"
    assert ANA not in str(vars(record))


def test_jobs_stand_aside_while_the_rehearsal_clock_is_moving(world: World, duties: Duties) -> None:
    world.schedule(world.enrol(ANA), check_in("10:00"))
    seen: list[int] = []

    def step(*_: object) -> None:
        before = len(world.shown(ANA))
        for name in sorted(ALL):
            getattr(duties, name)()
        seen.append(len(world.shown(ANA)) - before)

    rehearsal.move_clock(world.parts.stage, world.now + timedelta(days=1), step)
    assert len(seen) > 3
    assert set(seen) == {0}
    assert beats(world) == {}  # they were not even begun
    duties.plan()
    assert set(beats(world)) == {"plan"}


def test_a_mover_that_died_holds_the_jobs_up_for_two_minutes_only(world: World, duties: Duties) -> None:
    with world.parts.database.write() as session:
        rows.clock_to_change(session).moving_until = world.wall.now + timedelta(minutes=2)
    duties.plan()
    assert beats(world) == {}
    world.wall.advance(timedelta(minutes=2, seconds=1))
    duties.plan()
    assert set(beats(world)) == {"plan"}


def test_an_occurrence_is_planned_a_minute_ahead_and_sent_when_it_is_due(
    world: World, duties: Duties
) -> None:
    world.schedule(world.enrol(ANA), check_in("10:00"))
    world.settle()
    before = len(world.shown(ANA))
    world.wall.advance(timedelta(minutes=58, seconds=59))
    duties.plan()
    assert len(world.sent(ANA)) == before  # nothing is written for what is further ahead
    world.wall.advance(timedelta(seconds=2))
    duties.plan()
    assert len(world.sent(ANA)) == before + 1
    world.settle()
    assert len(world.shown(ANA)) == before
    world.wall.advance(timedelta(seconds=59))
    world.settle()
    assert len(world.shown(ANA)) == before + 1


def test_whoever_queues_a_text_wakes_the_sender(world: World) -> None:
    woken: list[int] = []
    duties = Duties(world.parts, threading.Event(), lambda: woken.append(1))
    duties.plan()
    assert woken == []
    world.schedule(world.enrol(ANA), check_in("10:00"))
    world.wall.advance(timedelta(hours=1))
    duties.plan()
    assert woken == [1]
