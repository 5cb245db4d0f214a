"""Who is on call: weekly shifts past midnight and through clock changes, covers, swaps, gaps."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import BadInput
from service.domain.rota import Cover, Rota, RotaRole, Shift, Swap, parse_hours

ZONE = ZoneInfo("America/New_York")
ANN, BOB, CAT, DEE = 1, 2, 3, 4
FIRST, SECOND, SUPERVISOR = RotaRole
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def shift(person: int, days: str, starts: str, ends: str, role: RotaRole = FIRST) -> tuple[Shift, ...]:
    """Ids count up from ten times the person's."""
    return tuple(
        Shift(
            person * 10 + int(day),
            person,
            role,
            int(day),
            time.fromisoformat(starts),
            time.fromisoformat(ends),
        )
        for day in days
    )


NIGHTS = shift(ANN, "0123456", "17:00", "09:00")
DAYS = shift(BOB, "0123456", "09:00", "17:00")
ROUND_THE_CLOCK = Rota(ZONE, NIGHTS + DAYS)


@pytest.mark.parametrize(
    ("at", "person"),
    [
        ("2026-10-26 09:00", BOB),
        ("2026-10-26 16:59", BOB),
        ("2026-10-26 17:00", ANN),
        ("2026-10-27 00:00", ANN),
        ("2026-10-27 08:59", ANN),
    ],
)
def test_a_shift_holds_from_its_start_up_to_its_end_past_midnight(at: str, person: int):
    assert ROUND_THE_CLOCK.on_call(local(at)) == {FIRST: (person,), SECOND: (), SUPERVISOR: ()}


def test_sunday_night_runs_into_monday():
    rota = Rota(ZONE, shift(ANN, "6", "22:00", "06:00"))
    assert rota.on_call(local("2026-10-26 05:59"))[FIRST] == (ANN,)
    assert rota.on_call(local("2026-10-26 06:00"))[FIRST] == ()


def test_two_equal_times_are_a_whole_day():
    rota = Rota(ZONE, shift(ANN, "0", "09:00", "09:00"))
    assert rota.on_call(local("2026-10-27 08:59"))[FIRST] == (ANN,)
    assert rota.on_call(local("2026-10-27 09:00"))[FIRST] == ()
    assert rota.on_call(local("2026-10-26 08:59"))[FIRST] == ()


@pytest.mark.parametrize("day", ["2026-10-31", "2027-03-13"])  # the evening before each clock change
def test_a_rota_without_gaps_has_none_when_clocks_change(day: str):
    seams = shift(ANN, "0123456", "17:00", "01:30") + shift(BOB, "0123456", "01:30", "02:30")
    rota = Rota(ZONE, seams + shift(CAT, "0123456", "02:30", "17:00"))
    since = local(f"{day} 12:00")
    assert rota.gaps(since, since + WEEK) == []
    spans = [span for span in rota.spans(since, since + WEEK) if span.role is FIRST]
    assert all(before.ends_at == after.starts_at for before, after in pairwise(spans))
    assert all(len(span.people) == 1 for span in spans)


def test_a_night_is_longer_in_autumn_and_shorter_in_spring():
    lengths = {}
    for day in ("2026-10-31", "2026-11-01", "2027-03-13"):
        night = shift(ANN, "0123456", "22:00", "06:00")[date.fromisoformat(day).weekday()]
        starts_at, ends_at = night.on(date.fromisoformat(day), ZONE)
        lengths[day] = (ends_at - starts_at) / HOUR
    assert lengths == {"2026-10-31": 9, "2026-11-01": 8, "2027-03-13": 7}


def test_a_shift_inside_the_hour_that_clocks_skip_does_not_happen():
    rota = Rota(ZONE, shift(ANN, "6", "02:00", "02:45"))
    assert rota.on_call(local("2027-03-14 03:00"))[FIRST] == ()
    assert rota.on_call(local("2027-03-21 02:10"))[FIRST] == (ANN,)


def test_a_cover_takes_over_in_the_middle_of_a_shift_and_gives_back():
    rota = Rota(
        ZONE, NIGHTS + DAYS, covers=(Cover(ANN, CAT, local("2026-10-27 00:00"), local("2026-10-27 03:00")),)
    )
    night = rota.spans(local("2026-10-26 17:00"), local("2026-10-27 09:00"))
    assert [(span.people, span.ends_at - span.starts_at) for span in night if span.role is FIRST] == [
        ((ANN,), 7 * HOUR), ((CAT,), 3 * HOUR), ((ANN,), 6 * HOUR),
    ]  # fmt: skip


def test_covers_follow_one_another_and_the_later_entry_counts():
    away = local("2026-10-26 00:00"), local("2026-11-02 00:00")
    rota = Rota(ZONE, NIGHTS, covers=(Cover(ANN, BOB, *away), Cover(ANN, CAT, *away), Cover(CAT, DEE, *away)))
    assert rota.on_call(local("2026-10-27 18:00"))[FIRST] == (DEE,)


def test_two_who_cover_for_each_other_leave_a_gap():
    away = local("2026-10-26 00:00"), local("2026-11-02 00:00")
    rota = Rota(ZONE, NIGHTS, covers=(Cover(ANN, BOB, *away), Cover(BOB, ANN, *away)))
    assert rota.on_call(local("2026-10-27 18:00"))[FIRST] == ()


def test_a_swap_changes_one_night_and_is_covered_like_any_shift():
    monday = date(2026, 10, 26)
    rota = Rota(ZONE, NIGHTS, swaps=(Swap(NIGHTS[0].id, monday, BOB),))
    assert rota.on_call(local("2026-10-27 03:00"))[FIRST] == (BOB,)
    assert rota.on_call(local("2026-11-03 03:00"))[FIRST] == (ANN,)
    away = Cover(BOB, CAT, local("2026-10-27 00:00"), local("2026-10-28 00:00"))
    covered = Rota(ZONE, NIGHTS, (away,), rota.swaps)
    assert covered.on_call(local("2026-10-26 23:00"))[FIRST] == (BOB,)
    assert covered.on_call(local("2026-10-27 03:00"))[FIRST] == (CAT,)


def test_shifts_that_overlap_are_both_on_call_and_nobody_twice():
    rota = Rota(ZONE, NIGHTS + shift(BOB, "0", "16:00", "18:00") + shift(ANN, "0", "12:00", "20:00"))
    assert set(rota.on_call(local("2026-10-26 17:30"))[FIRST]) == {ANN, BOB}


def test_the_roles_are_apart():
    rota = Rota(ZONE, NIGHTS + shift(BOB, "0", "17:00", "09:00", SECOND))
    assert rota.on_call(local("2026-10-26 18:00")) == {FIRST: (ANN,), SECOND: (BOB,), SUPERVISOR: ()}


def test_gaps_are_found_and_joined():
    rota = Rota(ZONE, shift(ANN, "012345", "17:00", "09:00") + shift(BOB, "01234", "09:00", "17:00"))
    since = local("2026-10-26 12:00")
    assert rota.gaps(since, since + WEEK) == [
        (local("2026-10-31 09:00"), local("2026-10-31 17:00")),
        (local("2026-11-01 09:00"), local("2026-11-02 09:00")),
    ]


def test_somebody_who_cannot_be_paged_leaves_a_gap():
    since = local("2026-10-26 12:00")
    assert ROUND_THE_CLOCK.gaps(since, since + 24 * HOUR, {ANN}) == [
        (since, local("2026-10-26 17:00")), (local("2026-10-27 09:00"), local("2026-10-27 12:00")),
    ]  # fmt: skip
    assert ROUND_THE_CLOCK.gaps(since, since + WEEK, ()) == [(since, since + WEEK)]


def test_an_empty_rota_is_one_gap():
    since = local("2026-10-26 12:00")
    assert Rota(ZONE).gaps(since, since + WEEK) == [(since, since + WEEK)]


@given(
    hours=st.lists(st.integers(0, 47), min_size=2, max_size=4, unique=True),
    start=st.integers(0, 2 * 365 * 24 * 60).map(lambda n: local("2026-01-01 00:00") + n * HOUR / 60),
)
def test_shifts_that_follow_one_another_all_day_never_leave_a_gap(hours: list[int], start: datetime):
    times = [time(half // 2, half % 2 * 30) for half in sorted(hours)]
    shifts = tuple(
        Shift(7 * n + day, n, FIRST, day, begin, end)
        for n, (begin, end) in enumerate(zip(times, times[1:] + times[:1], strict=True))
        for day in range(7)
    )
    rota = Rota(ZONE, shifts)
    assert rota.gaps(start, start + WEEK) == []
    assert all(len(span.people) == 1 for span in rota.spans(start, start + WEEK) if span.role is FIRST)


def test_hours_are_read():
    assert parse_hours("17:00-09:00") == (time(17), time(9))
    assert parse_hours(" 08:30 \u2013 08:30 ") == (time(8, 30), time(8, 30))


@pytest.mark.parametrize(
    "text", ["", "17:00", "17:00-", "5pm-9am", "25:00-09:00", "17:00-09:00-10:00", "17:00:01-09:00"]
)
def test_what_are_not_hours_is_refused(text: str):
    with pytest.raises(BadInput):
        parse_hours(text)
