"""What the gateway reports about our texts."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service.domain.gateway_errors import meaning_of
from service.domain.message import FINAL, MessageStatus
from service.domain.programme import Programme
from service.gateways.base import DeliveryReceipt
from service.store import outbox
from service.store.engine import Database
from service.store.schema import Message
from service.workflows.sending import mark_asked, react_to_error

REACHED_THE_GATEWAY = frozenset({MessageStatus.SENT, MessageStatus.DELIVERED})


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
    """
    with database.write() as session:
        message = session.get(Message, message_id) if message_id else None
        if message is None:
            message = outbox.with_sid(session, receipt.gateway_sid)
        has_moved = False
        if message is not None:
            if message.gateway_sid is None:
                message.gateway_sid = receipt.gateway_sid
                message.sent_at = message.sent_at or now
                session.flush()
            if receipt.status is not None:
                has_moved = _move(session, message, receipt.status, receipt.error_code, now)
            if has_moved and receipt.status in REACHED_THE_GATEWAY:
                mark_asked(session, programme, message, now)
        outbox.add_event(
            session,
            message_id=message.id if message else None,
            gateway_sid=receipt.gateway_sid,
            raw_status=receipt.raw_status[:32],
            error_code=receipt.error_code,
            has_moved=has_moved,
            now=now,
        )
        return Recorded(message is not None, has_moved)


def _move(
    session: Session, message: Message, status: MessageStatus, error_code: int | None, now: datetime
) -> bool:
    columns: dict[str, Any] = {}
    if status in FINAL:
        columns["final_at"] = now
    meaning = meaning_of(error_code) if error_code is not None else None
    if meaning is not None:
        columns |= {"error_code": error_code, "reason": meaning.plain[:120]}
    has_moved = outbox.move(session, message.id, status, **columns)
    if has_moved and meaning is not None and status in FINAL:
        react_to_error(session, message, meaning, now)
    return has_moved
