"""What coordinators must look at."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from service.domain.alerts import URGENCY, AlertKind, AlertStatus, Urgency
from service.store.schema import Alert, InboundMessage


def raise_alert(
    session: Session,
    kind: AlertKind,
    now: datetime,
    *,
    participant_id: int | None = None,
    inbound_id: int | None = None,
    message_id: uuid.UUID | None = None,
    detail: str | None = None,
    dedupe_key: str | None = None,
) -> Alert | None:
    """Open an alert; None when one with this `dedupe_key` was raised before."""
    if dedupe_key is not None and session.scalar(select(Alert.id).where(Alert.dedupe_key == dedupe_key)):
        return None
    alert = Alert(
        kind=kind,
        urgency=URGENCY[kind],
        status=AlertStatus.OPEN,
        participant_id=participant_id,
        inbound_id=inbound_id,
        message_id=message_id,
        detail=detail,
        dedupe_key=dedupe_key,
        opened_at=now,
    )
    session.add(alert)
    session.flush()
    return alert


def listed(
    session: Session,
    status: AlertStatus | None = None,
    participant_id: int | None = None,
    limit: int = 500,
    only: ColumnElement[bool] | None = None,
) -> Sequence[Alert]:
    """Most urgent first, then oldest first."""
    query = select(Alert).order_by(Alert.status.desc(), Alert.urgency, Alert.opened_at).limit(limit)
    if status is not None:
        query = query.where(Alert.status == status)
    if participant_id is not None:
        query = query.where(Alert.participant_id == participant_id)
    if only is not None:
        query = query.where(only)
    return session.scalars(query).all()


def taken_since(
    session: Session, kinds: Collection[AlertKind], since: datetime, only: ColumnElement[bool]
) -> Sequence[Alert]:
    """Acknowledged ones of these kinds, the latest first."""
    return session.scalars(
        select(Alert)
        .where(
            Alert.status == AlertStatus.ACKNOWLEDGED,
            Alert.kind.in_(kinds),
            Alert.acknowledged_at >= since,
            only,
        )
        .order_by(Alert.acknowledged_at.desc())
        .limit(20)
    ).all()


def count_open(
    session: Session, urgency: Urgency | None = None, only: ColumnElement[bool] | None = None
) -> int:
    query = select(func.count()).select_from(Alert).where(Alert.status == AlertStatus.OPEN)
    if urgency is not None:
        query = query.where(Alert.urgency == urgency)
    if only is not None:
        query = query.where(only)
    return session.scalar(query) or 0


def set_detail(session: Session, dedupe_key: str, detail: str) -> None:
    """Say more about an alert that was raised before."""
    alert = session.scalar(select(Alert).where(Alert.dedupe_key == dedupe_key))
    if alert is not None:
        alert.detail = detail


def has_open(session: Session, kind: AlertKind, participant_id: int | None) -> bool:
    return (
        session.scalar(
            select(Alert.id).where(
                Alert.kind == kind,
                Alert.participant_id == participant_id,
                Alert.status == AlertStatus.OPEN,
            )
        )
        is not None
    )


def has_open_about_text(session: Session, kinds: Collection[AlertKind], inbound_id: int) -> bool:
    return (
        session.scalar(
            select(Alert.id)
            .where(Alert.kind.in_(kinds), Alert.inbound_id == inbound_id, Alert.status == AlertStatus.OPEN)
            .limit(1)
        )
        is not None
    )


def has_open_from_number(session: Session, kind: AlertKind, phone_index: bytes) -> bool:
    """As `has_open`, for a number that belongs to no participant."""
    return (
        session.scalar(
            select(Alert.id)
            .join(InboundMessage, Alert.inbound_id == InboundMessage.id)
            .where(
                Alert.kind == kind,
                Alert.participant_id.is_(None),
                Alert.status == AlertStatus.OPEN,
                InboundMessage.phone_index == phone_index,
            )
            .limit(1)
        )
        is not None
    )
