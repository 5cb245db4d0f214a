"""The fast way of a receipt: what most of them need, in one or two statements and without the ORM.

A text brings two or three receipts, so this is the busiest path there is. Whatever is not plain here (an
id not stored yet, an error, an erased person) matches no row, changes nothing, and is left to
`workflows/receipts.py`.
"""

import uuid
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import BindParameter, Insert, Table, bindparam, false, insert, null, select, true, update
from sqlalchemy.orm import Session

from service.domain.message import MessageStatus, sources_of
from service.store.schema import DeliveryEvent, Message

_messages = cast(Table, Message.__table__)
_events = cast(Table, DeliveryEvent.__table__)
_COLUMNS = ("message_id", "gateway_sid", "raw_status", "error_code", "received_at", "has_moved")


def _given(name: str) -> BindParameter[Any]:
    """A value of the event; its name must not be that of a column."""
    return bindparam(f"its_{name}", type_=_events.c[name].type)


_FITS = (_messages.c.id == _given("message_id"), _messages.c.gateway_sid == _given("gateway_sid"))
_DELIVER = (
    update(_messages)
    # From `sent` only: then the question that it may ask is known to be asked.
    .where(*_FITS, _messages.c.status == MessageStatus.SENT)
    .values(status=MessageStatus.DELIVERED, final_at=_given("received_at"), error_code=null(), reason=null())
)
_OF_DELIVER = ("its_message_id", "its_gateway_sid", "its_received_at")
_KEEP = insert(_events).values({name: _given(name) for name in _COLUMNS[:5]} | {"has_moved": true()})


@cache
def _keep_if_nothing_moves(status: MessageStatus | None) -> Insert:
    """An INSERT of the event that finds no row when the message would move, or when the id does not fit."""
    found = select(
        _messages.c.id, _messages.c.gateway_sid, *(_given(name) for name in _COLUMNS[2:5]), false()
    ).where(*_FITS)
    if status is not None:
        found = found.where(_messages.c.status.not_in(sorted(sources_of(status))))
    kept = insert(_events).from_select(_COLUMNS, found, include_defaults=False)
    return kept.execution_options(preserve_rowcount=True)  # else it is not known for an INSERT


def record_plain(
    session: Session,
    *,
    message_id: uuid.UUID,
    gateway_sid: str,
    status: MessageStatus | None,
    raw_status: str,
    error_code: int | None,
    now: datetime,
) -> bool | None:
    """Keep a receipt that moves nothing, or that says `sent` has become `delivered`.

    True when the message moved, False when the receipt was only kept, None when it needs more than this
    and nothing was written.
    """
    connection = session.connection()
    event: dict[str, Any] = {
        "its_message_id": message_id,
        "its_gateway_sid": gateway_sid,
        "its_raw_status": raw_status,
        "its_error_code": error_code,
        "its_received_at": now,
    }
    may_deliver = status is MessageStatus.DELIVERED and error_code is None
    delivery = {name: event[name] for name in _OF_DELIVER}
    if may_deliver and connection.execute(_DELIVER, delivery).rowcount == 1:
        connection.execute(_KEEP, event)
        return True
    return False if connection.execute(_keep_if_nothing_moves(status), event).rowcount == 1 else None
