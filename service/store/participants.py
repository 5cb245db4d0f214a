"""Participants and the ledger of their consent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, select
from sqlalchemy.orm import Session

from service.domain.alerts import AlertStatus
from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.message import MessageKind
from service.domain.selection import Needs, Selection
from service.store.schema import Alert, ConsentEvent, Message, Participant
from service.store.sealing import index_of, seal, seal_optional


def find_by_phone(session: Session, phone_number: str) -> Participant | None:
    return find_by_index(session, index_of(session, phone_number))


def find_by_index(session: Session, phone_index: bytes) -> Participant | None:
    return session.scalar(select(Participant).where(Participant.phone_index == phone_index))


def lock_by_phone(session: Session, phone_number: str) -> Participant | None:
    """As `find_by_phone` and `lock` in one."""
    return session.scalar(_LOCKED, {"phone": index_of(session, phone_number)})


_LOCKED = (
    select(Participant)
    .where(Participant.phone_index == bindparam("phone"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def lock(session: Session, participant_id: int) -> Participant | None:
    """The participant, held until the transaction ends, so that two texts of one person take turns.

    SQLite ignores the lock clause; there the whole transaction is alone already (BEGIN IMMEDIATE).
    """
    return session.scalar(
        select(Participant)
        .where(Participant.id == participant_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def add(
    session: Session,
    *,
    phone_number: str,
    name: str,
    language: str,
    timezone: str,
    consent: ConsentStatus,
    now: datetime,
) -> Participant:
    participant = Participant(
        phone_index=index_of(session, phone_number),
        phone_sealed=seal(session, phone_number),
        name_sealed=seal_optional(session, name),
        language=language,
        timezone=timezone,
        consent=consent,
        consent_changed_at=now,
        created_at=now,
    )
    session.add(participant)
    session.flush()
    return participant


def record_consent(
    session: Session,
    participant: Participant,
    status: ConsentStatus,
    source: ConsentSource,
    now: datetime,
    *,
    wording: str | None = None,
    wording_version: str | None = None,
    inbound_id: int | None = None,
    coordinator_id: int | None = None,
    note: str | None = None,
) -> ConsentEvent:
    """Move a participant's consent and write the ledger line that proves it, together."""
    participant.consent = status
    participant.consent_changed_at = now
    event = ConsentEvent(
        participant_id=participant.id,
        status=status,
        source=source,
        at=now,
        wording=wording,
        wording_version=wording_version,
        inbound_id=inbound_id,
        coordinator_id=coordinator_id,
        note_sealed=seal_optional(session, note),
    )
    session.add(event)
    session.flush()
    return event


def consent_history(session: Session, participant_id: int) -> Sequence[ConsentEvent]:
    return session.scalars(
        select(ConsentEvent).where(ConsentEvent.participant_id == participant_id).order_by(ConsentEvent.id)
    ).all()


def with_lapsed_invitation(session: Session, now: datetime) -> Participant | None:
    return session.scalar(
        select(Participant)
        .where(Participant.invitation_lapses_at <= now)
        .order_by(Participant.invitation_lapses_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def chosen(selection: Selection) -> Select[Any]:
    """Those of a selection, without whoever was erased. The caller orders and limits them."""
    query = select(Participant).where(Participant.erased_at.is_(None))
    if selection.consent is not None:
        query = query.where(Participant.consent == selection.consent)
    if selection.language is not None:
        query = query.where(Participant.language == selection.language)
    if selection.needs is not None:
        query = query.where(Participant.id.in_(_who_needs(selection.needs)))
    return query


def _who_needs(needs: Needs) -> Select[Any]:
    """Found from the open alerts, of which there are few, not from all people."""
    query = select(Alert.participant_id).where(
        Alert.status == AlertStatus.OPEN, Alert.participant_id.is_not(None)
    )
    if needs is Needs.ANSWER:
        by_hand = exists().where(
            Message.participant_id == Alert.participant_id,
            Message.kind == MessageKind.MANUAL,
            Message.created_at >= Alert.opened_at,
        )
        query = query.where(Alert.inbound_id.is_not(None), ~by_hand)
    return query


def next_lapse_at(session: Session) -> datetime | None:
    return session.scalar(select(func.min(Participant.invitation_lapses_at)))
