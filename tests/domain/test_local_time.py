"""Wall time to instants and back, over every kind of clock change, and quiet hours on top."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.errors import BadInput
from service.domain.local_time import (
    QuietHours,
    parse_quiet_hours,
    to_local,
    to_utc,
    zone_named,
)

NEW_YORK = ZoneInfo("America/New_York")
MINUTE = timedelta(minutes=1)

wall = datetime.fromisoformat
instant = datetime.fromisoformat


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        ("America/New_York", "2027-01-15T08:00", "2027-01-15T13:00Z"),
        ("America/New_York", "2027-07-15T08:00", "2027-07-15T12:00Z"),
        # The spring gap, 02:00 to 03:00 EDT.
        ("America/New_York", "2027-03-14T01:59", "2027-03-14T06:59Z"),
        ("America/New_York", "2027-03-14T02:00", "2027-03-14T07:00Z"),
        ("America/New_York", "2027-03-14T02:30", "2027-03-14T07:00Z"),
        ("America/New_York", "2027-03-14T02:59", "2027-03-14T07:00Z"),
        ("America/New_York", "2027-03-14T03:00", "2027-03-14T07:00Z"),
        ("America/New_York", "2027-03-14T03:30", "2027-03-14T07:30Z"),
        # The autumn overlap, 01:00 to 02:00 twice.
        ("America/New_York", "2027-11-07T01:00", "2027-11-07T05:00Z"),
        ("America/New_York", "2027-11-07T01:30", "2027-11-07T05:30Z"),
        ("America/New_York", "2027-11-07T02:00", "2027-11-07T07:00Z"),
        # Half an hour, in a zone eleven hours ahead.
        ("Australia/Lord_Howe", "2027-10-03T02:15", "2027-10-02T15:30Z"),
        ("Australia/Lord_Howe", "2027-10-03T02:30", "2027-10-02T15:30Z"),
        ("Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-03T14:45Z"),
        ("Australia/Lord_Howe", "2027-04-04T02:00", "2027-04-03T15:30Z"),
        # Two hours.
        ("Antarctica/Troll", "2027-03-28T02:00", "2027-03-28T01:00Z"),
        # A gap at midnight, and one that ends there.
        ("Asia/Beirut", "2021-03-28T00:30", "2021-03-27T22:00Z"),
        ("America/Nuuk", "2024-03-30T23:30", "2024-03-31T01:00Z"),
        # A whole day that never was.
        ("Pacific/Apia", "2011-12-29T23:59", "2011-12-30T09:59Z"),
        ("Pacific/Apia", "2011-12-30T00:00", "2011-12-30T10:00Z"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00Z"),
        ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00Z"),
        # Zones that never change, and one with an odd offset.
        ("America/Phoenix", "2027-03-14T02:30", "2027-03-14T09:30Z"),
        ("Asia/Kathmandu", "2027-03-14T02:30", "2027-03-13T20:45Z"),
        ("UTC", "2027-03-14T02:30", "2027-03-14T02:30Z"),
    ],
)
def test_a_wall_time_is_one_instant(zone, local, utc) -> None:
    found = to_utc(wall(local), ZoneInfo(zone))
    assert found == instant(utc)
    assert found.tzinfo is UTC


CHANGES = [
    ("America/New_York", "2027-03-14"),
    ("America/New_York", "2027-11-07"),
    ("Australia/Lord_Howe", "2027-10-03"),
    ("Australia/Lord_Howe", "2027-04-04"),
    ("Antarctica/Troll", "2027-03-28"),
    ("Antarctica/Troll", "2027-10-31"),
    ("Asia/Beirut", "2021-03-28"),
    ("Asia/Beirut", "2021-10-31"),
    ("Africa/Cairo", "2025-04-25"),
    ("Africa/Casablanca", "2026-02-15"),
    ("America/Nuuk", "2024-03-31"),
    ("America/Nuuk", "2024-10-27"),
    ("America/Havana", "2027-11-07"),
    ("Europe/Dublin", "2027-10-31"),
    ("America/Caracas", "2016-05-01"),
    ("Pacific/Apia", "2011-12-30"),
]
NEAR_CHANGES = st.tuples(st.sampled_from(CHANGES), st.integers(-30 * 60, 54 * 60)).map(
    lambda drawn: (ZoneInfo(drawn[0][0]), wall(drawn[0][1]) + drawn[1] * MINUTE)
)


@given(NEAR_CHANGES)
@settings(deadline=None)
def test_it_is_the_first_minute_whose_clock_has_reached_the_wall_time(case) -> None:
    zone, local = case
    minute = local.replace(tzinfo=UTC) - timedelta(hours=16)
    # On a clock that only goes forward, then back over what it showed before, this one rule
    # holds for gap, overlap and plain time alike.
    while minute.astimezone(zone).replace(tzinfo=None) < local:
        minute += MINUTE
    assert to_utc(local, zone) == minute


@given(NEAR_CHANGES, st.integers(0, 48 * 60))
def test_a_later_wall_time_is_never_an_earlier_instant(case, minutes) -> None:
    zone, local = case
    assert to_utc(local, zone) <= to_utc(local + minutes * MINUTE, zone)


@given(NEAR_CHANGES)
def test_an_instant_shown_the_first_time_round_comes_back_as_itself(case) -> None:
    zone, local = case
    utc = local.replace(tzinfo=UTC)
    shown = to_local(utc, zone)
    assert shown.astimezone(UTC) == utc
    if shown.fold == 0:
        assert to_utc(shown.replace(tzinfo=None), zone) == utc


def test_the_second_time_round_is_marked_by_fold() -> None:
    assert to_local(instant("2027-11-07T05:30Z"), NEW_YORK).fold == 0
    assert to_local(instant("2027-11-07T06:30Z"), NEW_YORK).fold == 1


def test_a_fold_given_by_mistake_changes_nothing() -> None:
    local = wall("2027-11-07T01:30")
    assert to_utc(local.replace(fold=1), NEW_YORK) == to_utc(local, NEW_YORK)


def test_naive_and_aware_are_not_mixed_up() -> None:
    with pytest.raises(ValueError, match="naive"):
        to_utc(instant("2027-03-14T07:00Z"), NEW_YORK)
    with pytest.raises(ValueError, match="aware"):
        to_local(wall("2027-03-14T07:00"), NEW_YORK)


@pytest.mark.parametrize("name", ["America/New_York", " Europe/Dublin ", "UTC", "US/Eastern"])
def test_a_zone_is_found_by_its_name(name) -> None:
    assert zone_named(name).key == name.strip()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("america/new_york", "America/New_York"),
        ("America/New York", "America/New_York"),
        ("new york", "America/New_York"),
        ("Los Angeles", "America/Los_Angeles"),
        ("America/Chicgo", "America/Chicago"),
        ("EST", "America/New_York"),
        ("Eastern Standard Time", "America/New_York"),
        ("MST", "America/Denver"),
        ("Pacific Time", "America/Los_Angeles"),
        ("HST", "Pacific/Honolulu"),
        ("", "America/New_York"),
        ("../etc/passwd", "America/New_York"),
        ("America", "America"),
        ("+15035550123", "America/New_York"),
        ("\x00", "America/New_York"),
    ],
)
def test_a_name_that_is_no_zone_is_refused_with_a_near_one(name, hint) -> None:
    with pytest.raises(BadInput, match=hint) as caught:
        zone_named(name)
    assert "5550123" not in str(caught.value)


@given(st.text(max_size=30))
@settings(max_examples=30, deadline=None)
def test_any_other_text_is_refused_as_bad_input(text) -> None:
    with pytest.raises(BadInput):
        zone_named(f"{text}?")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("21:00-09:00", time(21), time(9)),
        (" 9:30 - 17:05 ", time(9, 30), time(17, 5)),
        ("21:00\u201309:00", time(21), time(9)),
        ("00:00-00:00", time(0), time(0)),
    ],
)
def test_quiet_hours_are_read(text, start, end) -> None:
    assert parse_quiet_hours(text) == QuietHours(start, end)


@pytest.mark.parametrize(
    "text", ["", "21-9", "21:00", "00:00-24:00", "21:60-09:00", "9pm-9am", "21:00-09:00-10:00"]
)
def test_what_are_not_quiet_hours_is_refused(text) -> None:
    with pytest.raises(BadInput, match="21:00-09:00"):
        parse_quiet_hours(text)


NIGHT = QuietHours(time(21), time(9))


@pytest.mark.parametrize(
    ("quiet", "utc", "allowed"),
    [
        (NIGHT, "2027-01-15T01:59Z", "2027-01-15T01:59Z"),  # 20:59
        (NIGHT, "2027-01-15T02:00Z", "2027-01-15T14:00Z"),  # 21:00
        (NIGHT, "2027-01-15T06:00Z", "2027-01-15T14:00Z"),  # 01:00
        (NIGHT, "2027-01-15T14:00Z", "2027-01-15T14:00Z"),  # 09:00
        (NIGHT, "2027-03-14T03:00Z", "2027-03-14T13:00Z"),  # a night of one hour less
        (NIGHT, "2027-11-07T02:00Z", "2027-11-07T14:00Z"),  # a night of one hour more
        (QuietHours(time(12), time(14)), "2027-01-15T17:30Z", "2027-01-15T19:00Z"),
        (QuietHours(time(12), time(14)), "2027-01-15T20:30Z", "2027-01-15T20:30Z"),
        (QuietHours(time(8), time(8)), "2027-01-15T13:00Z", "2027-01-15T13:00Z"),
        (QuietHours(time(21), time(0)), "2027-01-15T02:30Z", "2027-01-15T05:00Z"),
        # The end falls into the gap, or is shown twice.
        (QuietHours(time(21), time(2, 30)), "2027-03-14T06:00Z", "2027-03-14T07:00Z"),
        (QuietHours(time(21), time(1, 30)), "2027-11-07T05:00Z", "2027-11-07T05:30Z"),
        (QuietHours(time(21), time(1, 30)), "2027-11-07T06:10Z", "2027-11-07T06:30Z"),
        # Clocks go back before the start: we wait for the end all the same.
        (QuietHours(time(1, 30), time(3)), "2027-11-07T05:45Z", "2027-11-07T08:00Z"),
        # Swallowed by the gap.
        (QuietHours(time(2, 15), time(2, 45)), "2027-03-14T07:00Z", "2027-03-14T07:00Z"),
    ],
)
def test_a_text_waits_for_the_end_of_quiet_hours(quiet, utc, allowed) -> None:
    assert quiet.next_allowed(instant(utc), NEW_YORK) == instant(allowed)


def test_the_night_before_a_day_that_never_was_ends_the_morning_after_it() -> None:
    before = instant("2011-12-30T08:00Z")  # 22:00 on the 29th in Apia
    assert NIGHT.next_allowed(before, ZoneInfo("Pacific/Apia")) == instant("2011-12-30T19:00Z")


WINDOWS = st.sampled_from(
    ["21:00-09:00", "20:30-08:15", "12:00-14:00", "22:00-02:30", "22:45-01:45", "08:00-08:00"]
).map(parse_quiet_hours)


@given(NEAR_CHANGES, WINDOWS)
@settings(deadline=None)
def test_the_next_allowed_minute_is_the_first_that_is_not_quiet(case, quiet) -> None:
    zone, local = case
    utc = local.replace(tzinfo=UTC)
    minute = utc
    while quiet.is_quiet(minute, zone):
        minute += MINUTE
    assert quiet.next_allowed(utc, zone) == minute


TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@given(NEAR_CHANGES, st.builds(QuietHours, TIMES, TIMES))
def test_what_is_allowed_is_not_quiet_and_stays_allowed(case, quiet) -> None:
    zone, local = case
    utc = local.replace(tzinfo=UTC)
    allowed = quiet.next_allowed(utc, zone)
    assert utc <= allowed <= utc + timedelta(hours=49)
    assert not quiet.is_quiet(allowed, zone)
    assert quiet.next_allowed(allowed, zone) == allowed
