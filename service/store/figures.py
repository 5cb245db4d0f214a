"""Counting for `/metrics`. An index or a window keeps every query small, whatever the size of the tables."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.domain.alerts import AlertStatus
from service.domain.message import MessageStatus
from service.store.schema import Alert, Message

UNFINISHED = (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNKNOWN)


@dataclass(frozen=True)
class SentFigures:
    """Texts of the last minute; segments (what a carrier bills) of the last hour."""

    texts_last_minute: int
    segments_last_hour: int


@dataclass(frozen=True)
class AlertFigures:
    count: int
    oldest: timedelta


def unfinished(session: Session) -> dict[str, int]:
    """How many texts are queued, being sent, or of unknown outcome."""
    return {
        status.value: session.scalar(
            select(func.count()).select_from(Message).where(Message.status == status)
        )
        or 0
        for status in UNFINISHED
    }


def written_since(session: Session, since: datetime) -> dict[str, int]:
    """Texts by status, of those written since and not erased: an index of its own leads to them."""
    rows = session.execute(
        select(Message.status, func.count())
        .where(Message.created_at >= since, Message.body_sealed.is_not(None))
        .group_by(Message.status)
    )
    return {status.value: count for status, count in rows}


def sent(session: Session, now: datetime) -> SentFigures:
    segments = select(func.coalesce(func.sum(Message.segments), 0))
    texts = select(func.count()).select_from(Message)
    return SentFigures(
        session.scalar(texts.where(Message.sent_at >= now - timedelta(minutes=1))) or 0,
        session.scalar(segments.where(Message.sent_at >= now - timedelta(hours=1))) or 0,
    )


def without_receipt(session: Session, since: datetime, before: datetime) -> int:
    """Texts that the gateway took in a window and has said nothing more about."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Message)
            .where(Message.sent_at > since, Message.sent_at <= before, Message.status == MessageStatus.SENT)
        )
        or 0
    )


def open_alerts(session: Session, now: datetime) -> dict[str, AlertFigures]:
    """By urgency: how many nobody has acknowledged, and how long the oldest has waited."""
    rows = session.execute(
        select(Alert.urgency, func.count(), func.min(Alert.opened_at))
        .where(Alert.status == AlertStatus.OPEN)
        .group_by(Alert.urgency)
    )
    return {urgency.value: AlertFigures(count, now - oldest) for urgency, count, oldest in rows}
