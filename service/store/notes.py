"""Notes of staff on a person."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.schema import StaffNote
from service.store.sealing import seal


def add(
    session: Session, participant_id: int, coordinator_id: int | None, body: str, now: datetime
) -> StaffNote:
    note = StaffNote(
        participant_id=participant_id,
        coordinator_id=coordinator_id,
        body_sealed=seal(session, body),
        created_at=now,
    )
    session.add(note)
    session.flush()
    return note


def of_person(session: Session, participant_id: int, limit: int) -> Sequence[StaffNote]:
    """Newest first, those that were erased too."""
    return session.scalars(
        select(StaffNote)
        .where(StaffNote.participant_id == participant_id)
        .order_by(StaffNote.id.desc())
        .limit(limit)
    ).all()
