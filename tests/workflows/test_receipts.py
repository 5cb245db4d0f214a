"""Receipts: every event is kept, the status moves along allowed edges, the first final one stays."""

import itertools
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from service.domain.gateway_errors import meaning_of
from service.domain.message import FINAL, MessageKind, MessageStatus, may_move
from service.gateways.base import DeliveryReceipt
from service.gateways.twilio_forms import status_of
from service.store import outbox, tallies
from service.store.schema import DeliveryEvent, Message, Prompt
from service.workflows import planning_due
from service.workflows.receipts import record_receipt
from tests.rig.world import ANA, World, check_in

S = MessageStatus
OURS = "SM-ours-"  # no sid that a gateway makes up begins like this
SID = OURS + "a" * 26
SETTLED = [S.SENT, S.DELIVERED, S.UNDELIVERED, S.FAILED, S.CANCELLED, S.EXPIRED]


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
    assert [each.has_moved for each in events(world)] == [True] + [False] * 9


def test_a_receipt_says_when_and_under_which_id_the_text_went(world: World, ana: int) -> None:
    message_id = a_text(world, ana, S.SENDING)
    tell(world, message_id, "sent")
    row = stored(world, message_id)
    assert (row.gateway_sid, row.sent_at, row.final_at) == (SID, world.now, None)


def test_a_receipt_for_nobody_is_kept_without_a_message(world: World, ana: int) -> None:
    for message_id in (None, uuid.uuid4()):
        assert not tell(world, message_id, "delivered")
    assert [(each.message_id, each.raw_status) for each in events(world)] == [(None, "delivered")] * 2


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


def counted(world: World) -> dict[str, int]:
    with world.parts.database.read() as session:
        return tallies.all_of(session)


def test_a_receipt_that_fits_two_texts_is_kept_moves_neither_and_is_counted(world: World, ana: int) -> None:
    """Its path names one text, its id belongs to the other: there is no telling which one is meant."""
    first, second = a_text(world, ana, S.SENT), a_text(world, ana, S.SENDING)
    tell(world, first, "sent")
    assert not tell(world, second, "delivered")
    assert (stored(world, first).status, stored(world, second).status) == (S.SENT, S.SENDING)
    assert stored(world, second).gateway_sid is None
    assert [(each.message_id, each.has_moved) for each in events(world)] == [(first, False), (second, False)]
    assert counted(world) == {tallies.RECEIPTS_MISFIT: 1}
    assert tell(world, second, "delivered", sid=OURS + "b" * 26)  # its own still counts


def test_a_text_that_went_under_another_id_is_not_moved_by_this_one(world: World, ana: int) -> None:
    message_id = a_text(world, ana, S.SENT)
    tell(world, message_id, "sent")
    assert not tell(world, message_id, "failed", 30007, sid=OURS + "c" * 26)
    assert stored(world, message_id).status is S.SENT
    assert world.alert_kinds() == []
    assert len(events(world)) == 2
    assert counted(world) == {tallies.RECEIPTS_MISFIT: 1}


def test_receipts_for_nobody_are_counted(world: World, ana: int) -> None:
    for _ in range(3):
        tell(world, uuid.uuid4(), "delivered")
    assert counted(world) == {tallies.RECEIPTS_UNKNOWN: 3}


@pytest.mark.parametrize("words", list(itertools.permutations(["queued", "sent", "delivered"])), ids="-".join)
def test_receipts_in_any_order_end_at_the_same_place_and_are_all_kept(
    world: World, ana: int, words: tuple[str, ...]
) -> None:
    message_id = a_text(world, ana, S.SENDING)
    for word in words * 2:
        tell(world, message_id, word)
    row = stored(world, message_id)
    assert (row.status, row.gateway_sid, row.error_code) == (S.DELIVERED, SID, None)
    assert [each.raw_status for each in events(world)] == list(words * 2)
    assert sum(each.has_moved for each in events(world)) == (1 if words[0] == "delivered" else 2)


def test_the_plain_receipts_of_a_text_take_four_statements_in_all(world: World, ana: int) -> None:
    """They are the busiest path there is: two or three a text. The one SELECT is the rehearsal's clock."""
    message_id = a_text(world, ana, S.SENT)
    tell(world, message_id, "sent")  # brings the gateway's id
    said: list[str] = []
    engine = world.parts.database.engine
    event.listen(engine, "before_cursor_execute", lambda *about: said.append(about[2].split()[0]))
    assert [tell(world, message_id, word) for word in ("sending", "sent", "delivered")] == [
        False,
        False,
        True,
    ]
    assert [word for word in said if word not in {"BEGIN", "SELECT"}] == [
        "INSERT",
        "INSERT",
        "UPDATE",
        "INSERT",
    ]


def test_a_receipt_for_a_question_that_was_not_known_to_be_sent_starts_its_time(
    world: World, ana: int
) -> None:
    world.schedule(ana, check_in("10:00"))
    world.wall.advance(timedelta(hours=1))
    parts = world.parts
    planning_due.plan_due(parts.database, parts.words, parts.programme, world.now)
    with parts.database.write() as session:
        message = session.scalars(select(Message).where(Message.prompt_id.is_not(None))).one()
        message.status, message.gateway_sid = S.UNKNOWN, SID
        prompt_id = message.prompt_id
    assert tell(world, message.id, "delivered")
    with parts.database.read() as session:
        assert session.get_one(Prompt, prompt_id).asked_at == world.now
