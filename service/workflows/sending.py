"""Sending what is due: claim, call, record.

Two short transactions around one network call, and nothing fallible between the gateway's answer and
its record. What the gateway's answer calls for is decided in one place, `_record`.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.gateway_errors import ErrorMeaning, Reaction, meaning_of
from service.domain.message import MessageKind, MessageStatus
from service.domain.programme import Programme
from service.gateways.base import (
    Accepted,
    NotAccepted,
    OutboundText,
    OutcomeUnknown,
    Rejected,
    SendOutcome,
    SmsGateway,
)
from service.store import alerts, erasure, marks, outbox, participants, prompts, service_state
from service.store.audit import SYSTEM
from service.store.engine import Database
from service.store.schema import Message, Participant, Prompt
from service.workflows import consent_steps
from service.workflows.enrolment import ROUTINE
from service.workflows.planning import next_act_at

MOST_ATTEMPTS = 8
STUCK_AFTER = timedelta(minutes=5)
PROBE_EVERY = timedelta(minutes=5)
FIRST_BACKOFF = timedelta(seconds=15)
LONGEST_BACKOFF = timedelta(minutes=10)


@dataclass(frozen=True)
class SendResult:
    """What became of one text, for the job's log."""

    message_id: uuid.UUID
    status: MessageStatus
    reason: str | None = None
    has_called: bool = False  # the gateway was asked, so the rate was used


@dataclass(frozen=True)
class _Claimed:
    text: OutboundText


def send_next(
    database: Database, gateway: SmsGateway, programme: Programme, now: datetime
) -> SendResult | None:
    """Send the most urgent text that is due; None when nothing may be sent now."""
    claimed = _claim(database, programme, now)
    if claimed is None or isinstance(claimed, SendResult):
        return claimed
    outcome = gateway.send(claimed.text)
    result = _record(database, programme, uuid.UUID(claimed.text.message_id), outcome, now)
    return replace(result, has_called=True)


def _claim(database: Database, programme: Programme, now: datetime) -> _Claimed | SendResult | None:
    """Take one text in hand, if it may still be sent; else say why it may not, and settle it."""
    with database.write() as session:
        if marks.is_set(session, marks.AWAITING_REPLAY):
            return None
        pause = service_state.open_pause(session)
        if pause is not None and pause.retry_at > now:
            return None
        message = outbox.next_queued(session, now)
        if message is None:
            return None
        participant = message.participant
        refusal = _refusal(message, participant, programme, now)
        if isinstance(refusal, datetime):
            message.send_after = refusal  # quiet hours
            return SendResult(message.id, MessageStatus.QUEUED, "quiet hours")
        if refusal is not None:
            status, reason = refusal
            outbox.move(session, message.id, status, reason=reason, final_at=now)
            _withdraw_prompt(session, message)
            return SendResult(message.id, status, reason)
        if pause is not None:
            pause.retry_at = now + PROBE_EVERY  # this one is the probe; the others wait
        outbox.move(
            session,
            message.id,
            MessageStatus.SENDING,
            claimed_at=now,
            attempts=message.attempts + 1,
        )
        return _Claimed(
            OutboundText(
                message_id=str(message.id),
                to=participant.phone if participant else message.to,
                body=message.body,
                status_url=programme.status_url(message.id),
                validity=message.expires_at - now,
            )
        )


def _refusal(
    message: Message, participant: Participant | None, programme: Programme, now: datetime
) -> datetime | tuple[MessageStatus, str] | None:
    """Why a queued text must not go out now: a later time to try, or a final status. None: it may."""
    if message.expires_at <= now:
        return MessageStatus.EXPIRED, "too late to be of use"
    if message.body_sealed is None:
        return MessageStatus.CANCELLED, "its words were erased"  # on its way when that happened, and put back
    if participant is None or message.kind in consent_steps.SENDABLE_WITHOUT_OPT_IN:
        pass
    elif participant.consent is not ConsentStatus.OPTED_IN:
        return MessageStatus.CANCELLED, participant.consent.value.replace("_", " ")
    elif message.kind in ROUTINE and participant.paused_until and participant.paused_until > now:
        return MessageStatus.CANCELLED, "paused"
    if participant is not None and participant.number_problem and message.kind in ROUTINE:
        return MessageStatus.CANCELLED, "the number cannot be reached"
    if participant is not None and not message.is_time_chosen:
        allowed = programme.quiet.next_allowed(now, ZoneInfo(participant.timezone))
        if allowed >= message.expires_at:
            return MessageStatus.EXPIRED, "quiet hours until it was too late"
        if allowed > now:
            return allowed
    return None


def _record(
    database: Database,
    programme: Programme,
    message_id: uuid.UUID,
    outcome: SendOutcome,
    now: datetime,
) -> SendResult:
    with database.write() as session:
        message = session.get_one(Message, message_id)
        match outcome:
            case Accepted(gateway_sid):
                # A receipt may have been faster than the answer: then the status has moved already.
                message.gateway_sid = erasure.sid_to_keep(session, message, gateway_sid, now)
                message.sent_at = now
                session.flush()
                outbox.move(session, message_id, MessageStatus.SENT, reason=None, error_code=None)
                mark_asked(session, programme, message, now)
                pause = service_state.open_pause(session)
                if pause is not None:
                    pause.ended_at = now
                return SendResult(message_id, message.status)
            case OutcomeUnknown(reason):
                moved = outbox.move(session, message_id, MessageStatus.UNKNOWN, reason=reason[:120])
                if moved:
                    _report_unknown(session, message, now)
                return SendResult(message_id, message.status, reason)
            case Rejected(code, http_status, _):
                return _react(session, programme, message, meaning_of(code, http_status), now)
            case NotAccepted(reason, retry_after, reaction):
                if reaction is Reaction.PAUSE_ALL:
                    meaning = ErrorMeaning(None, reaction, reason, "Run `flask doctor`.")
                    return _react(session, programme, message, meaning, now)
                return _put_back(session, message, reason, retry_after, now)


def _react(
    session: Session,
    programme: Programme,
    message: Message,
    meaning: ErrorMeaning,
    now: datetime,
) -> SendResult:
    """Do what a refusal by the gateway calls for."""
    message.error_code = meaning.code
    session.flush()
    if meaning.reaction is Reaction.PAUSE_ALL:
        _pause_all(session, meaning, now)
        # The refusal says nothing against this text: it stays due and its attempt is not counted.
        outbox.move(
            session,
            message.id,
            MessageStatus.QUEUED,
            only_from=MessageStatus.SENDING,
            attempts=message.attempts - 1,
        )
        return SendResult(message.id, MessageStatus.QUEUED, meaning.plain)
    if meaning.reaction is Reaction.SLOW_DOWN:
        return _put_back(session, message, meaning.plain, None, now)
    if meaning.reaction is Reaction.RESCHEDULE:
        return _put_back(session, message, meaning.plain, timedelta(hours=1), now)
    status = MessageStatus.EXPIRED if meaning.reaction is Reaction.EXPIRED else MessageStatus.FAILED
    outbox.move(session, message.id, status, reason=meaning.plain[:120], final_at=now)
    _withdraw_prompt(session, message)
    react_to_error(session, message, meaning, now)
    return SendResult(message.id, status, meaning.plain)


def _pause_all(session: Session, meaning: ErrorMeaning, now: datetime) -> None:
    """The account or the sender is refused: withhold everything, and tell staff once."""
    pause = service_state.pause_sending(session, now, now + PROBE_EVERY, meaning.code, meaning.plain[:200])
    alerts.raise_alert(
        session,
        AlertKind.SENDING_PAUSED,
        now,
        detail=f"{meaning.plain} {meaning.mend}"[:200],
        dedupe_key=f"pause:{pause.id}",
    )


def react_to_error(session: Session, message: Message, meaning: ErrorMeaning, now: datetime) -> None:
    """What a final error means for the person and for staff; the same for an answer and for a receipt."""
    if meaning.reaction is Reaction.PAUSE_ALL:
        # Only a receipt gets here: that text is lost, the others wait until staff have mended it.
        _pause_all(session, meaning, now)
    participant = participants.lock(session, message.participant_id) if message.participant_id else None
    if participant is None or participant.erased_at or meaning.reaction is Reaction.EXPIRED:
        return
    if meaning.reaction is Reaction.OPT_OUT:
        if participant.consent is not ConsentStatus.OPTED_OUT:
            consent_steps.withdraw(
                session, participant, ConsentStatus.OPTED_OUT, ConsentSource.GATEWAY, SYSTEM, now
            )
            consent_steps.tell_staff_of_opt_out(
                session, participant, now, None, "the carrier reports an opt-out"
            )
        return
    if meaning.reaction is Reaction.BAD_NUMBER:
        participant.number_problem = (meaning.plain or "unreachable")[:64]
        outbox.cancel_queued(session, participant.id, now, "the number cannot be reached")
        kind = AlertKind.NUMBER_PROBLEM
    else:
        kind = AlertKind.UNDELIVERED
    _report(session, kind, message, f"{meaning.plain} {meaning.mend}", now)


def _report(session: Session, kind: AlertKind, message: Message, detail: str, now: datetime) -> None:
    """Tell staff that texts do not arrive; once while an alert about that person is open."""
    if alerts.has_open(session, kind, message.participant_id):
        return
    alerts.raise_alert(
        session,
        kind,
        now,
        participant_id=message.participant_id,
        message_id=message.id,
        detail=detail[:200],
    )


def _put_back(
    session: Session, message: Message, reason: str, wait: timedelta | None, now: datetime
) -> SendResult:
    """Back to the queue after a definite no, later each time, while it is still of use."""
    backoff = wait or min(FIRST_BACKOFF * 2 ** (message.attempts - 1), LONGEST_BACKOFF)
    if message.attempts >= MOST_ATTEMPTS:
        status, columns = MessageStatus.FAILED, {"final_at": now}
    elif now + backoff >= message.expires_at:
        status, columns = MessageStatus.EXPIRED, {"final_at": now}
    else:
        status, columns = MessageStatus.QUEUED, {"send_after": now + backoff}
    moved = outbox.move(
        session,
        message.id,
        status,
        only_from=MessageStatus.SENDING,
        reason=reason[:120],
        **columns,
    )
    if moved and status is not MessageStatus.QUEUED:
        _withdraw_prompt(session, message)
        _report(session, AlertKind.UNDELIVERED, message, f"It could not be sent in time: {reason}", now)
    return SendResult(message.id, status, reason)


def mark_asked(session: Session, programme: Programme, message: Message, now: datetime) -> None:
    """The question has gone out: the time for an answer runs from here."""
    if message.prompt_id is None:
        return
    prompt = session.get_one(Prompt, message.prompt_id)
    if prompt.asked_at is not None and prompt.asked_at >= message.send_after:
        return  # the receipt said so already
    prompt.asked_at = now
    if prompt.act_at is not None:
        prompt.act_at = next_act_at(programme, prompt.kind, now, prompt.times_asked)


def _withdraw_prompt(session: Session, message: Message) -> None:
    """A question that never reached the person is not one they were silent about."""
    if message.prompt_id is not None:
        prompts.withdraw_unreached(session, message.prompt_id)


def _report_unknown(session: Session, message: Message, now: datetime) -> None:
    if message.kind is MessageKind.REPLY:
        return  # the person is awake and will ask again; the thread shows it
    alerts.raise_alert(
        session,
        AlertKind.OUTCOME_UNKNOWN,
        now,
        participant_id=message.participant_id,
        message_id=message.id,
        detail="It is not known whether a text arrived. It was not sent again.",
        dedupe_key=f"unknown:{message.id}",
    )


def rescue_stuck(database: Database, now: datetime) -> SendResult | None:
    """A text whose sender died in the middle has an unknown outcome; one a call. None: there is none."""
    with database.write() as session:
        message = outbox.stuck_since(session, now - STUCK_AFTER)
        if message is None:
            return None
        outbox.move(session, message.id, MessageStatus.UNKNOWN, reason="no answer was recorded")
        _report_unknown(session, message, now)
        return SendResult(message.id, MessageStatus.UNKNOWN, "no answer was recorded")
