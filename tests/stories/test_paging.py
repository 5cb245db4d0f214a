"""A crisis at night: who is paged when, and how it ends."""

import re
from datetime import time, timedelta

import pytest

from service.domain.alerts import AlertStatus
from service.domain.message import MessageStatus
from service.domain.rota import RotaRole
from service.domain.staff import Role
from service.workflows import alerting, on_call, rota, rounds
from tests.rig.on_call import (
    ADA,
    DANA,
    LEE,
    SUE,
    enter,
    hire,
    page_statuses,
    pages_on,
    put_on_call,
    three_on_call,
)
from tests.rig.world import ANA, BEN, CY, STAFF, World, settings_for

MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
CRISIS = "i want to kill myself"
STAFF_PHONES = (DANA, LEE, SUE)


@pytest.fixture
def night(world: World) -> World:
    """Ana has joined, three are on call, and it is two at night: quiet hours."""
    world.enrol(ANA, name="Ana")
    three_on_call(world)
    world.move_to("2026-10-27 02:00")
    return world


def paged(world: World) -> list[int]:
    """How many pages Dana, Lee and Sue have had."""
    return [len(pages_on(world, phone)) for phone in STAFF_PHONES]


def code_on(world: World, phone: str) -> str:
    found = re.search(r"alert (\w{3}):", pages_on(world, phone)[-1])
    assert found is not None
    return found[1]


def words_of_problems(world: World) -> str:
    parts = world.parts
    return "; ".join(each.words for each in on_call.problems(parts.database, parts.programme, world.now))


def test_a_crisis_at_night_pages_one_after_the_other_until_somebody_takes_it(night: World) -> None:
    assert "988" in night.say(ANA, CRISIS)
    night.settle()
    assert paged(night) == [1, 0, 0]
    night.move(5 * MINUTE - timedelta(seconds=1))
    assert paged(night) == [1, 0, 0]
    night.move(timedelta(seconds=1))
    assert paged(night) == [1, 1, 0]
    night.move(10 * MINUTE)
    assert paged(night) == [1, 1, 1]
    code = code_on(night, LEE)
    assert "Alert" in night.say(LEE, f"ok {code.lower()}, calling now")
    night.move(3 * HOUR)
    assert paged(night) == [1, 1, 1]
    assert night.alert_kinds() == []
    (taken,) = night.alerts(AlertStatus.ACKNOWLEDGED)
    assert taken.acknowledged_by == "Lee"
    assert [each.name for each in taken.paged] == ["Dana", "Lee", "Sue"]


def test_a_page_never_says_whom_it_is_about_or_what(night: World) -> None:
    night.say(ANA, CRISIS)
    night.settle()
    (body,) = pages_on(night, DANA)
    code = code_on(night, DANA)
    assert body == f"Harbor alert {code}: someone needs a call. Open the console or reply OK {code}."


def test_unanswered_pages_go_to_everybody_every_quarter_of_an_hour_and_end(night: World) -> None:
    night.say(ANA, CRISIS)
    night.move(30 * MINUTE)
    assert paged(night) == [2, 2, 2]
    night.move(30 * MINUTE)
    assert paged(night) == [4, 4, 4]
    night.move(24 * HOUR)
    assert paged(night) == [47, 47, 47]  # for twelve hours
    assert night.alert_kinds() == ["crisis"]
    assert "paging has ended" in words_of_problems(night)


def test_a_later_text_in_danger_starts_paging_anew_when_it_has_fallen_silent(night: World) -> None:
    night.say(ANA, CRISIS)
    night.move(13 * HOUR)
    before = paged(night)
    night.say(ANA, "i still want to die")
    night.settle()
    assert paged(night) == [before[0] + 1, *before[1:]]
    night.move(5 * MINUTE)
    assert paged(night)[1] == before[1] + 1


def test_what_can_wait_pages_nobody(night: World) -> None:
    for word in ("SLIP", "TALK"):
        night.say(ANA, word)
    assert night.alert_kinds() == ["slip", "wants-person"]
    night.move(HOUR)
    assert paged(night) == [0, 0, 0]


@pytest.mark.parametrize("text", ["he isnt breathing", "i swallowed bleach"])
def test_overdose_and_medical_danger_page_too_and_strangers_count(night: World, text: str) -> None:
    night.say(CY, text)
    night.settle()
    assert paged(night) == [1, 0, 0]


def test_a_restart_in_between_changes_nothing(night: World, database_url: str) -> None:
    night.say(ANA, CRISIS)
    night.settle()
    again = World(settings_for(database_url), night.wall.now)
    try:
        again.move(5 * MINUTE)
        assert paged(again) == [1, 1, 0]
        again.move(10 * MINUTE)
        assert paged(again) == [1, 1, 1]
    finally:
        again.close()


def test_after_a_standstill_everybody_is_paged_at_once_and_only_once(night: World) -> None:
    night.say(ANA, CRISIS)
    night.wall.advance(2 * HOUR)  # nobody did what was due
    night.settle()
    assert paged(night) == [1, 1, 1]
    night.move(15 * MINUTE)
    assert paged(night) == [2, 2, 2]


def test_acknowledging_in_the_console_withdraws_the_page_that_waits(night: World) -> None:
    night.say(ANA, CRISIS)
    night.settle()
    night.wall.advance(5 * MINUTE)
    parts = night.parts
    assert rounds.page_all(parts.database, parts.words, parts.programme, night.now) == 1
    (alert,) = night.alerts()
    assert alerting.acknowledge(parts.database, alert.id, STAFF, night.now, "called")
    night.move(HOUR)
    assert paged(night) == [1, 0, 0]
    assert page_statuses(night) == [(0, MessageStatus.DELIVERED), (1, MessageStatus.CANCELLED)]


@pytest.mark.parametrize("ending", ["0190", "0192", "0193"])
def test_a_page_that_does_not_arrive_goes_to_the_next_person_at_once(world: World, ending: str) -> None:
    world.enrol(ANA)
    dead = "+1202555" + ending
    dana = hire(world, "Dana", DANA)
    put_on_call(world, dana)
    put_on_call(world, hire(world, "Lee", LEE), RotaRole.SECOND)
    put_on_call(world, hire(world, "Sue", SUE), RotaRole.SUPERVISOR)
    move_phone(world, dana, dead)
    world.say(ANA, CRISIS)
    world.settle()
    assert len(pages_on(world, LEE)) == 1
    assert len(pages_on(world, SUE)) == 0
    (told,) = [alert for alert in world.alerts() if alert.kind.value == "page-failed"]
    assert told.staff_name == "Dana"
    world.move(14 * MINUTE)
    assert len(pages_on(world, SUE)) == 0
    world.move(MINUTE)
    assert len(pages_on(world, SUE)) == 1


def move_phone(world: World, person: int, phone: str) -> None:
    """Give somebody a phone to which no text gets through; its YES came when it still worked."""
    enter(world, person, phone)
    world.text(phone, "YES")


def test_phones_that_are_all_dead_do_not_make_pages_go_round(world: World) -> None:
    world.enrol(ANA)
    for place, role in enumerate(RotaRole):
        person = hire(world, role.value)
        move_phone(world, person, f"+1{202 + place}5550192")
        put_on_call(world, person, role)
    world.say(ANA, CRISIS)
    world.settle()
    steps = [step for step, _ in page_statuses(world)]
    assert steps == [0, 1, 2, 3, 3, 3]  # everybody in turn, then all once more, at once
    world.move(14 * MINUTE)
    assert len(page_statuses(world)) == 6
    world.move(MINUTE)
    assert len(page_statuses(world)) == 9


def test_when_the_only_phone_on_call_is_dead_the_admins_are_paged_at_once(world: World) -> None:
    world.enrol(ANA)
    dana = hire(world, "Dana")
    put_on_call(world, dana)
    move_phone(world, dana, "+12025550192")
    hire(world, "Ada", ADA, Role.ADMIN)
    world.say(ANA, CRISIS)
    world.settle()
    assert len(pages_on(world, ADA)) == 1


def test_somebody_alone_on_call_is_paged_every_quarter_of_an_hour(world: World) -> None:
    world.enrol(ANA)
    put_on_call(world, hire(world, "Dana", DANA))
    hire(world, "Ada", ADA, Role.ADMIN)
    world.say(ANA, CRISIS)
    world.move(14 * MINUTE)
    assert len(pages_on(world, DANA)) == 1
    world.move(16 * MINUTE)
    assert len(pages_on(world, DANA)) == 3
    assert pages_on(world, ADA) == []


def test_a_carrier_that_reports_a_stop_ends_pages_to_that_phone(world: World) -> None:
    world.enrol(ANA)
    dana = hire(world, "Dana")
    put_on_call(world, dana)
    put_on_call(world, hire(world, "Lee", LEE), RotaRole.SECOND)
    move_phone(world, dana, "+12025550191")
    world.say(ANA, CRISIS)
    world.settle()
    assert len(pages_on(world, LEE)) == 1
    assert "cannot be paged" in words_of_problems(world)


def test_a_gap_pages_every_admin_with_a_phone(world: World) -> None:
    world.enrol(ANA)
    hire(world, "Dana", DANA)
    hire(world, "Ada", ADA, Role.ADMIN)
    hire(world, "Amy", SUE, Role.ADMIN)
    hire(world, "Al", role=Role.ADMIN)
    world.say(ANA, CRISIS)
    world.settle()
    assert [len(pages_on(world, phone)) for phone in (DANA, ADA, SUE)] == [0, 1, 1]
    world.move(15 * MINUTE)
    assert [len(pages_on(world, phone)) for phone in (DANA, ADA, SUE)] == [0, 2, 2]


def test_a_role_that_nobody_holds_is_passed_over_at_once(world: World) -> None:
    world.enrol(ANA)
    put_on_call(world, hire(world, "Lee", LEE), RotaRole.SECOND)
    put_on_call(world, hire(world, "Mo"), RotaRole.FIRST)  # has no phone
    world.say(ANA, CRISIS)
    world.settle()
    assert len(pages_on(world, LEE)) == 1


def test_without_anybody_to_page_it_is_said_and_goes_on_once_there_is_somebody(world: World) -> None:
    world.enrol(ANA)
    dana = hire(world, "Dana")
    put_on_call(world, dana)
    world.say(ANA, CRISIS)
    world.settle()
    assert "could not be paged to anybody" in words_of_problems(world)
    world.move(HOUR)
    enter(world, dana, DANA)
    world.settle()
    world.say(DANA, "yes")
    world.settle()
    assert len(pages_on(world, DANA)) == 1
    assert "could not be paged" not in words_of_problems(world)


def test_whoever_is_on_call_at_each_step_is_paged(world: World) -> None:
    """The crisis comes ten minutes before the shift changes."""
    world.enrol(ANA)
    day, night = (time(8), time(20)), (time(20), time(8))
    put_on_call(world, hire(world, "Dana", DANA), hours=day)
    put_on_call(world, hire(world, "Lee", LEE), hours=night)
    put_on_call(world, hire(world, "Sue", SUE), RotaRole.SUPERVISOR)
    world.move_to("2026-10-26 19:50")
    world.say(ANA, CRISIS)
    world.settle()
    assert paged(world) == [1, 0, 0]
    world.move(30 * MINUTE)
    assert paged(world)[:2] == [1, 1]


def test_a_cover_and_a_swap_move_the_page(world: World) -> None:
    dana, lee, sue = hire(world, "Dana", DANA), hire(world, "Lee", LEE), hire(world, "Sue", SUE)
    put_on_call(world, dana)
    database, programme = world.parts.database, world.parts.programme
    rota.add_cover(database, dana, lee, world.now, world.now + 2 * HOUR, STAFF, world.now)
    world.say(ANA, CRISIS)
    world.settle()
    assert paged(world) == [0, 1, 0]
    tuesday = rota.show(database, programme, world.now).shifts[1]
    rota.add_swap(
        database, programme, tuesday.id, world.now.date() + timedelta(days=1), sue, STAFF, world.now
    )
    world.move_to("2026-10-27 12:00")
    world.say(BEN, CRISIS)
    world.settle()
    assert len(pages_on(world, SUE)) >= 1


def test_two_alerts_have_codes_of_their_own(night: World) -> None:
    night.enrol(BEN)
    night.say(ANA, CRISIS)
    night.settle()
    first = code_on(night, DANA)
    night.say(BEN, CRISIS)
    night.settle()
    second = code_on(night, DANA)
    assert first != second
    assert night.say(DANA, "OK").startswith("Which one?")
    assert second in night.say(DANA, f"OK {second}")
    (left,) = night.alerts()
    assert left.code == first
    assert "yours" in night.say(DANA, "ok")
    assert night.alerts() == []


def test_an_opted_out_participants_quiet_hours_and_caps_have_nothing_to_do_with_pages(world: World) -> None:
    """Dana is a participant as well; her pages are no texts to a participant."""
    world.enrol(ANA)
    world.enrol(DANA, name="Dana")
    put_on_call(world, hire(world, "Dana", DANA))
    world.move_to("2026-10-27 03:00")
    world.say(ANA, CRISIS)
    world.move(3 * HOUR)
    assert len(pages_on(world, DANA)) > 5
    assert not any("alert" in (item.body or "") for item in world.sent(DANA))
