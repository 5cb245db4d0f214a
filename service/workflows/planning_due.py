"""Turning due schedules into texts that wait to be sent, many in one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from service.domain.message import MessageStatus
from service.domain.programme import Programme
from service.domain.schedule import Reminder, expires_at, reminders
from service.guide.words import Words
from service.store import outbox, prompts, schedules
from service.store.engine import Database
from service.store.schema import Schedule
from service.workflows.planning import (
    INSTANT,
    KIND_OF_TEXT,
    Fate,
    fate_of,
    next_act_at,
    occurrence_key,
    report_daily_cap,
    start_of_day,
)
from service.workflows.wording import prompt_key, say_prompt

BATCH = 200
"""Schedules in one transaction: most of what a single one costs is its statements and its commit."""

NOT_ITS_FAULT = (OperationalError, InterfaceError)
"""The database is away or busy: whatever is planned would fail alike."""


class CannotPlan(Exception):
    """Planning these schedules failed, and nothing of it was kept; the cause says why."""

    def __init__(self, schedule_ids: Sequence[int]) -> None:
        super().__init__(f"{len(schedule_ids)} schedules could not be planned")
        self.schedule_ids = tuple(schedule_ids)


@dataclass(frozen=True)
class Planned:
    """How many due schedules were moved on, and how many rows that wrote, withheld or expired included."""

    schedules: int
    written: int


@dataclass(frozen=True)
class _Occurrence:
    """A reminder that was due, what becomes of it, and the key that keeps it from being written twice."""

    schedule: Schedule
    reminder: Reminder
    key: str
    fate: Fate


def plan_due(
    database: Database,
    words: Words,
    programme: Programme,
    now: datetime,
    ahead: timedelta = timedelta(),
    *,
    most: int = BATCH,
    passing_over: Collection[int] = (),
) -> Planned | None:
    """Plan up to `most` schedules that are due first; None when nothing is due within `ahead`.

    One transaction:

    1. Take the schedules whose `next_due_at` has come, their people locked, and move them on.
    2. Write one row for each reminder that was due: queued, or cancelled or expired with the reason, so
       that nothing vanishes. Its `dedupe_key` keeps the same occurrence from being written twice.
    3. A row that waits to be sent opens its question.

    Raises CannotPlan with the schedule that is at fault, or with all of them where that cannot be told.
    """
    with database.write() as session:
        taken = schedules.due(session, now + ahead, most, passing_over)
        if not taken:
            return None
        found: list[_Occurrence] = []
        following: list[tuple[Schedule, datetime | None]] = []
        for schedule in taken:
            try:
                occurrences, to = _due_of(schedule, programme, now)
            except Exception as problem:
                raise CannotPlan([schedule.id]) from problem
            found += occurrences
            following.append((schedule, to))
        try:
            schedules.move_on(session, following)
            written = _write(session, words, programme, found, now)
            session.flush()
        except (CannotPlan, *NOT_ITS_FAULT):
            raise
        except Exception as problem:
            raise CannotPlan([schedule.id for schedule in taken]) from problem
        return Planned(len(taken), written)


def _due_of(
    schedule: Schedule, programme: Programme, now: datetime
) -> tuple[list[_Occurrence], datetime | None]:
    """What a schedule has due, and when it is due next."""
    participant, due_at = schedule.participant, schedule.next_due_at
    if due_at is None:
        return [], None
    found: list[_Occurrence] = []
    for reminder in reminders(schedules.rule_of(schedule), ZoneInfo(participant.timezone), due_at - INSTANT):
        if reminder.due_at > due_at:
            return found, reminder.due_at
        fate = fate_of(participant, schedule, reminder, programme, now)
        found.append(_Occurrence(schedule, reminder, occurrence_key(schedule.id, reminder), fate))
    return found, None


def _write(
    session: Session, words: Words, programme: Programme, found: Sequence[_Occurrence], now: datetime
) -> int:
    """One row for each occurrence; how many."""
    # The person moved west, and a date was done in the old zone: that one is said already.
    said = outbox.said_of(session, [each.key for each in found])
    found = _within_daily_cap(session, programme, [each for each in found if each.key not in said], now)
    asked = [each for each in found if each.fate.status is MessageStatus.QUEUED]
    opened = prompts.open_prompts(session, [_prompt(each, programme, now) for each in asked])
    prompt_ids = dict(zip((each.key for each in asked), opened, strict=True))
    outbox.add_all(session, [_text(session, words, each, prompt_ids.get(each.key), now) for each in found])
    return len(found)


def _within_daily_cap(
    session: Session, programme: Programme, found: Sequence[_Occurrence], now: datetime
) -> list[_Occurrence]:
    """The same, with those withheld that would be more than a person may get in one of their days."""
    people = {
        each.schedule.participant_id: each.schedule.participant
        for each in found
        if each.fate.status is MessageStatus.QUEUED
    }
    days = {person_id: start_of_day(person, now) for person_id, person in people.items()}
    counts = outbox.counts_since(session, days)
    checked = []
    for each in found:
        if each.fate.status is MessageStatus.QUEUED:
            person_id = each.schedule.participant_id
            counts[person_id] += 1
            if counts[person_id] > programme.daily_cap:
                counts[person_id] -= 1
                fate = Fate(MessageStatus.CANCELLED, each.fate.send_after, "the day's limit was reached")
                each = replace(each, fate=fate)
                report_daily_cap(session, people[person_id], now)
        checked.append(each)
    return checked


def _prompt(each: _Occurrence, programme: Programme, now: datetime) -> dict[str, Any]:
    schedule, reminder = each.schedule, each.reminder
    return prompts.open_row(
        participant_id=schedule.participant_id,
        schedule_id=schedule.id,
        kind=schedule.kind,
        event_date=reminder.event_date,
        slot=reminder.slot,
        event_at=reminder.event_at,
        act_at=next_act_at(programme, schedule.kind, each.fate.send_after, times_asked=1),
        now=now,
    )


def _text(
    session: Session, words: Words, each: _Occurrence, prompt_id: int | None, now: datetime
) -> dict[str, Any]:
    schedule, reminder, fate = each.schedule, each.reminder, each.fate
    try:
        said = say_prompt(
            session,
            words,
            schedule.participant,
            schedule,
            prompt_key(schedule.kind, reminder),
            reminder.event_at,
            fate.send_after,
        )
    except NOT_ITS_FAULT:
        raise
    except Exception as problem:
        raise CannotPlan([schedule.id]) from problem
    return outbox.row(
        session,
        kind=KIND_OF_TEXT[schedule.kind],
        status=fate.status,
        reason=fate.reason,
        body=said.body,
        words=said.words,
        now=now,
        send_after=fate.send_after,
        expires_at=expires_at(schedules.rule_of(schedule), reminder),
        is_time_chosen=reminder.is_time_chosen,
        participant_id=schedule.participant_id,
        schedule_id=schedule.id,
        prompt_id=prompt_id,
        dedupe_key=each.key,
    )
