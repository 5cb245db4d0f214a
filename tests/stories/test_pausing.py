"""PAUSE and RESUME: a rest that ends by itself, withholds visibly and is not taken for silence."""

import pytest

from service.domain.message import MessageStatus
from tests.rig.world import ANA, World, check_in, medication


@pytest.fixture
def ana(world: World) -> World:
    """Opted in on Monday 26 October 2026 at 9 in New York, with a check-in at 10 every day."""
    world.schedule(world.enrol(ANA), check_in("10:00"))
    world.settle()
    return world


def delivered_check_ins(world: World) -> list[str]:
    return [
        f"{item.at:%a}"
        for item in world.sent(ANA)
        if (item.words or "").startswith("check_in.ask") and item.status is MessageStatus.DELIVERED
    ]


@pytest.mark.parametrize("words", ["PAUSE 3 DAYS", "pause for 3 days", "Pause 3", "pause three days"])
def test_a_pause_withholds_visibly_and_ends_by_itself(ana: World, words: str) -> None:
    assert "Thursday, October 29 at 9 AM" in ana.say(ANA, words)
    assert ana.person(ANA).paused_until is not None
    assert ana.upcoming(ANA)[0].withheld == "paused"
    ana.move_to("2026-10-29 10:01")
    assert delivered_check_ins(ana) == ["Thu"]
    withheld = ana.with_status(ANA, MessageStatus.CANCELLED)
    assert [(f"{item.at:%a}", item.reason) for item in withheld] == [
        ("Mon", "paused"), ("Tue", "paused"), ("Wed", "paused"),
    ]  # fmt: skip
    assert ana.alert_kinds() == []


def test_resume_ends_a_pause_at_once_without_making_up_for_it(ana: World) -> None:
    ana.say(ANA, "PAUSE 2 WEEKS")
    ana.move_to("2026-10-28 12:00")
    before = len(ana.shown(ANA))
    assert "on again" in ana.say(ANA, "resume")
    ana.move_to("2026-10-29 10:00")
    assert len(ana.new_on(ANA, before)) == 2
    assert delivered_check_ins(ana) == ["Thu"]
    assert "nothing to resume" in ana.say(ANA, "RESUME")


def test_a_paused_person_is_still_answered_and_not_called_silent(ana: World) -> None:
    ana.move_to("2026-10-27 10:00")  # yesterday went unanswered
    ana.say(ANA, "PAUSE 1 DAY")
    before = len(ana.shown(ANA))
    ana.move_to("2026-10-27 20:00")
    assert ana.new_on(ANA, before) == []  # not asked again either
    assert ana.alert_kinds() == []
    assert "988" in ana.say(ANA, "i want to kill myself")
    assert ana.alert_kinds() == ["crisis"]


@pytest.mark.parametrize("words", ["PAUSE", "pause please"])
def test_a_pause_without_a_length_lasts_three_days_and_says_so(ana: World, words: str) -> None:
    reply = ana.say(ANA, words)
    assert "Thursday, October 29" in reply
    assert "RESUME" in reply
    assert ana.person(ANA).paused_until is not None


@pytest.fixture
def at_pills(world: World) -> World:
    """Asked about the blue box at 10 on Monday, and paused for a day since."""
    world.schedule(world.enrol(ANA), medication("10:00", label="blue box"))
    world.settle()
    world.move_to("2026-10-26 10:00")
    world.say(ANA, "PAUSE 1 DAY")
    return world


def test_later_said_in_a_pause_is_kept(at_pills: World) -> None:
    assert "10:20 AM" in at_pills.say(ANA, "later")
    before = len(at_pills.shown(ANA))
    at_pills.move_to("2026-10-26 18:00")
    assert at_pills.new_on(ANA, before) == [
        "Here is blue box again, as you asked. Reply DONE, LATER or SKIP."
    ]
    at_pills.move_to("2026-10-27 09:59")  # and nothing else in the pause
    assert len(at_pills.new_on(ANA, before)) == 1


def test_an_answer_to_it_counts_in_the_pause_too(at_pills: World) -> None:
    at_pills.say(ANA, "later")
    at_pills.move_to("2026-10-26 10:20")
    at_pills.say(ANA, "done")
    before = len(at_pills.shown(ANA))
    at_pills.move_to("2026-10-26 18:00")
    assert at_pills.new_on(ANA, before) == []


@pytest.mark.parametrize("first", ["later", "PAUSE 2 DAYS"])
def test_a_pause_after_later_takes_it_back_visibly(at_pills: World, first: str) -> None:
    if first == "later":
        at_pills.say(ANA, "RESUME")
    at_pills.say(ANA, "later")
    at_pills.say(ANA, "PAUSE 2 DAYS")
    before = len(at_pills.shown(ANA))
    at_pills.move_to("2026-10-26 18:00")
    assert at_pills.new_on(ANA, before) == []
    (withheld,) = at_pills.with_status(ANA, MessageStatus.CANCELLED)
    assert (withheld.reason, withheld.words) == ("paused", "medication.later@en-1")
