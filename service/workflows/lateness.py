"""Acting on a text that the webhook missed and the gateway's list brought. Parts of a workflow.

What a text means does not grow stale: danger is alerted, STOP and JOIN count, answers are recorded, however
late. What we say about it does: a cheerful answer hours later is worse than none.

    up to STALE_AFTER   answered as any text, by the outbox; only the newest of several is chatted with
    up to OWED_FOR      the safety reply
    however late        the confirmation of a consent that was given
    anything else       nothing goes back; staff are told
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.message import MessageKind
from service.domain.prompt import Answer
from service.routing.router import Lane
from service.store import inbox, participants, withdrawals
from service.workflows.answering import Asked
from service.workflows.conversation import Conversation, Outcome
from service.workflows.conversing import converse, safety_reply

STALE_AFTER = timedelta(hours=1)
OWED_FOR = timedelta(hours=24)
CHAT_LASTS = timedelta(minutes=30)
SILENCE = Outcome()


@dataclass(frozen=True)
class Late:
    """When the gateway had the text, and whether it is the person's newest of those found with it."""

    received_at: datetime
    is_newest: bool = True

    def is_stale(self, now: datetime) -> bool:
        return now - self.received_at > STALE_AFTER

    def age_at(self, now: datetime) -> str:
        """How late it is, in words for staff."""
        minutes = max(int((now - self.received_at).total_seconds() // 60), 1)
        age = f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
        return f"read {age} late"

    def answer_lasts(self, outcome: Outcome, now: datetime) -> datetime:
        """Until when an answer is worth sending."""
        if outcome.kind is MessageKind.SAFETY:
            return max(self.received_at + OWED_FOR, now + CHAT_LASTS)
        return now + (OWED_FOR if outcome.is_consent else CHAT_LASTS)

    def may_disturb(self, outcome: Outcome, now: datetime) -> bool:
        """Whether an answer may go in the person's quiet hours: to danger, and while they are still awake."""
        return outcome.kind is MessageKind.SAFETY or not self.is_stale(now)


def converse_late(c: Conversation, late: Late) -> Outcome:
    """Act on a late text and say what to answer by the outbox."""
    is_stale = late.is_stale(c.now)
    c = replace(c, asked=_asked_by_then(c, late))
    if is_stale and c.meaning.answer is not None and c.meaning.answer.answer is Answer.LATER:
        # "Later", said hours ago, is over.
        c = replace(c, meaning=replace(c.meaning, lane=Lane.OTHER, label="menu", answer=None))
    outcome = _of_danger(c) if _is_overtaken(c, late) else converse(c)
    if outcome.body is None:
        return outcome
    if outcome.kind is MessageKind.SAFETY:
        return outcome if c.now - late.received_at <= OWED_FOR else _leave_to_staff(c, late)
    if outcome.is_consent:
        # They asked for no more texts, and have had none since. The other way round the ledger says what
        # words they were shown, so those must go.
        return SILENCE if is_stale and c.meaning.opt_out is not None else outcome
    if is_stale:
        return _leave_to_staff(c, late)
    is_newest = late.is_newest and not inbox.has_later(c.session, c.record)
    return outcome if is_newest else SILENCE


def _of_danger(c: Conversation) -> Outcome:
    return safety_reply(c) if c.is_in_danger else SILENCE


def _asked_by_then(c: Conversation, late: Late) -> Asked:
    """The questions that this text can have answered: asked before it, and not answered since."""
    return Asked(
        [
            prompt
            for prompt in c.asked.prompts
            if prompt.asked_at is not None
            and prompt.asked_at <= late.received_at
            and (prompt.answered_at is None or prompt.answered_at <= late.received_at)
        ]
    )


def _is_overtaken(c: Conversation, late: Late) -> bool:
    """True when the person's permission has changed since they wrote: the newer wish stands.

    A STOP gives way to nothing but the person's own later text: not to what staff entered meanwhile.
    """
    if c.participant is None:
        suppressed = withdrawals.suppression_of(c.session, c.record.phone_index)
        return suppressed is not None and suppressed.at >= late.received_at
    if c.participant.consent_changed_at <= late.received_at:
        return False
    is_stop = c.meaning.opt_out is not None or c.inbound.opt_out_type == "STOP"
    if not is_stop or c.participant.consent is ConsentStatus.OPTED_OUT:
        return True
    newest = participants.consent_history(c.session, c.participant.id)[-1]
    return newest.source is ConsentSource.TEXT


def _leave_to_staff(c: Conversation, late: Late) -> Outcome:
    if c.participant is not None:
        c.alert(AlertKind.READ_LATE, f"{late.age_at(c.now)}, and not answered")
    return SILENCE
