"""Questions to people."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.domain.prompt import PromptStatus, ScheduleKind
from service.store.schema import Message, Prompt


def open_prompt(
    session: Session,
    *,
    participant_id: int,
    schedule_id: int,
    kind: ScheduleKind,
    event_date: date,
    slot: str,
    event_at: datetime,
    act_at: datetime,
    now: datetime,
) -> Prompt:
    prompt = Prompt(
        participant_id=participant_id,
        schedule_id=schedule_id,
        kind=kind,
        event_date=event_date,
        slot=slot,
        event_at=event_at,
        status=PromptStatus.OPEN,
        act_at=act_at,
        created_at=now,
    )
    session.add(prompt)
    session.flush()
    return prompt


def recent_asked(session: Session, participant_id: int, since: datetime) -> Sequence[Prompt]:
    """Questions that reached the gateway since an instant, newest first, whatever became of them."""
    return session.scalars(
        select(Prompt)
        .where(
            Prompt.participant_id == participant_id,
            Prompt.asked_at >= since,
        )
        .order_by(Prompt.asked_at.desc(), Prompt.id.desc())
    ).all()


def live_of(session: Session, participant_id: int) -> Sequence[Prompt]:
    return session.scalars(
        select(Prompt).where(Prompt.participant_id == participant_id, Prompt.status == PromptStatus.OPEN)
    ).all()


def next_to_follow_up(session: Session, now: datetime) -> Prompt | None:
    return session.scalar(
        select(Prompt)
        .where(Prompt.act_at <= now)
        .order_by(Prompt.act_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def next_act_at(session: Session) -> datetime | None:
    return session.scalar(select(func.min(Prompt.act_at)))


def first_message(session: Session, prompt_id: int) -> Message | None:
    return session.scalar(
        select(Message).where(Message.prompt_id == prompt_id).order_by(Message.created_at).limit(1)
    )


def newest_check_ins(session: Session, participant_id: int, limit: int) -> Sequence[Prompt]:
    """The last check-ins that were asked and are over, newest first."""
    return session.scalars(
        select(Prompt)
        .where(
            Prompt.participant_id == participant_id,
            Prompt.kind == ScheduleKind.CHECK_IN,
            Prompt.status.in_((PromptStatus.ANSWERED, PromptStatus.SILENT)),
        )
        .order_by(Prompt.asked_at.desc(), Prompt.id.desc())
        .limit(limit)
    ).all()


def withdraw_unasked(session: Session, prompt_id: int) -> None:
    """Close a question whose text will never go out, unless it was asked before or is answered."""
    prompt = session.get_one(Prompt, prompt_id)
    if prompt.status is PromptStatus.OPEN and prompt.asked_at is None:
        prompt.status, prompt.act_at = PromptStatus.WITHDRAWN, None


def last_answered_check_in(session: Session, participant_id: int) -> Prompt | None:
    return session.scalar(
        select(Prompt)
        .where(
            Prompt.participant_id == participant_id,
            Prompt.kind == ScheduleKind.CHECK_IN,
            Prompt.status == PromptStatus.ANSWERED,
        )
        .order_by(Prompt.id.desc())
        .limit(1)
    )
