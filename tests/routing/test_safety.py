"""Danger: `rows/safety*.txt` says what must be made of each text."""

import pytest

from service.routing.safety import Safety, SafetyLevel, read_safety
from tests.routing.rowfiles import read_rows

FILES = ("safety", "safety_voices", "safety_third", "safety_fourth")
ROWS = [row for name in FILES for row in read_rows(name) if row[0] != "missed"]
ORDINARY = [text for name in ("topics", "topics_voices") for _, text in read_rows(name)]


def _fits(wanted: str, found: Safety) -> bool:
    match wanted:
        case "none":
            return found.level is SafetyLevel.NONE
        case "no emergency":
            return found.level is not SafetyLevel.CERTAIN
        case "at least possible":
            return found.level is not SafetyLevel.NONE
        case "emergency":
            return found.level is SafetyLevel.CERTAIN
        case _:
            return found.level is SafetyLevel.CERTAIN and found.label == wanted


@pytest.mark.parametrize(("wanted", "text"), ROWS)
def test_danger(wanted: str, text: str) -> None:
    found = read_safety(text)
    assert _fits(wanted, found), found


def test_ordinary_texts_are_left_in_peace() -> None:
    levels = [read_safety(text).level for text in ORDINARY]
    assert levels.count(SafetyLevel.CERTAIN) <= 0.005 * len(ORDINARY)
    assert levels.count(SafetyLevel.POSSIBLE) <= 0.05 * len(ORDINARY)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("i want to die, he is not breathing", "overdose"),  # a body in danger now comes first
        ("i want to die and my chest hurts so bad", "crisis"),
        ("he is hitting me and he is not breathing", "overdose"),
    ],
)
def test_order_of_labels(text: str, label: str) -> None:
    found = read_safety(text)
    assert (found.level, found.label) == (SafetyLevel.CERTAIN, label)


@pytest.mark.parametrize("text", ["i want to die", "i don’t want to be here anymore", "HE ISN’T BREATHING"])
def test_marks_and_case_hide_nothing(text: str) -> None:
    assert read_safety(text).level is SafetyLevel.CERTAIN
    assert read_safety(text.upper()).level is SafetyLevel.CERTAIN
    assert read_safety(f"ok so... {text}!!! 😭").level is SafetyLevel.CERTAIN
    assert read_safety("\u200b".join(text)).level is SafetyLevel.CERTAIN


@pytest.mark.parametrize(
    "text",
    [
        "this withdrawal is killing me i want to die",
        "im dying lol jk but for real i want to kill myself tonight",
        "my brother died of an overdose in 2019 and i want to be with him",
        "dead tired. he is not breathing",
    ],
)
def test_an_idiom_excuses_only_itself(text: str) -> None:
    assert read_safety(text).level is SafetyLevel.CERTAIN


def test_two_likely_signs_are_certain_and_one_is_not() -> None:
    assert read_safety("cant keep my eyes open").level is SafetyLevel.POSSIBLE
    assert read_safety("i have no fight left. goodbye").level is SafetyLevel.CERTAIN


def test_cues_say_what_was_found() -> None:
    assert "not breathing" in read_safety("hes not breathing").cues
    assert read_safety("i used to be suicidal").cues[-1].startswith("~")  # softened
    assert read_safety("what time is group") == Safety()


def test_danger_at_the_end_of_a_very_long_text_is_seen() -> None:
    assert read_safety("we talked about the weather " * 400 + "i want to die").level is SafetyLevel.CERTAIN
