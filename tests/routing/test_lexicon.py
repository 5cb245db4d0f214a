"""The word lists can be read by the code, and by a person."""

from collections import Counter
from pathlib import Path

import pytest

import service.routing
from service.domain.prompt import Answer, Barrier
from service.routing.data import load, names
from service.routing.patterns import compile_pattern
from service.routing.spelling import spell_known
from service.routing.topics import NOT_GUIDANCE, TOPICS

FOLDER = Path(service.routing.__file__).parent / "lexicon"
SAFETY = [name for name in names("safety/") if not name.startswith(("safety/idioms", "safety/frames"))]


def test_every_topic_has_its_list_and_no_other_has() -> None:
    topics = {name.removeprefix("topics/") for name in names("topics/")}
    assert topics == set(TOPICS) | (NOT_GUIDANCE - {"menu"})
    assert len(TOPICS) == 30


def test_topic_lists_have_known_strengths() -> None:
    for name in names("topics/"):
        assert set(load(name)) <= {"strong", "fair", "hint", "against"}


@pytest.mark.parametrize("name", SAFETY)
def test_cues_are_complete(name: str) -> None:
    for cue in load(name)["cue"]:
        assert set(cue) <= {"name", "weight", "any", "softer", "framed"}
        assert cue["weight"] in {"certain", "likely", "possible"}
        assert cue["any"]


def test_cue_names_are_unique() -> None:
    counted = Counter(cue["name"] for name in SAFETY for cue in load(name)["cue"])
    assert [name for name, count in counted.items() if count > 1] == []


def test_frames_lower_known_labels() -> None:
    for frame in load("safety/frames")["frame"]:
        assert set(frame["lowers"]) <= {"crisis", "overdose", "medical"}


def test_every_answer_and_barrier_has_its_words() -> None:
    for answer in Answer:
        if answer is not Answer.SCORE:
            assert set(load(f"answers/{answer.value}")) == {"clear", "loose", "unclear", "never"}
    barriers = load("answers/lists")["barriers"]
    assert set(barriers) == {barrier.value.replace(" ", "_") for barrier in Barrier}


def test_menu_words_open_topics() -> None:
    assert set(load("keywords")["topics"]) <= set(TOPICS)


def test_no_pattern_must_be_tried_on_every_text() -> None:
    lists = load("lists")["lists"]
    for name in (*names("topics/"), *names("safety/")):
        table = load(name)
        entries = [row for key in ("cue", "idiom", "frame") for row in table.get(key, [])]
        sources = [source for row in entries for source in row["any"]]
        sources += [source for key in ("strong", "fair", "hint", "against") for source in table.get(key, [])]
        for source in sources:
            assert compile_pattern(source, lists, spell_known).needs is not None, source


def test_lines_can_be_read() -> None:
    for path in FOLDER.rglob("*.toml"):
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) <= 320, path.name
        assert max(map(len, lines)) <= 110, path.name  # as everywhere else
