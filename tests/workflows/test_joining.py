"""Asking to join on the public page: one text at most, and only a YES from the phone signs up."""

import hashlib
from datetime import timedelta
from functools import partial

import pytest

from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.errors import BadInput, NotFound, TooMany
from service.store import counting
from service.store.schema import AskCount
from service.workflows import erasing, joining
from tests.rig.world import ANA, BEN, CY, STAFF, World
from tests.workflows.test_racing import at_once

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


def post(world: World, number: str = ANA, name: str = "", language: str = "en", address: str = HERE) -> None:
    parts = world.parts
    joining.ask_to_join(
        parts.database, parts.words, parts.programme, number, name, language, address, world.now, world.wall()
    )


def ask(world: World, number: str = ANA, name: str = "", language: str = "en", address: str = HERE) -> None:
    post(world, number, name, language, address)
    world.settle()


def test_one_text_asks_and_only_a_yes_signs_up(world: World) -> None:
    ask(world, name="Ana")
    (invitation,) = world.shown(ANA)
    assert "Reply YES" in invitation
    ana = world.person(ANA)
    assert (ana.name, ana.consent) == ("Ana", ConsentStatus.INVITED)
    asked = ana.consent_history[0]
    assert (asked.source, asked.wording_version) == (ConsentSource.WEB, "join_page@en-1")
    assert asked.wording == joining.agreement(world.parts.words, "en").body
    assert asked.note == joining.NOTE
    assert asked.by is None
    assert "signed up" in world.say(ANA, "YES")
    last = world.person(ANA).consent_history[-1]
    assert (last.status, last.source) == (ConsentStatus.OPTED_IN, ConsentSource.TEXT)


def test_it_is_asked_in_the_language_of_the_page(world: World) -> None:
    ask(world, language="es")
    ana = world.person(ANA)
    assert (ana.language, ana.consent_history[0].wording_version) == ("es", "join_page@es-1")


def test_a_second_asking_brings_no_second_text(world: World) -> None:
    ask(world)
    ask(world, name="Somebody Else", address=ELSEWHERE)
    assert len(world.shown(ANA)) == 1
    assert world.person(ANA).name == ""


def test_who_is_signed_up_gets_nothing_and_keeps_the_name(world: World) -> None:
    world.enrol(ANA, name="Ana")
    world.settle()
    before = len(world.shown(ANA))
    ask(world, name="Mallory")
    assert len(world.shown(ANA)) == before
    assert world.person(ANA).name == "Ana"


@pytest.mark.parametrize("words", ["STOP", "NO", "wrong number"])
def test_who_left_or_said_no_is_never_texted(world: World, words: str) -> None:
    world.enrol(ANA, opted_in=False)
    world.settle()
    world.text(ANA, words)
    before = world.shown(ANA)
    was = world.person(ANA).consent
    ask(world)
    world.move(timedelta(days=40))
    ask(world)
    assert world.shown(ANA) == before
    assert world.person(ANA).consent is was


def test_a_stranger_s_stop_and_an_erased_number_are_kept_too(world: World) -> None:
    world.text(BEN, "STOP")
    world.enrol(CY)
    world.settle()
    erasing.erase_person(world.parts.database, CY, "asked for it", STAFF, world.now)
    for number in (BEN, CY):
        before = world.shown(number)
        ask(world, number)
        assert world.shown(number) == before


def test_after_an_invitation_ran_out_it_may_be_asked_for_again_but_not_soon(world: World) -> None:
    ask(world)
    world.move(timedelta(days=8))
    assert world.person(ANA).consent is ConsentStatus.LAPSED
    ask(world)
    assert len(world.shown(ANA)) == 1
    world.move(timedelta(days=23, hours=2))  # by then the clocks have changed
    ask(world)
    assert len(world.shown(ANA)) == 2


def test_one_address_asks_only_so_often(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "MOST_PER_ADDRESS", 2)
    ask(world, ANA)
    ask(world, BEN)
    with pytest.raises(TooMany):
        ask(world, CY)
    ask(world, CY, address=ELSEWHERE)
    world.wall.advance(timedelta(hours=1))
    ask(world, CY)


def test_all_together_ask_only_so_often(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "MOST_IN_ALL", 1)
    ask(world, ANA)
    with pytest.raises(TooMany):
        ask(world, BEN, address=ELSEWHERE)
    with pytest.raises(NotFound):
        world.id_of(BEN)


def test_one_number_is_tried_only_so_often_and_nobody_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "MOST_PER_NUMBER", 0)
    ask(world, ANA)
    with pytest.raises(NotFound):
        world.id_of(ANA)


def test_many_who_ask_at_once_are_all_counted_and_one_number_gets_one_text(world: World) -> None:
    with world.parts.database.write() as session:  # what everybody finds to be pruned
        for number in range(5):
            counting.add(session, f"old {number}", world.wall() - timedelta(days=2), joining.HOUR)
    numbers = [ANA, ANA, ANA, BEN, CY, BEN, CY, ANA]
    at_once(*(partial(post, world, number, address=f"192.0.2.{n % 3}") for n, number in enumerate(numbers)))
    world.settle()
    assert [len(world.shown(number)) for number in (ANA, BEN, CY)] == [1, 1, 1]
    with world.parts.database.read() as session:
        assert sum(row.count for row in session.query(AskCount)) == 3 * len(numbers)


def test_what_is_counted_is_a_hash_and_goes_after_a_day(world: World) -> None:
    ask(world)
    with world.parts.database.read() as session:
        kept = [(row.key_hash, row.count) for row in session.query(AskCount)]
    assert [count for _, count in kept] == [1, 1, 1]
    for plain in (f"ask:join:number:{ANA}", f"ask:join:address:{HERE}"):
        assert hashlib.sha256(plain.encode()).digest() not in [key for key, _ in kept]
    world.wall.advance(timedelta(hours=25))
    ask(world, BEN, address=ELSEWHERE)
    with world.parts.database.read() as session:
        assert session.query(AskCount).count() == 3  # none of the day before


@pytest.mark.parametrize("name", ["call +1 900 555 0100", "www.example.org/x", "<b>Ana</b>", "x" * 41])
def test_a_name_is_a_name(world: World, name: str) -> None:
    with pytest.raises(BadInput):
        ask(world, name=name)


@pytest.mark.parametrize("name", ["", "Ana María", "O'Neil-Ruiz", "J. R."])
def test_names_are_taken_as_people_have_them(name: str) -> None:
    assert joining.check_name(f" {name} ") == name


def test_another_agreement_has_another_version() -> None:
    """The ledger keeps the version: raise AGREEMENT_VERSION, then put the new digest here."""
    told = "\n".join(f"{language}: {words}" for language, words in sorted(joining.AGREEMENT.items()))
    digest = hashlib.sha256(told.encode()).hexdigest()[:16]
    assert (joining.AGREEMENT_VERSION, digest) == (1, "783fa750ab56a924")
