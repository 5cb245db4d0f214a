"""Texts coming in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.domain.consent import ConsentStatus
from service.store.schema import InboundMessage, Message, Participant
from service.store.sealing import hash_of_sid, hash_of_text, index_of, seal


def find(session: Session, gateway_sid: str) -> InboundMessage | None:
    """The text with this id, also when only a hash of the id is left because the person was erased."""
    stored = (gateway_sid, hash_of_sid(session, gateway_sid))
    return session.scalar(select(InboundMessage).where(InboundMessage.gateway_sid.in_(stored)))


def add(
    session: Session,
    *,
    gateway_sid: str,
    participant_id: int | None,
    phone_number: str,
    body: str,
    folded: str,
    media_count: int,
    now: datetime,
) -> InboundMessage:
    """Write a text down. Its unique `gateway_sid` makes a second delivery fail on flush (IntegrityError)."""
    inbound = InboundMessage(
        gateway_sid=gateway_sid,
        participant_id=participant_id,
        phone_index=index_of(session, phone_number),
        phone_sealed=seal(session, phone_number),
        body_sealed=seal(session, body),
        body_hash=hash_of_text(session, folded),
        media_count=media_count,
        received_at=now,
    )
    session.add(inbound)
    session.flush()
    return inbound


def reply_to(session: Session, inbound_id: int) -> Message | None:
    return session.scalar(select(Message).where(Message.in_reply_to == inbound_id))


def count_since(session: Session, phone_index: bytes, since: datetime) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(InboundMessage)
            .where(InboundMessage.phone_index == phone_index, InboundMessage.received_at >= since)
        )
        or 0
    )


def count_same_since(session: Session, inbound: InboundMessage, since: datetime) -> int:
    """How often this phone said exactly this (folded) since an instant, this time included."""
    return (
        session.scalar(
            select(func.count())
            .select_from(InboundMessage)
            .where(
                InboundMessage.phone_index == inbound.phone_index,
                InboundMessage.received_at >= since,
                InboundMessage.body_hash == inbound.body_hash,
            )
        )
        or 0
    )


def replies_since(session: Session, phone_index: bytes, since: datetime) -> int:
    """How many automatic replies a phone was given since an instant."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Message)
            .join(InboundMessage, Message.in_reply_to == InboundMessage.id)
            .where(InboundMessage.phone_index == phone_index, Message.created_at >= since)
        )
        or 0
    )


def of_person(session: Session, inbound_id: int, participant_id: int) -> InboundMessage | None:
    """The text, if it is this person's."""
    return session.scalar(
        select(InboundMessage).where(
            InboundMessage.id == inbound_id, InboundMessage.participant_id == participant_id
        )
    )


def marked_of_opted_in(session: Session) -> Sequence[tuple[InboundMessage, Participant]]:
    """Texts that staff have marked and that still have words, of people who get texts."""
    rows = session.execute(
        select(InboundMessage, Participant)
        .join(Participant, InboundMessage.participant_id == Participant.id)
        .where(
            InboundMessage.marked_label.is_not(None),
            InboundMessage.body_sealed.is_not(None),
            Participant.consent == ConsentStatus.OPTED_IN,
        )
        .order_by(InboundMessage.id)
    )
    return [(inbound, person) for inbound, person in rows]


def of_participant(session: Session, participant_id: int) -> Sequence[InboundMessage]:
    return session.scalars(
        select(InboundMessage)
        .where(InboundMessage.participant_id == participant_id)
        .order_by(InboundMessage.id)
    ).all()
