"""Texts coming in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ScalarSelect,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from service.domain.consent import ConsentStatus
from service.domain.message import MessageKind, MessageStatus
from service.store import marks
from service.store.schema import InboundMessage, Message, Participant, ServiceMark
from service.store.sealing import hash_of_sid, hash_of_text, index_of, seal
from service.store.types import UtcDateTime


def find(session: Session, gateway_sid: str) -> InboundMessage | None:
    """The text with this id, also when only a hash of the id is left because the person was erased."""
    stored = {"sid": gateway_sid, "hashed": hash_of_sid(session, gateway_sid)}
    # Nearly always there is none, and that costs less to find out without the ORM.
    known = session.connection().scalar(_WITH_SID, stored)
    return session.get(InboundMessage, known) if known is not None else None


_WITH_SID = select(InboundMessage.id).where(
    or_(
        InboundMessage.gateway_sid == bindparam("sid"),
        InboundMessage.gateway_sid == bindparam("hashed"),
    )
)


def add(
    session: Session,
    *,
    gateway_sid: str,
    participant_id: int | None,
    phone_number: str,
    body: str,
    folded: str,
    media_count: int,
    received_at: datetime,
    **columns: Any,
) -> InboundMessage:
    """Write a text down. Its unique `gateway_sid` makes a second delivery fail on flush (IntegrityError).

    `columns` are further columns of `InboundMessage` by name.
    """
    inbound = InboundMessage(
        gateway_sid=gateway_sid,
        participant_id=participant_id,
        phone_index=index_of(session, phone_number),
        phone_sealed=seal(session, phone_number),
        body_sealed=seal(session, body),
        body_hash=hash_of_text(session, folded),
        media_count=media_count,
        received_at=received_at,
        **columns,
    )
    session.add(inbound)
    session.flush()
    return inbound


def reply_to(session: Session, inbound_id: int) -> Message | None:
    return session.scalar(select(Message).where(Message.in_reply_to == inbound_id))


@dataclass(frozen=True)
class Since:
    """From when on each thing is counted."""

    same: datetime
    replies: datetime
    day: datetime
    safety: datetime


@dataclass(frozen=True)
class Lately:
    """What was said by and to one phone of late.

    `same`: how often it said exactly this (folded), this time included. `replies`: automatic replies to it.
    `to_person`: texts of any kind to the person. `safety_in_full`, `safety_lines`: safety replies, and those
    that were the one line in their place.
    """

    same: int
    replies: int
    to_person: int
    safety_in_full: int
    safety_lines: int
    is_awaiting_replay: bool


def lately(
    session: Session, inbound: InboundMessage, participant_id: int | None, since: Since, safety_line: str
) -> Lately:
    """All of it in one statement, because every text that is answered needs it."""
    row = session.connection().execute(
        _LATELY,
        {
            "phone": inbound.phone_index,
            "words": inbound.body_hash,
            "person": participant_id,
            "same_since": since.same,
            "replies_since": since.replies,
            "heard_since": since.replies - LONGEST_WAIT_FOR_A_REPLY,
            "day_since": since.day,
            "safety_since": since.safety,
            "line": safety_line + "@%",
        },
    )
    return Lately(*row.one())


LONGEST_WAIT_FOR_A_REPLY = timedelta(days=1)
"""A text that was found late is answered by then, or not at all."""


def _at(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=UtcDateTime())


def _replies(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(Message)
        .join(InboundMessage, Message.in_reply_to == InboundMessage.id)
        .where(
            InboundMessage.phone_index == bindparam("phone"),
            InboundMessage.received_at >= _at("heard_since"),
            *conditions,
        )
        .scalar_subquery()
    )


_IS_RECENT_SAFETY = and_(Message.kind == MessageKind.SAFETY, Message.created_at >= _at("safety_since"))
_IS_LINE = Message.words.like(bindparam("line"))
_LATELY = select(
    select(func.count())
    .select_from(InboundMessage)
    .where(
        InboundMessage.phone_index == bindparam("phone"),
        InboundMessage.received_at >= _at("same_since"),
        InboundMessage.body_hash == bindparam("words"),
    )
    .scalar_subquery(),
    _replies(Message.created_at >= _at("replies_since")),
    select(func.count())
    .select_from(Message)
    .where(
        Message.participant_id == bindparam("person"),
        Message.created_at >= _at("day_since"),
        Message.status.not_in((MessageStatus.CANCELLED, MessageStatus.EXPIRED)),
    )
    .scalar_subquery(),
    _replies(_IS_RECENT_SAFETY, ~_IS_LINE),
    _replies(_IS_RECENT_SAFETY, _IS_LINE),
    exists().where(ServiceMark.name == marks.AWAITING_REPLAY),
)


def has_later(session: Session, inbound: InboundMessage) -> bool:
    """True when the same phone has texted again since."""
    later = select(InboundMessage.id).where(
        InboundMessage.phone_index == inbound.phone_index, InboundMessage.received_at > inbound.received_at
    )
    return session.scalar(later.limit(1)) is not None


def unknown_sids(session: Session, gateway_sids: Sequence[str]) -> set[str]:
    """Those of some gateway ids under which no text is stored, by itself or, once erased, by its hash."""
    named = {hash_of_sid(session, sid): sid for sid in gateway_sids} | {sid: sid for sid in gateway_sids}
    stored = session.scalars(
        select(InboundMessage.gateway_sid).where(InboundMessage.gateway_sid.in_(tuple(named)))
    )
    return set(gateway_sids) - {named[sid] for sid in stored}


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
