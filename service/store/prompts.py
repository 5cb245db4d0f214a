"""Questions to people."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from service.domain.message import FINAL, MessageStatus
from service.domain.prompt import PromptStatus, ScheduleKind
from service.store.schema import Message, Prompt
from service.store.types import UtcDateTime

NEVER_ARRIVED = FINAL - {MessageStatus.DELIVERED}


def open_row(
    *,
    participant_id: int,
    schedule_id: int,
    kind: ScheduleKind,
    event_date: date,
    slot: str,
    event_at: datetime,
    act_at: datetime,
    now: datetime,
) -> dict[str, Any]:
    """An open question, for `open_prompts`."""
    return {
        "participant_id": participant_id,
        "schedule_id": schedule_id,
        "kind": kind,
        "event_date": event_date,
        "slot": slot,
        "event_at": event_at,
        "status": PromptStatus.OPEN,
        "act_at": act_at,
        "created_at": now,
    }


def open_prompts(session: Session, rows: Sequence[dict[str, Any]]) -> Sequence[int]:
    """Write open questions in one statement; their ids, in the order of `rows`."""
    if not rows:
        return ()
    return session.scalars(insert(Prompt).returning(Prompt.id, sort_by_parameter_order=True), rows).all()


def recent_asked(session: Session, participant_id: int, since: datetime) -> Sequence[Prompt]:
    """Questions that reached the gateway since an instant, newest first, whatever became of them."""
    return session.scalars(_RECENT, {"person": participant_id, "since": since}).all()


_RECENT = (
    select(Prompt)
    .where(
        Prompt.participant_id == bindparam("person"),
        Prompt.asked_at >= bindparam("since", type_=UtcDateTime()),
    )
    .order_by(Prompt.asked_at.desc(), Prompt.id.desc())
)


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


def lock(session: Session, prompt_id: int) -> None:
    """Hold a question until the transaction ends."""
    session.execute(select(Prompt.id).where(Prompt.id == prompt_id).with_for_update())


def withdraw_all_open(session: Session) -> int:
    """Close every open question as withdrawn: it is not known any more which were answered."""
    result: Any = session.execute(
        update(Prompt)
        .where(Prompt.status == PromptStatus.OPEN)
        .values(status=PromptStatus.WITHDRAWN, act_at=None, is_awaiting_barrier=False)
        .execution_options(synchronize_session=False)
    )
    count: int = result.rowcount
    return count


def withdraw_unreached(session: Session, prompt_id: int) -> None:
    """Close a question none of whose texts has arrived or still may, unless it is answered.

    One that somebody else is working on is left to the follow-up, which comes to the same end.
    """
    prompt = session.scalar(select(Prompt).where(Prompt.id == prompt_id).with_for_update(skip_locked=True))
    if prompt is None or prompt.status not in {PromptStatus.OPEN, PromptStatus.SILENT}:
        return
    arrived = session.scalar(
        select(Message.id)
        .where(Message.prompt_id == prompt_id, Message.status.not_in(NEVER_ARRIVED))
        .limit(1)
    )
    if arrived is None:
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
