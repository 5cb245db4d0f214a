"""Writing down what the gateway said."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.domain.gateway_errors import ErrorMeaning, Reaction, meaning_of
from service.domain.message import MessageStatus
from service.domain.programme import Programme
from service.domain.prompt import ScheduleKind
from service.gateways.base import Accepted, NotAccepted, OutcomeUnknown, Rejected, SendOutcome
from service.store import erasure, outbox, outcomes, pace, participants, service_state
from service.store.engine import Database
from service.store.schema import Message, Prompt, SendingPause
from service.workflows.dispatching.claim import ClaimedText, SendResult
from service.workflows.dispatching.reactions import ASK_AFTER, hold_all, make_unknown, put_back, react
from service.workflows.planning import next_act_at


@dataclass(frozen=True)
class Answered:
    """One call and what it ended in; a text that was withheld at the gate has no answer."""

    text: ClaimedText
    outcome: SendOutcome


def record(
    database: Database, programme: Programme, answered: Sequence[Answered], now: datetime
) -> list[SendResult]:
    """Write outcomes down: all that were plainly taken in one transaction, every other in one of its own.

    Doing it twice changes nothing, so it may be repeated after a fault.
    """
    plain = [each for each in answered if isinstance(each.outcome, Accepted) and not each.text.is_probe]
    done = _record_accepted(database, programme, plain, now) if plain else set()
    results = [SendResult(message_id, MessageStatus.SENT) for message_id in done]
    for each in answered:
        if each.text.message_id not in done:
            results.append(_record_or_doubt(database, programme, each, now))
    return results


def _record_or_doubt(
    database: Database, programme: Programme, answered: Answered, now: datetime
) -> SendResult:
    try:
        return record_one(database, programme, answered, now)
    except IntegrityError:
        if not isinstance(answered.outcome, Accepted):
            raise
        # An id that another text has already says nothing about this one.
        unclear = OutcomeUnknown("unreadable answer: an id that belongs to another text")
        return record_one(database, programme, Answered(answered.text, unclear), now)


def _record_accepted(
    database: Database, programme: Programme, answered: Sequence[Answered], now: datetime
) -> set[uuid.UUID]:
    """The texts that could be recorded together. Questions first: everybody locks them before texts."""
    sids = {
        each.text.message_id: each.outcome.gateway_sid
        for each in answered
        if isinstance(each.outcome, Accepted)
    }
    prompt_of = {
        each.text.message_id: each.text.prompt_id for each in answered if each.text.prompt_id is not None
    }
    act_at = {
        (kind, times): next_act_at(programme, kind, now, times) for kind in ScheduleKind for times in (1, 2)
    }
    try:
        with database.write() as session:
            if prompt_of:
                outcomes.asked(session, prompt_of, now, act_at)
            done = outcomes.accepted(session, sids, now)
            if any(each.text.follows_trouble for each in answered):
                pace.forgive(session)
            return done
    except IntegrityError:
        return set()  # one of the gateway's ids is known already: find out which, one by one


def record_one(database: Database, programme: Programme, answered: Answered, now: datetime) -> SendResult:
    """Write one outcome down and do what it calls for."""
    text, outcome = answered.text, answered.outcome
    with database.write() as session:
        if not isinstance(outcome, Accepted) and text.participant_id is not None:
            participants.lock(session, text.participant_id)  # before the text's row, as everywhere
        message = session.get_one(Message, text.message_id)
        pause = service_state.open_pause(session) if text.is_probe else None
        match outcome:
            case Accepted(gateway_sid):
                return _accept(session, programme, message, gateway_sid, pause, now)
            case OutcomeUnknown(reason):
                make_unknown(session, message, reason, now + ASK_AFTER, now)
                return SendResult(message.id, message.status, reason)
            case Rejected(code, http_status, _):
                meaning = meaning_of(code, http_status)
                if pause is not None and meaning.reaction not in (Reaction.PAUSE_ALL, Reaction.SLOW_DOWN):
                    pause.ended_at = now  # refused for its own sake: so the account works again
                return react(session, programme, message, meaning, now)
            case NotAccepted(reason, retry_after, reaction):
                if reaction is Reaction.PAUSE_ALL:
                    return react(
                        session,
                        programme,
                        message,
                        ErrorMeaning(None, reaction, reason, "Run `flask doctor`."),
                        now,
                    )
                return hold_all(session, message, reason, retry_after, now)
            case _:  # withheld
                return put_back(session, message, "withheld", None, now, counts=False)


def _accept(
    session: Session,
    programme: Programme,
    message: Message,
    gateway_sid: str,
    pause: SendingPause | None,
    now: datetime,
) -> SendResult:
    # A receipt may have been faster than the answer: then the status has moved already.
    message.gateway_sid = message.gateway_sid or erasure.sid_to_keep(session, message, gateway_sid, now)
    message.sent_at = now
    session.flush()
    outbox.move(session, message.id, MessageStatus.SENT, reason=None, error_code=None)
    mark_asked(session, programme, message, now)
    pace.forgive(session)
    if pause is not None:
        pause.ended_at = now
    return SendResult(message.id, message.status)


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
