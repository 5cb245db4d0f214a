"""What an answer or a receipt other than "taken" calls for: pauses, opt-outs, retries, alerts."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.gateway_errors import ErrorMeaning, Reaction
from service.domain.message import MessageKind, MessageStatus
from service.domain.programme import Programme
from service.store import alerts, outbox, pace, participants, prompts, service_state
from service.store.audit import SYSTEM
from service.store.schema import Message, Prompt
from service.workflows import consent_steps
from service.workflows.dispatching.claim import PROBE_EVERY, SendResult

MOST_ATTEMPTS = 8
ASK_AFTER = timedelta(minutes=2)
"""The gateway's list lags behind its own acceptance by seconds: an earlier question proves nothing."""
RESCHEDULED_BY = timedelta(hours=1)
SPACING: dict[Reaction, tuple[timedelta, ...]] = {
    Reaction.RETRY_SPACED: (timedelta(minutes=20), timedelta(hours=1)),
    Reaction.RETRY_ONCE: (timedelta(minutes=30),),
}
"""When a text that did not reach the phone is tried again, counted from each failure."""
SPACING_OF_SAFETY = (timedelta(minutes=2), timedelta(minutes=5))


def react(
    session: Session, programme: Programme, message: Message, meaning: ErrorMeaning, now: datetime
) -> SendResult:
    """Do what a refusal by the gateway calls for."""
    message.error_code = meaning.code
    session.flush()
    if meaning.reaction is Reaction.PAUSE_ALL:
        pause_all(session, meaning, now)
        # The refusal says nothing against this text: it stays due and its attempt is not counted.
        return put_back(session, message, meaning.plain, None, now, counts=False)
    if meaning.reaction is Reaction.SLOW_DOWN:
        return hold_all(session, message, meaning.plain, None, now)
    if meaning.reaction is Reaction.RESCHEDULE:
        return put_back(session, message, meaning.plain, now + RESCHEDULED_BY, now)
    status = MessageStatus.EXPIRED if meaning.reaction is Reaction.EXPIRED else MessageStatus.FAILED
    moved = outbox.move(session, message.id, status, reason=meaning.plain[:120], final_at=now)
    if moved and not react_to_error(session, programme, message, meaning, now):
        withdraw_prompt(session, message)
    return SendResult(message.id, status, meaning.plain)


def hold_all(
    session: Session, message: Message, reason: str, asked: timedelta | None, now: datetime
) -> SendResult:
    """The gateway takes no texts for now: nobody sends for a while, and this one waits with the rest."""
    return put_back(session, message, reason, pace.hold(session, now, asked), now, counts=False)


def pause_all(session: Session, meaning: ErrorMeaning, now: datetime) -> None:
    """The account or the sender is refused: withhold everything, and tell staff once."""
    pause = service_state.pause_sending(session, now, now + PROBE_EVERY, meaning.code, meaning.plain[:200])
    alerts.raise_alert(
        session,
        AlertKind.SENDING_PAUSED,
        now,
        detail=f"{meaning.plain} {meaning.mend}"[:200],
        dedupe_key=f"pause:{pause.id}",
    )


def put_back(
    session: Session,
    message: Message,
    reason: str,
    until: datetime | None,
    now: datetime,
    *,
    counts: bool = True,
) -> SendResult:
    """Back to the queue after a definite no, while it is of use; `until` None keeps its place there."""
    if message.withdrawn is not None:
        status, columns = MessageStatus.CANCELLED, {"final_at": now, "reason": message.withdrawn}
    elif counts and message.attempts >= MOST_ATTEMPTS:
        status, columns = MessageStatus.FAILED, {"final_at": now}
    elif max(until or now, now) >= message.expires_at:
        status, columns = MessageStatus.EXPIRED, {"final_at": now}
    else:
        status, columns = MessageStatus.QUEUED, {"claim": None, "launched_at": None}
        if until is not None:
            columns["send_after"] = until
        if not counts:
            columns["attempts"] = message.attempts - 1
    moved = outbox.move(
        session, message.id, status, only_from=MessageStatus.SENDING, **{"reason": reason[:120], **columns}
    )
    if moved and status is not MessageStatus.QUEUED:
        withdraw_prompt(session, message)
        if status is not MessageStatus.CANCELLED:
            _report(session, AlertKind.UNDELIVERED, message, f"It could not be sent in time: {reason}", now)
    return SendResult(message.id, message.status, reason)


def react_to_error(
    session: Session, programme: Programme, message: Message, meaning: ErrorMeaning, now: datetime
) -> bool:
    """What a final error means for the person and for staff; the same for an answer and for a receipt.

    True when the same question or text will go out again.
    """
    if meaning.reaction is Reaction.PAUSE_ALL:
        # Only a receipt gets here: that text is lost, the others wait until staff have mended it.
        pause_all(session, meaning, now)
    participant = participants.lock(session, message.participant_id) if message.participant_id else None
    if participant is None or participant.erased_at or meaning.reaction is Reaction.EXPIRED:
        return False
    if participant.number_since and (message.claimed_at or message.created_at) < participant.number_since:
        return False  # it went to the number before: that says nothing of the one they have now
    if meaning.reaction is Reaction.OPT_OUT:
        if participant.consent is not ConsentStatus.OPTED_OUT:
            consent_steps.withdraw(
                session, participant, ConsentStatus.OPTED_OUT, ConsentSource.GATEWAY, SYSTEM, now
            )
            consent_steps.tell_staff_of_opt_out(
                session, participant, now, None, "the carrier reports an opt-out"
            )
        return False
    if meaning.reaction is Reaction.BAD_NUMBER:
        participant.number_problem = (meaning.plain or "unreachable")[:64]
        outbox.cancel_queued(session, participant.id, now, "the number cannot be reached")
        kind = AlertKind.NUMBER_PROBLEM
    else:
        kind = AlertKind.UNDELIVERED
    tries_again = _try_again(session, programme, message, meaning.reaction, now)
    detail = f"{meaning.plain} {'It is tried again later.' if tries_again else meaning.mend}"
    _report(session, kind, message, detail, now)
    return tries_again


def _try_again(
    session: Session, programme: Programme, message: Message, reaction: Reaction, now: datetime
) -> bool:
    """Queue the same words anew, spaced, if the carrier's error allows it and they will be of use then.

    It is a text of its own, so that each try is shown with what became of it. A question that is asked
    twice anyway is not: its second asking is the retry. Nor is a reply: the person is awake and asks again.
    """
    spaced = SPACING.get(reaction, ())
    if not spaced or message.kind is MessageKind.REPLY:
        return False
    if message.body_sealed is None or message.withdrawn is not None:
        return False
    if message.kind is MessageKind.SAFETY:
        spaced = SPACING_OF_SAFETY
    if message.prompt_id is not None:
        prompt = session.get_one(Prompt, message.prompt_id)
        if programme.reask_after(prompt.kind) is not None:
            return prompt.times_asked == 1
    first, tries = _line_of(message)
    if tries >= len(spaced) or now + spaced[tries] >= message.expires_at:
        return False
    outbox.add(
        session,
        kind=message.kind,
        body=message.body,
        words=message.words,
        now=now,
        send_after=now + spaced[tries],
        expires_at=message.expires_at,
        is_time_chosen=message.is_time_chosen,
        priority=message.priority,
        participant_id=message.participant_id,
        schedule_id=message.schedule_id,
        prompt_id=message.prompt_id,
        coordinator_id=message.coordinator_id,
        topic=message.topic,
        part=message.part,
        dedupe_key=f"retry:{first}:{tries + 1}",
    )
    return True


def _line_of(message: Message) -> tuple[str, int]:
    """The id of the first try of a text, and how many have followed it so far."""
    if message.dedupe_key is not None and message.dedupe_key.startswith("retry:"):
        _, first, number = message.dedupe_key.split(":")
        return first, int(number)
    return str(message.id), 0


def withdraw_prompt(session: Session, message: Message) -> None:
    """A question that never reached the person is not one they were silent about."""
    if message.prompt_id is not None:
        prompts.withdraw_unreached(session, message.prompt_id)


def make_unknown(
    session: Session, message: Message, reason: str, look_up_at: datetime, now: datetime
) -> bool:
    """It may or may not have arrived: show it, and have the gateway's list asked about it."""
    moved = outbox.move(
        session,
        message.id,
        MessageStatus.UNKNOWN,
        reason=reason[:120],
        look_up_at=look_up_at,
        times_missing=0,
    )
    if (
        moved and message.kind is not MessageKind.REPLY
    ):  # a person who texted will ask again; the thread shows it
        alerts.raise_alert(
            session,
            AlertKind.OUTCOME_UNKNOWN,
            now,
            participant_id=message.participant_id,
            message_id=message.id,
            detail="It is not known whether a text arrived. It was not sent again.",
            dedupe_key=alert_key(message.id, is_second=message.resent_at is not None),
        )
    return moved


def alert_key(message_id: uuid.UUID, *, is_second: bool = False) -> str:
    return f"unknown:{message_id}:2" if is_second else f"unknown:{message_id}"


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
