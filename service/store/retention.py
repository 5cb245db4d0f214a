"""Texts that have been kept long enough, and those whose words are still to be blanked at the gateway."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from service.domain.message import MessageStatus
from service.store.schema import HandsetText, InboundMessage, Message, Redaction, StaffNote
from service.store.sealing import seal

STILL_NEEDED = (MessageStatus.QUEUED, MessageStatus.SENDING)
NO_HASH = b""


def _old_out(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Message.created_at < before,
        Message.body_sealed.is_not(None),
        Message.status.not_in(STILL_NEEDED),
    )


def _old_in(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return (InboundMessage.received_at < before, InboundMessage.body_sealed.is_not(None))


def erase_old_out(session: Session, before: datetime, now: datetime, limit: int) -> int:
    """Take the words out of some texts that were sent before; how many. Their times and fates stay."""
    rows = session.scalars(
        select(Message)
        .where(*_old_out(before))
        .order_by(Message.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.body_sealed = None
        row.to_sealed = None  # only there for a number that is not enrolled
    queue_redactions(session, (row.gateway_sid for row in rows), now)
    return len(rows)


def erase_old_in(session: Session, before: datetime, now: datetime, limit: int) -> int:
    """The same for texts that came in. One from a number that is not enrolled loses the number as well."""
    rows = session.scalars(
        select(InboundMessage)
        .where(*_old_in(before))
        .order_by(InboundMessage.received_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.body_sealed, row.body_hash = None, NO_HASH
        row.marked_label = row.marked_by = row.marked_at = None
        if row.participant_id is None:
            row.phone_index, row.phone_sealed = secrets.token_bytes(32), seal(session, "")
    queue_redactions(session, (row.gateway_sid for row in rows), now)
    return len(rows)


def erase_old_notes(session: Session, before: datetime) -> int:
    """The same for notes of staff: they quote and describe what the texts said."""
    result: Any = session.execute(
        update(StaffNote)
        .where(StaffNote.created_at < before, StaffNote.body_sealed.is_not(None))
        .values(body_sealed=None)
        .execution_options(synchronize_session=False)
    )
    count: int = result.rowcount
    return count


def erase_old_on_handsets(session: Session, before: datetime) -> int:
    """What simulated phones show from before."""
    result: Any = session.execute(delete(HandsetText).where(HandsetText.at < before))
    count: int = result.rowcount
    return count


def count_old(session: Session, before: datetime) -> tuple[int, int, int, int]:
    """How many texts out, texts in, lines on simulated phones and notes are older and still have words."""

    def count(table: Any, *conditions: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0

    return (
        count(Message, *_old_out(before)),
        count(InboundMessage, *_old_in(before)),
        count(HandsetText, HandsetText.at < before),
        count(StaffNote, StaffNote.created_at < before, StaffNote.body_sealed.is_not(None)),
    )


def queue_redactions(session: Session, gateway_sids: Iterable[str | None], now: datetime) -> None:
    """Have the gateway blank these texts too."""
    wanted = {sid for sid in gateway_sids if sid is not None}
    for sid in sorted(wanted):  # in one order, so that two sessions cannot wait for each other
        if session.get(Redaction, sid) is None:
            session.add(Redaction(gateway_sid=sid, try_at=now))
    session.flush()


def take_redactions(session: Session, now: datetime, until: datetime, limit: int) -> Sequence[Redaction]:
    """Some that are due; nobody else takes them before `until`."""
    rows = session.scalars(
        select(Redaction)
        .where(Redaction.try_at <= now)
        .order_by(Redaction.try_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.try_at = until
        row.attempts += 1
    session.flush()
    return rows


def drop_redaction(session: Session, gateway_sid: str) -> None:
    session.execute(delete(Redaction).where(Redaction.gateway_sid == gateway_sid))


def put_off_redaction(session: Session, gateway_sid: str, try_at: datetime) -> None:
    row = session.get(Redaction, gateway_sid)
    if row is not None:
        row.try_at = try_at


def count_redactions(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Redaction)) or 0
