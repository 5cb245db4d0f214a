"""On which local dates something happens, as a person would put it: "Mondays and Thursdays".

Only dates: the time of day and the zone come in `schedule.py`, so no clock change is met here.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from dateutil.rrule import DAILY, MO, MONTHLY, WEEKLY, rrule

from service.domain.errors import BadInput

_LONGEST_STEP = 366
_SHORTEST_MONTH = 28
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WORKDAYS = frozenset(range(5))
_WEEKEND = frozenset({5, 6})
_ALL_DAYS = frozenset(range(7))
_GROUPS: dict[str, frozenset[int]] = {
    "weekday": _WORKDAYS,
    "weekdays": _WORKDAYS,
    "weekend": _WEEKEND,
    "weekends": _WEEKEND,
    "daily": _ALL_DAYS,
    "everyday": _ALL_DAYS,
}


class Repeats(StrEnum):
    """In what step a thing comes back."""

    ONCE = "once"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True)
class Recurrence:
    """A series of local dates.

    - ONCE is exactly `starting`.
    - `starting` and `until` are the first and last dates that may be in the series; both count.
    - `every` is the step (1..366), counted from `starting`: for WEEKS from the week (Monday to
      Sunday) that holds it, for MONTHS from its month. The phase never depends on when we ask.
    - `weekdays` (0 = Monday .. 6) belongs to WEEKS; left empty it becomes the weekday of
      `starting`.
    - `month_day` (1..31) belongs to MONTHS; left out it becomes the day of `starting`. In a
      month that is too short, 29, 30 and 31 mean its last day, once. So the 31st comes every
      month, and a 29 February rule comes on the 28th in three years of four.

    Raises BadInput, saying how to mend it, for anything that contradicts itself.
    """

    repeats: Repeats
    starting: date
    every: int = 1
    weekdays: frozenset[int] = frozenset()
    month_day: int | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        self._fill_in()
        if not 1 <= self.every <= _LONGEST_STEP:
            raise BadInput(f"Repeat every 1 to {_LONGEST_STEP} days, weeks or months.")
        if self.repeats is Repeats.ONCE and self.every != 1:
            raise BadInput("What happens once has no step. Choose days, weeks or months to repeat.")
        if self.weekdays and self.repeats is not Repeats.WEEKS:
            raise BadInput("Days of the week go with weeks. Leave them out, or repeat by weeks.")
        if not self.weekdays <= _ALL_DAYS:
            raise BadInput("Days of the week are numbered 0 for Monday to 6 for Sunday.")
        if self.month_day is not None and self.repeats is not Repeats.MONTHS:
            raise BadInput("A day of the month goes with months. Leave it out, or repeat by them.")
        if self.month_day is not None and not 1 <= self.month_day <= 31:
            raise BadInput("The day of the month must be 1 to 31. For the last day, use 31.")
        if self.until is not None and self.until < self.starting:
            raise BadInput("The last date is before the first one. Choose a later last date.")

    def _fill_in(self) -> None:
        # Filled in rather than worked out on use, so that equal series compare equal and what
        # is stored says what will happen.
        if self.repeats is Repeats.WEEKS and not self.weekdays:
            object.__setattr__(self, "weekdays", frozenset({self.starting.weekday()}))
        if self.repeats is Repeats.MONTHS and self.month_day is None:
            object.__setattr__(self, "month_day", self.starting.day)

    def dates(self, on_or_after: date) -> Iterator[date]:
        """The dates of the series from `on_or_after` on, ascending, each once.

        Lazy, and endless without `until` (to the end of the year 9999). As cheap years into the
        series as at its start.
        """
        first = max(self.starting, on_or_after)
        if self.repeats is Repeats.ONCE:
            if on_or_after <= self.starting:
                yield self.starting
            return
        for moment in self._rule(first):
            day = moment.date()
            if self.until is not None and day > self.until:
                return
            if day >= first:
                yield day

    def _rule(self, first: date) -> rrule:
        """An rrule in phase with `starting` that begins one step or less before `first`.

        rrule walks from its own start, so starting it at `starting` would cost more each year.
        """
        if self.repeats is Repeats.DAYS:
            skipped = (first - self.starting).days // self.every * self.every
            begin = self.starting + timedelta(days=skipped)
            return rrule(DAILY, _midnight(begin), interval=self.every)
        if self.repeats is Repeats.WEEKS:
            monday = self.starting - timedelta(days=self.starting.weekday())
            skipped = (first - monday).days // 7 // self.every * self.every
            begin = monday + timedelta(weeks=skipped)
            days = sorted(self.weekdays)
            return rrule(WEEKLY, _midnight(begin), self.every, wkst=MO, byweekday=days)
        months = _month_number(first) - _month_number(self.starting)
        number = _month_number(self.starting) + months // self.every * self.every
        begin = date(number // 12, number % 12 + 1, 1)
        # The last that exists of 28, 29, 30, 31: BYSETPOS is how RFC 5545 says "or its last day".
        wanted = self.month_day or 1
        choices = range(min(wanted, _SHORTEST_MONTH), wanted + 1)
        return rrule(MONTHLY, _midnight(begin), self.every, bymonthday=list(choices), bysetpos=-1)


def describe(recurrence: Recurrence, at: time) -> str:
    """A series in plain words: "every 2 weeks on Thursday at 19:00 until 1 March 2027"."""
    words = f"{_describe_days(recurrence)} at {at:%H:%M}"
    if recurrence.until is None or recurrence.repeats is Repeats.ONCE:
        return words
    return f"{words} until {_long_date(recurrence.until)}"


def parse_weekdays(text: str) -> frozenset[int]:
    """Read days of the week: 0 = Monday .. 6 = Sunday, never empty.

    Takes names and their beginnings, in the plural too, listed or as a range, and groups:
    "mon,thu", "Mondays and Thursdays", "fri-sun", "weekdays", "weekends", "every day".
    Raises BadInput for anything else.
    """
    words = text.lower().replace("every day", "daily")
    words = re.sub(r"\s*(?:\bto\b|-|\u2013)\s*", "-", words)
    found: set[int] = set()
    for word in re.split(r"[\s,;/&+.]+|\b(?:and|every|on)\b", words):
        if word:
            found |= _days_of(word)
    if not found:
        raise BadInput("No day of the week was given. Write them like mon,thu or weekdays.")
    return frozenset(found)


def _days_of(word: str) -> frozenset[int]:
    if word in _GROUPS:
        return _GROUPS[word]
    first, dash, last = word.partition("-")
    if not dash:
        return frozenset({_weekday(first)})
    begin = _weekday(first)
    return frozenset((begin + step) % 7 for step in range((_weekday(last) - begin) % 7 + 1))


def _weekday(word: str) -> int:
    """The number of a day from its name or the beginning of it ("thurs"), plural or not."""
    for number, name in enumerate(_DAY_NAMES):
        # Two letters at least: "t" and "s" begin two days each.
        if len(word) >= 2 and (name.lower().startswith(word) or word == f"{name.lower()}s"):
            return number
    if word in {"mons", "weds", "fris", "sats", "suns"}:
        return _weekday(word[:-1])
    raise BadInput(
        "That is not a day of the week. Write them like mon,thu or Monday and Thursday, "
        "or weekdays, or weekends."
    )


def _describe_days(recurrence: Recurrence) -> str:
    every = recurrence.every
    match recurrence.repeats:
        case Repeats.ONCE:
            return f"on {_long_date(recurrence.starting)}"
        case Repeats.DAYS:
            return "every day" if every == 1 else f"every {every} days"
        case Repeats.WEEKS:
            names = [_DAY_NAMES[number] for number in sorted(recurrence.weekdays)]
            if every > 1:
                return f"every {every} weeks on {_listed(names)}"
            if recurrence.weekdays == _ALL_DAYS:
                return "every day"
            if recurrence.weekdays == _WORKDAYS:
                return "weekdays"
            return _listed([f"{name}s" for name in names])
        case Repeats.MONTHS:
            day = recurrence.month_day or 1
            short = " (or its last day)" if day > _SHORTEST_MONTH else ""
            if every == 1:
                return f"on the {_ordinal(day)} of each month{short}"
            return f"on the {_ordinal(day)} of every {_ordinal(every)} month{short}"


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _ordinal(number: int) -> str:
    teens = number % 100 in (11, 12, 13)
    ending = "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _long_date(day: date) -> str:
    # Not strftime: its month names follow the machine's locale, and "%-d" is not everywhere.
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)
