"""When an answer is held back, so that two automatic phones do not talk for ever. Parts of a workflow.

Nobody in danger is cut off by a count of texts: safety replies have a limit of their own, and beyond it the
one line with the numbers still goes, only less often. An automatic phone falls silent when we do; a person
goes on writing, and gets that line again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind
from service.domain.message import MessageKind
from service.domain.programme import Programme
from service.guide.words import Words
from service.routing.router import Lane
from service.store import alerts, inbox
from service.store.inbox import Lately, Since
from service.store.schema import InboundMessage, Participant
from service.workflows.conversation import Outcome
from service.workflows.planning import report_daily_cap, start_of_day

SAME_WORDS_WINDOW = timedelta(minutes=15)
SAME_WORDS_ANSWERED = 3
REPLIES_WINDOW = timedelta(hours=1)
REPLIES_AT_MOST = 20
UNKNOWN_WINDOW = timedelta(days=1)
UNKNOWN_REPLIES_AT_MOST = 4
STAFF_REPLIES_AT_MOST = 40
SAFETY_WINDOW = timedelta(minutes=10)
SAFETY_IN_FULL = 4
SAFETY_LINE = "safety.soft"
SILENCE = Outcome()


@dataclass(frozen=True)
class Asking:
    """An answer that is about to be given, and to what."""

    session: Session
    words: Words
    programme: Programme
    participant: Participant | None
    record: InboundMessage
    now: datetime


def hold_back(asking: Asking, outcome: Outcome) -> Outcome:
    """The answer as it may be given: itself, one line in its place, or silence."""
    is_safety = outcome.kind is MessageKind.SAFETY
    if outcome.is_consent and not is_safety:
        return outcome
    lately = _lately(asking)
    if lately.is_awaiting_replay and not is_safety:
        return SILENCE  # a restored backup does not know yet who has opted out since
    # MORE turns page after page, and DONE may answer one question after another.
    is_step = asking.record.lane == Lane.KEYWORD or asking.record.prompt_id is not None
    is_same = lately.same > SAME_WORDS_ANSWERED and not is_step
    held = (
        _hold_safety(asking, lately, is_same, outcome)
        if is_safety
        else _hold(asking, lately, is_same, outcome)
    )
    if held is None:
        return outcome
    _report(asking)
    return held


def _lately(asking: Asking) -> Lately:
    now, participant = asking.now, asking.participant
    return inbox.lately(
        asking.session,
        asking.record,
        participant.id if participant else None,
        Since(
            same=now - SAME_WORDS_WINDOW,
            replies=now - (REPLIES_WINDOW if participant else UNKNOWN_WINDOW),
            day=start_of_day(participant, now) if participant else now,
            safety=now - SAFETY_WINDOW,
        ),
        SAFETY_LINE,
    )


def _hold_safety(asking: Asking, lately: Lately, is_same: bool, outcome: Outcome) -> Outcome | None:
    if lately.safety_in_full < SAFETY_IN_FULL and not is_same:
        return None
    if lately.safety_lines or outcome.words is None:
        return SILENCE
    return _line(asking, SAFETY_LINE, MessageKind.SAFETY)


def _hold(asking: Asking, lately: Lately, is_same: bool, outcome: Outcome) -> Outcome | None:
    if is_same:
        return SILENCE
    if asking.participant is None:
        most = STAFF_REPLIES_AT_MOST if outcome.is_to_staff else UNKNOWN_REPLIES_AT_MOST
        return SILENCE if lately.replies >= most else None
    if lately.to_person >= asking.programme.daily_cap:
        report_daily_cap(asking.session, asking.participant, asking.now)
        return SILENCE
    if lately.replies == REPLIES_AT_MOST:
        return _line(asking, "reply_limit", MessageKind.REPLY)
    return SILENCE if lately.replies > REPLIES_AT_MOST else None


def _line(asking: Asking, key: str, kind: MessageKind) -> Outcome:
    text = asking.words.text(key, asking.participant.language if asking.participant else "en")
    return Outcome(text.body, f"{text.key}@{text.version}", kind)


def _report(asking: Asking) -> None:
    participant, record = asking.participant, asking.record
    who = participant.id if participant else record.phone_index.hex()[:16]
    alerts.raise_alert(
        asking.session,
        AlertKind.REPLY_LIMIT,
        asking.now,
        participant_id=participant.id if participant else None,
        inbound_id=record.id,
        detail="Many texts in a short time; some were not answered.",
        dedupe_key=f"loop:{who}:{asking.now:%Y-%m-%d}",
    )
