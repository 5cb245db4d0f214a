"""Joining by text: one confirmation with everything a person must know, and a record that proves it."""

import pytest

from service.domain.consent import ConsentSource, ConsentStatus
from tests.rig.world import ANA, World


def test_join_is_confirmed_once_with_all_that_must_be_said(world: World) -> None:
    reply = world.say(ANA, "JOIN")
    for needed in ("Harbor", "check-in", "automated", "Mon-Fri 9-5", "rates", "HELP", "STOP", "911", "988"):
        assert needed in reply
    assert world.shown(ANA) == [reply]


def test_join_leaves_a_consent_record_with_the_exact_wording_and_its_version(world: World) -> None:
    reply = world.say(ANA, "join")
    (line,) = world.person(ANA).consent_history
    assert line.status is ConsentStatus.OPTED_IN
    assert line.source is ConsentSource.TEXT
    assert line.at == world.now
    assert line.wording == reply
    assert line.wording_version == "joined@en-1"


def test_joining_again_does_not_confirm_or_record_again(world: World) -> None:
    world.say(ANA, "JOIN")
    assert "already" in world.say(ANA, "JOIN")
    assert len(world.person(ANA).consent_history) == 1


@pytest.mark.parametrize("words", ["Join", " JOIN! ", "join pls", "START"])
def test_joining_is_understood_as_people_write_it(world: World, words: str) -> None:
    world.say(ANA, words)
    assert world.person(ANA).consent is ConsentStatus.OPTED_IN


def test_the_confirmation_is_seen_to_be_delivered(world: World) -> None:
    world.say(ANA, "JOIN")
    (sent,) = world.sent(ANA)
    assert sent.status is not None
    assert sent.status.value == "delivered"
