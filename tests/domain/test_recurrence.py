"""Series of dates, checked against a day-by-day reading of the same words."""

import calendar
import time as stopwatch
from contextlib import suppress
from datetime import date, time, timedelta
from itertools import islice, pairwise, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import BadInput
from service.domain.recurrence import Recurrence, Repeats, describe, parse_weekdays

DAY = timedelta(days=1)
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
day = date.fromisoformat


def series(recurrence: Recurrence, on_or_after: str, count: int) -> list[str]:
    return [str(each) for each in islice(recurrence.dates(day(on_or_after)), count)]


@pytest.mark.parametrize(
    ("recurrence", "on_or_after", "dates"),
    [
        (Recurrence(Repeats.ONCE, day("2026-12-12")), "2026-12-12", ["2026-12-12"]),
        (Recurrence(Repeats.ONCE, day("2026-12-12")), "2020-01-01", ["2026-12-12"]),
        (Recurrence(Repeats.ONCE, day("2026-12-12")), "2026-12-13", []),
        (Recurrence(Repeats.DAYS, day("2026-12-30")), "2026-12-31", ["2026-12-31", "2027-01-01"]),
        (
            Recurrence(Repeats.DAYS, day("2026-12-01"), every=3),
            "2026-12-05",
            ["2026-12-07", "2026-12-10"],
        ),
        (
            Recurrence(Repeats.WEEKS, day("2026-12-03"), weekdays=frozenset({MON, THU})),
            "2026-01-01",
            ["2026-12-03", "2026-12-07", "2026-12-10"],
        ),
        (  # Starting on a Sunday: its own week is the first, so Monday comes eight days on.
            Recurrence(Repeats.WEEKS, day("2026-12-06"), 2, frozenset({MON, SUN})),
            "2026-12-01",
            ["2026-12-06", "2026-12-14", "2026-12-20", "2026-12-28"],
        ),
        (  # The starting week's Monday is past; the next is two weeks later.
            Recurrence(Repeats.WEEKS, day("2026-12-03"), 2, frozenset({MON})),
            "2026-12-03",
            ["2026-12-14", "2026-12-28"],
        ),
        (
            Recurrence(Repeats.MONTHS, day("2027-01-01"), month_day=31),
            "2027-01-31",
            ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"],
        ),
        (
            Recurrence(Repeats.MONTHS, day("2028-01-01"), month_day=30),
            "2028-02-01",
            ["2028-02-29", "2028-03-30"],
        ),
        (  # 29 February, each year.
            Recurrence(Repeats.MONTHS, day("2028-02-29"), every=12),
            "2028-01-01",
            ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"],
        ),
        (  # The phase is counted from the starting month even when its day is past.
            Recurrence(Repeats.MONTHS, day("2026-12-20"), every=2, month_day=15),
            "2026-12-01",
            ["2027-02-15", "2027-04-15"],
        ),
        (
            Recurrence(Repeats.DAYS, day("2026-12-01"), until=day("2026-12-02")),
            "2026-11-01",
            ["2026-12-01", "2026-12-02"],
        ),
        (Recurrence(Repeats.DAYS, day("2026-12-01"), until=day("2026-12-02")), "2026-12-03", []),
    ],
)
def test_a_series_is_what_its_words_say(recurrence, on_or_after, dates) -> None:
    assert series(recurrence, on_or_after, max(len(dates), 1)) == dates


def test_what_is_left_out_is_taken_from_the_first_date() -> None:
    thursday = day("2026-12-31")
    assert Recurrence(Repeats.WEEKS, thursday).weekdays == {THU}
    assert Recurrence(Repeats.MONTHS, thursday).month_day == 31
    assert Recurrence(Repeats.WEEKS, thursday) == Recurrence(
        Repeats.WEEKS, thursday, weekdays=frozenset({THU})
    )


def is_in(recurrence: Recurrence, candidate: date) -> bool:
    """The documented rule for one date, with no library."""
    starting, every = recurrence.starting, recurrence.every
    if candidate < starting or (recurrence.until and candidate > recurrence.until):
        return False
    match recurrence.repeats:
        case Repeats.ONCE:
            return candidate == starting
        case Repeats.DAYS:
            return (candidate - starting).days % every == 0
        case Repeats.WEEKS:
            weeks = (candidate.toordinal() - 1) // 7 - (starting.toordinal() - 1) // 7
            return candidate.weekday() in recurrence.weekdays and weeks % every == 0
        case Repeats.MONTHS:
            months = 12 * (candidate.year - starting.year) + candidate.month - starting.month
            last = calendar.monthrange(candidate.year, candidate.month)[1]
            return candidate.day == min(recurrence.month_day or 0, last) and months % every == 0


DATES = st.dates(day("2020-01-01"), day("2035-12-31"))
WEEKDAYS = st.frozensets(st.integers(0, 6), min_size=1)
RECURRENCES = st.one_of(
    st.builds(Recurrence, st.just(Repeats.ONCE), DATES),
    st.builds(Recurrence, st.just(Repeats.DAYS), DATES, st.integers(1, 40)),
    st.builds(Recurrence, st.just(Repeats.WEEKS), DATES, st.integers(1, 6), WEEKDAYS),
    st.builds(
        Recurrence,
        st.just(Repeats.MONTHS),
        DATES,
        st.integers(1, 14),
        month_day=st.integers(1, 31),
    ),
    st.builds(
        lambda starting, length: Recurrence(Repeats.DAYS, starting, until=starting + timedelta(days=length)),
        DATES,
        st.integers(0, 60),
    ),
)


@given(RECURRENCES, DATES)
def test_a_series_agrees_with_a_day_by_day_reading(recurrence, on_or_after) -> None:
    horizon = on_or_after + timedelta(days=450)
    found = list(takewhile(lambda each: each < horizon, recurrence.dates(on_or_after)))
    expected = [
        candidate
        for candidate in (on_or_after + number * DAY for number in range(450))
        if is_in(recurrence, candidate)
    ]
    assert found == expected


@given(RECURRENCES, DATES)
def test_each_date_comes_once_and_in_order(recurrence, on_or_after) -> None:
    found = list(islice(recurrence.dates(on_or_after), 50))
    assert all(earlier < later for earlier, later in pairwise(found))


@given(RECURRENCES, DATES, st.integers(0, 30))
def test_asking_again_from_any_date_in_it_continues_the_same_series(recurrence, on_or_after, skipped) -> None:
    found = list(islice(recurrence.dates(on_or_after), 40))
    for resumed_at in found[skipped : skipped + 1]:
        assert list(islice(recurrence.dates(resumed_at), 40 - skipped)) == found[skipped:]


@pytest.mark.parametrize("repeats", [Repeats.DAYS, Repeats.WEEKS, Repeats.MONTHS])
def test_thousands_of_years_on_the_next_date_costs_no_more(repeats) -> None:
    recurrence = Recurrence(repeats, day("1900-01-31"))
    began = stopwatch.process_time()
    assert next(recurrence.dates(day("9000-06-15"))) >= day("9000-06-15")
    assert stopwatch.process_time() - began < 0.2  # walking there takes seconds


def test_the_end_of_the_calendar_ends_a_series_quietly() -> None:
    assert series(Recurrence(Repeats.DAYS, day("2027-01-01")), "9999-12-30", 5) == [
        "9999-12-30",
        "9999-12-31",
    ]


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"repeats": Repeats.DAYS, "every": 0}, "every 1 to 366"),
        ({"repeats": Repeats.DAYS, "every": 367}, "every 1 to 366"),
        ({"repeats": Repeats.ONCE, "every": 2}, "has no step"),
        ({"repeats": Repeats.DAYS, "weekdays": frozenset({MON})}, "repeat by weeks"),
        ({"repeats": Repeats.WEEKS, "weekdays": frozenset({7})}, "0 for Monday to 6"),
        ({"repeats": Repeats.WEEKS, "month_day": 3}, "goes with months"),
        ({"repeats": Repeats.MONTHS, "month_day": 0}, "For the last day, use 31"),
        ({"repeats": Repeats.MONTHS, "month_day": 32}, "For the last day, use 31"),
        ({"repeats": Repeats.DAYS, "until": day("2026-11-30")}, "Choose a later last date"),
    ],
)
def test_a_series_that_contradicts_itself_is_refused_with_advice(fields, advice) -> None:
    with pytest.raises(BadInput, match=advice):
        Recurrence(starting=day("2026-12-01"), **fields)


START = day("2026-12-12")


def weekly(*days: int, every: int = 1) -> Recurrence:
    return Recurrence(Repeats.WEEKS, START, every, frozenset(days))


def monthly(month_day: int, every: int = 1) -> Recurrence:
    return Recurrence(Repeats.MONTHS, START, every, month_day=month_day)


@pytest.mark.parametrize(
    ("recurrence", "at", "words"),
    [
        (Recurrence(Repeats.ONCE, START), time(14, 30), "on 12 December 2026 at 14:30"),
        (Recurrence(Repeats.DAYS, START), time(8), "every day at 08:00"),
        (Recurrence(Repeats.DAYS, START, 3), time(8), "every 3 days at 08:00"),
        (weekly(THU), time(19), "Thursdays at 19:00"),
        (weekly(THU, MON), time(19), "Mondays and Thursdays at 19:00"),
        (weekly(MON, WED, FRI), time(7, 5), "Mondays, Wednesdays and Fridays at 07:05"),
        (weekly(MON, TUE, WED, THU, FRI), time(8), "weekdays at 08:00"),
        (weekly(SAT, SUN), time(10), "Saturdays and Sundays at 10:00"),
        (weekly(*range(7)), time(8), "every day at 08:00"),
        (weekly(THU, every=2), time(19), "every 2 weeks on Thursday at 19:00"),
        (weekly(MON, THU, every=2), time(19), "every 2 weeks on Monday and Thursday at 19:00"),
        (monthly(1), time(9), "on the 1st of each month at 09:00"),
        (monthly(22), time(9), "on the 22nd of each month at 09:00"),
        (monthly(13), time(9), "on the 13th of each month at 09:00"),
        (monthly(31), time(9), "on the 31st of each month (or its last day) at 09:00"),
        (monthly(3, every=2), time(9), "on the 3rd of every 2nd month at 09:00"),
        (
            Recurrence(Repeats.DAYS, START, until=day("2027-03-01")),
            time(8),
            "every day at 08:00 until 1 March 2027",
        ),
    ],
)
def test_a_series_is_told_in_plain_words(recurrence, at, words) -> None:
    assert describe(recurrence, at) == words


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon,thu", {MON, THU}),
        ("Mon, Thu", {MON, THU}),
        ("Mondays and Thursdays", {MON, THU}),
        ("on Tuesday", {TUE}),
        ("every thursday", {THU}),
        ("tues thurs", {TUE, THU}),
        ("weds/sat & su", {WED, SAT, SUN}),
        ("weekdays", {MON, TUE, WED, THU, FRI}),
        ("WEEKENDS", {SAT, SUN}),
        ("weekends, mon", {SAT, SUN, MON}),
        ("every day", set(range(7))),
        ("daily", set(range(7))),
        ("mon-fri", {MON, TUE, WED, THU, FRI}),
        ("Fri \u2013 Mon", {FRI, SAT, SUN, MON}),
        ("tuesday to thursday", {TUE, WED, THU}),
        ("mon-mon", {MON}),
    ],
)
def test_weekdays_are_read_as_people_write_them(text, days) -> None:
    assert parse_weekdays(text) == days


@pytest.mark.parametrize("text", ["", " , ", "t", "s", "noday", "mon,xyz", "-fri", "mon-", "7"])
def test_what_is_no_weekday_is_refused_with_an_example(text) -> None:
    with pytest.raises(BadInput, match="mon,thu"):
        parse_weekdays(text)


@given(WEEKDAYS)
def test_described_weekdays_read_back_as_themselves(days) -> None:
    words = describe(Recurrence(Repeats.WEEKS, START, weekdays=days), time(8))
    assert parse_weekdays(words.removesuffix(" at 08:00")) == days


@given(st.text(max_size=30))
def test_any_text_is_either_weekdays_or_refused(text) -> None:
    with suppress(BadInput):
        assert parse_weekdays(text) <= set(range(7))
