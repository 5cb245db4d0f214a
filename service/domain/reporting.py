"""What a report covers, and what it must not show."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from zoneinfo import ZoneInfo

from service.domain.errors import BadInput
from service.domain.local_time import to_utc

FEWEST_PEOPLE = 5
"""What fewer people than this stand behind is not shown: it could be told who they are."""
LONGEST_DAYS = 366
DAILY_UP_TO = 31
DAY = timedelta(days=1)


class Preset(StrEnum):
    WEEK = "7"
    THIRTY = "30"
    NINETY = "90"
    MONTH = "month"
    OWN = "own"


@dataclass(frozen=True)
class Bucket:
    """A day or a week of a report: local dates, the last included, and the instants around them."""

    first: date
    last: date
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Period:
    """Whole days by the programme's clock, the last included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        return _midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        return _midnight(self.last + DAY, self.zone)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def buckets(self) -> list[Bucket]:
        """Days, or weeks when there would be too many days to see; the last week may be shorter."""
        step = DAY if self.days <= DAILY_UP_TO else 7 * DAY
        found, first = [], self.first
        while first <= self.last:
            last = min(first + step - DAY, self.last)
            found.append(Bucket(first, last, _midnight(first, self.zone), _midnight(last + DAY, self.zone)))
            first = last + DAY
        return found


def period_of(
    preset: Preset, now: datetime, zone: ZoneInfo, first: date | None = None, last: date | None = None
) -> Period:
    """The days of a preset, today included; `first` and `last` are for own dates. Raises BadInput."""
    today = now.astimezone(zone).date()
    if preset is Preset.MONTH:
        return Period(today.replace(day=1), today, zone)
    if preset is not Preset.OWN:
        return Period(today - (int(preset.value) - 1) * DAY, today, zone)
    if first is None or last is None:
        raise BadInput("Give both dates, the first and the last day.")
    if last < first:
        raise BadInput("The last day is before the first.")
    if (last - first).days >= LONGEST_DAYS:
        raise BadInput(f"Choose up to {LONGEST_DAYS} days.")
    return Period(first, last, zone)


@dataclass(frozen=True)
class Group:
    """Whom a report is about; without anything, everybody."""

    language: str | None = None


@dataclass(frozen=True)
class Line:
    """Numbers that belong together, and how many people stand behind them.

    A number is None when there is nothing to work it out from, and all are when `is_hidden`.
    """

    key: str
    numbers: tuple[float | None, ...]
    people: int
    is_hidden: bool = False


def hide_small(lines: Sequence[Line], *, is_sum: bool = True) -> list[Line]:
    """The lines with those hidden that fewer than FEWEST_PEOPLE stand behind; nobody at all is no secret.

    One hidden line alone could be worked out from a total (`is_sum`), so the smallest other one is
    hidden with it.
    """
    hidden = {line.key for line in lines if 0 < line.people < FEWEST_PEOPLE}
    if is_sum and len(hidden) == 1:
        others = [line for line in lines if line.people >= FEWEST_PEOPLE]
        if others:
            hidden.add(min(others, key=lambda line: line.people).key)
    return [
        replace(line, numbers=tuple(None for _ in line.numbers), people=0, is_hidden=True)
        if line.key in hidden
        else line
        for line in lines
    ]


@dataclass(frozen=True)
class SegmentPrice:
    """What one segment costs, and the currency as the programme writes it."""

    amount: Decimal
    currency: str

    def of(self, segments: float) -> str:
        """12.50 USD."""
        return f"{self.amount * int(segments):,.2f} {self.currency}"


def parse_segment_price(text: str) -> SegmentPrice | None:
    """Read "0.0079 USD"; None for nothing. Raises BadInput for anything else."""
    if not text.strip():
        return None
    amount, _, currency = text.strip().partition(" ")
    try:
        price = Decimal(amount)
    except InvalidOperation:
        price = Decimal("NaN")
    currency = currency.strip()
    if not price.is_finite() or not 0 < price < 100 or not 0 < len(currency) <= 12:
        raise BadInput("must be an amount and a currency, such as 0.0079 USD")
    return SegmentPrice(price, currency)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return to_utc(datetime.combine(day, time()), zone)
