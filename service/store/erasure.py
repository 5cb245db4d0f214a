"""Taking everything that names a person out of the records, and leaving what only counts."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from service.domain.alerts import AlertStatus, Urgency
from service.domain.moving import NumberChangeStatus
from service.store import retention
from service.store.schema import (
    Alert,
    ConsentEvent,
    DeliveryEvent,
    HandsetBlock,
    HandsetText,
    InboundMessage,
    Message,
    NumberChange,
    Participant,
    QueueMark,
    Schedule,
    StaffNote,
)
from service.store.sealing import hash_of_sid, seal

ERASED = "erased"  # in place of the gateway's id, where nothing need be told apart
NOWHERE = "UTC"  # the zone of a person who is not there any more
NO_LANGUAGE = "en"


def erase(
    session: Session,
    phone_index: bytes,
    participant: Participant | None,
    until: datetime,
    now: datetime,
    *,
    keep_note_of: int | None = None,
) -> int:
    """Erase what is kept of a number up to an instant; returns how many texts lost their words.

    The rows stay, under a random name in place of the number's hash, so that counts still add up.
    `keep_note_of` is the consent event whose note says why.
    """
    pseudonym = secrets.token_bytes(32)
    texts = _erase_inbound(session, phone_index, participant, pseudonym, until, now)
    came = select(InboundMessage.id).where(InboundMessage.phone_index == pseudonym)
    texts += _erase_messages(session, participant, came, now)
    _erase_alerts(session, participant, came, now)
    session.execute(
        delete(HandsetText).where(HandsetText.phone_index == phone_index, HandsetText.at <= until)
    )
    session.execute(delete(HandsetBlock).where(HandsetBlock.phone_index == phone_index))
    if participant is not None:
        texts += _erase_number_changes(session, participant, now)
        _erase_participant(session, participant, pseudonym, now, keep_note_of)
    session.flush()
    session.expire_all()
    return texts


def has_texts(session: Session, phone_index: bytes) -> bool:
    """True when this number, enrolled or not, has texted us or been shown on a simulated phone."""
    return any(
        session.scalar(select(table.id).where(table.phone_index == phone_index).limit(1)) is not None
        for table in (InboundMessage, HandsetText)
    )


def open_urgent_alerts(session: Session, phone_index: bytes, participant_id: int | None) -> int:
    """Alerts about this number that say now and that nobody has taken in hand."""
    came = select(InboundMessage.id).where(InboundMessage.phone_index == phone_index)
    return (
        session.scalar(
            select(func.count())
            .select_from(Alert)
            .where(
                _about(Alert.participant_id, participant_id, Alert.inbound_id, came),
                Alert.status == AlertStatus.OPEN,
                Alert.urgency == Urgency.NOW,
            )
        )
        or 0
    )


def sid_to_keep(session: Session, message: Message, gateway_sid: str, now: datetime) -> str:
    """What to store as the gateway's id that has just become known.

    For a text whose words are gone here, have them blanked there too; and for one of an erased person,
    keep nothing that leads to the gateway's own record of the number.
    """
    if message.body_sealed is not None:
        return gateway_sid
    retention.queue_redactions(session, [gateway_sid], now)
    participant = message.participant
    is_erased = participant.erased_at is not None if participant else True
    return hash_of_sid(session, gateway_sid) if is_erased else gateway_sid


def _about(owner: Any, participant_id: int | None, inbound: Any, came: Select[int]) -> ColumnElement[bool]:
    """Rows of a person, or that hang on one of the texts they sent before they were one."""
    hangs_on: ColumnElement[bool] = inbound.in_(came)
    return hangs_on if participant_id is None else or_(owner == participant_id, hangs_on)


def _erase_inbound(
    session: Session,
    phone_index: bytes,
    participant: Participant | None,
    pseudonym: bytes,
    until: datetime,
    now: datetime,
) -> int:
    whose = and_(InboundMessage.phone_index == phone_index, InboundMessage.received_at <= until)
    if participant is not None:
        whose = or_(whose, InboundMessage.participant_id == participant.id)
    rows = session.execute(
        select(InboundMessage.id, InboundMessage.gateway_sid, InboundMessage.body_sealed.is_not(None)).where(
            whose
        )
    ).all()
    blank = seal(session, "")
    _update_all(
        session,
        InboundMessage,
        [
            {
                "id": id_,
                "gateway_sid": hash_of_sid(session, sid),
                "phone_index": pseudonym,
                "phone_sealed": blank,
                "body_sealed": None,
                "body_hash": retention.NO_HASH,
                "marked_label": None,
                "marked_by": None,
                "marked_at": None,
            }
            for id_, sid, _ in rows
        ],
    )
    retention.queue_redactions(session, (sid for _, sid, has_words in rows if has_words), now)
    return sum(has_words for *_, has_words in rows)


def _erase_messages(
    session: Session, participant: Participant | None, came: Select[int], now: datetime
) -> int:
    owner = participant.id if participant else None
    whose = _about(Message.participant_id, owner, Message.in_reply_to, came)
    rows = session.execute(
        select(Message.id, Message.gateway_sid, Message.body_sealed.is_not(None)).where(whose)
    ).all()
    session.execute(
        update(DeliveryEvent)
        .where(DeliveryEvent.message_id.in_(select(Message.id).where(whose)))
        .values(gateway_sid=ERASED, error_code=None)
        .execution_options(synchronize_session=False)
    )
    _update_all(
        session,
        Message,
        [
            {
                "id": id_,
                "gateway_sid": hash_of_sid(session, sid) if sid else None,
                "body_sealed": None,
                "to_sealed": None,
            }
            for id_, sid, _ in rows
        ],
    )
    retention.queue_redactions(session, (sid for _, sid, has_words in rows if has_words), now)
    return sum(has_words for *_, has_words in rows)


def _erase_alerts(
    session: Session, participant: Participant | None, came: Select[int], now: datetime
) -> None:
    owner = participant.id if participant else None
    whose = _about(Alert.participant_id, owner, Alert.inbound_id, came)
    session.execute(
        update(Alert)
        .where(whose, Alert.status == AlertStatus.OPEN)
        .values(status=AlertStatus.ACKNOWLEDGED, acknowledged_at=now)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Alert)
        .where(whose)
        .values(detail=None, note_sealed=None, dedupe_key=None)
        .execution_options(synchronize_session=False)
    )


def _erase_number_changes(session: Session, participant: Participant, now: datetime) -> int:
    """Numbers that were theirs or were asked for them; how many texts lost their words with it."""
    texts, blank = 0, seal(session, "")
    for change in session.scalars(
        select(NumberChange).where(NumberChange.participant_id == participant.id)
    ).all():
        if change.status is NumberChangeStatus.CONFIRMED and change.settled_at is not None:
            pseudonym = secrets.token_bytes(32)
            texts += _erase_inbound(session, change.old_index, None, pseudonym, change.settled_at, now)
            session.execute(
                delete(HandsetText).where(
                    HandsetText.phone_index == change.old_index, HandsetText.at <= change.settled_at
                )
            )
        asking = session.get_one(Message, change.message_id)
        if asking.participant_id is None:  # never confirmed, so not among the person's own texts
            if asking.body_sealed is not None:
                retention.queue_redactions(session, filter(None, [asking.gateway_sid]), now)
                texts += 1
            asking.body_sealed = asking.to_sealed = None
            asking.gateway_sid = hash_of_sid(session, asking.gateway_sid) if asking.gateway_sid else None
        change.new_index, change.old_index = secrets.token_bytes(32), secrets.token_bytes(32)
        change.new_sealed = change.old_sealed = blank
        change.note_sealed = change.wording = None
    session.flush()
    return texts


def _erase_participant(
    session: Session, participant: Participant, pseudonym: bytes, now: datetime, keep_note_of: int | None
) -> None:
    session.execute(
        update(Schedule)
        .where(Schedule.participant_id == participant.id)
        .values(label_sealed=None, next_due_at=None, ended_at=func.coalesce(Schedule.ended_at, now))
        .execution_options(synchronize_session=False)
    )
    notes = update(ConsentEvent).where(ConsentEvent.participant_id == participant.id)
    session.execute(notes.values(wording=None).execution_options(synchronize_session=False))
    if keep_note_of is not None:
        notes = notes.where(ConsentEvent.id != keep_note_of)
    session.execute(notes.values(note_sealed=None).execution_options(synchronize_session=False))
    session.execute(
        update(StaffNote)
        .where(StaffNote.participant_id == participant.id)
        .values(body_sealed=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(QueueMark).where(QueueMark.participant_id == participant.id))
    participant.phone_index, participant.phone_sealed = pseudonym, seal(session, "")
    participant.name_sealed = None
    participant.language, participant.timezone = NO_LANGUAGE, NOWHERE
    participant.number_problem = participant.paused_until = participant.invitation_lapses_at = None
    participant.held_until = None
    participant.erased_at = now


def _update_all(session: Session, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.execute(update(table), rows)
