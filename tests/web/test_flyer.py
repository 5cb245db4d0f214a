"""The sheet to print: readable by a camera, and of nothing that gives anybody away."""

import re

import pytest
from flask import Flask

from service.web.console.flyer import picture
from service.web.join_words import FLYER_WORDS, JOIN_WORDS
from tests.web.conftest import Browser

GIVES_AWAY = re.compile(
    r"opioid|recover|addict|drug|medic|clinic|treatment|methadone|opioide|recupera|adicci|droga|tratamiento",
    re.IGNORECASE,
)


def test_it_says_what_carriers_ask_for_in_both_languages(dana: Browser) -> None:
    page = dana.get("/opt-ins/flyer").text
    for said in (
        "Handrail", "+1 500 555 0100", "recurring automated texts", "Message and data rates may apply",
        "Text STOP", "HELP for help", "not a condition", "/privacy", "/terms", "555-0100",
        "Pueden aplicarse tarifas", "Envíe STOP", "no es condición", 'lang="es"',
    ):  # fmt: skip
        assert said in page
    assert page.count("<svg") == 2  # the logo and the code
    assert "<script" not in page.partition("<main")[2]


def test_who_holds_it_is_not_given_away() -> None:
    for said in FLYER_WORDS.values():
        assert not GIVES_AWAY.search(" ".join(said.values()))


def test_both_languages_say_the_same_things() -> None:
    for words in (FLYER_WORDS, JOIN_WORDS):
        assert words["en"].keys() == words["es"].keys()
        for key, said in words["en"].items():
            slots = re.findall(r"\{\w+\}", said)
            assert sorted(slots) == sorted(re.findall(r"\{\w+\}", words["es"][key])), key
            assert not hasattr(dict, key), key  # a template would find the method instead


def test_the_code_is_drawn_without_anything_the_policy_refuses() -> None:
    drawn = picture("+15555550100")
    assert drawn.startswith("<svg")
    assert "viewBox" in drawn
    assert "style" not in drawn
    assert drawn != picture("+15555550101")


def test_without_a_number_there_is_no_flyer(
    dana: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = app.extensions["handrail_settings"].model_copy(
        update={"gateway": "twilio", "twilio_from_number": ""}
    )
    monkeypatch.setitem(app.extensions, "handrail_settings", without)
    assert "No number yet" in dana.get("/opt-ins/flyer").text
