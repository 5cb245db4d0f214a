"""A coordinator enters a number: one invitation that gives nothing away, and nothing more until YES."""

from datetime import timedelta

import pytest

from service.domain.consent import ConsentStatus
from service.domain.errors import NotAllowed
from tests.rig.world import ANA, World, check_in

REVEALING = (
    "recover",
    "opioid",
    "heroin",
    "drug",
    "clinic",
    "treatment",
    "addict",
    "health",
    "meeting",
    "medic",
)


def gives_nothing_away(text: str) -> bool:
    return not any(word in text.lower() for word in REVEALING)


@pytest.fixture
def invited(world: World) -> World:
    world.enrol(ANA, opted_in=False, name="Ana")
    world.settle()
    return world


def test_one_invitation_goes_out_and_discloses_nothing(invited: World) -> None:
    (text,) = invited.shown(ANA)
    assert "YES" in text
    assert "STOP" in text
    assert gives_nothing_away(text)
    assert "Ana" not in text


def test_nothing_more_is_sent_until_the_person_answers(invited: World) -> None:
    invited.schedule(invited.id_of(ANA), check_in())
    invited.move(timedelta(days=5))
    assert len(invited.shown(ANA)) == 1


def test_yes_opts_in_and_starts_what_was_scheduled(invited: World) -> None:
    invited.schedule(invited.id_of(ANA), check_in("10:00"))
    reply = invited.say(ANA, "yes")
    assert "988" in reply
    assert invited.person(ANA).consent is ConsentStatus.OPTED_IN
    invited.move_to("2026-10-27 10:00")
    assert "1 to 5" in invited.shown(ANA)[-1]


@pytest.mark.parametrize("words", ["no", "NO.", "no thanks", "nope"])
def test_no_ends_it_and_reveals_nothing(invited: World, words: str) -> None:
    reply = invited.say(ANA, words)
    assert gives_nothing_away(reply)
    assert invited.person(ANA).consent is ConsentStatus.DECLINED
    invited.move(timedelta(days=10))
    assert len(invited.shown(ANA)) == 2


def test_silence_lapses_the_invitation_without_another_text(invited: World) -> None:
    invited.move(timedelta(days=8))
    assert invited.person(ANA).consent is ConsentStatus.LAPSED
    assert len(invited.shown(ANA)) == 1


def test_a_question_about_who_we_are_is_answered_without_a_hint(invited: World) -> None:
    reply = invited.say(ANA, "who is this?")
    assert gives_nothing_away(reply)
    assert invited.person(ANA).consent is ConsentStatus.INVITED


@pytest.mark.parametrize("words", ["wrong number", "you have the wrong number", "Wrong # sorry"])
def test_a_wrong_number_is_never_texted_again_and_loses_the_name(invited: World, words: str) -> None:
    reply = invited.say(ANA, words)
    assert gives_nothing_away(reply)
    person = invited.person(ANA)
    assert person.consent is ConsentStatus.WRONG_NUMBER
    assert person.name == ""
    assert "wrong-number" in invited.alert_kinds()
    with pytest.raises(NotAllowed):
        invited.enrol(ANA, opted_in=False)


def test_anything_else_gets_one_gentle_repeat_of_the_choice(invited: World) -> None:
    reply = invited.say(ANA, "what are these texts about")
    assert gives_nothing_away(reply)
    assert "YES" in reply


def test_a_number_is_invited_only_once(invited: World) -> None:
    with pytest.raises(NotAllowed):
        invited.enrol(ANA, opted_in=False)


def test_somebody_who_opted_out_cannot_be_entered_again_by_staff(world: World) -> None:
    world.say(ANA, "JOIN")
    world.text(ANA, "STOP")
    for opted_in in (True, False):
        with pytest.raises(NotAllowed):
            world.enrol(ANA, opted_in=opted_in)


def test_an_unknown_number_that_texts_anything_gets_neutral_words(world: World) -> None:
    reply = world.say(ANA, "hello?")
    assert gives_nothing_away(reply)
    assert "JOIN" in reply


def test_an_unknown_number_in_danger_is_helped_and_brought_to_staff(world: World) -> None:
    assert "988" in world.say(ANA, "i want to kill myself")
    assert world.alert_kinds() == ["crisis"]
