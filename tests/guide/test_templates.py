"""What a coordinator may do to a routine text, and what is said when it can't be saved."""

import pytest

from service.guide import Words
from service.guide.templates import EDITABLE_KEYS, OFFERED, check_template

GOOD = "Time for {label}. Reply DONE, LATER or SKIP."


@pytest.mark.parametrize("key", EDITABLE_KEYS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_our_own_wordings_pass(words: Words, key: str, language: str):
    assert check_template(key, words.wording(key, language).body, language) == []


def test_every_required_placeholder_is_offered():
    for key, required in EDITABLE_KEYS.items():
        assert required <= OFFERED[key.partition(".")[0]]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("Time for it. Reply DONE.", "{label} is missing. Put it where it should appear."),
        ("{drug} and {label}", "{drug} is not known here. You can use {label}, {name}, {programme}"),
        ("{label} {date}", "{date} is not known here"),
        ("{label} {staffed_hours}", "{staffed_hours} is not known here"),
        ("{label} {}", "{} is not known here"),
        ("Time for {label", "{label} is missing"),
        ("{label} :}", "A single { or } stands alone"),
        ("{label}: reply GO or STOP.", "STOP ends all texts for a person who replies with it"),
        ("{label}: reply ok or cancel", "CANCEL ends all texts"),
        ("{label}: Reply DONE, QUIT or END", "QUIT ends all texts"),
        ("{label}. Done? Reply 'unsubscribe'", "UNSUBSCRIBE ends all texts"),
        ("{label}: responde LISTO o CANCELAR", "CANCELAR ends all texts"),
    ],
)
def test_a_wording_that_cannot_be_saved_says_why(body: str, problem: str):
    problems = check_template("medication.ask", body)
    assert any(problem in said for said in problems), problems


@pytest.mark.parametrize(
    "body",
    [
        "{label} now. Reply DONE. STOP to end.",
        "{label}: LISTO? Responde LISTO. STOP para terminar.",
        "{label} before the end of the day? Reply DONE.",
        "{name}, {label} at {time}",
        "{label} \u2019 and a curly quote, but short",
    ],
)
def test_a_wording_that_can_be_saved(body: str):
    assert check_template("medication.ask", body) == []


def test_the_longest_label_and_name_must_fit():
    body = "{name}: {label}. " + "x" * 230
    assert check_template("medication.ask", body)[0].startswith(
        "With the longest name and label this takes 3 segments; 2 are allowed."
    )
    assert check_template("medication.ask", body, longest={"name": "Ana", "label": "cup"}) == []


def test_characters_that_cost_double_are_named_with_what_to_write():
    said = check_template("medication.ask", GOOD + " It\u2019s time \u2013 \u00e1nimo " + "x" * 60)
    assert len(said) == 1
    assert '\u2019 (write "\'" instead)' in said[0]
    assert "\u2013 (write '-' instead)" in said[0]
    assert "\u00e1:" in said[0]


def test_only_routine_questions_can_be_reworded():
    assert check_template("safety.crisis", "Chin up") == ["The text 'safety.crisis' cannot be reworded."]
