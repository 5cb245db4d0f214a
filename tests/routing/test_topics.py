"""Topics: `rows/topics*.txt` says which label each text must get."""

import pytest

from service.routing.topics import MENU, TOPICS, read_topic, topic_scores
from tests.routing.rowfiles import read_rows

ROWS = read_rows("topics")
VOICES = read_rows("topics_voices")


@pytest.mark.parametrize(("label", "text"), ROWS)
def test_topic(label: str, text: str) -> None:
    assert read_topic(text).label == label, topic_scores(text)


def test_most_texts_of_other_voices_are_understood_and_few_wrongly() -> None:
    """Written after the word lists, so not every one of them can be got right."""
    guesses = [(label, read_topic(text).label) for label, text in VOICES]
    right = sum(label == guess for label, guess in guesses)
    wrong = sum(guess not in (label, MENU) for label, guess in guesses)
    assert right >= 0.85 * len(guesses)
    assert wrong <= 0.12 * len(guesses)


def test_every_topic_is_tested() -> None:
    assert set(TOPICS) <= {label for label, _ in ROWS}


def test_menu_names_what_came_nearest() -> None:
    guess = read_topic("when will i be ready")
    assert guess.label == MENU
    assert guess.runner_up is not None


def test_scores_are_shares() -> None:
    for _, text in [*ROWS, *VOICES]:
        guess = read_topic(text)
        assert 0.0 <= guess.runner_up_score <= 1.0
        assert 0.0 <= guess.score <= 1.0
