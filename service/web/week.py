"""The next days of the rota, as bars to draw and as words to read."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.domain.local_time import to_local, to_utc
from service.domain.rota import RotaRole, Span
from service.workflows.rota import RotaView

DAYS = 7
MINUTES = 1440
LANES: dict[RotaRole, tuple[int, int]] = {
    RotaRole.FIRST: (0, 16),
    RotaRole.SECOND: (20, 8),
    RotaRole.SUPERVISOR: (32, 8),
}
"""Top and height of each role's bar."""
HEIGHT = 40
TONES = 6


@dataclass(frozen=True)
class Bar:
    """Across in minutes of the day's clock, down in units of HEIGHT. `tone` is a class of the style sheet."""

    x: int
    width: int
    y: int
    height: int
    tone: str


@dataclass(frozen=True)
class Stretch:
    """`until` is None for what lasts to the end of the day; nobody: a gap."""

    names: str
    until: time | None


@dataclass(frozen=True)
class Day:
    day: date
    bars: list[Bar]
    lines: dict[RotaRole, list[Stretch]]


@dataclass(frozen=True)
class Week:
    """`legend` tells which tone is whose."""

    days: list[Day]
    legend: list[tuple[str, str]]


def end_of(now: datetime, zone: ZoneInfo) -> datetime:
    """The midnight with which the last of the days ends."""
    last = to_local(now, zone).date() + timedelta(days=DAYS)
    return to_utc(datetime.combine(last, time.min), zone)


def draw(view: RotaView, now: datetime) -> Week:
    """The days from today on. What lies behind us today is left out."""
    today = to_local(now, view.zone).date()
    people = list(dict.fromkeys(person for span in view.spans for person in span.people))
    tones = {person: f"tone-{place % TONES}" for place, person in enumerate(people)}
    days = [_day(view, today + timedelta(days=number), tones) for number in range(DAYS)]
    return Week(days, [(tones[person], view.names([person])) for person in people])


def _day(view: RotaView, day: date, tones: dict[int, str]) -> Day:
    begin = to_utc(datetime.combine(day, time.min), view.zone)
    end = to_utc(datetime.combine(day + timedelta(days=1), time.min), view.zone)
    bars: list[Bar] = []
    lines: dict[RotaRole, list[Stretch]] = {}
    for span in view.spans:
        since, until = max(span.starts_at, begin), min(span.ends_at, end)
        if since >= until:
            continue
        last = to_local(until, view.zone).time() if until < end else None
        lines.setdefault(span.role, []).append(Stretch(view.names(span.people), last))
        bars += _bars(span, _minute(to_local(since, view.zone)), _minute(last) if last else MINUTES, tones)
    return Day(day, bars, {role: line for role, line in lines.items() if _says_something(role, line)})


def _says_something(role: RotaRole, line: list[Stretch]) -> bool:
    """That nobody is first is news; that there is no second all day is the way of many programmes."""
    return role is RotaRole.FIRST or any(stretch.names for stretch in line)


def _bars(span: Span, x: int, end: int, tones: dict[int, str]) -> list[Bar]:
    top, height = LANES[span.role]
    width = max(end - x, 0)
    if not span.people:
        return [Bar(x, width, top, height, "gap")] if span.role is RotaRole.FIRST else []
    share = height // len(span.people)
    return [
        Bar(x, width, top + place * share, share, tones[person]) for place, person in enumerate(span.people)
    ]


def _minute(at: datetime | time) -> int:
    return at.hour * 60 + at.minute
