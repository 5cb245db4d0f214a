"""Receiving a text: store it, understand it, act, and answer. One transaction, no network call."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
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
from service.store import alerts, inbox, marks, outbox, participants
from service.store.engine import Database
from service.store.schema import InboundMessage, Message, Participant
from service.workflows.answering import Asked, read_naming, what_was_asked
from service.workflows.conversation import Conversation, Outcome
from service.workflows.conversing import GATEWAY_STOP_WORDS, converse
from service.workflows.planning import is_over_daily_cap, report_daily_cap
from service.workflows.speaking import spoken_in

log = logging.getLogger(__name__)

SAME_WORDS_WINDOW = timedelta(minutes=15)
SAME_WORDS_ANSWERED = 3
REPLIES_WINDOW = timedelta(hours=1)
REPLIES_AT_MOST = 20
UNKNOWN_WINDOW = timedelta(days=1)
UNKNOWN_REPLIES_AT_MOST = 4
REPLY_LASTS = timedelta(minutes=15)


@dataclass(frozen=True)
class Reply:
    """What goes back in the webhook's answer: nothing, or one text with the id for its receipts."""

    body: str | None = None
    message_id: str | None = None


def receive_text(
    database: Database, words: Words, programme: Programme, inbound: InboundText, now: datetime
) -> Reply:
    """Store a text before anything else can fail, then act on it and say what to answer.

    The same `gateway_sid` again is given the stored answer, so the gateway's retry is harmless. Should
    understanding fail, the text stays, a coordinator is alerted, and the safe menu goes back.
    """
    try:
        with database.write() as session:
            return _receive(session, words, programme, inbound, now, may_retry=True)
    except IntegrityError:
        # The same text twice at once, or two first texts of one person: the other one is stored by now.
        with database.write() as session:
            return _receive(session, words, programme, inbound, now, may_retry=False)


def _receive(
    session: Session,
    words: Words,
    programme: Programme,
    inbound: InboundText,
    now: datetime,
    *,
    may_retry: bool,
) -> Reply:
    known = inbox.find(session, inbound.gateway_sid)
    if known is not None:
        return _stored_reply(session, known)
    participant = participants.find_by_phone(session, inbound.from_number)
    if participant is not None:
        participant = participants.lock(session, participant.id)
    if participant is not None:
        participant.number_problem = None  # whoever texts us can be reached
    record = inbox.add(
        session,
        gateway_sid=inbound.gateway_sid,
        participant_id=participant.id if participant else None,
        phone_number=inbound.from_number,
        body=inbound.body,
        folded=_folded(inbound.body),
        media_count=inbound.media_count,
        now=now,
    )
    try:
        with session.begin_nested():
            outcome = _understand(session, words, programme, participant, record, inbound, now)
    except Exception as problem:
        if may_retry and isinstance(problem, IntegrityError):
            raise
        # The last line of defence: whatever went wrong, the person's text is kept and seen by somebody.
        # Only the kind of fault is logged; its message could hold the text.
        log.error(
            "a text could not be understood",
            extra={"inbound_id": record.id, **fault_of(problem)},
        )
        outcome = _not_understood(session, words, participant, record, inbound, now)
    return _store_reply(session, words, programme, participant, record, outcome, now)


def _folded(body: str) -> str:
    try:
        return fold(body)
    except Exception:
        return body.strip().casefold()


def _understand(
    session: Session,
    words: Words,
    programme: Programme,
    participant: Participant | None,
    record: InboundMessage,
    inbound: InboundText,
    now: datetime,
) -> Outcome:
    asked = what_was_asked(session, participant, now) if participant else Asked(())
    meaning = _with_named_answer(session, _read(inbound, asked), asked, inbound)
    record.lane, record.label = meaning.lane.value, meaning.label[:40]
    record.score, record.is_soft = round(meaning.score, 3), meaning.soft
    _alert_on_danger(session, meaning.safety, participant, record, now)
    conversation = Conversation(
        session=session,
        words=words,
        programme=programme,
        participant=participant,
        record=record,
        inbound=inbound,
        meaning=meaning,
        asked=asked,
        now=now,
        spoken=spoken_in(inbound.body, participant.language, meaning.safety) if participant else None,
    )
    return converse(conversation)


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
    now: datetime,
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
        return
    detail = None if participant else "from a number that is not enrolled"
    if participant is not None and participant.consent is ConsentStatus.OPTED_OUT:
        detail = "has opted out of texts, so our reply may not arrive: please call"
    alerts.raise_alert(
        session,
        kind,
        now,
        participant_id=participant.id if participant else None,
        inbound_id=record.id,
        detail=detail,
    )


def _not_understood(
    session: Session,
    words: Words,
    participant: Participant | None,
    record: InboundMessage,
    inbound: InboundText,
    now: datetime,
) -> Outcome:
    record.was_understood = False
    alerts.raise_alert(
        session,
        AlertKind.NOT_UNDERSTOOD,
        now,
        participant_id=record.participant_id,
        inbound_id=record.id,
        detail="A text could not be read by the service. Please read it yourself.",
    )
    is_enrolled = participant is not None and participant.consent is ConsentStatus.OPTED_IN
    language = spoken_in(inbound.body, participant.language if participant else "en")
    text = words.text("understood_problem" if is_enrolled else "safety.soft", language)
    return Outcome(text.body, f"{text.key}@{text.version}", MessageKind.SAFETY)


def _store_reply(
    session: Session,
    words: Words,
    programme: Programme,
    participant: Participant | None,
    record: InboundMessage,
    outcome: Outcome,
    now: datetime,
) -> Reply:
    """Write the answer down, unless saying it would feed a loop."""
    if outcome.body is None:
        return Reply()
    is_owed = outcome.is_consent or outcome.kind is MessageKind.SAFETY
    if not is_owed and marks.is_set(session, marks.AWAITING_REPLAY):
        return Reply()  # a restored backup does not know yet who has opted out since
    if participant is None and record.participant_id is not None:
        participant = participants.lock(session, record.participant_id)  # joined with this text
    withheld = _loop(session, programme, participant, record, outcome, now)
    if withheld is not None:
        _report_loop(session, participant, record, now)
        if withheld != "first over the limit":
            return Reply()
        text = words.text("reply_limit", participant.language if participant else "en")
        outcome = Outcome(text.body, f"{text.key}@{text.version}")
    message = outbox.add(
        session,
        kind=outcome.kind,
        # On its way in the webhook's own answer; the gateway tells us its id with the first receipt.
        status=MessageStatus.SENDING,
        body=outcome.body or "",
        words=outcome.words,
        topic=outcome.topic,
        part=outcome.part,
        now=now,
        send_after=now,
        expires_at=now + REPLY_LASTS,
        claimed_at=now,
        launched_at=now,
        attempts=1,
        priority=0 if outcome.kind is MessageKind.SAFETY else 1,
        participant_id=participant.id if participant else None,
        to_unknown=None if participant else record.phone,
        in_reply_to=record.id,
        is_time_chosen=True,
    )
    return Reply(outcome.body, str(message.id))


def _loop(
    session: Session,
    programme: Programme,
    participant: Participant | None,
    record: InboundMessage,
    outcome: Outcome,
    now: datetime,
) -> str | None:
    """Why an answer must be withheld, None when it may go.

    Two automatic phones must not talk for ever, and a person in danger must always be answered: so the
    safety reply only stops for the very same words over and over.
    """
    if outcome.is_consent and outcome.kind is not MessageKind.SAFETY:
        return None
    # MORE turns page after page, and DONE may answer one question after another.
    is_step = record.lane == Lane.KEYWORD or record.prompt_id is not None
    same = inbox.count_same_since(session, record, now - SAME_WORDS_WINDOW)
    if same > SAME_WORDS_ANSWERED and not is_step:
        return "the same words again"
    if outcome.kind is MessageKind.SAFETY:
        return None
    if participant is None:
        given = inbox.replies_since(session, record.phone_index, now - UNKNOWN_WINDOW)
        return "unknown number" if given >= UNKNOWN_REPLIES_AT_MOST else None
    if is_over_daily_cap(session, participant, programme, now):
        report_daily_cap(session, participant, now)
        return "daily cap"
    given = inbox.replies_since(session, record.phone_index, now - REPLIES_WINDOW)
    if given == REPLIES_AT_MOST:
        return "first over the limit"
    return "over the limit" if given > REPLIES_AT_MOST else None


def _report_loop(
    session: Session, participant: Participant | None, record: InboundMessage, now: datetime
) -> None:
    who = participant.id if participant else record.phone_index.hex()[:16]
    alerts.raise_alert(
        session,
        AlertKind.REPLY_LIMIT,
        now,
        participant_id=participant.id if participant else None,
        inbound_id=record.id,
        detail="Many texts in a short time; some were not answered.",
        dedupe_key=f"loop:{who}:{now:%Y-%m-%d}",
    )


def _stored_reply(session: Session, record: InboundMessage) -> Reply:
    message: Message | None = inbox.reply_to(session, record.id)
    if message is None or message.body_sealed is None:
        return Reply()
    return Reply(message.body, str(message.id))
