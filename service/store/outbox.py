"""Texts going out. Every change of status is a conditional update: it says from where it may come."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Update, and_, case, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from service.domain.message import FINAL, MessageKind, MessageStatus, sources_of
from service.domain.segments import count_segments
from service.store import watch
from service.store.schema import DeliveryEvent, Message
from service.store.sealing import hash_of_sid, seal


def row(
    session: Session,
    *,
    kind: MessageKind,
    body: str,
    now: datetime,
    send_after: datetime,
    expires_at: datetime,
    status: MessageStatus = MessageStatus.QUEUED,
    to_unknown: str | None = None,
    **columns: Any,
) -> dict[str, Any]:
    """A text to be written, as columns of `Message`. `columns` are further ones by name."""
    return {
        "kind": kind,
        "status": status,
        "body_sealed": seal(session, body),
        "to_sealed": seal(session, to_unknown) if to_unknown else None,
        "segments": count_segments(body).segments,
        "created_at": now,
        "send_after": send_after,
        "expires_at": expires_at,
        "final_at": now if status in FINAL else None,
        **columns,
    }


def add(session: Session, **columns: Any) -> Message:
    """Write a text down before anything is sent. `columns` as `row` takes them."""
    message = Message(**row(session, **columns))
    session.add(message)
    session.flush()
    if message.status is MessageStatus.QUEUED:
        watch.tell(session)
    return message


def add_all(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write many at once; each has the same columns."""
    if not rows:
        return
    session.execute(insert(Message), rows)
    if any(each["status"] is MessageStatus.QUEUED for each in rows):
        watch.tell(session)


def is_said(session: Session, dedupe_key: str) -> bool:
    return bool(said_of(session, [dedupe_key]))


def said_of(session: Session, dedupe_keys: Collection[str]) -> set[str]:
    """Those of the keys under which something was written already."""
    query = select(Message.dedupe_key).where(Message.dedupe_key.in_(dedupe_keys))
    return {key for key in session.scalars(query) if key is not None}


def move(
    session: Session,
    message_id: uuid.UUID,
    to: MessageStatus,
    *,
    only_from: MessageStatus | None = None,
    **columns: Any,
) -> bool:
    """Move a message along an allowed edge; False when it was not where the edge starts."""
    starts = {only_from} if only_from else sources_of(to)
    result = session.execute(
        update(Message)
        .where(Message.id == message_id, Message.status.in_(starts))
        .values(status=to, **columns)
        .execution_options(synchronize_session="fetch")
    )
    return cast("CursorResult[Any]", result).rowcount == 1


def cancel_queued(
    session: Session,
    participant_id: int,
    now: datetime,
    reason: str,
    *,
    kinds: Iterable[MessageKind] | None = None,
    schedule_id: int | None = None,
) -> int:
    """Withdraw what is still waiting, and what a sender holds but has not launched.

    What is already with the gateway cannot be called back, but it will not be sent a second time.
    """
    query = update(Message).where(Message.participant_id == participant_id)
    if kinds is not None:
        query = query.where(Message.kind.in_(tuple(kinds)))
    if schedule_id is not None:
        query = query.where(Message.schedule_id == schedule_id)
    return _withdraw(session, query, now, reason)


def cancel_prompt(session: Session, prompt_id: int, now: datetime, reason: str) -> None:
    """Withdraw what would ask a question again."""
    _withdraw(session, update(Message).where(Message.prompt_id == prompt_id), now, reason)


def cancel(session: Session, message_id: uuid.UUID, now: datetime, reason: str) -> None:
    """Withdraw one text, if it still waits or is in hand and not launched."""
    _withdraw(session, update(Message).where(Message.id == message_id), now, reason)


def keep_from_going_again(session: Session, participant_id: int, reason: str) -> None:
    """What is in a sender's hands, or of unknown outcome, is not sent from there; what waits still is."""
    session.execute(
        update(Message)
        .where(
            Message.participant_id == participant_id,
            Message.status.in_((MessageStatus.SENDING, MessageStatus.UNKNOWN)),
        )
        .values(withdrawn=reason)
        .execution_options(synchronize_session="fetch")
    )


def bring_forward(
    session: Session, participant_id: int, kinds: Iterable[MessageKind], since: datetime, now: datetime
) -> None:
    """Let go now what waits until exactly `since`."""
    session.execute(
        update(Message)
        .where(
            Message.participant_id == participant_id,
            Message.kind.in_(tuple(kinds)),
            Message.status == MessageStatus.QUEUED,
            Message.send_after == since,
        )
        .values(send_after=now)
        .execution_options(synchronize_session="fetch")
    )
    watch.tell(session)


def _withdraw(session: Session, query: Update, now: datetime, reason: str) -> int:
    """Cancel rows that wait; mark those in a sender's hands, who looks at the mark before each launch."""
    waits = Message.status == MessageStatus.QUEUED
    result = session.execute(
        query.where(Message.status.in_((MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNKNOWN)))
        .values(
            status=case((waits, literal(MessageStatus.CANCELLED, Message.status.type)), else_=Message.status),
            reason=case((waits, reason), else_=Message.reason),
            final_at=case((waits, literal(now, Message.final_at.type)), else_=Message.final_at),
            withdrawn=reason,
        )
        .execution_options(synchronize_session="fetch")
    )
    return cast("CursorResult[Any]", result).rowcount


def cancel_due(session: Session, now: datetime, reason: str) -> int:
    """Withdraw whatever was due by now, whoever it is for, also what was claimed and not launched."""
    in_hand = and_(
        Message.status == MessageStatus.SENDING, Message.claim.is_not(None), Message.launched_at.is_(None)
    )
    result = session.execute(
        update(Message)
        .where(or_(and_(Message.status == MessageStatus.QUEUED, Message.send_after <= now), in_hand))
        .values(status=MessageStatus.CANCELLED, reason=reason, final_at=now)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount


def count_since(session: Session, participant_id: int, since: datetime) -> int:
    """How many texts a person was sent, or is about to be, since an instant; withdrawn ones do not count."""
    return counts_since(session, {participant_id: since})[participant_id]


def counts_since(session: Session, since: Mapping[int, datetime]) -> Counter[int]:
    """The same for many people, each since an instant of their own."""
    if not since:
        return Counter()
    written = session.execute(
        select(Message.participant_id, Message.created_at).where(
            Message.participant_id.in_(since),
            Message.created_at >= min(since.values()),
            Message.status.not_in((MessageStatus.CANCELLED, MessageStatus.EXPIRED)),
        )
    )
    return Counter(person for person, at in written if person is not None and at >= since[person])


def by_hand_since(session: Session, participant_id: int, since: datetime | None) -> Sequence[Message]:
    """What staff wrote to a person after an instant, newest first; without one, the newest."""
    query = select(Message).where(
        Message.participant_id == participant_id, Message.kind == MessageKind.MANUAL
    )
    if since is not None:
        query = query.where(Message.created_at > since)
    return session.scalars(query.order_by(Message.created_at.desc()).limit(1 if since is None else 20)).all()


def stuck_since(session: Session, before: datetime, after: datetime) -> Message | None:
    """A text whose sender never said what became of it.

    That is, claimed before an instant, or beyond `after` when the clock was set back.
    """
    return session.scalar(
        select(Message)
        .where(
            Message.status == MessageStatus.SENDING,
            or_(Message.claimed_at <= before, Message.claimed_at > after),
        )
        .order_by(Message.claimed_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def unknown_to_look_up(session: Session, since: datetime, now: datetime) -> Sequence[Message]:
    """Some texts of unknown outcome, claimed since an instant, whose turn to be looked up has come."""
    return session.scalars(
        select(Message)
        .where(
            Message.status == MessageStatus.UNKNOWN,
            Message.claimed_at > since,
            or_(Message.look_up_at.is_(None), Message.look_up_at <= now),
        )
        .order_by(Message.look_up_at.nulls_first(), Message.claimed_at)
        .limit(50)
    ).all()


def with_sid(session: Session, gateway_sid: str) -> Message | None:
    """The text with this id, also when only a hash of the id is left because the person was erased."""
    stored = (gateway_sid, hash_of_sid(session, gateway_sid))
    return session.scalar(select(Message).where(Message.gateway_sid.in_(stored)))


def queued_for(session: Session, participant_id: int) -> Sequence[Message]:
    return session.scalars(
        select(Message)
        .where(Message.participant_id == participant_id, Message.status == MessageStatus.QUEUED)
        .order_by(Message.send_after)
    ).all()


def newest_guidance(session: Session, participant_id: int, since: datetime) -> Message | None:
    """The last piece of guidance that a person was sent, for MORE."""
    return session.scalar(
        select(Message)
        .where(
            Message.participant_id == participant_id,
            Message.topic.is_not(None),
            Message.created_at >= since,
        )
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(1)
    )


def has_said_since(session: Session, participant_id: int, key: str, since: datetime) -> bool:
    """True when a person was sent the fixed text `key` at or after an instant."""
    return (
        session.scalar(
            select(Message.id)
            .where(
                Message.participant_id == participant_id,
                Message.words.startswith(f"{key}@", autoescape=True),
                Message.created_at >= since,
            )
            .limit(1)
        )
        is not None
    )


def add_event(
    session: Session,
    *,
    message_id: uuid.UUID | None,
    gateway_sid: str,
    raw_status: str,
    error_code: int | None,
    has_moved: bool,
    now: datetime,
) -> None:
    session.add(
        DeliveryEvent(
            message_id=message_id,
            gateway_sid=gateway_sid,
            raw_status=raw_status,
            error_code=error_code,
            has_moved=has_moved,
            received_at=now,
        )
    )


def next_due_at(session: Session, after: datetime) -> datetime | None:
    """When the first text falls due that is not due by `after`."""
    return session.scalar(
        select(func.min(Message.send_after)).where(
            Message.status == MessageStatus.QUEUED, Message.send_after > after
        )
    )


SETTLED_WITHIN = timedelta(hours=72)
"""How long an unknown outcome is worth asking about."""
