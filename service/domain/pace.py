"""How fast one sender may text: so many message segments a second, and at most so many a day.

The rate is kept by handing out slots (the generic cell rate algorithm). All that is remembered is when
the next text may begin; a text of n segments moves that by n gaps. What nobody used is not made up for,
so there is no burst after a rest.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.domain.local_time import to_local

LOOK_AHEAD = timedelta(milliseconds=250)
"""How far ahead slots are handed out: far enough to work in batches, near enough for what is urgent."""

FIRST_HOLD = timedelta(seconds=5)
LONGEST_HOLD = timedelta(hours=1)
LONGEST_OWN_HOLD = timedelta(minutes=2)
MOST_SEGMENTS = 20  # more than any one text has


@dataclass(frozen=True)
class Rate:
    """`per_second` and `per_day` count message segments; `per_day` None is no limit.

    A day is one of `zone`.
    """

    per_second: float
    per_day: int | None
    zone: ZoneInfo

    @property
    def gap(self) -> timedelta:
        return timedelta(seconds=1 / self.per_second)

    def first_slot(self, next_at: datetime, now: datetime) -> datetime:
        """When the next text may begin. A time that cannot have been handed out is a clock set back."""
        if next_at > now + LOOK_AHEAD + MOST_SEGMENTS * self.gap:
            return now
        return max(next_at, now)

    def slots(self, next_at: datetime, now: datetime) -> int:
        """How many segments may begin within LOOK_AHEAD of now."""
        first = self.first_slot(next_at, now)
        return 0 if first > now + LOOK_AHEAD else math.floor((now + LOOK_AHEAD - first) / self.gap) + 1

    def assign(
        self, next_at: datetime, now: datetime, segments: Iterable[int]
    ) -> tuple[list[datetime], datetime]:
        """The slots of texts of so many segments each, in turn, and the new `next_at`.

        There may be fewer slots than texts: the rest must wait for their turn to look ahead.
        """
        begins, following = [], self.first_slot(next_at, now)
        for count in segments:
            if following > now + LOOK_AHEAD:
                break
            begins.append(following)
            following += self.gap * max(count, 1)
        return begins, following

    def day_of(self, now: datetime) -> date:
        return to_local(now, self.zone).date()


def hold_for(asked: timedelta | None, strikes: int) -> timedelta:
    """How long nobody sends after the gateway took no text, for the `strikes`th time in a row (from 1)."""
    if asked is not None:
        return min(asked, LONGEST_HOLD)
    doubled: timedelta = FIRST_HOLD * 2 ** min(strikes - 1, 10)
    return min(doubled, LONGEST_OWN_HOLD)
