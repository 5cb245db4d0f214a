"""The ledger of consent across people, and those who have not answered their invitation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_
from sqlalchemy.orm import Session

from service.domain.caseload import Sight
from service.domain.consent import ConsentStatus
from service.domain.selection import Sought
from service.store import caseloads
from service.store.schema import ConsentEvent, Coordinator, InboundMessage, Participant


def events(
    session: Session, sought: Sought, sight: Sight | None, limit: int, after_id: int | None = None
) -> Sequence[Row[ConsentEvent, Participant, str | None]]:
    """(event, person, label of the text that moved it), the newest first, after the event `after_id`."""
    query = (
        select(ConsentEvent, Participant, InboundMessage.label)
        .join(Participant, Participant.id == ConsentEvent.participant_id)
        .outerjoin(InboundMessage, InboundMessage.id == ConsentEvent.inbound_id)
        .where(*_conditions(sought), caseloads.may_see(sight))
        .order_by(ConsentEvent.at.desc(), ConsentEvent.id.desc())
    )
    last = session.get(ConsentEvent, after_id) if after_id is not None else None
    if last is not None:
        query = query.where(tuple_(ConsentEvent.at, ConsentEvent.id) < tuple_(last.at, last.id))
    return session.execute(query.limit(limit)).all()


def staff_names(session: Session, ids: set[int]) -> dict[int, str]:
    return {row.id: row.name for row in session.scalars(select(Coordinator).where(Coordinator.id.in_(ids)))}


def waiting(
    session: Session, sight: Sight | None, limit: int, after_id: int | None = None
) -> Sequence[Participant]:
    """Invited and without an answer, the longest waiting first, after the person `after_id`."""
    query = _waiting(select(Participant), sight).order_by(Participant.invitation_lapses_at, Participant.id)
    last = session.get(Participant, after_id) if after_id is not None else None
    if last is not None and last.invitation_lapses_at is not None:
        place = tuple_(last.invitation_lapses_at, last.id)
        query = query.where(tuple_(Participant.invitation_lapses_at, Participant.id) > place)
    return session.scalars(query.limit(limit)).all()


def count_waiting(session: Session, sight: Sight | None, invited_before: datetime | None = None) -> int:
    query = _waiting(select(func.count(Participant.id)), sight)
    if invited_before is not None:
        query = query.where(Participant.consent_changed_at < invited_before)
    return session.scalar(query) or 0


def lately_lapsed(
    session: Session, sight: Sight | None, since: datetime, limit: int
) -> Sequence[Participant]:
    """Whose invitation ran out since then and who has not been invited again; the newest first."""
    query = (
        select(Participant)
        .join(ConsentEvent, ConsentEvent.participant_id == Participant.id)
        .where(
            ConsentEvent.status == ConsentStatus.LAPSED,
            ConsentEvent.at >= since,
            ConsentEvent.at == Participant.consent_changed_at,
            Participant.consent == ConsentStatus.LAPSED,
            Participant.erased_at.is_(None),
            caseloads.may_see(sight),
        )
        .order_by(ConsentEvent.at.desc(), ConsentEvent.id.desc())
    )
    return session.scalars(query.limit(limit)).all()


def last_invitation(session: Session, participant_id: int) -> ConsentEvent | None:
    return session.scalar(
        select(ConsentEvent)
        .where(
            ConsentEvent.participant_id == participant_id,
            ConsentEvent.status == ConsentStatus.INVITED,
        )
        .order_by(ConsentEvent.id.desc())
        .limit(1)
    )


def _waiting(query: Select[Any], sight: Sight | None) -> Select[Any]:
    return query.where(
        Participant.invitation_lapses_at.is_not(None),
        Participant.consent == ConsentStatus.INVITED,
        caseloads.may_see(sight),
    )


def _conditions(sought: Sought) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sought.status is not None:
        found.append(ConsentEvent.status == sought.status)
    if sought.source is not None:
        found.append(ConsentEvent.source == sought.source)
    if sought.start is not None:
        found.append(ConsentEvent.at >= sought.start)
    if sought.end is not None:
        found.append(ConsentEvent.at < sought.end)
    return found
