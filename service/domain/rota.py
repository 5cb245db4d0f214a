"""Who is on call when: weekly shifts on the programme's clock, with covers for absences and one-off swaps.

Shifts are local wall times, so that 17:00 stays 17:00 through a clock change; what is asked and answered
here are instants in UTC. People are the ids of staff.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from service.domain.errors import BadInput
from service.domain.local_time import to_local, to_utc

_DAY = timedelta(days=1)


class RotaRole(StrEnum):
    """In the order in which they are paged."""

    FIRST = "first"
    SECOND = "second"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True)
class Shift:
    """Every week on `weekday` (0 is Monday) from `starts` to `ends`, local times.

    An end that is not after the start is on the next day; two equal times are a whole day.
    """

    id: int
    person: int
    role: RotaRole
    weekday: int
    starts: time
    ends: time

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The instants at which the shift that begins on `day` starts and ends."""
        last = day if self.ends > self.starts else day + _DAY
        return to_utc(datetime.combine(day, self.starts), zone), to_utc(
            datetime.combine(last, self.ends), zone
        )


@dataclass(frozen=True)
class Cover:
    """Somebody is away from `starts_at` up to `ends_at`; whatever is theirs is `instead`'s."""

    absent: int
    instead: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Swap:
    """The shift that begins on one day is somebody else's, this once."""

    shift_id: int
    on: date
    instead: int


@dataclass(frozen=True)
class Span:
    """A stretch of time in which a role is held by the same people; nobody: a gap."""

    role: RotaRole
    starts_at: datetime
    ends_at: datetime
    people: tuple[int, ...]


@dataclass(frozen=True)
class _Occurrence:
    role: RotaRole
    starts_at: datetime
    ends_at: datetime
    person: int


@dataclass(frozen=True)
class Rota:
    """All that decides who is on call. Of two covers of one absence the later one in `covers` counts."""

    zone: ZoneInfo
    shifts: tuple[Shift, ...] = ()
    covers: tuple[Cover, ...] = ()
    swaps: tuple[Swap, ...] = ()

    def on_call(self, at: datetime) -> dict[RotaRole, tuple[int, ...]]:
        """Who holds each role at an instant. Several when shifts overlap; each person once."""
        occurrences = self._occurrences(at, at + timedelta(microseconds=1))
        return {role: self._holders(occurrences, role, at) for role in RotaRole}

    def spans(self, since: datetime, until: datetime) -> list[Span]:
        """Each role's stretches from `since` up to `until`, gaps included, by role and then by time."""
        occurrences = self._occurrences(since, until)
        bounds = [(each.starts_at, each.ends_at) for each in occurrences]
        bounds += [(cover.starts_at, cover.ends_at) for cover in self.covers]
        edges = {since, until} | {edge for pair in bounds for edge in pair if since < edge < until}
        found: list[Span] = []
        for role in RotaRole:
            pieces: list[Span] = []
            for start, end in pairwise(sorted(edges)):
                people = self._holders(occurrences, role, start)
                if pieces and pieces[-1].people == people:
                    start = pieces.pop().starts_at
                pieces.append(Span(role, start, end, people))
            found += pieces
        return found

    def gaps(
        self, since: datetime, until: datetime, reachable: Collection[int] | None = None
    ) -> list[tuple[datetime, datetime]]:
        """When nobody is first on call; with `reachable`, also when none of them can be paged."""
        found: list[tuple[datetime, datetime]] = []
        for span in self.spans(since, until):
            if span.role is not RotaRole.FIRST:
                continue
            if any(reachable is None or person in reachable for person in span.people):
                continue
            if found and found[-1][1] == span.starts_at:
                found[-1] = (found[-1][0], span.ends_at)
            else:
                found.append((span.starts_at, span.ends_at))
        return found

    def _occurrences(self, since: datetime, until: datetime) -> list[_Occurrence]:
        swapped = {(swap.shift_id, swap.on): swap.instead for swap in self.swaps}
        first = to_local(since, self.zone).date() - _DAY  # a shift of yesterday's may still run
        last = to_local(until, self.zone).date()
        found = []
        for number in range((last - first).days + 1):
            day = first + number * _DAY
            for shift in self.shifts:
                if shift.weekday != day.weekday():
                    continue
                starts_at, ends_at = shift.on(day, self.zone)
                if max(starts_at, since) < min(ends_at, until):
                    person = swapped.get((shift.id, day), shift.person)
                    found.append(_Occurrence(shift.role, starts_at, ends_at, person))
        return found

    def _holders(self, occurrences: Iterable[_Occurrence], role: RotaRole, at: datetime) -> tuple[int, ...]:
        held = (
            self._stand_in(each.person, at)
            for each in occurrences
            if each.role is role and each.starts_at <= at < each.ends_at
        )
        return tuple(dict.fromkeys(person for person in held if person is not None))

    def _stand_in(self, person: int, at: datetime) -> int | None:
        """Who really is there for somebody: whoever covers, and for them in turn. None: all are away."""
        seen: set[int] = set()
        while person not in seen:
            seen.add(person)
            cover = next((c for c in reversed(self.covers) if _is_away(c, person, at)), None)
            if cover is None:
                return person
            person = cover.instead
        return None


def _is_away(cover: Cover, person: int, at: datetime) -> bool:
    return cover.absent == person and cover.starts_at <= at < cover.ends_at


def parse_hours(text: str) -> tuple[time, time]:
    """Read "17:00-09:00" (24-hour local times). Raises BadInput."""
    start, dash, end = text.replace("\u2013", "-").partition("-")
    try:
        found = time.fromisoformat(start.strip()), time.fromisoformat(end.strip())
    except ValueError:
        found = None
    if not dash or found is None or any(at.second or at.microsecond or at.tzinfo for at in found):
        raise BadInput("Hours are two 24-hour times such as 17:00-09:00; two equal times mean a whole day.")
    return found
