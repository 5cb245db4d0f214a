"""When each reminder of an event is due, and until when it is worth sending.

A rule is local: a wall time and a series of local dates. The zone is an argument each time, so
when a person moves, the rule is simply evaluated in the new zone from then on: "08:00" stays
08:00 on their clock. The caller keys what it has sent on (`event_date`, `slot`) and skips a key
it already holds; so moving west on the day of a reminder cannot send it a second time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.domain.errors import BadInput
from service.domain.local_time import to_local, to_utc
from service.domain.prompt import ScheduleKind
from service.domain.recurrence import Recurrence, Repeats

AT = "at"
LEAD = "lead"
DAY_BEFORE = "day-before"
SAME_DAY = "same-day"

MEETING_LEAD_MINUTES = 60
LONGEST_LEAD_MINUTES = 14 * 24 * 60

_ONE_DAY = timedelta(days=1)
_DAY_BEFORE_EARLIEST = time(9)
_DAY_BEFORE_LATEST = time(20)
_DAY_BEFORE_EXPIRES = time(20, 59)
_SAME_DAY_AT = time(9)
_EARLY_EVENT = time(10)  # before this, a text at 09:00 comes too late to be of use
_EARLY_EVENT_LEAD = timedelta(minutes=60)

_CHECK_IN_USEFUL = timedelta(hours=4)
_MEDICATION_USEFUL = timedelta(minutes=60)
_MEETING_AT_START_USEFUL = timedelta(minutes=15)
_LEAST_USEFUL = timedelta(minutes=10)  # a sender needs a few tries whatever the rule says


@dataclass(frozen=True)
class ReminderRule:
    """What to remind of, and when, on the person's own clock.

    `at` is the naive local wall time of the event, in whole minutes. `lead_minutes` (0 to two
    weeks) is how long before it the text goes out:

    - check-in, medication: None or 0; the text is the event.
    - meeting: None means 60.
    - appointment: None means one the day before and one the same day; a number means one text.

    Raises BadInput for anything else.
    """

    kind: ScheduleKind
    at: time
    recurrence: Recurrence
    lead_minutes: int | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is not None or self.at.second or self.at.microsecond:
            raise BadInput("Give the time on the person's own clock in whole minutes, like 08:00.")
        if not self.lead_minutes:
            return
        if self.kind in (ScheduleKind.CHECK_IN, ScheduleKind.MEDICATION):
            raise BadInput("This kind of text goes out at its own time. Leave the lead out.")
        if not 0 < self.lead_minutes <= LONGEST_LEAD_MINUTES:
            raise BadInput(f"The lead must be 0 to {LONGEST_LEAD_MINUTES} minutes (two weeks) before.")


@dataclass(frozen=True)
class Reminder:
    """One text that is due. (`event_date`, `slot`) names it for good within its rule.

    `event_at` and `due_at` are aware UTC instants: of the event, and of the text. When
    `is_time_chosen` is False we picked the moment, and quiet hours hold the text; when True the
    person did, or it is of use only then, and it goes out in quiet hours as well.
    """

    slot: str
    event_date: date
    event_at: datetime
    due_at: datetime
    is_time_chosen: bool


def reminders(rule: ReminderRule, zone: ZoneInfo, after: datetime) -> Iterator[Reminder]:
    """The reminders of `rule` due later than the aware instant `after`, in order of `due_at`.

    Each (`event_date`, `slot`) comes once, whatever clocks do: a 02:30 that clocks skip is due at
    the first valid minute, a 01:30 that they show twice at the first. A date that a zone leaves
    out altogether has no repeating event; a one-off is moved to the first valid minute after it.

    Lazy, and endless when the recurrence is.
    """
    # No reminder is due after its event, and an event is at the first instant when clocks have
    # reached its date and time: on an earlier date than today's, all is past.
    today = to_local(after, zone).date()
    for event_date in rule.recurrence.dates(today):
        if rule.recurrence.repeats is not Repeats.ONCE and not _exists(event_date, zone):
            continue
        # Sorting within one event is enough: the last text of an event is never due later than
        # the first text of the next, even when that one goes out the day before.
        for reminder in sorted(_of_event(rule, zone, event_date), key=lambda each: each.due_at):
            if reminder.due_at > after:
                yield reminder


def expires_at(rule: ReminderRule, reminder: Reminder) -> datetime:
    """The instant (aware UTC) from which `reminder` is no longer worth sending.

    - check-in: 4 hours after it was due; medication: 60 minutes.
    - meeting: when it starts; 15 minutes later for a text that goes out at the start.
    - appointment: the day before until 20:59 local that day; any other when it starts.

    Never earlier than 10 minutes after it was due.
    """
    return max(_end_of_use(rule, reminder), reminder.due_at + _LEAST_USEFUL)


def _of_event(rule: ReminderRule, zone: ZoneInfo, event_date: date) -> Iterator[Reminder]:
    """Every reminder of the event on `event_date`, in no promised order."""
    event_at = to_utc(datetime.combine(event_date, rule.at), zone)
    if rule.kind in (ScheduleKind.CHECK_IN, ScheduleKind.MEDICATION):
        yield Reminder(AT, event_date, event_at, event_at, is_time_chosen=True)
        return
    lead = _lead(rule)
    if lead is not None:
        # After conversion: 60 minutes before is an hour of the person's life, also when clocks
        # change in it.
        yield Reminder(LEAD, event_date, event_at, event_at - lead, is_time_chosen=True)
        return
    day_before = to_utc(datetime.combine(event_date - _ONE_DAY, _day_before_at(rule.at)), zone)
    yield Reminder(DAY_BEFORE, event_date, event_at, day_before, is_time_chosen=False)
    if rule.at < _EARLY_EVENT:
        early = event_at - _EARLY_EVENT_LEAD
        yield Reminder(SAME_DAY, event_date, event_at, early, is_time_chosen=True)
    else:
        morning = to_utc(datetime.combine(event_date, _SAME_DAY_AT), zone)
        yield Reminder(SAME_DAY, event_date, event_at, morning, is_time_chosen=False)


def _end_of_use(rule: ReminderRule, reminder: Reminder) -> datetime:
    if rule.kind is ScheduleKind.CHECK_IN:
        return reminder.due_at + _CHECK_IN_USEFUL
    if rule.kind is ScheduleKind.MEDICATION:
        return reminder.due_at + _MEDICATION_USEFUL
    if rule.kind is ScheduleKind.MEETING and reminder.due_at == reminder.event_at:
        return reminder.event_at + _MEETING_AT_START_USEFUL
    if reminder.slot == DAY_BEFORE:
        # Elapsed and wall time agree here without asking for the zone: clocks change at night,
        # never between 09:00 and 20:59.
        evening = reminder.due_at + _between(_day_before_at(rule.at), _DAY_BEFORE_EXPIRES)
        return min(evening, reminder.event_at)
    return reminder.event_at


def _lead(rule: ReminderRule) -> timedelta | None:
    """How long before the event the one text goes out; None for an appointment's usual two."""
    if rule.lead_minutes is not None:
        return timedelta(minutes=rule.lead_minutes)
    if rule.kind is ScheduleKind.MEETING:
        return timedelta(minutes=MEETING_LEAD_MINUTES)
    return None


def _day_before_at(at: time) -> time:
    return min(max(at, _DAY_BEFORE_EARLIEST), _DAY_BEFORE_LATEST)


def _exists(day: date, zone: ZoneInfo) -> bool:
    """False when clocks skip the whole of `day`, as Apia's did on 2011-12-30."""
    return to_local(to_utc(datetime.combine(day, time.min), zone), zone).date() == day


def _between(start: time, end: time) -> timedelta:
    return timedelta(hours=end.hour - start.hour, minutes=end.minute - start.minute)
