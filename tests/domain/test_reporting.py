"""Periods, what may be shown, and prices."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from service.domain.errors import BadInput
from service.domain.reporting import Line, Period, Preset, hide_small, parse_segment_price, period_of

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)  # still the 9th in New York


@pytest.mark.parametrize(
    ("preset", "first"),
    [
        (Preset.WEEK, date(2026, 11, 3)),
        (Preset.THIRTY, date(2026, 10, 11)),
        (Preset.NINETY, date(2026, 8, 12)),
        (Preset.MONTH, date(2026, 11, 1)),
    ],
)
def test_a_period_ends_today_by_the_programmes_clock(preset: Preset, first: date):
    period = period_of(preset, NOW, ZONE)
    assert (period.first, period.last) == (first, date(2026, 11, 9))


def test_days_are_as_long_as_the_clocks_make_them():
    days = Period(date(2026, 10, 31), date(2026, 11, 2), ZONE).buckets()
    assert [bucket.end - bucket.start for bucket in days] == [timedelta(hours=n) for n in (24, 25, 24)]
    assert all(one.end == next_one.start for one, next_one in pairwise(days))


def test_long_periods_are_shown_by_the_week():
    weeks = Period(date(2026, 1, 1), date(2026, 2, 3), ZONE).buckets()
    assert [(bucket.last - bucket.first).days + 1 for bucket in weeks] == [7, 7, 7, 7, 6]


def lines(**people: int) -> list[Line]:
    return [Line(key, (count,), count) for key, count in people.items()]


@pytest.mark.parametrize(
    ("people", "hidden"),
    [
        ({"a": 5, "b": 9}, set()),
        ({"a": 4, "b": 9, "c": 7}, {"a", "c"}),
        ({"a": 4, "b": 3, "c": 7}, {"a", "b"}),
        ({"a": 0, "b": 9}, set()),
        ({"a": 1}, {"a"}),
        ({"a": 1, "b": 0}, {"a"}),
    ],
)
def test_small_numbers_are_hidden_and_cannot_be_worked_out(people: dict[str, int], hidden: set[str]):
    assert {line.key for line in hide_small(lines(**people)) if line.is_hidden} == hidden


def test_where_there_is_no_total_only_the_small_ones_are_hidden():
    shown = hide_small(lines(a=4, b=9), is_sum=False)
    assert [line.is_hidden for line in shown] == [True, False]
    assert shown[0].people == 0


def test_a_price_has_a_currency():
    price = parse_segment_price(" 0.0079 USD ")
    assert price is not None
    assert price.of(1_000_000) == "7,900.00 USD"
    assert parse_segment_price("") is None


@pytest.mark.parametrize("text", ["0.0079", "free USD", "-1 USD", "NaN USD", "1000 USD", "1 " + "x" * 13])
def test_what_is_no_price_is_refused(text: str):
    with pytest.raises(BadInput, match=r"0\.0079 USD"):
        parse_segment_price(text)
