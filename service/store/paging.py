"""Pages about alerts: what is due, what failed, what has ended."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind, AlertStatus
from service.domain.message import MessageStatus
from service.domain.paging import PAGED
from service.store.schema import Alert, InboundMessage, Message, Page, Paging

NOT_ARRIVED = (
    MessageStatus.FAILED,
    MessageStatus.UNDELIVERED,
    MessageStatus.EXPIRED,
    MessageStatus.UNKNOWN,  # it may have; nobody should wait to find out
)


TAKEN = "somebody has taken the alert"


def unpaged_alert(session: Session, since: datetime) -> Alert | None:
    """An open alert that calls for pages and has none yet, held until the transaction ends."""
    alert = session.scalar(
        select(Alert)
        .where(
            Alert.status == AlertStatus.OPEN,
            Alert.kind.in_(PAGED),
            Alert.opened_at > since,
            ~exists().where(Paging.alert_id == Alert.id),
        )
        .order_by(Alert.opened_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    # Whoever held it until just now may have begun its paging, which the query above could not see.
    if alert is not None and session.get(Paging, alert.id, populate_existing=True) is not None:
        return None
    return alert


def due(session: Session, now: datetime) -> Paging | None:
    return session.scalar(
        select(Paging)
        .where(Paging.next_at <= now)
        .order_by(Paging.next_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def next_at(session: Session) -> datetime | None:
    return session.scalar(select(func.min(Paging.next_at)))


def unheard(session: Session, since: datetime) -> Paging | None:
    """One that began since then and waits for anybody who can be paged."""
    return session.scalar(
        select(Paging)
        .where(_waits(since))
        .order_by(Paging.alert_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def failed_page(session: Session) -> Page | None:
    """A page that did not arrive, of an alert that nobody has taken, not dealt with yet."""
    return session.scalar(
        select(Page)
        .join(Paging, Paging.alert_id == Page.alert_id)
        .join(Message, Message.id == Page.message_id)
        .where(Page.is_watched, Paging.ended_at.is_(None), Message.status.in_(NOT_ARRIVED))
        .order_by(Page.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Page)
    )


def lock(session: Session, alert_id: int) -> Paging | None:
    return session.get(Paging, alert_id, with_for_update=True, populate_existing=True)


def arrived_at(session: Session, paging: Paging, step: int | None = None) -> datetime | None:
    """When the newest page was written that has arrived or still may; None: not one, of a step or of all."""
    query = (
        select(func.max(Page.at))
        .join(Message, Message.id == Page.message_id)
        .where(
            Page.alert_id == paging.alert_id,
            Page.at >= paging.started_at,
            Message.status.not_in(NOT_ARRIVED),
        )
    )
    return session.scalar(query if step is None else query.where(Page.step == step))


def codes_in_use(session: Session) -> set[str]:
    return set(session.scalars(select(Paging.code).where(Paging.ended_at.is_(None))))


def has_work(session: Session, now: datetime, since: datetime) -> bool:
    """True when anything below could be due, or waits for somebody who can be paged."""
    unpaged = exists().where(
        Alert.status == AlertStatus.OPEN,
        Alert.kind.in_(PAGED),
        Alert.opened_at > since,
        ~exists().where(Paging.alert_id == Alert.id),
    )
    due = exists().where(or_(Paging.next_at <= now, _waits(since)))
    failed = exists().where(
        Page.is_watched,
        Paging.alert_id == Page.alert_id,
        Paging.ended_at.is_(None),
        Message.id == Page.message_id,
        Message.status.in_(NOT_ARRIVED),
    )
    return bool(session.scalar(select(or_(unpaged, due, failed))))


def open_ones(session: Session) -> Sequence[Paging]:
    """Those whose alert nobody has taken, the oldest first."""
    return session.scalars(
        select(Paging)
        .join(Alert, Alert.id == Paging.alert_id)
        .where(Paging.ended_at.is_(None), Alert.status == AlertStatus.OPEN)
        .order_by(Paging.alert_id)
    ).all()


def newest_with_code(session: Session, code: str) -> Paging | None:
    return session.scalar(select(Paging).where(Paging.code == code).order_by(Paging.alert_id.desc()).limit(1))


def pages_of(session: Session, alert_ids: Sequence[int]) -> Sequence[Page]:
    return session.scalars(select(Page).where(Page.alert_id.in_(alert_ids)).order_by(Page.id)).all()


def of_alerts(session: Session, alert_ids: Sequence[int]) -> Sequence[Paging]:
    return session.scalars(select(Paging).where(Paging.alert_id.in_(alert_ids))).all()


def page_of_message(session: Session, message_id: uuid.UUID) -> Page | None:
    return session.scalar(select(Page).where(Page.message_id == message_id))


def was_paged(session: Session, alert_id: int, coordinator_id: int) -> bool:
    return bool(
        session.scalar(
            select(exists().where(Page.alert_id == alert_id, Page.coordinator_id == coordinator_id))
        )
    )


def silent_about(
    session: Session, kind: AlertKind, participant_id: int | None, phone_index: bytes
) -> Paging | None:
    """The paging of an open alert about somebody, if its time was up before anybody took it."""
    query = (
        select(Paging)
        .join(Alert, Alert.id == Paging.alert_id)
        .where(
            Alert.kind == kind,
            Alert.status == AlertStatus.OPEN,
            Paging.ended_at.is_(None),
            Paging.next_at.is_(None),
            ~Paging.is_unheard,
        )
        .limit(1)
    )
    if participant_id is not None:
        return session.scalar(query.where(Alert.participant_id == participant_id))
    came = query.join(InboundMessage, InboundMessage.id == Alert.inbound_id)
    return session.scalar(
        came.where(Alert.participant_id.is_(None), InboundMessage.phone_index == phone_index)
    )


def end(session: Session, alert_id: int, now: datetime) -> None:
    """Nobody is paged about this alert any more; pages that still wait are withdrawn.

    In this order: whoever is taking a step right now holds the paging, and has written its page by the
    time we get past the first statement.
    """
    session.execute(
        update(Paging)
        .where(Paging.alert_id == alert_id, Paging.ended_at.is_(None))
        .values(ended_at=now, next_at=None, is_unheard=False)
        .execution_options(synchronize_session="fetch")
    )
    session.execute(
        update(Message)
        .where(
            Message.id.in_(select(Page.message_id).where(Page.alert_id == alert_id)),
            Message.status == MessageStatus.QUEUED,
        )
        .values(status=MessageStatus.CANCELLED, reason=TAKEN, final_at=now)
        .execution_options(synchronize_session="fetch")
    )


def _waits(since: datetime) -> ColumnElement[bool]:
    return and_(Paging.is_unheard, Paging.ended_at.is_(None), Paging.started_at > since)
