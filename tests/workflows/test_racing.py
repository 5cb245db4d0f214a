"""Two at once: planners, senders and webhooks of several processes on one database."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Event
from time import sleep

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.domain.consent import ConsentStatus
from service.domain.message import MessageKind, MessageStatus
from service.gateways.base import InboundText
from service.store import outbox, schedules, tallies
from service.store.schema import DeliveryEvent, InboundMessage, Message, Prompt, Schedule
from service.workflows import enrolment, planning_due, rounds
from service.workflows.receipts import record_receipt
from service.workflows.replies import receive_text
from tests.rig.twilio_world import TwilioWorld
from tests.rig.world import ANA, STAFF, World, check_in, settings_for

PEOPLE = [f"+1202555{n:04d}" for n in range(200, 212)]


def at_once(*work: Callable[[], object]) -> list[object]:
    together = Barrier(len(work))

    def run(each: Callable[[], object]) -> object:
        together.wait()
        return each()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(run, work))


@pytest.fixture
def other(twilio_world: TwilioWorld) -> Iterator[TwilioWorld]:
    """A second process on the same database."""
    world = twilio_world
    made = TwilioWorld(world.settings.database_url, world.double, world.now)
    made.wall = world.wall
    yield made
    made.close()


def plan_and_send(world: TwilioWorld) -> Callable[[], object]:
    def work() -> None:
        parts = world.parts
        rounds.plan_all(parts.database, parts.words, parts.programme, world.wall())
        rounds.send_all(parts.database, parts.gateway, parts.programme, world.wall)

    return work


def test_two_processes_that_plan_and_send_text_each_person_exactly_once(
    twilio_world: TwilioWorld, other: TwilioWorld
) -> None:
    world = twilio_world
    world.double.judges = False
    for number in PEOPLE:
        world.schedule(world.enrol(number), check_in("10:00"))
    world.wall.advance(timedelta(hours=1))
    at_once(*(plan_and_send(each) for each in (world, other, world, other)))
    plan_and_send(world)()
    for number in PEOPLE:
        bodies = [text.body for text in world.at_twilio(number)]
        assert len(bodies) == len(set(bodies)) == 2, number  # the confirmation and the check-in
    with world.parts.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Prompt)) == len(PEOPLE)
        statuses = dict(session.execute(select(Message.status, func.count()).group_by(Message.status)).all())
    assert statuses[MessageStatus.SENT] == 2 * len(PEOPLE)
    assert MessageStatus.QUEUED not in statuses


def incoming(sid: str, number: str, body: str) -> InboundText:
    return InboundText(sid, number, "+15005550006", body, 0, None)


def receive(world: World, text: InboundText) -> Callable[[], object]:
    parts = world.parts
    return lambda: receive_text(parts.database, parts.words, parts.programme, text, world.now)


@pytest.fixture
def two(database_url: str, world: World) -> Iterator[tuple[World, World]]:
    second = World(settings_for(database_url), world.now)
    yield world, second
    second.close()


@pytest.mark.parametrize("body", ["JOIN", "hello?", "i want to kill myself"])
def test_the_same_text_twice_at_once_is_stored_once_and_answered_alike(
    two: tuple[World, World], body: str
) -> None:
    for n, number in enumerate(PEOPLE[:4]):
        text = incoming(f"SM{n:032d}", number, body)
        answers = at_once(*(receive(world, text) for world in two * 2))
        assert len({repr(answer) for answer in answers}) == 1
    with two[0].parts.database.read() as session:
        assert session.scalar(select(func.count()).select_from(InboundMessage)) == 4
        assert session.scalar(select(func.count()).select_from(Message)) == 4
    kinds = two[0].alert_kinds()
    assert "not-understood" not in kinds
    assert kinds.count("crisis") == (4 if "kill" in body else 0)


def test_two_first_texts_of_one_person_at_once_are_both_understood(two: tuple[World, World]) -> None:
    for n, number in enumerate(PEOPLE[:6]):
        texts = [incoming(f"SM{n:030d}{k:02d}", number, "JOIN") for k in range(4)]
        at_once(*(receive(world, text) for world, text in zip(two * 2, texts, strict=True)))
        assert len(two[0].person(number).consent_history) == 1
    assert two[0].alert_kinds() == []


def test_two_answers_to_one_question_at_once_leave_one_score(two: tuple[World, World]) -> None:
    world = two[0]
    world.say(ANA, "JOIN")
    world.schedule(world.id_of(ANA), check_in("10:00"))
    world.move(timedelta(hours=1))
    texts = [incoming(f"SM{k:032d}", ANA, str(k + 3)) for k in range(3)]
    at_once(*(receive(each, text) for each, text in zip((*two, two[0]), texts, strict=True)))
    (score,) = world.person(ANA).scores
    assert score.score in {3, 4, 5}
    assert world.alert_kinds() == []


def test_an_opt_out_beside_thirty_waiting_texts_leaves_none_behind(
    twilio_world: TwilioWorld, other: TwilioWorld
) -> None:
    """Whichever comes first, nothing is handed to Twilio once the opt-out is stored."""
    world = twilio_world
    world.double.judges = False
    for n in range(30):
        world.write(ANA, f"text {n}")
    posts_at_stop: list[int] = []

    def stop() -> None:
        text = incoming("SM" + "5" * 32, ANA, "STOP")
        receive(other, text)()
        posts_at_stop.append(world.posts)

    at_once(plan_and_send(world), stop)
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
    assert world.posts <= posts_at_stop[0] + 1  # one may have been on its way
    statuses = {item.status for item in world.sent(ANA) if item.body and item.body.startswith("text ")}
    assert not statuses & {MessageStatus.QUEUED, MessageStatus.SENDING}


def test_an_opt_out_while_a_reminder_is_planned_waits_or_wins_and_neither_fails(
    two: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL each would wait for the other for ever, did they not both lock the person first."""
    world, other = two
    person = world.enrol(ANA)
    world.schedule(person, check_in())
    has_moved, move_on = Event(), schedules.move_on

    def move_on_and_dwell(session: Session, following: Sequence[tuple[Schedule, datetime | None]]) -> None:
        move_on(session, following)
        has_moved.set()
        sleep(0.3)  # time for the opt-out to begin; on either side of it the outcome must be right

    def plan() -> object:
        parts = world.parts
        return planning_due.plan_due(
            parts.database, parts.words, parts.programme, world.now, timedelta(days=2)
        )

    def stop() -> None:
        has_moved.wait(20)
        enrolment.stop(other.parts.database, person, STAFF, other.now, reason="asked by phone")

    monkeypatch.setattr(schedules, "move_on", move_on_and_dwell)
    planned, _ = at_once(plan, stop)
    assert planned is not None
    assert not world.with_status(ANA, MessageStatus.QUEUED)
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT


def test_ten_receipts_at_once_move_a_text_once(two: tuple[World, World]) -> None:
    world = two[0]
    world.say(ANA, "JOIN")
    with world.parts.database.write() as session:
        row = session.scalars(select(Message)).one()
        row.status, row.gateway_sid, row.final_at = MessageStatus.SENDING, None, None
        message_id = row.id
    form = [("MessageSid", "SM" + "7" * 32), ("MessageStatus", "delivered")]
    receipt = world.phone.parse_receipt(form)

    def record(each: World) -> Callable[[], object]:
        parts = each.parts
        return lambda: (
            record_receipt(parts.database, parts.programme, message_id, receipt, each.now).has_moved
        )

    moved = at_once(*(record(each) for each in two * 5))
    assert sum(bool(each) for each in moved) == 1
    assert [item.status for item in world.sent(ANA)] == [MessageStatus.DELIVERED]


def test_one_id_reported_for_two_texts_at_once_moves_one_of_them(two: tuple[World, World]) -> None:
    world = two[0]
    world.say(ANA, "JOIN")
    ids = []
    with world.parts.database.write() as session:
        for _ in range(4):
            message = outbox.add(
                session,
                kind=MessageKind.NOTICE,
                body="Hello.",
                now=world.now,
                send_after=world.now,
                expires_at=world.now + timedelta(hours=1),
                participant_id=world.id_of(ANA),
                status=MessageStatus.SENDING,
                claimed_at=world.now,
            )
            ids.append(message.id)
    receipt = world.phone.parse_receipt([("MessageSid", "SM" + "8" * 32), ("MessageStatus", "delivered")])

    def record(each: World, message_id: uuid.UUID) -> Callable[[], object]:
        parts = each.parts
        return lambda: record_receipt(parts.database, parts.programme, message_id, receipt, each.now)

    at_once(*(record(each, message_id) for each, message_id in zip(two * 2, ids, strict=True)))
    with world.parts.database.read() as session:
        statuses = [session.get_one(Message, message_id).status for message_id in ids]
        kept = session.scalars(select(DeliveryEvent).where(DeliveryEvent.message_id.in_(ids))).all()
        misfits = tallies.all_of(session)[tallies.RECEIPTS_MISFIT]
    assert sorted(statuses) == [MessageStatus.DELIVERED] + [MessageStatus.SENDING] * 3
    assert (len(kept), misfits) == (4, 3)
