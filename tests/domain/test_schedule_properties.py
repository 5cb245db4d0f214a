"""What holds for every rule, zone and moment: each text once, in order, none left out."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.local_time import to_utc
from service.domain.prompt import ScheduleKind
from service.domain.recurrence import Recurrence, Repeats
from service.domain.schedule import (
    LONGEST_LEAD_MINUTES,
    Reminder,
    ReminderRule,
    expires_at,
    reminders,
)

CHECK_IN, MEDICATION, MEETING, APPOINTMENT = ScheduleKind
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

day = date.fromisoformat

ZONES = st.sampled_from(
    [
        "America/New_York",
        "America/Nuuk",
        "America/Phoenix",
        "Antarctica/Troll",
        "Asia/Beirut",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Pacific/Kiritimati",
        "UTC",
    ]
).map(ZoneInfo)
STARTS = st.dates(day("2011-12-01"), day("2012-01-15")) | st.dates(day("2024-02-15"), day("2024-11-15"))
RECURRENCES = st.one_of(
    st.builds(Recurrence, st.just(Repeats.ONCE), STARTS),
    st.builds(Recurrence, st.just(Repeats.DAYS), STARTS, st.integers(1, 3)),
    st.builds(
        Recurrence,
        st.just(Repeats.WEEKS),
        STARTS,
        st.integers(1, 2),
        st.frozensets(st.integers(0, 6), min_size=1),
    ),
    st.builds(Recurrence, st.just(Repeats.MONTHS), STARTS, month_day=st.integers(1, 31)),
)
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
LEADS = st.none() | st.sampled_from([0, 5, 60, 120, 1440, LONGEST_LEAD_MINUTES])
RULES = st.builds(ReminderRule, st.sampled_from([CHECK_IN, MEDICATION]), TIMES, RECURRENCES) | (
    st.builds(ReminderRule, st.sampled_from([MEETING, APPOINTMENT]), TIMES, RECURRENCES, LEADS)
)
HORIZON = timedelta(days=60)


def within_horizon(rule: ReminderRule, zone: ZoneInfo, after: datetime) -> list[Reminder]:
    until = to_utc(datetime.combine(rule.recurrence.starting, rule.at), zone) + HORIZON
    return list(takewhile(lambda each: each.due_at <= until, reminders(rule, zone, after)))


@given(RULES, ZONES)
@settings(deadline=None)
def test_each_text_comes_once_later_than_the_one_before_and_not_after_its_event(rule, zone) -> None:
    found = within_horizon(rule, zone, LONG_AGO)
    assert found
    keys = [(each.event_date, each.slot) for each in found]
    assert len(set(keys)) == len(keys)
    assert all(one.due_at < two.due_at for one, two in pairwise(found)) or (
        rule.recurrence.repeats is Repeats.ONCE
    )
    for each in found:
        assert each.due_at <= each.event_at
        assert each.due_at.tzinfo is each.event_at.tzinfo is UTC
        assert expires_at(rule, each) >= each.due_at + timedelta(minutes=10)


@given(RULES, ZONES, st.integers(-30 * 24 * 60, 60 * 24 * 60))
@settings(deadline=None)
def test_asking_mid_series_gives_what_is_left_of_it(rule, zone, minutes) -> None:
    start = to_utc(datetime.combine(rule.recurrence.starting, rule.at), zone)
    after = start + timedelta(minutes=minutes)
    everything = within_horizon(rule, zone, LONG_AGO)
    assert within_horizon(rule, zone, after) == [each for each in everything if each.due_at > after]


@given(RULES, ZONES)
@settings(deadline=None)
def test_every_date_that_exists_has_all_its_texts(rule, zone) -> None:
    slots: dict[date, set[str]] = {}
    for each in islice(reminders(rule, zone, LONG_AGO), 40):
        slots.setdefault(each.event_date, set()).add(each.slot)
    expected = list(islice(rule.recurrence.dates(date.min), 21))
    skipped = day("2011-12-30") if zone.key == "Pacific/Apia" else None
    whole = [each for each in expected if each != skipped or len(expected) == 1][:19]
    assert list(slots)[:19] == whole
    two = rule.kind is APPOINTMENT and rule.lead_minutes is None
    assert all(len(slots[each]) == (2 if two else 1) for each in whole)


@given(TIMES, ZONES, STARTS)
@settings(deadline=None)
def test_a_meeting_text_precedes_its_event_by_exactly_the_lead(at, zone, starting) -> None:
    rule = ReminderRule(MEETING, at, Recurrence(Repeats.DAYS, starting), 90)
    for each in islice(reminders(rule, zone, LONG_AGO), 40):
        assert each.event_at - each.due_at == timedelta(minutes=90)
