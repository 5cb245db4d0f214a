"""The four kinds of texts, in the person's own time, over a change of clocks."""

from datetime import date, timedelta

import pytest

from service.domain.message import MessageStatus
from service.workflows.enrolment import set_details
from tests.rig.world import ANA, STAFF, World, appointment, check_in, medication, meeting

THURSDAY = frozenset({3})


@pytest.fixture
def ana(world: World) -> int:
    """Opted in on Monday 26 October 2026 in New York; clocks go back on Sunday 1 November."""
    participant_id = world.enrol(ANA)
    world.settle()
    return participant_id


def local_times(world: World, number: str = ANA) -> list[str]:
    """When each routine text reached the phone, by the person's clock."""
    return [
        f"{item.at:%a %H:%M}"
        for item in world.sent(number)
        if item.kind is not None
        and item.kind.value in {"check_in", "medication", "meeting", "appointment"}
        and item.status is MessageStatus.DELIVERED
    ]


def test_each_kind_arrives_at_its_time(world: World, ana: int) -> None:
    world.schedule(ana, check_in("10:00", weekdays=frozenset({1})))
    world.schedule(ana, medication("08:00", label="blue box", on=date(2026, 10, 28)))
    world.schedule(ana, meeting("19:00", weekdays=THURSDAY, lead_minutes=60, until=date(2026, 10, 30)))
    world.schedule(ana, appointment("14:30", on=date(2026, 10, 31)))
    for moment, answer in (("2026-10-27 10:01", "4"), ("2026-10-28 08:01", "done")):
        world.move_to(moment)
        world.text(ANA, answer)
    world.move_to("2026-11-01 12:00")
    assert local_times(world) == ["Tue 10:00", "Wed 08:00", "Thu 18:00", "Fri 14:30", "Sat 09:00"]
    texts = world.shown(ANA)
    assert any("blue box" in text and "DONE, LATER or SKIP" in text for text in texts)
    assert any("7 PM" in text and "GOING or CANT" in text for text in texts)
    assert any("tomorrow" in text and "Saturday, October 31 at 2:30 PM" in text for text in texts)


def test_upcoming_is_exactly_what_is_then_sent(world: World, ana: int) -> None:
    world.schedule(ana, check_in("10:00", weekdays=frozenset({0, 3})))
    world.schedule(ana, medication("08:00", label="blue box"))
    world.schedule(ana, meeting("19:00", weekdays=THURSDAY, lead_minutes=60))
    world.schedule(ana, appointment("14:30", on=date(2026, 11, 5)))
    promised = [(text.send_at, text.body) for text in world.upcoming(ANA)]
    world.move(timedelta(days=14))
    first_askings = [
        (item.send_after, item.body)
        for item in world.sent(ANA)
        if item.words and ".again" not in item.words and "joined" not in item.words
    ]
    assert first_askings == promised
    assert len(promised) > 20


def test_a_daily_reminder_keeps_its_wall_time_when_clocks_go_back(world: World, ana: int) -> None:
    world.schedule(ana, medication("08:00"))
    for day in ("2026-10-31", "2026-11-01", "2026-11-02"):
        world.move_to(f"{day} 08:00")
        world.text(ANA, "done")
    assert local_times(world)[-3:] == ["Sat 08:00", "Sun 08:00", "Mon 08:00"]


def test_a_time_that_clocks_show_twice_is_reminded_of_once(world: World, ana: int) -> None:
    world.schedule(ana, medication("01:30", starting=date(2026, 11, 1), until=date(2026, 11, 1)))
    world.move_to("2026-11-02 12:00")
    assert [time for time in local_times(world) if time == "Sun 01:30"] == ["Sun 01:30"]


def test_moving_the_clock_by_two_weeks_skips_nothing(world: World, ana: int) -> None:
    world.schedule(ana, check_in("10:00"))
    world.move(timedelta(days=14))
    asked = [item for item in world.sent(ANA) if item.words and item.words.startswith("check_in.ask")]
    assert [item.at.date() for item in asked] == [date(2026, 10, 26) + timedelta(days=n) for n in range(14)]


def test_a_person_in_another_zone_is_texted_by_their_own_clock(world: World) -> None:
    participant_id = world.enrol(ANA, zone="America/Los_Angeles")
    world.schedule(participant_id, check_in("10:00", on=date(2026, 10, 27)))
    world.move(timedelta(days=2))
    (asked, _again) = [item for item in world.sent(ANA) if item.kind and item.kind.value == "check_in"]
    assert f"{asked.at:%H:%M %Z}" == "10:00 PDT"


def test_moving_west_on_the_day_of_a_reminder_does_not_send_it_again(world: World, ana: int) -> None:
    world.schedule(ana, medication("10:00", until=date(2026, 10, 27)))
    world.move_to("2026-10-26 10:01")
    world.text(ANA, "done")
    world.move_to("2026-10-27 10:01")
    world.text(ANA, "done")
    set_details(
        world.parts.database,
        ana,
        STAFF,
        world.now,
        name="",
        language="en",
        timezone="America/Los_Angeles",
    )
    world.move(timedelta(days=1))
    assert local_times(world)[-1:] == ["Tue 07:00"]  # shown by the clock of the new zone
    asked = [item for item in world.sent(ANA) if item.words and item.words.startswith("medication.ask")]
    assert len(asked) == 2  # Monday's and Tuesday's, one each


def test_a_text_that_would_be_late_is_expired_and_visible(world: World, ana: int) -> None:
    world.schedule(ana, medication("08:00", on=date(2026, 10, 27)))
    world.wall.advance(timedelta(days=1, hours=3))  # nothing ran for a day
    world.settle()
    (expired,) = world.with_status(ANA, MessageStatus.EXPIRED)
    assert expired.reason
    assert not local_times(world)


def test_quiet_hours_hold_what_the_person_did_not_time(world: World) -> None:
    # Entered at night: the confirmation waits for the morning.
    world.move_to("2026-10-26 23:00")
    world.enrol(ANA)
    world.settle()
    assert not world.shown(ANA)
    world.move_to("2026-10-27 09:00")
    assert len(world.shown(ANA)) == 1


def test_a_reminder_the_person_timed_goes_out_in_quiet_hours(world: World, ana: int) -> None:
    world.schedule(ana, medication("06:00", on=date(2026, 10, 27)))
    world.move_to("2026-10-27 06:01")
    assert local_times(world) == ["Tue 06:00"]


def test_the_cap_stops_any_flood(world: World, ana: int) -> None:
    for minute in range(50):
        world.schedule(ana, medication(f"11:{minute:02d}", on=date(2026, 10, 27)))
    world.move_to("2026-10-27 20:00")
    assert len(local_times(world)) <= world.settings.daily_text_cap
    assert "reply-limit" in world.alert_kinds()
    assert any(item.reason == "the day's limit was reached" for item in world.sent(ANA))
