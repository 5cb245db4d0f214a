"""What happened with one person besides texts: each source newest first, before an instant, up to a limit."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.schema import Alert, AuditEntry, ConsentEvent, Schedule

CHANGES = (
    "schedule.added",
    "schedule.ended",
    "schedule.restarted",
    "participant.edited",
    "participant.handed_over",
    "participant.paused",
    "participant.resumed",
)
"""Of the audit trail, what colleagues want to see between the texts. Consent has a ledger of its own."""


def alerts_of(session: Session, participant_id: int, before: datetime | None, limit: int) -> Sequence[Alert]:
    query = select(Alert).where(Alert.participant_id == participant_id)
    if before is not None:
        query = query.where(Alert.opened_at < before)
    return session.scalars(query.order_by(Alert.opened_at.desc(), Alert.id.desc()).limit(limit)).all()


def consent_of(
    session: Session, participant_id: int, before: datetime | None, limit: int
) -> Sequence[ConsentEvent]:
    query = select(ConsentEvent).where(ConsentEvent.participant_id == participant_id)
    if before is not None:
        query = query.where(ConsentEvent.at < before)
    return session.scalars(query.order_by(ConsentEvent.at.desc(), ConsentEvent.id.desc()).limit(limit)).all()


def changes_of(
    session: Session, participant_id: int, before: datetime | None, limit: int
) -> Sequence[AuditEntry]:
    query = select(AuditEntry).where(
        AuditEntry.participant_id == participant_id, AuditEntry.action.in_(CHANGES)
    )
    if before is not None:
        query = query.where(AuditEntry.at < before)
    return session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)).all()


def schedules_of(session: Session, participant_id: int, ids: Collection[int]) -> Sequence[Schedule]:
    return session.scalars(
        select(Schedule).where(Schedule.participant_id == participant_id, Schedule.id.in_(ids))
    ).all()
