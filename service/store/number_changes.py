"""Changes of people's numbers. All of them stay, as proof of what was asked and answered."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from service.domain.moving import NumberChangeStatus
from service.store.schema import NumberChange, Participant
from service.store.sealing import index_of, seal, seal_optional


def add(
    session: Session,
    participant: Participant,
    new_number: str,
    now: datetime,
    *,
    lapses_at: datetime,
    message_id: uuid.UUID,
    wording: str,
    wording_version: str,
    asked_by: int | None,
    note: str,
) -> NumberChange:
    """Note that a number was asked for its YES. The caller holds the person and has settled what lapsed."""
    change = NumberChange(
        participant_id=participant.id,
        status=NumberChangeStatus.ASKED,
        new_index=index_of(session, new_number),
        new_sealed=seal(session, new_number),
        old_index=participant.phone_index,
        old_sealed=seal(session, participant.phone),
        note_sealed=seal_optional(session, note),
        wording=wording,
        wording_version=wording_version,
        message_id=message_id,
        asked_at=now,
        asked_by=asked_by,
        lapses_at=lapses_at,
    )
    session.add(change)
    session.flush()
    return change


def history(session: Session, participant_id: int) -> Sequence[NumberChange]:
    """Every change of a person's number, oldest first."""
    return session.scalars(
        select(NumberChange)
        .where(NumberChange.participant_id == participant_id)
        .order_by(NumberChange.id)
        .execution_options(populate_existing=True)
    ).all()


def newest(session: Session, participant_id: int) -> NumberChange | None:
    return session.scalar(
        select(NumberChange)
        .where(NumberChange.participant_id == participant_id)
        .order_by(NumberChange.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def open_of(session: Session, participant_id: int, now: datetime) -> NumberChange | None:
    """The change that waits for its YES, if it has not lapsed."""
    found = newest(session, participant_id)
    if found is None or found.status is not NumberChangeStatus.ASKED or found.lapses_at <= now:
        return None
    return found


def awaited_from(session: Session, phone_index: bytes, now: datetime) -> NumberChange | None:
    """The change that waits for this number's YES, as it is right now."""
    return session.scalar(
        select(NumberChange)
        .where(
            NumberChange.new_index == phone_index,
            NumberChange.status == NumberChangeStatus.ASKED,
            NumberChange.lapses_at > now,
        )
        .execution_options(populate_existing=True)
    )


def has_refused(session: Session, phone_index: bytes) -> bool:
    """True when this phone has said that it is not the person's: it is not asked again."""
    return (
        session.scalar(
            select(NumberChange.id)
            .where(NumberChange.new_index == phone_index, NumberChange.status == NumberChangeStatus.REFUSED)
            .limit(1)
        )
        is not None
    )


def settle_lapsed(session: Session, participant_id: int, phone_index: bytes, now: datetime) -> None:
    """Close what was never answered, of a person or of a number, so that it can be asked anew."""
    for change in session.scalars(
        select(NumberChange).where(
            NumberChange.status == NumberChangeStatus.ASKED,
            NumberChange.lapses_at <= now,
            or_(NumberChange.participant_id == participant_id, NumberChange.new_index == phone_index),
        )
    ):
        change.status, change.settled_at = NumberChangeStatus.LAPSED, change.lapses_at
    session.flush()


def close_open(
    session: Session,
    participant_id: int,
    status: NumberChangeStatus,
    now: datetime,
    settled_by: int | None = None,
) -> Sequence[uuid.UUID]:
    """End what waits for a YES; the ids of the texts that asked."""
    found = session.scalars(
        select(NumberChange)
        .where(NumberChange.participant_id == participant_id, NumberChange.status == NumberChangeStatus.ASKED)
        .execution_options(populate_existing=True)
    ).all()
    for change in found:
        change.status, change.settled_at, change.settled_by = status, now, settled_by
    session.flush()
    return [change.message_id for change in found]


def left_behind(session: Session) -> Sequence[tuple[datetime, bytes]]:
    """When which number ceased to be somebody's, as far as it is known by its hash."""
    rows = session.execute(
        select(NumberChange.settled_at, NumberChange.old_index)
        .join(Participant, Participant.id == NumberChange.participant_id)
        .where(
            NumberChange.status == NumberChangeStatus.CONFIRMED,
            and_(NumberChange.settled_at.is_not(None), Participant.erased_at.is_(None)),
        )
    )
    return [(at, index) for at, index in rows if at is not None]
