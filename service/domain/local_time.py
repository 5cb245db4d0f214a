"""People's clocks: local wall time to UTC and back, and quiet hours by a person's own clock.

`to_utc` is the only place where a clock change is resolved. Instants are aware UTC datetimes;
wall times are naive.
"""

import difflib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from service.domain.errors import BadInput

_SECOND = timedelta(seconds=1)

# Not taken as zones even where the zone database knows them: "EST" is a place without summer
# time there, so a reminder would be an hour off from March to November.
_NICKNAMES: dict[str, str] = {
    "America/New_York": "est edt et eastern",
    "America/Chicago": "cst cdt ct central",
    "America/Denver": "mst mdt mt mountain",
    "America/Phoenix": "arizona",
    "America/Los_Angeles": "pst pdt pt pacific",
    "America/Anchorage": "akst akdt alaska",
    "Pacific/Honolulu": "hst hawaii",
}
_ZONE_OF_NICKNAME = {nick: zone for zone, nicks in _NICKNAMES.items() for nick in nicks.split()}


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant (aware UTC) at which clocks in `zone` show the naive `local`.

    - A time that clocks skip in spring becomes the first valid minute after the gap: 02:30 on
      2027-03-14 in New York is 03:00 EDT. To move it on by the gap's length (03:30) would put it
      after reminders that were set for 03:00.
    - A time that clocks show twice in autumn is the first of the two.

    Raises ValueError if `local` is aware: a mistake in the code, not in what somebody typed.
    """
    if local.tzinfo is not None:
        raise ValueError("to_utc takes a naive wall time")
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _wall(first, zone) == local.replace(fold=0):
        return first
    # In a gap fold=1 takes the offset after it, which lands before it, and fold=0 the other way
    # round: the gap lies between the two.
    return _first_after(local, zone, local.replace(tzinfo=zone, fold=1).astimezone(UTC), first)


def to_local(utc: datetime, zone: ZoneInfo) -> datetime:
    """What a clock in `zone` shows at the aware `utc`, with `fold` set the second time round.

    For showing and for its date and time only: in the repeated hour Python holds such a datetime
    unequal to the very instant it shows, so compare instants in UTC.
    Raises ValueError for a naive `utc`, whose meaning nobody knows.
    """
    if utc.tzinfo is None:
        raise ValueError("to_local takes an aware instant")
    return utc.astimezone(zone)


def zone_named(name: str) -> ZoneInfo:
    """The zone with this IANA name ("America/New_York").

    Raises BadInput with the nearest names for anything else, abbreviations such as EST included.
    """
    wanted = name.strip()
    if wanted in _zone_names() and wanted.lower() not in _ZONE_OF_NICKNAME:
        return ZoneInfo(wanted)
    close = _close_names(wanted)
    hint = f"Did you mean {' or '.join(close)}?" if close else "Give one such as America/New_York."
    if not wanted:
        raise BadInput(f"No time zone was given. {hint}")
    # Not repeated back: whatever was typed into the wrong field would end in a log.
    raise BadInput(f"That is not the name of a time zone we can keep to. {hint}")


@dataclass(frozen=True)
class QuietHours:
    """Hours on a person's clock when we hold what they did not pick the time of.

    From `start` up to, but not including, `end`; over midnight when `end` is the earlier one.
    `start` equal to `end` means no quiet hours at all.
    """

    start: time
    end: time

    def is_quiet(self, utc: datetime, zone: ZoneInfo) -> bool:
        """True when a clock in `zone` shows a quiet time at the aware instant `utc`."""
        shown = to_local(utc, zone).time()
        if self.start <= self.end:
            return self.start <= shown < self.end
        return shown >= self.start or shown < self.end

    def next_allowed(self, utc: datetime, zone: ZoneInfo) -> datetime:
        """`utc` itself (as UTC) when it is not quiet, and otherwise the end of these quiet hours.

        Where clocks go back inside quiet hours and show an allowed time again, we still wait for
        the end: nobody wants a text in that repeated half hour of the night.
        """
        if not self.is_quiet(utc, zone):
            return utc.astimezone(UTC)
        shown = to_local(utc, zone)
        day = shown.date() if shown.time() < self.end else shown.date() + timedelta(days=1)
        end = datetime.combine(day, self.end)
        allowed = to_utc(end, zone)
        if allowed <= utc:
            # The end is shown twice tonight, and the first time has passed.
            allowed = end.replace(tzinfo=zone, fold=1).astimezone(UTC)
        # Where clocks skip a whole day, its morning is the next midnight: quiet still.
        return self.next_allowed(allowed, zone)

    def next_quiet(self, utc: datetime, zone: ZoneInfo) -> datetime | None:
        """When the next quiet hours begin after the aware instant `utc`; None when there are none at all."""
        if self.start == self.end:
            return None
        day = to_local(utc, zone).date()
        starts = (to_utc(datetime.combine(day + timedelta(days=n), self.start), zone) for n in range(3))
        return next(start for start in starts if start > utc)


def parse_quiet_hours(text: str) -> QuietHours:
    """Read "21:00-09:00" (24-hour local times). "00:00-00:00" means none.

    Raises BadInput for anything else.
    """
    match = re.fullmatch(r"\s*(\d\d?):(\d\d)\s*[-\u2013]\s*(\d\d?):(\d\d)\s*", text, re.ASCII)
    try:
        if match:
            hour, minute, end_hour, end_minute = map(int, match.groups())
            return QuietHours(time(hour, minute), time(end_hour, end_minute))
    except ValueError:
        pass
    # 24:00 is refused too: "00:00-24:00" would turn into "none" when it means "always".
    raise BadInput(
        "Quiet hours are two 24-hour times such as 21:00-09:00; midnight is 00:00, "
        "and two equal times mean none."
    )


def _wall(utc: datetime, zone: ZoneInfo) -> datetime:
    """The naive wall time, first or second time round alike."""
    return utc.astimezone(zone).replace(tzinfo=None, fold=0)


def _first_after(local: datetime, zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first instant whose wall time is past `local`, to the second.

    `low` shows an earlier wall time and `high` a later one, with one gap between them.
    """
    # By halves, not by arithmetic on offsets: right for gaps of half an hour and of a whole day.
    low, high = low.replace(microsecond=0), high.replace(microsecond=0)
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        if _wall(middle, zone) > local:
            high = middle
        else:
            low = middle
    return high


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def _close_names(wanted: str) -> list[str]:
    """Up to three zone names that look like `wanted`, best first."""
    key = re.sub(r"[\s_]+", " ", wanted).lower()
    nickname = key.removesuffix(" time").removesuffix(" standard").removesuffix(" daylight")
    if nickname in _ZONE_OF_NICKNAME:
        return [_ZONE_OF_NICKNAME[nickname]]
    by_spelling: dict[str, str] = {}
    for name in sorted(_zone_names()):
        spelled = name.replace("_", " ").lower()
        by_spelling[spelled] = name
        by_spelling.setdefault(spelled.rpartition("/")[2], name)
    found = difflib.get_close_matches(key, by_spelling, n=3, cutoff=0.75)
    return list(dict.fromkeys(by_spelling[spelled] for spelled in found))
