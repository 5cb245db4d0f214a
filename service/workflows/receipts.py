"""What the gateway reports about our texts."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.domain.gateway_errors import meaning_of
from service.domain.message import FINAL, MessageStatus
from service.domain.programme import Programme
from service.gateways.base import DeliveryReceipt
from service.store import erasure, outbox, participants, prompts, receipts, tallies
from service.store.engine import Database
from service.store.schema import Message
from service.workflows.dispatching.reactions import react_to_error, withdraw_prompt
from service.workflows.dispatching.record import mark_asked

REACHED_THE_GATEWAY = frozenset({MessageStatus.SENT, MessageStatus.DELIVERED})
LONGEST_WORD = 32  # of a status, as the gateway spells it


@dataclass(frozen=True)
class Recorded:
    is_known: bool
    has_moved: bool


def record_receipt(
    database: Database,
    programme: Programme,
    message_id: uuid.UUID | None,
    receipt: DeliveryReceipt,
    now: datetime,
) -> Recorded:
    """Keep the event; move the message only along an allowed edge. One transaction.

    The message is found by our own id from the callback's path, so a receipt counts even when it is
    faster than the answer to our call, or when we crashed before storing the gateway's id. A receipt
    for a message we do not know is kept too and answered as if it were fine, so that it is not repeated.
    So is one whose gateway id belongs to another message: it moves neither, and is counted.
    """
    try:
        with database.write() as session:
            return _record_plainly(session, message_id, receipt, now) or _record_with_care(
                session, programme, message_id, receipt, now
            )
    except IntegrityError:
        # Another text was given this gateway id at the same moment: now that is there to be seen.
        with database.write() as session:
            return _record_with_care(session, programme, message_id, receipt, now)


def _record_plainly(
    session: Session, message_id: uuid.UUID | None, receipt: DeliveryReceipt, now: datetime
) -> Recorded | None:
    if message_id is None:
        return None
    has_moved = receipts.record_plain(
        session,
        message_id=message_id,
        gateway_sid=receipt.gateway_sid,
        status=receipt.status,
        raw_status=receipt.raw_status[:LONGEST_WORD],
        error_code=receipt.error_code,
        now=now,
    )
    return None if has_moved is None else Recorded(True, has_moved)


def _record_with_care(
    session: Session,
    programme: Programme,
    message_id: uuid.UUID | None,
    receipt: DeliveryReceipt,
    now: datetime,
) -> Recorded:
    message = session.get(Message, message_id) if message_id else None
    owner = outbox.with_sid(session, receipt.gateway_sid)
    message = message or owner
    has_moved = False
    if message is None:
        tallies.add(session, tallies.RECEIPTS_UNKNOWN)
    elif owner is not message and (owner is not None or message.gateway_sid is not None):
        # The id is another text's, or this text went under another: no telling which one is meant.
        tallies.add(session, tallies.RECEIPTS_MISFIT)
    else:
        _lock_what_it_touches(session, message, receipt)
        if message.gateway_sid is None:
            message.gateway_sid = erasure.sid_to_keep(session, message, receipt.gateway_sid, now)
            message.sent_at = message.sent_at or now
            session.flush()
        if receipt.status is not None:
            has_moved = _move(session, programme, message, receipt.status, receipt.error_code, now)
        if has_moved and receipt.status in REACHED_THE_GATEWAY:
            mark_asked(session, programme, message, now)
    outbox.add_event(
        session,
        message_id=message.id if message else None,
        gateway_sid=_sid_of_event(message, receipt),
        raw_status=receipt.raw_status[:LONGEST_WORD],
        error_code=receipt.error_code,
        has_moved=has_moved,
        now=now,
    )
    return Recorded(message is not None, has_moved)


def _lock_what_it_touches(session: Session, message: Message, receipt: DeliveryReceipt) -> None:
    """The person, then the question, before the text itself: the order in which everybody takes them."""
    if receipt.error_code is not None and message.participant_id is not None:
        participants.lock(session, message.participant_id)
    if message.prompt_id is not None:
        prompts.lock(session, message.prompt_id)


def _sid_of_event(message: Message | None, receipt: DeliveryReceipt) -> str:
    """The gateway's id; of an erased person's text only its hash, which is all that the text has left."""
    if message is None or message.body_sealed is not None or message.gateway_sid is None:
        return receipt.gateway_sid
    return message.gateway_sid


def _move(
    session: Session,
    programme: Programme,
    message: Message,
    status: MessageStatus,
    error_code: int | None,
    now: datetime,
) -> bool:
    columns: dict[str, Any] = {"error_code": None, "reason": None}  # what was unclear before is not now
    if status in FINAL:
        columns["final_at"] = now
    meaning = meaning_of(error_code) if error_code is not None else None
    if meaning is not None:
        columns |= {"error_code": error_code, "reason": meaning.plain[:120]}
    has_moved = outbox.move(session, message.id, status, **columns)
    if not has_moved or status not in FINAL:
        return has_moved
    will_be_asked_again = False
    if meaning is not None:
        will_be_asked_again = react_to_error(session, programme, message, meaning, now)
    if not will_be_asked_again:
        withdraw_prompt(session, message)
    return has_moved
