"""Schedules, and the one index the planner looks at."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.orm import Session, contains_eager

from service.domain.prompt import ScheduleKind
from service.domain.recurrence import Recurrence
from service.domain.schedule import ReminderRule, reminders
from service.store.schema import Participant, Schedule
from service.store.sealing import seal_optional
from service.store.types import UtcDateTime


def add(
    session: Session, participant_id: int, rule: ReminderRule, label: str | None, now: datetime
) -> Schedule:
    recurrence = rule.recurrence
    schedule = Schedule(
        participant_id=participant_id,
        kind=rule.kind,
        label_sealed=seal_optional(session, label),
        at=rule.at,
        repeats=recurrence.repeats,
        every=recurrence.every,
        weekdays=sum(1 << day for day in recurrence.weekdays),
        month_day=recurrence.month_day,
        starting=recurrence.starting,
        until=recurrence.until,
        lead_minutes=rule.lead_minutes,
        created_at=now,
    )
    session.add(schedule)
    session.flush()
    return schedule


def rule_of(schedule: Schedule) -> ReminderRule:
    return ReminderRule(
        kind=ScheduleKind(schedule.kind),
        at=schedule.at,
        recurrence=Recurrence(
            repeats=schedule.repeats,
            starting=schedule.starting,
            every=schedule.every,
            weekdays=frozenset(day for day in range(7) if schedule.weekdays >> day & 1),
            month_day=schedule.month_day,
            until=schedule.until,
        ),
        lead_minutes=schedule.lead_minutes,
    )


def wake(schedule: Schedule, timezone: str, now: datetime) -> None:
    """Work out what is next after now: on creation, on a change of zone, and when a person comes back."""
    upcoming = next(reminders(rule_of(schedule), ZoneInfo(timezone), now), None)
    schedule.next_due_at = upcoming.due_at if upcoming and schedule.ended_at is None else None


def live_of(session: Session, participant_id: int) -> Sequence[Schedule]:
    return session.scalars(
        select(Schedule)
        .where(Schedule.participant_id == participant_id, Schedule.ended_at.is_(None))
        .order_by(Schedule.id)
    ).all()


def ended_since(session: Session, participant_id: int, since: datetime, limit: int) -> Sequence[Schedule]:
    """What ended at or after an instant, the newest first."""
    return session.scalars(
        select(Schedule)
        .where(Schedule.participant_id == participant_id, Schedule.ended_at >= since)
        .order_by(Schedule.ended_at.desc(), Schedule.id.desc())
        .limit(limit)
    ).all()


def rest(session: Session, participant_id: int) -> None:
    """Nothing is due any more: the person opted out. `wake` brings a schedule back."""
    session.execute(
        update(Schedule)
        .where(Schedule.participant_id == participant_id)
        .values(next_due_at=None)
        .execution_options(synchronize_session="fetch")
    )


def due(session: Session, until: datetime, limit: int, passing_over: Collection[int]) -> Sequence[Schedule]:
    """The schedules that are due first, their people locked; who is locked by others is passed over.

    The people, not the schedules: everybody locks the person first, and a text written for one takes a
    share of that lock. What others have changed while we waited for nothing is read anew under the locks.
    """
    query = (
        select(Schedule.id)
        .join(Schedule.participant)
        .where(Schedule.next_due_at <= until)
        .order_by(Schedule.next_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Participant)
    )
    if passing_over:
        query = query.where(Schedule.id.not_in(passing_over))
    ids = session.scalars(query).all()
    if not ids:
        return ()
    return session.scalars(
        select(Schedule)
        .join(Schedule.participant)
        .options(contains_eager(Schedule.participant))
        .where(Schedule.id.in_(ids), Schedule.next_due_at <= until)
        .order_by(Schedule.next_due_at)
    ).all()


def all_due(session: Session, now: datetime, limit: int) -> Sequence[Schedule]:
    return session.scalars(
        select(Schedule)
        .where(Schedule.next_due_at <= now)
        .order_by(Schedule.next_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def move_on(session: Session, following: Sequence[tuple[Schedule, datetime | None]]) -> None:
    """Set the next due time of each, where it still is what was read.

    Raises RuntimeError when one of them is not: somebody has changed it without the lock of its person.
    """
    result = session.connection().execute(
        _MOVE_ON, [{"of": each.id, "was": each.next_due_at, "to": to} for each, to in following]
    )
    if result.rowcount != len(following):
        raise RuntimeError("a schedule was changed while it was being planned")


_MOVE_ON = (
    update(cast(Table, Schedule.__table__))
    .where(Schedule.id == bindparam("of"), Schedule.next_due_at == bindparam("was", type_=UtcDateTime()))
    .values(next_due_at=bindparam("to", type_=UtcDateTime()))
)


def next_due_at(session: Session) -> datetime | None:
    return session.scalar(select(func.min(Schedule.next_due_at)))
