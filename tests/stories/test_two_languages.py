"""A text clearly in the other language is answered in it; what the person chose stays."""

from datetime import timedelta

import pytest

from tests.rig.world import ANA, BEN, World, check_in, medication

TUESDAY = "2026-10-27 10:00"


@pytest.fixture
def ana(world: World) -> World:
    """Opted in, in English."""
    world.enrol(ANA)
    world.settle()
    return world


@pytest.fixture
def ben(world: World) -> World:
    """Opted in, in Spanish."""
    world.enrol(BEN, language="es")
    world.settle()
    return world


def fixed(world: World, key: str, language: str, **values: object) -> str:
    return world.parts.words.text(key, language, **values).body


def part(world: World, slug: str, number: int, language: str) -> str:
    return world.parts.words.guidance(slug, number, language).body


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("ya no quiero vivir", "crisis"),
        ("me voy a matar ya", "crisis"),
        ("me quiero morir", "crisis"),
        ("quiero morir", "crisis"),
        ("mi hermano no despierta y tiene los labios morados", "overdose"),
    ],
)
def test_danger_in_spanish_is_answered_in_spanish(ana: World, text: str, label: str) -> None:
    reply = ana.say(ANA, text)
    assert reply == fixed(ana, f"safety.{label}", "es")
    assert "911" in reply
    assert "988" in reply or label == "overdose"
    assert label in ana.alert_kinds()
    assert ana.person(ANA).language == "en"


def test_danger_in_english_is_answered_in_english(ben: World) -> None:
    assert ben.say(BEN, "i dont want to live anymore") == fixed(ben, "safety.crisis", "en")
    assert ben.person(BEN).language == "es"


def test_one_foreign_word_or_a_mix_keeps_the_persons_language(ben: World) -> None:
    assert ben.say(BEN, "help") == fixed(ben, "help", "es")
    assert ben.say(BEN, "hello") == fixed(ben, "smalltalk", "es")
    assert ben.say(BEN, "Quiero morirme, me voy, goodbye") == fixed(ben, "safety.crisis", "es")


@pytest.mark.parametrize(
    "text", ["hola", "Maria de la Luz", "la casa", "los angeles", "San Antonio", "gracias", "Casa Buena"]
)
def test_a_word_or_a_name_is_no_change_of_language(ana: World, text: str) -> None:
    reply = ana.say(ANA, text)
    spanish = [words.body for words in ana.parts.words.wordings["es"].values()]
    assert reply not in spanish
    assert "Manda una palabra" not in reply


def test_guidance_and_its_more_come_in_the_language_of_the_question(ana: World) -> None:
    assert ana.say(ANA, "como funciona la metadona y por cuanto tiempo") == part(ana, "methadone", 0, "es")
    assert ana.say(ANA, "MORE") == part(ana, "methadone", 1, "es")
    assert ana.say(ANA, "how does suboxone work") == part(ana, "buprenorphine", 0, "en")
    assert ana.say(ANA, "mas") == part(ana, "buprenorphine", 1, "en")
    assert ana.person(ANA).language == "en"


def test_english_questions_of_somebody_who_chose_spanish(ben: World) -> None:
    assert ben.say(BEN, "how does methadone work for the withdrawal") == part(ben, "methadone", 0, "en")
    assert ben.say(BEN, "mas") == part(ben, "methadone", 1, "en")
    assert ben.say(BEN, "METADONA") == part(ben, "methadone", 0, "es")
    assert ben.say(BEN, "MORE") == part(ben, "methadone", 1, "es")


def test_more_follows_a_switch_made_after_the_card(ana: World) -> None:
    ana.say(ANA, "METHADONE")
    ana.wall.advance(timedelta(minutes=1))
    assert ana.say(ANA, "ESPAÑOL") == fixed(ana, "language_switched", "es")
    assert ana.say(ANA, "MORE") == part(ana, "methadone", 1, "es")
    ana.wall.advance(timedelta(minutes=1))
    assert ana.say(ANA, "ENGLISH") == fixed(ana, "language_switched", "en")
    ana.wall.advance(timedelta(minutes=1))
    assert ana.say(ANA, "MENU").endswith(fixed(ana, "menu", "en"))


def test_what_is_unclear_gets_the_menu_in_the_language_it_was_asked_in(ana: World) -> None:
    reply = ana.say(ANA, "la cosa esa que esta con la otra cosa de ayer")
    assert reply == f"{fixed(ana, 'safety.soft', 'es')}\n{fixed(ana, 'menu_unsure', 'es')}"
    assert ana.say(ANA, "MORE") == fixed(ana, "menu_topics.1", "es")


def test_an_answer_is_thanked_for_in_its_own_language_and_the_next_question_is_as_before(ana: World) -> None:
    ana.schedule(ana.id_of(ANA), check_in("10:00"))
    ana.move_to(TUESDAY)
    assert ana.say(ANA, "4, estoy bien y dormi toda la noche") == fixed(ana, "check_in.good", "es")
    before = len(ana.shown(ANA))
    ana.move(timedelta(days=1))
    assert ana.new_on(ANA, before)[0] == fixed(ana, "check_in.ask", "en")


def test_later_is_set_in_the_language_of_the_answer_and_asks_in_the_persons_own(ana: World) -> None:
    ana.schedule(ana.id_of(ANA), medication("10:00", label="blue box"))
    ana.move_to(TUESDAY)
    before = len(ana.shown(ANA))
    reply = ana.say(ANA, "mas tarde por favor, ahora no puedo")
    assert reply.endswith(fixed(ana, "medication.later_set", "es", time="10:20 am", minutes=20))
    ana.move(timedelta(minutes=21))
    assert ana.new_on(ANA, before)[-1] == fixed(
        ana, "medication.later", "en", label="blue box", time="10 AM", day="today", date="", name=""
    )


def test_a_wish_to_stop_is_confirmed_in_its_language(ana: World) -> None:
    assert ana.say(ANA, "por favor ya no me manden mensajes") == fixed(ana, "opted_out", "es")


def test_a_fault_in_telling_the_language_costs_no_answer(ana: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise FileNotFoundError("language.toml")

    monkeypatch.setattr("service.workflows.speaking.guess_language", broken)
    assert ana.say(ANA, "i want to kill myself") == fixed(ana, "safety.crisis", "en")
    assert "CRAVING" in ana.say(ANA, "MENU")


def test_what_cannot_be_read_is_answered_in_its_language_too(
    ana: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("no table")

    monkeypatch.setattr("service.workflows.replies.understand", broken)
    assert ana.say(ANA, "tengo una pregunta sobre la clinica") == fixed(ana, "understood_problem", "es")
