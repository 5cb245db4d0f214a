"""No answer: a question is asked once more, then left in peace; silent check-ins reach a coordinator once."""

from datetime import date, timedelta

import pytest

from service.domain.alerts import AlertStatus
from service.domain.message import MessageStatus
from service.workflows.alerting import acknowledge
from tests.rig.world import ANA, STAFF, World, check_in, medication

UNREACHABLE, NEVER_ACCEPTED = "+12025550192", "+12025550195"
TUESDAY = date(2026, 10, 27)


@pytest.fixture
def ana(world: World) -> int:
    """Opted in on Monday 26 October 2026, 9 in the morning in New York."""
    participant_id = world.enrol(ANA)
    world.settle()
    return participant_id


def askings(world: World, number: str = ANA) -> list[str]:
    """Every routine question that reached the phone: the day, the time and which wording."""
    return [
        f"{item.at:%a %H:%M} {(item.words or '').partition('@')[0]}"
        for item in world.sent(number)
        if item.kind is not None
        and item.kind.value in {"check_in", "medication", "meeting", "appointment"}
        and item.status is MessageStatus.DELIVERED
    ]


def test_silence_is_asked_once_more_and_then_left_in_peace(world: World, ana: int) -> None:
    world.schedule(ana, check_in("10:00", on=TUESDAY))
    world.schedule(ana, medication("10:00", on=TUESDAY))
    world.move_to("2026-10-28 12:00")
    assert sorted(askings(world)) == [
        "Tue 10:00 check_in.ask", "Tue 10:00 medication.ask",
        "Tue 10:30 medication.again", "Tue 11:00 check_in.again",
    ]  # fmt: skip
    assert world.person(ANA).open_questions == 0
    assert world.alert_kinds() == []


def test_silent_check_ins_become_one_alert_until_the_person_answers(world: World, ana: int) -> None:
    world.schedule(ana, check_in("10:00", starting=TUESDAY))
    world.move_to("2026-10-28 14:59")
    assert world.alert_kinds() == []
    world.move_to("2026-10-28 15:01")  # the second is closed
    (alert,) = world.alerts()
    assert alert.kind.value == "silence"
    assert acknowledge(world.parts.database, alert.id, STAFF, world.now)
    world.move_to("2026-11-02 10:01")
    assert world.alert_kinds() == []  # one a row, however long it lasts
    world.say(ANA, "4")
    world.move_to("2026-11-03 16:00")
    assert world.alert_kinds() == []
    world.move_to("2026-11-05 09:00")
    assert world.alert_kinds() == ["silence"]
    assert len(world.alerts(AlertStatus.ACKNOWLEDGED)) == 1


def test_the_number_of_silent_check_ins_counts_only_those_in_a_row(world: World, ana: int) -> None:
    world.schedule(ana, check_in("10:00", starting=TUESDAY))
    world.schedule(ana, medication("12:00", starting=TUESDAY))
    for day in range(5):  # every other day is answered
        world.move_to(f"{TUESDAY + timedelta(days=day)} 10:00")
        if day % 2:
            world.say(ANA, "3")
    world.move(timedelta(hours=5))
    assert world.alert_kinds() == []


def test_an_answered_question_is_not_asked_again(world: World, ana: int) -> None:
    world.schedule(ana, check_in("10:00", on=TUESDAY))
    world.schedule(ana, medication("10:00", on=TUESDAY))
    world.move_to("2026-10-27 10:29")
    world.say(ANA, "4")
    world.say(ANA, "done")
    world.move(timedelta(days=1))
    assert sorted(askings(world)) == ["Tue 10:00 check_in.ask", "Tue 10:00 medication.ask"]


def test_a_question_that_went_out_too_late_is_not_silence(world: World, ana: int) -> None:
    world.schedule(ana, check_in("10:00"))
    world.wall.advance(timedelta(days=3, hours=8))  # nothing ran for days
    world.move(timedelta(hours=12))
    assert len(world.with_status(ANA, MessageStatus.EXPIRED)) == 4
    assert world.alert_kinds() == []


@pytest.mark.parametrize("number", [UNREACHABLE, NEVER_ACCEPTED])
def test_a_question_that_never_arrived_is_not_silence(world: World, number: str) -> None:
    world.schedule(world.enrol(number), check_in("10:00"))
    world.move(timedelta(days=4))
    assert "silence" not in world.alert_kinds()
    assert world.person(number).open_questions == 0


def test_a_question_that_never_arrived_and_could_not_be_asked_again_is_not_silence(world: World) -> None:
    world.schedule(world.enrol(UNREACHABLE), check_in("20:30"))  # an hour later it is too late to ask again
    world.move(timedelta(days=4))
    assert "silence" not in world.alert_kinds()
    assert world.person(UNREACHABLE).open_questions == 0
