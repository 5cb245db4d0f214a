"""Receiving a text: store it, understand it, act, and answer. One transaction, no network call."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentStatus
from service.domain.errors import fault_of
from service.domain.message import MessageKind, MessageStatus
from service.domain.programme import Programme
from service.gateways.base import InboundText
from service.guide.words import Words
from service.routing.fold import fold
from service.routing.router import Lane, Understanding, understand
from service.routing.safety import Safety, SafetyLevel, read_safety
from service.store import alerts, inbox, outbox, participants
from service.store.engine import Database
from service.store.schema import InboundMessage, Message, Participant
from service.workflows import talking
from service.workflows.answering import Asked, read_naming, what_was_asked
from service.workflows.conversation import Conversation, Outcome
from service.workflows.conversing import GATEWAY_STOP_WORDS, converse
from service.workflows.lateness import Late, converse_late
from service.workflows.paging import start_again_if_over
from service.workflows.paging_replies import answer_staff
from service.workflows.speaking import spoken_in
from service.workflows.withholding import Asking, hold_back

log = logging.getLogger(__name__)

REPLY_LASTS = timedelta(minutes=15)


@dataclass(frozen=True)
class Reply:
    """What goes back in the webhook's answer: nothing, or one text with the id for its receipts."""

    body: str | None = None
    message_id: str | None = None


def receive_text(
    database: Database,
    words: Words,
    programme: Programme,
    inbound: InboundText,
    now: datetime,
    late: Late | None = None,
) -> Reply:
    """Store a text before anything else can fail, then act on it and say what to answer.

    The same `gateway_sid` again is given the stored answer, so the gateway's retry is harmless. Should
    understanding fail, the text stays, a coordinator is alerted, and the safe menu goes back.

    `late` is for a text that the webhook missed: what it is owed is queued, and the Reply is empty.
    """
    reading = _Reading(words, programme, inbound, late, now)
    try:
        try:
            with database.write() as session:
                return _receive(session, reading)
        except (IntegrityError, OperationalError):
            # The same text twice at once, two first texts of one person, or two that waited for each other:
            # the other one is stored by now.
            with database.write() as session:
                return _receive(session, reading)
    except OperationalError:
        raise  # the database, not the text: the gateway repeats it
    except Exception as problem:
        # The last line of defence: whatever went wrong, the person's text is kept and seen by somebody.
        # Only the kind of fault is logged; its message could hold the text.
        log.error("a text could not be understood", extra=fault_of(problem))
        with database.write() as session:
            return _receive(session, replace(reading, is_beyond_us=True))


@dataclass(frozen=True)
class _Reading:
    """One text, and what it is read with. `is_beyond_us`: reading has failed, so keep it and tell staff."""

    words: Words
    programme: Programme
    inbound: InboundText
    late: Late | None
    now: datetime
    is_beyond_us: bool = False

    @property
    def heard_at(self) -> datetime:
        """When the gateway had the text."""
        return self.late.received_at if self.late else self.now


def _receive(session: Session, reading: _Reading) -> Reply:
    inbound = reading.inbound
    known = inbox.find(session, inbound.gateway_sid)
    if known is not None:
        return _stored_reply(session, known)
    participant = participants.lock_by_phone(session, inbound.from_number)
    if participant is not None:
        participant.number_problem = None  # whoever texts us can be reached
    if reading.is_beyond_us:
        record = _write_down(session, reading, participant, was_understood=False)
        return _store_reply(
            session, reading, participant, record, _not_understood(session, reading, participant, record)
        )
    asked = what_was_asked(session, participant, reading.heard_at) if participant else Asked(())
    meaning = _with_named_answer(session, _read(inbound, asked), asked, inbound)
    record = _write_down(
        session,
        reading,
        participant,
        lane=meaning.lane.value,
        label=meaning.label[:40],
        score=round(meaning.score, 3),
        is_soft=meaning.soft,
    )
    _alert_on_danger(session, meaning.safety, participant, record, reading)
    conversation = Conversation(
        session=session,
        words=reading.words,
        programme=reading.programme,
        participant=participant,
        record=record,
        inbound=inbound,
        meaning=meaning,
        asked=asked,
        now=reading.now,
        spoken=spoken_in(inbound.body, participant.language, meaning.safety) if participant else None,
    )
    outcome = answer_staff(conversation)
    if outcome is None and reading.late is not None:
        outcome = converse_late(conversation, reading.late)
    elif outcome is None:
        outcome = converse(conversation)
    if participant is not None and reading.late is None:
        talking.heard(participant, meaning.lane, reading.now)
    return _store_reply(session, reading, participant, record, outcome)


def _write_down(
    session: Session, reading: _Reading, participant: Participant | None, **read: Any
) -> InboundMessage:
    inbound = reading.inbound
    return inbox.add(
        session,
        gateway_sid=inbound.gateway_sid,
        participant_id=participant.id if participant else None,
        phone_number=inbound.from_number,
        body=inbound.body,
        folded=_folded(inbound.body),
        media_count=inbound.media_count,
        received_at=reading.heard_at,
        read_late_at=reading.now if reading.late else None,
        **read,
    )


def _folded(body: str) -> str:
    try:
        return fold(body)
    except Exception:
        return body.strip().casefold()


def _read(inbound: InboundText, asked: Asked) -> Understanding:
    """What a text means. A bare STOP and certain danger are heard even when the rest of the ear fails."""
    try:
        return understand(
            inbound.body,
            open_kinds=asked.kinds,
            awaiting_barrier=asked.awaiting_barrier is not None,
        )
    except Exception as problem:
        if inbound.opt_out_type == "STOP" or inbound.body.strip().lower() in GATEWAY_STOP_WORDS:
            meaning = Understanding(Lane.KEYWORD, "stop", 1.0, opt_out="keyword", keyword="stop")
        else:
            safety = read_safety(inbound.body)
            if safety.level is not SafetyLevel.CERTAIN or safety.label is None:
                raise
            meaning = Understanding(Lane.CRISIS, safety.label, safety.score, safety=safety)
        log.error("a text was read only in part", extra=fault_of(problem))
        return meaning


def _with_named_answer(
    session: Session, meaning: Understanding, asked: Asked, inbound: InboundText
) -> Understanding:
    """The ear does not know what people call their reminders: "took the blue box" needs a second look."""
    if meaning.lane not in {Lane.GUIDANCE, Lane.OTHER} or meaning.answer is not None:
        return meaning
    found = read_naming(session, asked, inbound.body)
    if found is None:
        return meaning
    kind, answer = found
    return replace(
        meaning,
        lane=Lane.ANSWER,
        label=answer.answer.value,
        score=answer.confidence,
        soft=meaning.safety.level is not SafetyLevel.NONE,
        answer=answer,
        answer_kind=kind,
        topic=None,
    )


def _alert_on_danger(
    session: Session,
    safety: Safety,
    participant: Participant | None,
    record: InboundMessage,
    reading: _Reading,
) -> None:
    """Tell staff of danger in any text, whatever else it is. One open alert of a kind a person is enough."""
    if safety.level is SafetyLevel.NONE:
        return
    kind = AlertKind.POSSIBLE_DANGER
    if safety.level is SafetyLevel.CERTAIN and safety.label is not None:
        kind = AlertKind(safety.label)
    if participant is None:
        is_known = alerts.has_open_from_number(session, kind, record.phone_index)
    else:
        is_known = alerts.has_open(session, kind, participant.id)
    if is_known:
        owner = participant.id if participant else None
        start_again_if_over(session, kind, owner, record.phone_index, reading.now)
        return
    detail = None if participant else "from a number that is not enrolled"
    if participant is not None and participant.consent is ConsentStatus.OPTED_OUT:
        detail = "has opted out of texts, so our reply may not arrive: please call"
    if reading.late is not None:
        detail = (
            f"{detail}; {reading.late.age_at(reading.now)}" if detail else reading.late.age_at(reading.now)
        )
    alerts.raise_alert(
        session,
        kind,
        reading.now,
        participant_id=participant.id if participant else None,
        inbound_id=record.id,
        detail=detail,
    )


def _not_understood(
    session: Session, reading: _Reading, participant: Participant | None, record: InboundMessage
) -> Outcome:
    alerts.raise_alert(
        session,
        AlertKind.NOT_UNDERSTOOD,
        reading.now,
        participant_id=record.participant_id,
        inbound_id=record.id,
        detail="A text could not be read by the service. Please read it yourself.",
    )
    is_enrolled = participant is not None and participant.consent is ConsentStatus.OPTED_IN
    language = spoken_in(reading.inbound.body, participant.language if participant else "en")
    text = reading.words.text("understood_problem" if is_enrolled else "safety.soft", language)
    return Outcome(text.body, f"{text.key}@{text.version}", MessageKind.SAFETY)


def _store_reply(
    session: Session,
    reading: _Reading,
    participant: Participant | None,
    record: InboundMessage,
    outcome: Outcome,
) -> Reply:
    """Write the answer down, unless saying it would feed a loop."""
    if outcome.body is None:
        return Reply()
    if participant is None and record.participant_id is not None:
        participant = participants.lock(session, record.participant_id)  # joined with this text
    if outcome.is_to_staff:
        participant = None
    now, late = reading.now, reading.late
    asking = Asking(session, reading.words, reading.programme, participant, record, now)
    outcome = hold_back(asking, outcome)
    if outcome.body is None:
        return Reply()
    # On its way in the webhook's own answer; the gateway tells us its id with the first receipt.
    way: dict[str, Any] = {
        "status": MessageStatus.SENDING,
        "expires_at": now + REPLY_LASTS,
        "claimed_at": now,
        "launched_at": now,
        "attempts": 1,
        "is_time_chosen": True,
    }
    if late is not None:
        way = {
            "expires_at": late.answer_lasts(outcome, now),
            "is_time_chosen": late.may_disturb(outcome, now),
        }
    message = outbox.add(
        session,
        kind=outcome.kind,
        body=outcome.body,
        words=outcome.words,
        topic=outcome.topic,
        part=outcome.part,
        now=now,
        send_after=now,
        priority=0 if outcome.kind is MessageKind.SAFETY else 1,
        participant_id=participant.id if participant else None,
        to_unknown=None if participant else record.phone,
        in_reply_to=record.id,
        **way,
    )
    return Reply(outcome.body, str(message.id)) if late is None else Reply()


def _stored_reply(session: Session, record: InboundMessage) -> Reply:
    if record.read_late_at is not None:
        return Reply()  # its answer went, or goes, by the outbox
    message: Message | None = inbox.reply_to(session, record.id)
    if message is None or message.body_sealed is None:
        return Reply()
    return Reply(message.body, str(message.id))
