"""Receipts: every event is kept, the status moves along allowed edges, the first final one stays."""

import itertools
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from service.domain.gateway_errors import meaning_of
from service.domain.message import FINAL, MessageKind, MessageStatus, may_move
from service.gateways.base import DeliveryReceipt
from service.gateways.twilio_forms import status_of
from service.store import outbox
from service.store.schema import DeliveryEvent, Message
from service.workflows.receipts import record_receipt
from tests.rig.world import ANA, World

S = MessageStatus
OURS = "SM-ours-"  # no sid that a gateway makes up begins like this
SID = OURS + "a" * 26
SETTLED = [S.SENT, S.DELIVERED, S.UNDELIVERED, S.FAILED, S.CANCELLED, S.EXPIRED]

pytestmark = pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)


@pytest.fixture
def ana(world: World) -> int:
    world.say(ANA, "JOIN")
    return world.id_of(ANA)


def a_text(world: World, participant_id: int, status: MessageStatus, reason: str | None = None) -> uuid.UUID:
    with world.parts.database.write() as session:
        return outbox.add(
            session,
            kind=MessageKind.NOTICE,
            body="Hello.",
            now=world.now,
            send_after=world.now,
            expires_at=world.now + timedelta(hours=1),
            participant_id=participant_id,
            status=status,
            reason=reason,
            claimed_at=world.now,
        ).id


def tell(
    world: World, message_id: uuid.UUID | None, raw: str, code: int | None = None, sid: str = SID
) -> bool:
    receipt = DeliveryReceipt(sid, raw, status_of(raw, code), code)
    return record_receipt(
        world.parts.database, world.parts.programme, message_id, receipt, world.now
    ).has_moved


def stored(world: World, message_id: uuid.UUID) -> Message:
    with world.parts.database.read() as session:
        return session.get_one(Message, message_id)


def events(world: World) -> list[DeliveryEvent]:
    with world.parts.database.read() as session:
        rows = session.scalars(
            select(DeliveryEvent).where(DeliveryEvent.gateway_sid.startswith(OURS)).order_by(DeliveryEvent.id)
        )
        return list(rows)


WORDS = {S.SENT: "sent", S.DELIVERED: "delivered", S.UNDELIVERED: "undelivered", S.FAILED: "failed",
         S.CANCELLED: "canceled", S.EXPIRED: "failed"}  # fmt: skip


def test_a_receipt_moves_a_text_only_along_an_allowed_edge(world: World, ana: int) -> None:
    for n, (start, end) in enumerate(itertools.product(S, SETTLED)):
        message_id = a_text(world, ana, start)
        code = 30036 if end is S.EXPIRED else None
        moved = tell(world, message_id, WORDS[end], code, sid=f"{OURS}{n:026d}")
        assert moved is may_move(start, end), (start, end)
        row = stored(world, message_id)
        assert row.status is (end if moved else start), (start, end)
        assert (row.final_at is not None) is (row.status in FINAL), (start, end)
    assert len(events(world)) == len(S) * len(SETTLED)


def test_the_first_final_status_stays(world: World, ana: int) -> None:
    for first, second in itertools.permutations(["delivered", "undelivered", "failed", "canceled"], 2):
        message_id = a_text(world, ana, S.SENT)
        sid = f"{OURS}{uuid.uuid4().hex[:26]}"
        assert tell(world, message_id, first, sid=sid)
        ended_at = stored(world, message_id).final_at
        world.wall.advance(timedelta(minutes=1))
        assert not tell(world, message_id, second, 30007, sid=sid)
        row = stored(world, message_id)
        assert WORDS[row.status] == first
        assert (row.final_at, row.error_code) == (ended_at, None)


def test_ten_equal_receipts_move_once_and_are_all_kept(world: World, ana: int) -> None:
    message_id = a_text(world, ana, S.SENT)
    assert [tell(world, message_id, "delivered") for _ in range(10)] == [True] + [False] * 9
    assert [event.has_moved for event in events(world)] == [True] + [False] * 9


def test_a_receipt_says_when_and_under_which_id_the_text_went(world: World, ana: int) -> None:
    message_id = a_text(world, ana, S.SENDING)
    tell(world, message_id, "sent")
    row = stored(world, message_id)
    assert (row.gateway_sid, row.sent_at, row.final_at) == (SID, world.now, None)


def test_a_receipt_for_nobody_is_kept_without_a_message(world: World, ana: int) -> None:
    for message_id in (None, uuid.uuid4()):
        assert not tell(world, message_id, "delivered")
    assert [(event.message_id, event.raw_status) for event in events(world)] == [(None, "delivered")] * 2


def test_a_word_that_twilio_may_invent_moves_nothing(world: World, ana: int) -> None:
    message_id = a_text(world, ana, S.SENT)
    assert not tell(world, message_id, "x" * 32)
    assert stored(world, message_id).status is S.SENT
    assert events(world)[0].raw_status == "x" * 32


def test_an_unclear_outcome_loses_its_reason_when_it_is_settled(world: World, ana: int) -> None:
    message_id = a_text(world, ana, S.UNKNOWN, reason="no answer was recorded")
    tell(world, message_id, "delivered")
    row = stored(world, message_id)
    assert (row.status, row.reason) == (S.DELIVERED, None)


@pytest.mark.parametrize(
    ("code", "alert", "number_problem", "consent"),
    [
        (21610, "opted-out", False, "opted_out"),
        (30005, "number-problem", True, "opted_in"),
        (30006, "number-problem", True, "opted_in"),
        (30003, "undelivered", False, "opted_in"),
        (30007, "undelivered", False, "opted_in"),
        (30008, "undelivered", False, "opted_in"),
        (12345, "undelivered", False, "opted_in"),
        (30036, None, False, "opted_in"),
    ],
)
def test_a_final_error_has_the_same_consequence_as_in_an_answer(
    world: World, ana: int, code: int, alert: str | None, number_problem: bool, consent: str
) -> None:
    message_id = a_text(world, ana, S.SENT)
    tell(world, message_id, "undelivered", code)
    assert world.alert_kinds() == ([alert] if alert else [])
    person = world.person(ANA)
    assert bool(person.number_problem) is number_problem
    assert person.consent.value == consent
    row = stored(world, message_id)
    assert row.error_code == code
    assert row.reason == meaning_of(code).plain[:120]


def test_an_error_on_the_way_is_no_alarm(world: World, ana: int) -> None:
    message_id = a_text(world, ana, S.SENDING)
    tell(world, message_id, "sent", 30008)
    assert world.alert_kinds() == []


@pytest.mark.parametrize("code", [30034, 30002])
def test_an_account_error_in_a_receipt_is_loud_and_raised_once(world: World, ana: int, code: int) -> None:
    for n in range(3):
        tell(world, a_text(world, ana, S.SENT), "failed", code, sid=f"{OURS}{n:026d}")
    assert world.alert_kinds().count("sending-paused") == 1
    assert world.alerts()[0].kind.value == "sending-paused"


def test_a_reply_to_a_stranger_that_fails_is_kept_and_troubles_nobody(world: World) -> None:
    world.say("+12025550177", "hello?")
    (item,) = world.sent("+12025550177")
    assert item.status is S.DELIVERED
    with world.parts.database.write() as session:
        message_id = outbox.add(
            session,
            kind=MessageKind.REPLY,
            body="?",
            now=world.now,
            send_after=world.now,
            expires_at=world.now + timedelta(hours=1),
            to_unknown="+12025550177",
            status=S.SENDING,
        ).id
    assert tell(world, message_id, "failed", 21610)
    assert world.alert_kinds() == []
