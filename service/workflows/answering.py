"""Taking an answer to a question. Parts of a workflow: they take a session."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind
from service.domain.local_time import to_local
from service.domain.message import MessageKind
from service.domain.programme import CLOSE_AFTER
from service.domain.prompt import (
    LATER_DEFAULT,
    LATER_LONGEST,
    ROUGH_SCORE,
    Answer,
    ParsedAnswer,
    PromptStatus,
    ScheduleKind,
)
from service.guide.words import Words
from service.routing.answers import read_answer
from service.routing.fold import fold
from service.store import alerts, outbox, prompts
from service.store.schema import InboundMessage, Participant, Prompt, Schedule
from service.workflows.wording import Said, say, say_prompt, say_time

ANSWERABLE_FOR = timedelta(hours=24)
"""How long after its last asking a question still takes an answer, late or changed."""
CLEAR_ENOUGH = 0.6


@dataclass(frozen=True)
class Asked:
    """The questions that a text may answer: those still open first, the newest first among each."""

    prompts: Sequence[Prompt]

    @property
    def kinds(self) -> list[ScheduleKind]:
        return list(dict.fromkeys(prompt.kind for prompt in self.prompts))

    @property
    def open_kinds(self) -> list[ScheduleKind]:
        return list(
            dict.fromkeys(prompt.kind for prompt in self.prompts if prompt.status is PromptStatus.OPEN)
        )

    @property
    def awaiting_barrier(self) -> Prompt | None:
        return next((prompt for prompt in self.prompts if prompt.is_awaiting_barrier), None)


def what_was_asked(session: Session, participant: Participant, now: datetime) -> Asked:
    recent = prompts.recent_asked(session, participant.id, now - ANSWERABLE_FOR)
    answerable = [prompt for prompt in recent if prompt.status is not PromptStatus.WITHDRAWN]
    return Asked(sorted(answerable, key=lambda prompt: prompt.status is not PromptStatus.OPEN))


def choose(session: Session, asked: Asked, kind: ScheduleKind, text: str) -> Prompt | None:
    """Which question of this kind a text answers: the one it names, else the newest still open."""
    candidates = [prompt for prompt in asked.prompts if prompt.kind is kind]
    if len(candidates) > 1 and kind is not ScheduleKind.CHECK_IN:
        said = f" {fold(text)} "
        labels = [fold(session.get_one(Schedule, prompt.schedule_id).label or "") for prompt in candidates]
        named = [(label, prompt) for label, prompt in zip(labels, candidates, strict=True)
                 if label and f" {label} " in said]  # fmt: skip
        if named:  # the longest: "blue box" names "box" as well
            return max(named, key=lambda pair: len(pair[0]))[1]
    return candidates[0] if candidates else None


def read_naming(session: Session, asked: Asked, text: str) -> tuple[ScheduleKind, ParsedAnswer] | None:
    """An answer that names what it is about, as "took the blue box": clear once the name is read as "it"."""
    for prompt in asked.prompts:
        label = fold(session.get_one(Schedule, prompt.schedule_id).label or "")
        if not label or f" {label} " not in f" {fold(text)} ":
            continue
        name = re.compile(rf"\b(?:(?:with|my|the|el|la|mi) )*{re.escape(label)}\b")
        for instead in ("it", ""):
            parsed = read_answer(prompt.kind, name.sub(instead, fold(text)))
            if parsed is not None and parsed.confidence >= CLEAR_ENOUGH:
                return prompt.kind, parsed
    return None


def take_answer(
    session: Session,
    words: Words,
    participant: Participant,
    prompt: Prompt,
    parsed: ParsedAnswer,
    inbound: InboundMessage,
    now: datetime,
    language: str,
) -> Said:
    """Record an answer, first, late or changed, and say in `language` what was understood."""
    before, earlier_score = prompt.status, prompt.score
    was_answer = prompt.answer
    inbound.prompt_id = prompt.id
    if parsed.answer is Answer.LATER:
        return _ask_later(session, words, participant, prompt, parsed, now, language)
    prompt.answer, prompt.score = parsed.answer, parsed.score
    prompt.answered_at = now
    prompt.status, prompt.act_at = PromptStatus.ANSWERED, None
    outbox.cancel_prompt(session, prompt.id, now, "answered")
    if parsed.answer is Answer.SCORE:
        return _take_score(
            session,
            words,
            participant,
            prompt,
            inbound,
            now,
            language,
            before=before,
            earlier_score=earlier_score,
        )
    if parsed.answer is Answer.CHANGE:
        return _take_change(session, words, participant, prompt, parsed, inbound, now, language)
    prompt.is_awaiting_barrier = False
    if before is PromptStatus.ANSWERED and was_answer is parsed.answer:
        return say(session, words, "already_answered", language)
    return say(session, words, f"{prompt.kind.value}.{parsed.answer.value}", language)


def take_barrier(
    session: Session,
    words: Words,
    participant: Participant,
    prompt: Prompt,
    parsed: ParsedAnswer,
    inbound: InboundMessage,
    now: datetime,
    language: str,
) -> Said:
    """The reason letter that follows CHANGE."""
    inbound.prompt_id = prompt.id
    return _take_change(session, words, participant, prompt, parsed, inbound, now, language)


def _take_score(
    session: Session,
    words: Words,
    participant: Participant,
    prompt: Prompt,
    inbound: InboundMessage,
    now: datetime,
    language: str,
    *,
    before: PromptStatus,
    earlier_score: int | None,
) -> Said:
    score = prompt.score or 0
    is_change = before is PromptStatus.ANSWERED
    if is_change and earlier_score == score:
        return say(session, words, "already_answered", language)
    if score <= ROUGH_SCORE:
        # However late, a rough score is a rough score: warmth and a person, before book-keeping.
        alerts.raise_alert(
            session,
            AlertKind.ROUGH_SCORE,
            now,
            participant_id=participant.id,
            inbound_id=inbound.id,
            detail=f"check-in {score} of 5",
            dedupe_key=f"rough:{prompt.id}:{score}",
        )
        return say(session, words, "check_in.rough", language)
    if is_change or before is PromptStatus.SILENT:
        key = "check_in.updated" if is_change else "check_in.noted_late"
        return say(session, words, key, language, score=score)
    return say(session, words, "check_in.middle" if score == 3 else "check_in.good", language)


def _take_change(
    session: Session,
    words: Words,
    participant: Participant,
    prompt: Prompt,
    parsed: ParsedAnswer,
    inbound: InboundMessage,
    now: datetime,
    language: str,
) -> Said:
    alerts.raise_alert(
        session,
        AlertKind.APPOINTMENT_CHANGE,
        now,
        participant_id=participant.id,
        inbound_id=inbound.id,
        detail="asks for another time",
        dedupe_key=f"change:{prompt.id}",
    )
    prompt.answer, prompt.barrier = Answer.CHANGE, parsed.barrier
    prompt.is_awaiting_barrier = parsed.barrier is None
    if parsed.barrier is None:
        return say(session, words, "appointment.change", language)
    alerts.set_detail(session, f"change:{prompt.id}", f"asks for another time: {parsed.barrier.value}")
    return say(session, words, "appointment.change_noted", language)


def _ask_later(
    session: Session,
    words: Words,
    participant: Participant,
    prompt: Prompt,
    parsed: ParsedAnswer,
    now: datetime,
    language: str,
) -> Said:
    """LATER: ask again after the time given, in the person's own language, and wait that long."""
    wait = min(parsed.later or LATER_DEFAULT, LATER_LONGEST)
    ask_at = now + wait
    schedule = session.get_one(Schedule, prompt.schedule_id)
    outbox.cancel_prompt(session, prompt.id, now, "asked for later")
    is_paused = participant.paused_until is not None and participant.paused_until > now
    said = say_prompt(session, words, participant, schedule, "medication.later", prompt.event_at, ask_at)
    outbox.add(
        session,
        # A pause withholds texts by schedule. This one was asked for while it lasted, and promised.
        kind=MessageKind.NOTICE if is_paused else MessageKind.MEDICATION,
        body=said.body,
        words=said.words,
        now=now,
        send_after=ask_at,
        expires_at=ask_at + CLOSE_AFTER[prompt.kind],
        participant_id=participant.id,
        schedule_id=schedule.id,
        prompt_id=prompt.id,
        is_time_chosen=True,
    )
    prompt.status, prompt.answer = PromptStatus.OPEN, None
    prompt.times_asked = 2  # the person set the time; it is not asked a further time by itself
    prompt.act_at = ask_at + CLOSE_AFTER[prompt.kind]
    local = to_local(ask_at, ZoneInfo(participant.timezone))
    return say(
        session,
        words,
        "medication.later_set",
        language,
        time=say_time(local.time(), language),
        minutes=int(wait.total_seconds() // 60),
    )
