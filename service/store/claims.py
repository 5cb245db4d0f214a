"""Texts in a sender's hands: claimed in batches, checked in waves.

Everything here is set-based and reads columns, not objects: a burst of ten thousand texts passes through.
A claim carries the sender's token. Whoever lost a row in the meantime finds that out by the token.
"""

import json
import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    and_,
    any_,
    bindparam,
    column,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Text, Uuid

from service.domain.consent import ConsentStatus
from service.domain.message import URGENT_PRIORITY, MessageKind, MessageStatus
from service.store.schema import Message, Participant

S = MessageStatus
LONGEST_IN_HAND = timedelta(minutes=1)
"""A claim older than this (the machine slept) goes back, so that everything is looked at anew."""
QUIETLY = {"synchronize_session": False}

_M, _P = Message.__table__.c, Participant.__table__.c
"""Columns without objects: a third of the time that reading through the mapper takes."""
_TEXT = (
    _M.id,
    _M.kind,
    _M.claim,
    _M.withdrawn,
    _M.body_sealed,
    _M.to_sealed,
    _M.priority,
    _M.send_after,
    _M.expires_at,
    _M.segments,
    _M.is_time_chosen,
    _M.prompt_id,
    _M.participant_id,
    _P.phone_sealed,
    _P.consent,
    _P.paused_until,
    _P.held_until,
    _P.number_problem,
    _P.timezone,
)
_TEXTS = select(*_TEXT).select_from(
    Message.__table__.outerjoin(Participant.__table__, _P.id == _M.participant_id)
)
_THESE = {
    "sqlite": _M.id.in_(select(column("value")).select_from(func.json_each(bindparam("ids", type_=Text())))),
    "postgresql": _M.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
}
"""Many ids as one value: a list of parameters takes longer to write out than to look up."""


def _these(session: Session, ids: Collection[uuid.UUID]) -> tuple[ColumnElement[bool], dict[str, Any]]:
    """The condition "one of these texts" for this database, and its parameters."""
    dialect = session.get_bind().dialect.name
    value = json.dumps([each.hex for each in ids]) if dialect == "sqlite" else list(ids)
    return _THESE[dialect], {"ids": value}


class TextRow(Protocol):
    """One text with what decides whether it may go.

    A text to a number that belongs to nobody (`participant_id` None) has None for all that is the person's.
    """

    id: uuid.UUID
    kind: MessageKind
    claim: str | None
    withdrawn: str | None
    body_sealed: bytes | None
    to_sealed: bytes | None
    priority: int
    send_after: datetime
    expires_at: datetime
    segments: int
    is_time_chosen: bool
    prompt_id: int | None
    participant_id: int | None
    phone_sealed: bytes | None
    consent: ConsentStatus
    paused_until: datetime | None
    held_until: datetime | None
    number_problem: str | None
    timezone: str


def due(session: Session, now: datetime, limit: int, *, only_urgent: bool = False) -> Sequence[TextRow]:
    """The most urgent texts that are due, locked; rows that another sender holds are passed over."""
    query = (
        _TEXTS.where(_M.status == S.QUEUED, _M.send_after <= now)
        .order_by(_M.priority, _M.send_after, _M.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Message.__table__)
    )
    if only_urgent:
        query = query.where(_M.priority <= URGENT_PRIORITY)
    return cast("Sequence[TextRow]", session.execute(query).all())


def take(session: Session, ids: Sequence[uuid.UUID], token: str, now: datetime, *, launched: bool) -> None:
    """Move locked rows to `sending`, in the hands of `token`."""
    these, values = _these(session, ids)
    session.execute(
        update(Message)
        .where(these)
        .values(
            status=S.SENDING,
            claim=token,
            claimed_at=now,
            launched_at=now if launched else None,
            attempts=Message.attempts + 1,
        )
        .execution_options(**QUIETLY),
        values,
    )


def launch(session: Session, ids: Collection[uuid.UUID], token: str, now: datetime) -> set[uuid.UUID]:
    """Note that these may be called from now on; those that are still in the hands of `token`."""
    these, values = _these(session, ids)
    found = session.scalars(
        update(Message)
        .where(these, Message.claim == token, Message.status == S.SENDING)
        .values(launched_at=now)
        .returning(_M.id)
        .execution_options(**QUIETLY),
        values,
    )
    return set(found)


def hold(
    session: Session,
    ids: Collection[uuid.UUID],
    token: str,
    now: datetime,
    *,
    of_nobody: bool,
    routine: Collection[MessageKind],
    held: Collection[MessageKind],
    without_consent: Collection[MessageKind],
) -> set[uuid.UUID]:
    """Of these texts those that may be called, so locked that no opt-out can commit before this ends.

    On PostgreSQL the person's row is locked before the text's, as everywhere, and conditions are looked at
    again after waiting for a lock. SQLite has one writer. With `of_nobody` the texts are to numbers that
    belong to no participant. Only texts of `routine` kinds mind a pause or a number out of reach, only
    `held` ones that somebody is talking with the person; kinds `without_consent` need no opt-in.
    """
    these, values = _these(session, ids)
    may_go = [
        these,
        _M.claim == token,
        _M.status == S.SENDING,
        _M.withdrawn.is_(None),
        _M.body_sealed.is_not(None),
        _M.expires_at > now,
        _M.claimed_at > now - LONGEST_IN_HAND,
    ]
    if of_nobody:
        query = select(_M.id).where(*may_go, _M.participant_id.is_(None)).with_for_update(read=True)
    else:
        is_free = and_(or_(_P.paused_until.is_(None), _P.paused_until <= now), _P.number_problem.is_(None))
        query = (
            select(_M.id)
            .select_from(Participant.__table__.join(Message.__table__, _P.id == _M.participant_id))
            .where(
                *may_go,
                or_(_P.consent == ConsentStatus.OPTED_IN, _M.kind.in_(without_consent)),
                or_(is_free, _M.kind.not_in(routine)),
                or_(_P.held_until.is_(None), _P.held_until <= now, _M.kind.not_in(held)),
            )
            .with_for_update(read=True, of=[Participant.__table__, Message.__table__])
        )
    return set(session.scalars(query, values))


def look(session: Session, ids: Collection[uuid.UUID], status: MessageStatus) -> Sequence[TextRow]:
    """These texts, as far as they have this status, with what decides whether they may go."""
    these, values = _these(session, ids)
    query = _TEXTS.where(these, _M.status == status)
    return cast("Sequence[TextRow]", session.execute(query, values).all())


def put_off(session: Session, ids: Sequence[uuid.UUID], until: datetime) -> None:
    """Leave texts for later: quiet hours."""
    session.execute(
        update(Message)
        .where(Message.id.in_(ids), Message.status.in_((S.QUEUED, S.SENDING)))
        .values(send_after=until)
        .execution_options(**QUIETLY)
    )


def end(
    session: Session, ids: Sequence[uuid.UUID], status: MessageStatus, reason: str, now: datetime
) -> None:
    """Cancel or expire texts that must not go out, from the queue or before the call."""
    session.execute(
        update(Message)
        .where(Message.id.in_(ids), Message.status.in_((S.QUEUED, S.SENDING)))
        .values(status=status, reason=reason, final_at=now)
        .execution_options(**QUIETLY)
    )


def release(session: Session, ids: Collection[uuid.UUID], token: str) -> int:
    """Put back texts that were not called after all; the try does not count."""
    return _put_back(session, Message.id.in_(ids), Message.claim == token)


def release_abandoned(session: Session, before: datetime, after: datetime) -> int:
    """Put back what a sender claimed and provably never launched.

    That is, claimed before an instant, or beyond `after` when the clock was set back. Should that sender
    come back to life, the token tells it that it lost them.
    """
    return _put_back(
        session,
        Message.claim.is_not(None),
        Message.launched_at.is_(None),
        or_(Message.claimed_at <= before, Message.claimed_at > after),
    )


def _put_back(session: Session, *which: Any) -> int:
    result = session.execute(
        update(Message)
        .where(Message.status == S.SENDING, *which)
        .values(status=S.QUEUED, claim=None, claimed_at=None, launched_at=None, attempts=Message.attempts - 1)
        .execution_options(**QUIETLY)
    )
    return cast("CursorResult[Any]", result).rowcount


def expire_overdue(session: Session, now: datetime, reason: str, limit: int) -> Sequence[int | None]:
    """Expire waiting texts that are of no more use; the prompt of each, or None."""
    late = (
        select(Message.id)
        .where(Message.status == S.QUEUED, Message.expires_at <= now)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(
        update(Message)
        .where(Message.id.in_(late.scalar_subquery()))
        .values(status=S.EXPIRED, reason=reason, final_at=now)
        .returning(Message.prompt_id)
        .execution_options(**QUIETLY)
    ).all()
