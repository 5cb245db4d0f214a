"""What happens when nobody answers: ask once more, then close; and invitations that lapse."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.message import FINAL, MessageStatus
from service.domain.programme import CLOSE_AFTER, Programme
from service.domain.prompt import PromptStatus, ScheduleKind
from service.guide.words import Words
from service.store import alerts, outbox, participants, prompts
from service.store.audit import SYSTEM
from service.store.engine import Database
from service.store.schema import Participant, Prompt, Schedule
from service.workflows import consent_steps
from service.workflows.planning import KIND_OF_TEXT, is_over_daily_cap, next_act_at
from service.workflows.wording import say_prompt


@dataclass(frozen=True)
class FollowedUp:
    prompt_id: int
    action: str


def follow_up_next(
    database: Database, words: Words, programme: Programme, now: datetime
) -> FollowedUp | None:
    """Look at the question whose time has come; None when there is none. One transaction."""
    with database.write() as session:
        prompt = prompts.next_to_follow_up(session, now)
        if prompt is None:
            return None
        return FollowedUp(prompt.id, _follow_up(session, words, programme, prompt, now))


def _follow_up(session: Session, words: Words, programme: Programme, prompt: Prompt, now: datetime) -> str:
    if prompt.status is not PromptStatus.OPEN:
        prompt.act_at = None
        return "already over"
    if prompt.asked_at is None:
        # It has not gone out. While its text still waits (quiet hours, an outage) so does the question.
        message = prompts.first_message(session, prompt.id)
        if message is not None and message.status not in FINAL:
            prompt.act_at = max(message.expires_at, now) + CLOSE_AFTER[prompt.kind]
            if message.status is not MessageStatus.UNKNOWN and now < message.expires_at:
                return "still waiting to be sent"
        prompt.status, prompt.act_at = PromptStatus.WITHDRAWN, None
        return "never sent"
    participant = session.get_one(Participant, prompt.participant_id)
    reask_after = programme.reask_after(prompt.kind)
    if reask_after is not None and prompt.times_asked == 1:
        prompt.times_asked = 2
        prompt.act_at = now + CLOSE_AFTER[prompt.kind]
        return _ask_again(session, words, programme, participant, prompt, now)
    prompt.status, prompt.act_at = PromptStatus.SILENT, None
    prompt.is_awaiting_barrier = False
    prompts.withdraw_unreached(session, prompt.id)
    if prompt.status is not PromptStatus.SILENT:
        return "never arrived"
    if prompt.kind is ScheduleKind.CHECK_IN:
        _notice_silence(session, programme, participant, now)
    return "closed"


def _ask_again(
    session: Session,
    words: Words,
    programme: Programme,
    participant: Participant,
    prompt: Prompt,
    now: datetime,
) -> str:
    allowed = programme.quiet.next_allowed(now, ZoneInfo(participant.timezone))
    latest = now + CLOSE_AFTER[prompt.kind]
    if allowed >= latest:
        return "quiet hours, not asked again"
    is_paused = participant.paused_until is not None and participant.paused_until > now
    if is_paused or is_over_daily_cap(session, participant, programme, now):
        return "withheld, not asked again"
    schedule = session.get_one(Schedule, prompt.schedule_id)
    if schedule.ended_at is not None:
        return "the schedule was ended, not asked again"
    key = f"{prompt.kind.value.replace('-', '_')}.again"
    said = say_prompt(session, words, participant, schedule, key, prompt.event_at, allowed)
    outbox.add(
        session,
        kind=KIND_OF_TEXT[prompt.kind],
        body=said.body,
        words=said.words,
        now=now,
        send_after=allowed,
        expires_at=latest,
        participant_id=participant.id,
        schedule_id=schedule.id,
        prompt_id=prompt.id,
        dedupe_key=f"{schedule.id}:{prompt.event_date}:{prompt.slot}:again",
    )
    prompt.act_at = next_act_at(programme, prompt.kind, allowed, times_asked=2)
    return "asked again"


def _notice_silence(session: Session, programme: Programme, participant: Participant, now: datetime) -> None:
    """After the set number of check-ins in a row without an answer, a coordinator is told, once a row."""
    if participant.paused_until is not None and participant.paused_until > now:
        return  # they told us that they want to be left alone
    newest = prompts.newest_check_ins(session, participant.id, programme.silent_check_ins)
    if len(newest) < programme.silent_check_ins:
        return
    if any(prompt.status is not PromptStatus.SILENT for prompt in newest):
        return
    last_answered = prompts.last_answered_check_in(session, participant.id)
    alerts.raise_alert(
        session,
        AlertKind.SILENCE,
        now,
        participant_id=participant.id,
        detail=f"{len(newest)} check-ins in a row without an answer",
        dedupe_key=f"silence:{participant.id}:{last_answered.id if last_answered else 0}",
    )


def lapse_next_invitation(database: Database, now: datetime) -> int | None:
    """Close an invitation that was never answered; None when there is none."""
    with database.write() as session:
        participant = participants.with_lapsed_invitation(session, now)
        if participant is None:
            return None
        if participant.consent is ConsentStatus.INVITED:
            consent_steps.withdraw(
                session, participant, ConsentStatus.LAPSED, ConsentSource.SYSTEM, SYSTEM, now
            )
        participant.invitation_lapses_at = None
        return participant.id
