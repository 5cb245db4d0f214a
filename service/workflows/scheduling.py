"""Giving a person questions and reminders; `ending.py` takes them away."""

from dataclasses import dataclass
from datetime import date, datetime, time

from service.domain.consent import ConsentStatus
from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.local_time import to_local, zone_named
from service.domain.prompt import ScheduleKind
from service.domain.recurrence import Recurrence, Repeats, describe
from service.domain.schedule import ReminderRule, reminders
from service.store import audit, participants, schedules
from service.store.audit import By
from service.store.engine import Database

LONGEST_LABEL = 40


@dataclass(frozen=True)
class NewSchedule:
    """What a coordinator enters. `on` makes it a single date; `month_day` monthly; else days or weeks."""

    kind: ScheduleKind
    at: time
    label: str = ""
    weekdays: frozenset[int] = frozenset()
    every: int = 1
    every_unit: str = "days"  # days | weeks; weekdays make it weeks
    month_day: int | None = None
    on: date | None = None
    starting: date | None = None
    until: date | None = None
    lead_minutes: int | None = None


@dataclass(frozen=True)
class Scheduled:
    schedule_id: int
    description: str
    next_due_at: datetime | None


def rule_for(entry: NewSchedule, today: date) -> ReminderRule:
    """The rule that an entry means. Raises BadInput, which says what to mend."""
    if len(entry.label) > LONGEST_LABEL:
        raise BadInput(f"The label is longer than {LONGEST_LABEL} characters: shorten it.")
    if any(char in entry.label for char in "{}\n\r"):
        raise BadInput("The label may not hold braces or line breaks.")
    if sum((entry.on is not None, entry.month_day is not None, bool(entry.weekdays))) > 1:
        raise BadInput("Choose one: certain days of the week, a day of the month, or a single date.")
    starting = entry.on or entry.starting or today
    if entry.on is not None:
        if entry.on < today:
            raise BadInput("That date is over: choose today or a later date.")
        recurrence = Recurrence(Repeats.ONCE, starting)
    elif entry.month_day is not None:
        recurrence = Recurrence(
            Repeats.MONTHS, starting, every=entry.every, month_day=entry.month_day, until=entry.until
        )
    elif entry.weekdays or entry.every_unit == "weeks":
        recurrence = Recurrence(
            Repeats.WEEKS,
            starting,
            every=entry.every,
            weekdays=entry.weekdays or frozenset({starting.weekday()}),
            until=entry.until,
        )
    else:
        recurrence = Recurrence(Repeats.DAYS, starting, every=entry.every, until=entry.until)
    return ReminderRule(entry.kind, entry.at, recurrence, entry.lead_minutes)


def add_schedule(
    database: Database, participant_id: int, entry: NewSchedule, by: By, now: datetime
) -> Scheduled:
    """Give a person a question or reminder. It waits until they have opted in."""
    with database.write() as session:
        participant = participants.lock(session, participant_id)
        if participant is None:
            raise NotFound("There is no such participant.")
        if participant.consent in {ConsentStatus.WRONG_NUMBER, ConsentStatus.DECLINED}:
            raise NotAllowed("This number is not to be texted, so nothing can be scheduled.")
        zone = zone_named(participant.timezone)
        rule = rule_for(entry, to_local(now, zone).date())
        if next(reminders(rule, zone, now), None) is None:
            raise BadInput("Nothing would ever be sent: every date of this schedule is over.")
        schedule = schedules.add(session, participant.id, rule, entry.label.strip() or None, now)
        if participant.consent is ConsentStatus.OPTED_IN:
            schedules.wake(schedule, participant.timezone, now)
        audit.record(
            session,
            by,
            "schedule.added",
            now,
            participant_id=participant.id,
            schedule_id=schedule.id,
            kind=entry.kind.value,
        )
        return Scheduled(schedule.id, describe(rule.recurrence, rule.at), schedule.next_due_at)
