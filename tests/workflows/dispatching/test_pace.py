"""The rate: one for all processes, never exceeded, no burst after a rest; urgent first; spreading; waking."""

import itertools
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.domain.message import MessageKind, MessageStatus
from service.domain.pace import LOOK_AHEAD, Rate, hold_for
from service.store import outbox, watch
from service.store.schema import SendingPace
from service.workflows import enrolment, planning, rounds
from service.workflows.dispatching.claim import ClaimedText, claim
from tests.rig.dispatching import FAST, dispatching, until
from tests.rig.world import ANA, BEN, STAFF, World, check_in, medication, meeting, settings_for

S = MessageStatus
NOW = datetime(2026, 10, 26, 13, 0, tzinfo=UTC)
TEN = Rate(10, None, ZoneInfo("UTC"))


@pytest.fixture
def ana(world: World) -> int:
    world.say(ANA, "JOIN")
    return world.id_of(ANA)


@pytest.fixture
def second(database_url: str, world: World) -> Iterator[World]:
    made = World(settings_for(database_url), world.now)
    made.wall = world.wall
    yield made
    made.close()


def write(world: World, count: int, number: str = ANA) -> None:
    for n in range(count):
        enrolment.text_by_hand(world.parts.database, world.id_of(number), f"text {n}", STAFF, world.now)


def take(world: World, rate: Rate, now: datetime, token: str = "a") -> list[ClaimedText]:
    return claim(world.parts.database, world.parts.programme, rate, now, 100, token).texts


def test_slots_lie_a_gap_apart_and_a_text_of_three_segments_takes_three() -> None:
    begins, following = TEN.assign(NOW, NOW, [1, 3, 1])
    assert [(at - NOW) / TEN.gap for at in begins] == [0, 1]
    assert following - NOW == 4 * TEN.gap
    assert TEN.assign(following, NOW, [1])[0] == []


def test_what_was_not_used_is_not_made_up_for() -> None:
    begins, _ = TEN.assign(NOW - timedelta(hours=3), NOW, [1] * 50)
    assert len(begins) == LOOK_AHEAD // TEN.gap + 1
    assert begins[0] == NOW


def test_a_slot_beyond_all_reason_is_a_clock_that_was_set_back() -> None:
    assert TEN.first_slot(NOW + timedelta(hours=3), NOW) == NOW
    slow = Rate(0.1, None, ZoneInfo("UTC"))
    assert slow.first_slot(NOW + timedelta(minutes=1), NOW) == NOW + timedelta(minutes=1)


def test_holds_grow_as_long_as_twilio_does_not_say_and_end_somewhere() -> None:
    assert [hold_for(None, n).total_seconds() for n in (1, 2, 3, 10, 1000)] == [5, 10, 20, 120, 120]
    assert hold_for(timedelta(seconds=90), 1) == timedelta(seconds=90)
    assert hold_for(timedelta(days=9), 1) == timedelta(hours=1)


def test_two_processes_together_keep_one_rate(world: World, second: World, ana: int) -> None:
    write(world, 40)
    start, begins = world.now, []
    for _ in range(20):
        for each, token in ((world, "a"), (second, "b")):
            begins += [text.begin_at for text in take(each, TEN, world.now, token)]
        world.wall.advance(timedelta(milliseconds=100))
    gaps = [later - earlier for earlier, later in itertools.pairwise(begins)]
    assert min(gaps) >= TEN.gap - timedelta(microseconds=1)
    assert 20 <= len(begins) <= 10 * (world.now - start + LOOK_AHEAD).total_seconds() + 1


def test_after_hours_of_rest_there_is_no_burst(world: World, ana: int) -> None:
    write(world, 1)
    take(world, TEN, world.now)
    world.wall.advance(timedelta(hours=3))
    write(world, 40)
    assert len(take(world, TEN, world.now)) == 3
    assert take(world, TEN, world.now) == []


def test_the_days_limit_holds_all_but_what_is_urgent_until_the_next_day(world: World, ana: int) -> None:
    rate = Rate(10_000, 3, ZoneInfo("UTC"))
    write(world, 5)
    assert len(take(world, rate, world.now)) == 3
    assert take(world, rate, world.now) == []
    assert [alert.kind.value for alert in world.alerts()] == ["sending-paused"]
    with world.parts.database.write() as session:
        outbox.add(
            session,
            kind=MessageKind.SAFETY,
            body="Call or text 988.",
            now=world.now,
            send_after=world.now,
            expires_at=world.now + timedelta(minutes=15),
            participant_id=ana,
            priority=0,
            is_time_chosen=True,
        )
    assert len(take(world, rate, world.now)) == 1
    world.wall.advance(timedelta(hours=4))
    assert take(world, rate, world.now) == []
    world.wall.advance(timedelta(hours=7, minutes=1))
    assert len(take(world, rate, world.now)) == 2


def test_what_is_urgent_passes_the_queue_and_the_rest_goes_by_due_time(world: World, ana: int) -> None:
    rate = Rate(0.5, None, ZoneInfo("UTC"))
    with world.parts.database.write() as session:
        for priority, minutes, body in (
            (5, -3, "second"),
            (5, -4, "first"),
            (0, 0, "urgent"),
            (5, -1, "last"),
        ):
            outbox.add(
                session,
                kind=MessageKind.MANUAL,
                body=body,
                now=world.now,
                send_after=world.now + timedelta(minutes=minutes),
                expires_at=world.now + timedelta(hours=1),
                participant_id=ana,
                priority=priority,
                is_time_chosen=True,
            )
    order = []
    for _ in range(4):
        (held,) = take(world, rate, world.now)
        order.append(held.opened(world.parts.database.vault, world.parts.programme, world.now).body)
        world.wall.advance(timedelta(seconds=2))
    assert order == ["urgent", "first", "second", "last"]


def test_the_validity_is_what_is_left_when_the_text_is_handed_over(world: World, ana: int) -> None:
    write(world, 1)
    (held,) = take(world, TEN, world.now)
    later = world.now + timedelta(minutes=7)
    opened = held.opened(world.parts.database.vault, world.parts.programme, later)
    assert opened.validity == timedelta(hours=12) - timedelta(minutes=7)


def test_a_hold_is_for_all_processes_and_a_taken_text_ends_the_counting(
    world: World, second: World, ana: int
) -> None:
    world.enrol("+12025550195")  # the simulated phone: too fast, try again in 30 seconds
    world.settle()
    write(world, 1)
    assert take(second, TEN, world.now, "b") == []
    world.wall.advance(timedelta(seconds=29))
    assert take(second, TEN, world.now, "b") == []
    world.wall.advance(timedelta(seconds=2))
    (held, *_) = take(second, TEN, world.now, "b")
    assert held.follows_trouble
    with world.parts.database.read() as session:
        pace = session.get(SendingPace, "sender")
        assert pace is not None
        assert pace.strikes == 1


# Spreading


@pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)
def test_a_slot_is_spread_by_person_always_alike_and_never_beyond_half_its_use(database_url: str) -> None:
    world = World(settings_for(database_url, spread_minutes=30), NOW)
    due = {}
    for n in range(10):
        number = f"+12025550{300 + n}"
        person = world.enrol(number)
        world.schedule(person, medication("11:00"))
        world.schedule(person, meeting("12:00", lead_minutes=0))
        first, *_, second_day = [
            text.send_at for text in world.upcoming(number, days=2) if text.kind == "medication"
        ]
        assert second_day - first == timedelta(days=1)
        due[number] = first - datetime(2026, 10, 26, 15, 0, tzinfo=UTC)
        start = next(text for text in world.upcoming(number, days=1) if text.kind == "meeting").send_at
        assert timedelta() <= start - datetime(2026, 10, 26, 16, 0, tzinfo=UTC) <= timedelta(minutes=8)
    assert len(set(due.values())) == 10
    assert all(timedelta() <= each < timedelta(minutes=30) for each in due.values())
    world.close()


def test_without_spreading_every_text_is_due_at_its_time() -> None:
    assert planning.spread_of(7, NOW, NOW + timedelta(hours=1), timedelta()) == timedelta()


# Waking


def test_a_queued_text_is_heard_of_by_another_process(world: World, second: World, ana: int) -> None:
    heard = watch.watch(second.parts.database.engine)
    try:
        heard.wait(0.2)  # what went before
        assert not heard.wait(0.2)
        timer = threading.Timer(0.2, write, (world, 1))
        timer.start()
        assert heard.wait(30)
        timer.join()
    finally:
        heard.close()


def test_an_idle_dispatcher_sends_what_another_process_queues(
    world: World, second: World, ana: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.workflows.dispatching.dispatcher.POLL", timedelta(hours=1))
    with dispatching(world, rate=FAST, threads=2):
        until(lambda: not world.with_status(ANA, S.QUEUED), "the start")
        threading.Event().wait(0.7)
        write(second, 1)
        until(lambda: "text 0" in world.shown(ANA), "the text", within_s=20)


def test_a_due_occurrence_is_planned_ahead_and_goes_out_when_it_is_due(world: World) -> None:
    world.schedule(world.enrol(BEN), check_in("09:01"))
    world.settle()
    parts = world.parts
    planned = rounds.plan_all(parts.database, parts.words, parts.programme, world.now, timedelta(minutes=1))
    assert planned == 1
    assert take(world, FAST, world.now + timedelta(seconds=59)) == []
    (held,) = take(world, FAST, world.now + timedelta(seconds=60))
    assert held.expires_at == world.now + timedelta(hours=4, minutes=1)
