"""The dispatcher under faults: each text is taken once, ends in a state that is shown, and STOP wins."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from service.domain.consent import ConsentStatus
from service.domain.message import MessageStatus
from service.gateways.base import Accepted, OutboundText, SendOutcome
from service.store import marks
from service.workflows import ending, enrolment, rounds, settling
from service.workflows.dispatching import at_once, launch
from service.workflows.dispatching.claim import claim
from tests.gateways.conftest import gateway_to
from tests.rig.data_life import on_postgres, on_sqlite
from tests.rig.dispatching import FAST, dispatching, enrolled, is_through, statuses, taken, until
from tests.rig.twilio_world import TwilioWorld
from tests.rig.world import ANA, BEN, STAFF, medication
from tests.twilio_double import script
from tests.twilio_double.script import Receipt

S = MessageStatus


@pytest.fixture
def world(twilio_world: TwilioWorld) -> TwilioWorld:
    twilio_world.double.judges = False
    return twilio_world


@pytest.fixture
def others(world: TwilioWorld, database_system: str) -> Iterator[list[TwilioWorld]]:
    """Further processes on the same database: one on SQLite, three on PostgreSQL."""
    made = []
    for _ in range(1 if database_system == "sqlite" else 3):
        other = TwilioWorld(world.settings.database_url, world.double, world.now)
        other.wall = world.wall
        other.double.judges = False
        made.append(other)
    yield made
    for other in made:
        other.close()


def test_a_burst_is_sent_once_each_and_recorded(world: TwilioWorld) -> None:
    numbers = enrolled(world, 30, texts_each=2)
    with dispatching(world):
        until(lambda: is_through(world, numbers), "the burst")
    assert statuses(world, numbers) == {S.SENT}
    assert len(taken(world)) == len(set(taken(world))) == 90


def test_several_dispatchers_at_once_send_nothing_twice(
    world: TwilioWorld, others: list[TwilioWorld]
) -> None:
    numbers = enrolled(world, 25, texts_each=2)
    running = [dispatching(each, threads=4) for each in (world, *others)]
    for each in running:
        each.__enter__()
    try:
        until(lambda: is_through(world, numbers), "the burst")
    finally:
        for each in running:
            each.__exit__(None, None, None)
    assert statuses(world, numbers) == {S.SENT}
    assert len(taken(world)) == len(set(taken(world))) == 75


def test_no_call_begins_after_a_stop_is_stored_though_its_texts_are_claimed(world: TwilioWorld) -> None:
    """Thirty claimed texts, a slow API: what is not with Twilio when STOP is answered never gets there."""
    for n in range(30):
        world.write(ANA, f"text {n}")
    world.double.always = script.accept(delay_s=0.1)
    with dispatching(world, threads=3):
        until(lambda: world.posts >= 4, "the first calls")
        world.text(ANA, "STOP")
        posts_at_stop = world.posts
        until(lambda: is_through(world, [ANA]), "the end")
    assert world.posts == posts_at_stop
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
    items = [item for item in world.sent(ANA) if item.body and item.body.startswith("text ")]
    assert sum(item.status is S.CANCELLED for item in items) >= 20
    assert {item.reason for item in items if item.status is S.CANCELLED} == {"opted out"}


@pytest.mark.parametrize("end", ["stop", "pause", "cancel"])
def test_a_withdrawal_between_claim_and_call_wins(world: TwilioWorld, end: str) -> None:
    person = world.id_of(ANA)
    schedule = world.schedule(person, medication("09:01"))
    world.wall.advance(timedelta(minutes=1))
    parts = world.parts
    rounds.plan_all(parts.database, parts.words, parts.programme, world.now)
    (held,) = claim(parts.database, parts.programme, FAST, world.now, 10, "a").texts
    if end == "stop":
        enrolment.stop(parts.database, person, STAFF, world.now, reason="asked")
    elif end == "pause":
        enrolment.pause(parts.database, person, world.now + timedelta(days=1), STAFF, world.now)
    else:
        ending.end_schedule(parts.database, schedule, STAFF, world.now)
    with launch.held(parts.database, parts.programme, [held], "a", world.now) as wave:
        assert not wave.may_go
    assert world.status() is S.CANCELLED


def test_while_a_wave_is_held_an_opt_out_waits_for_it(world: TwilioWorld) -> None:
    world.write(ANA)
    parts = world.parts
    (held,) = claim(parts.database, parts.programme, FAST, world.now, 10, "a").texts
    stopped = threading.Event()

    def stop() -> None:
        enrolment.stop(parts.database, world.id_of(ANA), STAFF, world.now, reason="asked")
        stopped.set()

    with launch.held(parts.database, parts.programme, [held], "a", world.now) as wave:
        assert wave.may_go == {held.message_id}
        threading.Thread(target=stop).start()
        assert not stopped.wait(0.5)
    assert stopped.wait(20)


def test_a_text_that_was_put_back_while_its_sender_slept_is_not_called_by_it(world: TwilioWorld) -> None:
    world.write(ANA)
    parts = world.parts
    (held,) = claim(parts.database, parts.programme, FAST, world.now, 10, "a").texts
    assert launch.give_back(parts.database, [held.message_id], "a") == 1
    assert claim(parts.database, parts.programme, FAST, world.now, 10, "b").texts
    with launch.held(parts.database, parts.programme, [held], "a", world.now) as wave:
        assert not wave.may_go
    assert launch.launch(parts.database, [held], "a", world.now) == set()
    assert world.status() is S.SENDING  # it is the other's


def test_a_machine_that_slept_three_hours_sends_nothing_stale(world: TwilioWorld) -> None:
    world.schedule(world.id_of(ANA), medication("09:01"))
    world.wall.advance(timedelta(minutes=1))
    parts = world.parts
    rounds.plan_all(parts.database, parts.words, parts.programme, world.now)
    (held,) = claim(parts.database, parts.programme, FAST, world.now, 10, "a").texts
    world.wall.advance(timedelta(hours=3))
    with launch.held(parts.database, parts.programme, [held], "a", world.now) as wave:
        assert not wave.may_go
    assert (world.status(), world.last().reason) == (S.EXPIRED, "too late to be of use")


def test_what_a_dead_sender_claimed_and_never_launched_goes_back(
    world: TwilioWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.workflows.dispatching.claim.LAUNCHED_WITH_THE_CLAIM", 0)
    world.write(ANA)
    parts = world.parts
    found = claim(parts.database, parts.programme, FAST, world.now, 10, "dead")
    assert found.texts
    assert not found.are_launched
    world.jobs(timedelta(minutes=1))
    assert world.status() is S.SENDING
    world.jobs(timedelta(minutes=2))
    assert world.status() is S.SENT
    assert world.posts == 1
    assert world.alert_kinds() == []


@pytest.mark.parametrize("hours", [3, -3])
def test_a_clock_that_is_set_neither_stops_sending_nor_repeats_anything(
    world: TwilioWorld, hours: int
) -> None:
    world.double.script(script.too_fast("600"))
    for n in range(3):
        world.write(ANA, f"before {n}")
    world.jobs()
    world.write(ANA, "in hand")
    world.wall.advance(timedelta(minutes=11))
    parts = world.parts
    in_hand = claim(parts.database, parts.programme, FAST, world.now, 1, "dead").texts
    assert in_hand
    world.wall.advance(timedelta(hours=hours))
    for n in range(2):
        world.write(ANA, f"after {n}")
    for _ in range(6):
        world.jobs(timedelta(minutes=6))
    if hours < 0:
        world.wall.advance(timedelta(hours=3))
        world.jobs()
    bodies = [each.body for each in world.at_twilio()]
    assert len(bodies) == len(set(bodies))
    assert {"after 0", "after 1"} <= set(bodies)
    assert statuses(world, [ANA]) <= {S.SENT, S.UNKNOWN}


def test_five_times_too_fast_holds_everybody_as_long_as_twilio_says(world: TwilioWorld) -> None:
    numbers = enrolled(world, 3)
    world.double.script(*[script.too_fast("30")] * 5)
    for asked in range(1, 6):
        world.jobs()
        assert world.posts == asked  # nobody else was tried
        world.jobs(timedelta(seconds=20))
        assert world.posts == asked
        world.wall.advance(timedelta(seconds=11))
    world.jobs()
    assert statuses(world, numbers) == {S.SENT}
    assert len(taken(world)) == len(set(taken(world))) == 6


def test_three_times_503_is_asked_about_and_sent_again_once(world: TwilioWorld) -> None:
    world.double.script(*[script.server_error(503)] * 3)
    world.send()
    for _ in range(30):
        world.jobs(timedelta(minutes=5))
    assert world.posts == 2
    assert world.status() is S.UNKNOWN
    assert "outcome-unknown" in world.alert_kinds()


def test_a_name_that_cannot_be_looked_up_burns_nothing(
    world: TwilioWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = enrolled(world, 5)

    def fails(*_: object, **__: object) -> object:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    there, world.gateway = world.gateway, gateway_to("https://api.example.org")
    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", fails)
        for _ in range(40):
            world.jobs(timedelta(minutes=1))
    assert world.posts == 0
    assert statuses(world, numbers) == {S.QUEUED}
    world.gateway = there
    world.jobs(timedelta(minutes=3))
    assert statuses(world, numbers) == {S.SENT}


def test_a_probe_refused_for_its_own_number_shows_that_sending_works_again(world: TwilioWorld) -> None:
    world.text(BEN, "JOIN")
    world.write(ANA)
    world.write(BEN)
    world.double.script(script.refuse(20003, 401), script.refuse(21211))
    world.jobs()
    assert world.posts == 1
    world.jobs(timedelta(minutes=5, seconds=1))
    assert world.status(ANA) is S.FAILED
    assert world.status(BEN) is S.SENT


@on_sqlite
def test_another_writer_that_holds_the_file_for_seconds_delays_and_breaks_nothing(world: TwilioWorld) -> None:
    numbers = enrolled(world, 10)
    engine = create_engine(world.settings.url_of_database)
    with engine.connect() as other:
        raw = other.connection.driver_connection
        assert raw is not None
        raw.isolation_level = None
        raw.execute("BEGIN IMMEDIATE")
        with dispatching(world):
            time.sleep(4)
            assert world.posts == 0
            raw.execute("ROLLBACK")
            until(lambda: is_through(world, numbers), "the burst")
    engine.dispose()
    assert statuses(world, numbers) == {S.SENT}
    assert len(taken(world)) == len(set(taken(world))) == 20


@on_postgres
def test_connections_that_are_cut_in_the_middle_of_a_burst_lose_and_double_nothing(
    world: TwilioWorld,
) -> None:
    numbers = enrolled(world, 20, texts_each=2)
    world.double.always = script.accept(delay_s=0.02)
    engine = create_engine(world.settings.url_of_database, isolation_level="AUTOCOMMIT")
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with dispatching(world, threads=4), engine.connect() as connection:
        for posts in (5, 20, 40):
            until(lambda posts=posts: world.posts >= posts, "some calls")  # type: ignore[misc]
            connection.execute(cut)
        until(lambda: is_through(world, numbers), "the burst")
    engine.dispose()
    assert statuses(world, numbers) == {S.SENT}
    assert len(taken(world)) == len(set(taken(world))) == 60


def test_asked_to_stop_it_finishes_what_has_begun_and_gives_the_rest_back(world: TwilioWorld) -> None:
    numbers = enrolled(world, 20)
    world.double.always = script.accept(delay_s=0.2)
    with dispatching(world, threads=3):
        until(lambda: world.posts >= 3, "some calls")
    assert statuses(world, numbers) == {S.SENT, S.QUEUED}
    sent = sum(item.status is S.SENT for number in numbers for item in world.sent(number))
    assert sent == len(taken(world))
    world.double.always = None
    world.jobs()
    assert statuses(world, numbers) == {S.SENT}
    assert len(taken(world)) == len(set(taken(world))) == 40


def test_receipts_before_the_answer_and_answers_lost_end_as_they_are_at_twilio(world: TwilioWorld) -> None:
    numbers = enrolled(world, 12)
    world.double.lifecycle = (Receipt("sent", early=True), Receipt("delivered", early=True))
    world.double.script(*[script.reset(accepts=True), script.server_error(500, accepts=True)] * 3)
    with dispatching(world):
        until(lambda: statuses(world, numbers) == {S.DELIVERED}, "delivery")
    assert len(taken(world)) == len(set(taken(world))) == 24


class Unfit:
    """A gateway with a mistake in it, before or after the request has left."""

    def __init__(self, world: TwilioWorld, *, after: bool) -> None:
        self._gateway, self._after = world.parts.gateway, after
        self.faults = 1

    def send(self, outbound: OutboundText, gate: object) -> SendOutcome:
        if self.faults:
            self.faults -= 1
            if self._after:
                self._gateway.send(outbound, gate)  # type: ignore[arg-type]
            raise ValueError("a mistake")
        return self._gateway.send(outbound, gate)  # type: ignore[arg-type]


@on_sqlite
@pytest.mark.parametrize("after", [True, False])
def test_a_mistake_of_our_own_is_unclear_only_if_the_request_had_left(
    world: TwilioWorld, after: bool
) -> None:
    world.write(ANA)
    with dispatching(world, Unfit(world, after=after), threads=1):  # type: ignore[arg-type]
        until(lambda: is_through(world, [ANA]), "the end")
    assert world.status() is (S.UNKNOWN if after else S.SENT)
    assert world.posts == 1


@on_sqlite
def test_an_id_that_another_text_has_leaves_the_outcome_unclear_and_the_sender_working(
    world: TwilioWorld,
) -> None:
    class Repeats:
        def send(self, outbound: OutboundText, gate: object) -> SendOutcome:
            assert gate.may_leave()  # type: ignore[attr-defined]
            gate.has_left()  # type: ignore[attr-defined]
            return Accepted("SM" + "7" * 32, 1)

    for n in range(3):
        world.write(ANA, f"text {n}")
    with dispatching(world, Repeats(), threads=1):  # type: ignore[arg-type]
        until(lambda: is_through(world, [ANA]), "the end")
    found = [item.status for item in world.sent(ANA)[1:]]
    assert sorted(status.value for status in found if status) == ["sent", "unknown", "unknown"]


def test_expiry_does_not_wait_for_a_pause_to_end(world: TwilioWorld) -> None:
    world.schedule(world.id_of(ANA), medication("09:01"))
    world.double.always = script.refuse(20003, 401)
    for _ in range(20):
        world.jobs(timedelta(minutes=4))
    first = next(
        item for item in world.sent(ANA) if item.kind is not None and item.kind.value == "medication"
    )
    assert (first.status, first.reason) == (S.EXPIRED, "too late to be of use")


def test_nothing_abandoned_is_released_in_a_restored_copy(
    world: TwilioWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender may have launched it after the copy was made."""
    monkeypatch.setattr("service.workflows.dispatching.claim.LAUNCHED_WITH_THE_CLAIM", 0)
    world.write(ANA)
    parts = world.parts
    claim(parts.database, parts.programme, FAST, world.now, 10, "gone")
    with parts.database.write() as session:
        marks.put(session, marks.AWAITING_REPLAY)
    world.wall.advance(timedelta(minutes=10))
    assert settling.release_abandoned(parts.database, world.now) == 0
    assert at_once.send_next(parts.database, world.gateway, parts.programme, world.now) is None
