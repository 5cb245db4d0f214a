"""Reminders: the right texts, at the right instants, each once, over every clock change."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from service.domain.errors import BadInput
from service.domain.prompt import ScheduleKind
from service.domain.recurrence import Recurrence, Repeats
from service.domain.schedule import (
    DAY_BEFORE,
    LONGEST_LEAD_MINUTES,
    SAME_DAY,
    Reminder,
    ReminderRule,
    expires_at,
    reminders,
)

CHECK_IN, MEDICATION, MEETING, APPOINTMENT = ScheduleKind
NEW_YORK = ZoneInfo("America/New_York")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

day = date.fromisoformat
instant = datetime.fromisoformat


def daily(kind: ScheduleKind, at: str, starting: str, lead: int | None = None) -> ReminderRule:
    recurrence = Recurrence(Repeats.DAYS, day(starting))
    return ReminderRule(kind, time.fromisoformat(at), recurrence, lead)


def once(kind: ScheduleKind, at: str, on: str, lead: int | None = None) -> ReminderRule:
    recurrence = Recurrence(Repeats.ONCE, day(on))
    return ReminderRule(kind, time.fromisoformat(at), recurrence, lead)


def told(found: Iterator[Reminder], zone: ZoneInfo = NEW_YORK, count: int = 9) -> list[str]:
    """Slot, event date and local due time with its offset, as one line each."""
    return [
        f"{each.slot} {each.event_date}: {each.due_at.astimezone(zone):%m-%d %H:%M %z}"
        for each in islice(found, count)
    ]


@pytest.mark.parametrize("kind", [CHECK_IN, MEDICATION])
def test_a_check_in_or_medication_text_goes_out_at_its_own_time(kind) -> None:
    rule = daily(kind, "08:00", "2026-12-01")
    assert told(reminders(rule, NEW_YORK, LONG_AGO), count=2) == [
        "at 2026-12-01: 12-01 08:00 -0500",
        "at 2026-12-02: 12-02 08:00 -0500",
    ]


def test_a_thursday_meeting_is_reminded_of_an_hour_before() -> None:
    thursdays = Recurrence(Repeats.WEEKS, day("2026-12-01"), weekdays=frozenset({3}))
    rule = ReminderRule(MEETING, time(19), thursdays)
    assert told(reminders(rule, NEW_YORK, LONG_AGO), count=2) == [
        "lead 2026-12-03: 12-03 18:00 -0500",
        "lead 2026-12-10: 12-10 18:00 -0500",
    ]


@pytest.mark.parametrize(
    ("at", "day_before", "same_day", "is_same_day_chosen"),
    [
        ("14:30", "12-11 14:30", "12-12 09:00", False),
        ("10:00", "12-11 10:00", "12-12 09:00", False),
        ("09:59", "12-11 09:59", "12-12 08:59", True),
        ("08:00", "12-11 09:00", "12-12 07:00", True),
        ("00:30", "12-11 09:00", "12-11 23:30", True),
        ("20:00", "12-11 20:00", "12-12 09:00", False),
        ("21:15", "12-11 20:00", "12-12 09:00", False),
    ],
)
def test_an_appointment_is_reminded_of_the_day_before_and_the_same_day(
    at, day_before, same_day, is_same_day_chosen
) -> None:
    found = list(reminders(once(APPOINTMENT, at, "2026-12-12"), NEW_YORK, LONG_AGO))
    assert told(iter(found)) == [
        f"day-before 2026-12-12: {day_before} -0500",
        f"same-day 2026-12-12: {same_day} -0500",
    ]
    assert [each.is_time_chosen for each in found] == [False, is_same_day_chosen]


@pytest.mark.parametrize("kind", [MEETING, APPOINTMENT])
def test_a_lead_of_ones_own_gives_one_text_at_a_chosen_time(kind) -> None:
    found = list(reminders(once(kind, "14:30", "2026-12-12", 90), NEW_YORK, LONG_AGO))
    assert told(iter(found)) == ["lead 2026-12-12: 12-12 13:00 -0500"]
    assert found[0].is_time_chosen


@pytest.mark.parametrize("kind", [CHECK_IN, MEDICATION, MEETING])
def test_the_time_of_all_but_appointments_is_chosen_by_the_person(kind) -> None:
    assert next(reminders(daily(kind, "23:00", "2026-12-01"), NEW_YORK, LONG_AGO)).is_time_chosen


@pytest.mark.parametrize(
    ("at", "lines"),
    [
        (
            "02:30",  # skipped: the first valid minute, once, and back to normal
            [
                "at 2027-03-13: 03-13 02:30 -0500",
                "at 2027-03-14: 03-14 03:00 -0400",
                "at 2027-03-15: 03-15 02:30 -0400",
            ],
        ),
        (
            "19:00",
            [
                "at 2027-03-13: 03-13 19:00 -0500",
                "at 2027-03-14: 03-14 19:00 -0400",
                "at 2027-03-15: 03-15 19:00 -0400",
            ],
        ),
    ],
)
def test_in_the_spring_gap_a_daily_text_comes_once(at, lines) -> None:
    rule = daily(MEDICATION, at, "2027-03-13")
    assert told(reminders(rule, NEW_YORK, LONG_AGO), count=3) == lines


def test_in_the_autumn_overlap_a_daily_text_comes_once_the_first_time_round() -> None:
    rule = daily(MEDICATION, "01:30", "2027-11-06")
    assert told(reminders(rule, NEW_YORK, LONG_AGO), count=3) == [
        "at 2027-11-06: 11-06 01:30 -0400",
        "at 2027-11-07: 11-07 01:30 -0400",
        "at 2027-11-08: 11-08 01:30 -0500",
    ]
    first_time = instant("2027-11-07T05:30Z")
    assert next(reminders(rule, NEW_YORK, first_time)).event_date == day("2027-11-08")


@pytest.mark.parametrize(
    ("on", "due"),
    [
        ("2027-03-14", "2027-03-14T05:30Z"),  # 03:30 EDT, two hours before: 00:30 EST
        ("2027-11-07", "2027-11-07T06:30Z"),  # 03:30 EST, two hours before: the second 01:30
    ],
)
def test_a_lead_over_a_clock_change_is_exact_elapsed_time(on, due) -> None:
    rule = once(MEETING, "03:30", on, 120)
    assert next(reminders(rule, NEW_YORK, LONG_AGO)).due_at == instant(due)


def test_the_day_before_keeps_its_wall_time_over_a_clock_change() -> None:
    rule = once(APPOINTMENT, "14:30", "2027-03-14")
    assert told(reminders(rule, NEW_YORK, LONG_AGO)) == [
        "day-before 2027-03-14: 03-13 14:30 -0500",
        "same-day 2027-03-14: 03-14 09:00 -0400",
    ]


def test_a_day_that_never_was_has_no_daily_text_but_keeps_a_one_off() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert told(reminders(daily(MEDICATION, "08:00", "2011-12-29"), apia, LONG_AGO), apia, 2) == [
        "at 2011-12-29: 12-29 08:00 -1000",
        "at 2011-12-31: 12-31 08:00 +1400",
    ]
    one_off = once(MEETING, "08:00", "2011-12-30", 0)
    assert told(reminders(one_off, apia, LONG_AGO), apia) == ["lead 2011-12-30: 12-31 00:00 +1400"]


def test_due_order_holds_even_where_the_day_before_never_was() -> None:
    apia = ZoneInfo("Pacific/Apia")
    rule = once(APPOINTMENT, "00:30", "2011-12-31")
    assert told(reminders(rule, apia, LONG_AGO), apia) == [
        "same-day 2011-12-31: 12-29 23:30 -1000",
        "day-before 2011-12-31: 12-31 00:00 +1400",
    ]


def test_texts_of_neighbouring_appointments_come_in_due_order() -> None:
    rule = daily(APPOINTMENT, "14:30", "2026-12-10")
    assert told(reminders(rule, NEW_YORK, instant("2026-12-10T15:00Z")), count=4) == [
        "day-before 2026-12-11: 12-10 14:30 -0500",
        "same-day 2026-12-11: 12-11 09:00 -0500",
        "day-before 2026-12-12: 12-11 14:30 -0500",
        "same-day 2026-12-12: 12-12 09:00 -0500",
    ]


def test_only_what_is_due_later_than_after_comes() -> None:
    rule = daily(CHECK_IN, "08:00", "2026-12-01")
    due = instant("2026-12-05T13:00Z")
    second = timedelta(seconds=1)
    assert next(reminders(rule, NEW_YORK, due - second)).due_at == due
    assert next(reminders(rule, NEW_YORK, due)).due_at == due + timedelta(days=1)


def test_the_same_day_text_still_comes_when_the_day_before_is_past() -> None:
    rule = once(APPOINTMENT, "14:30", "2026-12-12")
    assert told(reminders(rule, NEW_YORK, instant("2026-12-12T00:00Z"))) == [
        "same-day 2026-12-12: 12-12 09:00 -0500"
    ]


def test_a_series_that_is_over_gives_nothing() -> None:
    assert not list(reminders(once(MEETING, "19:00", "2026-12-12"), NEW_YORK, _at("2026-12-13")))


def _at(when: str) -> datetime:
    return instant(when).replace(tzinfo=UTC)


def test_after_a_move_the_rule_is_read_on_the_new_clock_and_no_key_comes_up_new() -> None:
    rule = daily(MEDICATION, "08:00", "2026-12-01")
    denver = ZoneInfo("America/Denver")
    sent = next(reminders(rule, NEW_YORK, instant("2026-12-05T12:00Z")))
    # Moved west an hour after the text: 08:00 of the same date is still to come there, under the
    # key that was sent already; the caller skips it.
    again, following = islice(reminders(rule, denver, instant("2026-12-05T14:00Z")), 2)
    assert (again.event_date, again.slot) == (sent.event_date, sent.slot)
    assert told(iter([following]), denver) == ["at 2026-12-06: 12-06 08:00 -0700"]


def minutes_of_use(rule: ReminderRule, slot: str | None = None) -> float:
    found = reminders(rule, NEW_YORK, LONG_AGO)
    reminder = next(each for each in found if slot in (None, each.slot))
    return (expires_at(rule, reminder) - reminder.due_at) / timedelta(minutes=1)


@pytest.mark.parametrize(
    ("rule", "slot", "minutes"),
    [
        (daily(CHECK_IN, "08:00", "2026-12-01"), None, 240),
        (daily(MEDICATION, "08:00", "2026-12-01"), None, 60),
        (daily(MEETING, "19:00", "2026-12-01"), None, 60),
        (daily(MEETING, "19:00", "2026-12-01", 90), None, 90),
        (daily(MEETING, "19:00", "2026-12-01", 5), None, 10),
        (daily(MEETING, "19:00", "2026-12-01", 0), None, 15),
        (once(APPOINTMENT, "14:30", "2026-12-12"), DAY_BEFORE, 6 * 60 + 29),
        (once(APPOINTMENT, "21:30", "2026-12-12"), DAY_BEFORE, 59),
        (once(APPOINTMENT, "07:00", "2026-12-12"), DAY_BEFORE, 11 * 60 + 59),
        (once(APPOINTMENT, "14:30", "2026-12-12"), SAME_DAY, 5 * 60 + 30),
        (once(APPOINTMENT, "08:00", "2026-12-12"), SAME_DAY, 60),
        (once(APPOINTMENT, "14:30", "2026-12-12", 30), None, 30),
        (once(APPOINTMENT, "14:30", "2026-12-12", 0), None, 10),
    ],
)
def test_a_text_is_worth_sending_until_it_is_no_longer_of_use(rule, slot, minutes) -> None:
    assert minutes_of_use(rule, slot) == minutes


@pytest.mark.parametrize(
    ("kind", "lead"),
    [(CHECK_IN, 5), (MEDICATION, 60), (MEETING, -1), (APPOINTMENT, LONGEST_LEAD_MINUTES + 1)],
)
def test_a_lead_that_makes_no_sense_is_refused(kind, lead) -> None:
    with pytest.raises(BadInput, match="lead"):
        daily(kind, "08:00", "2026-12-01", lead)


@pytest.mark.parametrize("at", ["08:00:30", "08:00+02:00"])
def test_a_time_that_is_not_a_wall_time_in_whole_minutes_is_refused(at) -> None:
    with pytest.raises(BadInput, match="whole minutes"):
        daily(CHECK_IN, at, "2026-12-01")


def test_a_check_in_with_a_lead_of_zero_is_the_same_as_without() -> None:
    rule = daily(CHECK_IN, "08:00", "2026-12-01", 0)
    plain = replace(rule, lead_minutes=None)
    assert next(reminders(rule, NEW_YORK, LONG_AGO)) == next(reminders(plain, NEW_YORK, LONG_AGO))
