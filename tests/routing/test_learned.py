"""The learned table reads any text, quickly and the same each time, and decides nothing it must not."""

import gzip
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.routing.fold import fold
from service.routing.learned import BLOCKS, FOLDER, TABLE, features, table, unpack
from service.routing.reading import DANGERS, Reading, danger_score, decide_danger, decide_subject, read_danger
from service.routing.router import Lane, understand
from service.routing.safety import Safety, SafetyLevel
from service.routing.topics import NOT_GUIDANCE, TOPICS
from service.routing.training.corpus import ROUTING

LABELS = frozenset((*TOPICS, *NOT_GUIDANCE))


def read(text: str):
    reading = Reading(text)
    return understand(text, topic_reader=reading.subject, safety_reader=reading.danger)


@given(st.text())
@settings(max_examples=150, deadline=None)
def test_any_text_is_read(text: str):
    reading = Reading(text)
    danger, subject = reading.danger(), reading.subject()
    assert 0 <= danger.score <= 1
    assert (danger.label is None) == (danger.level is SafetyLevel.NONE)
    assert subject.label in LABELS
    assert 0 <= subject.score <= 1
    assert subject.runner_up in TOPICS or len(fold(text).split()) <= 3  # then the word lists alone decide
    assert subject.runner_up != subject.label


@pytest.mark.parametrize("text", ["", " ", "\0", "😭" * 900, "a" * 50_000, "kill " * 9_000, "\ud83d", "٤٢"])
def test_odd_texts_are_read(text: str):
    assert Reading(text).subject().label in LABELS


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("im going to kill myself tonight", "crisis"),
        ("he isnt breathing and his lips are blue", "overdose"),
        ("my chest hurts so bad and my arm is numb", "medical"),
        ("me quiero matar", "crisis"),
    ],
)
def test_plain_danger_is_certain(text: str, label: str):
    assert (read_danger(text).level, read_danger(text).label) == (SafetyLevel.CERTAIN, label)


@pytest.mark.parametrize("text", ["my feet are killing me lol", "good morning", "thank you so much", "ok"])
def test_what_is_said_every_day_is_no_danger(text: str):
    assert read_danger(text).level is SafetyLevel.NONE


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("cuanto dura la malilla", "withdrawal"),
        ("how do i find a sponsor at na meetings", "meetings"),
        ("is methadone forever", "methadone"),
    ],
)
def test_plain_questions_get_their_topic(text: str, label: str):
    assert read(text).label == label


def _scores(**high: float) -> dict[str, float]:
    return dict.fromkeys(table().labels, -1.0) | high


def test_the_lexicon_is_never_silenced():
    calm = _scores(smalltalk=2.0)
    for level in (SafetyLevel.POSSIBLE, SafetyLevel.CERTAIN):
        found = decide_danger(Safety(level, "overdose", 0.5, ("a cue",)), calm, table().settings)
        assert (found.level, found.label) == (SafetyLevel.POSSIBLE, "overdose")


def test_certain_lexicon_and_possible_table_make_an_emergency():
    chosen = table().settings
    scores = _scores(crisis=0.0, smalltalk=0.0, **{"any danger": chosen["possible"]})
    assert chosen["possible"] <= danger_score(scores) < chosen["certain"]
    said = Safety(SafetyLevel.CERTAIN, "overdose", 0.9, ("a cue",))
    assert decide_danger(said, scores, chosen) == said
    assert decide_danger(Safety(), scores, chosen).level is SafetyLevel.POSSIBLE


def test_a_sure_table_makes_an_emergency_by_itself():
    for label in DANGERS:
        found = decide_danger(Safety(), _scores(**{label: 1.0, "any danger": 1.0}), table().settings)
        assert (found.level, found.label) == (SafetyLevel.CERTAIN, label)


@pytest.mark.parametrize("label", [*DANGERS, "optout-freeform", "optin-freeform", "menu"])
def test_what_is_no_card_gets_the_menu(label: str):
    assert decide_subject(_scores(**{label: 3.0}), table().settings).label == "menu"


def test_the_table_never_opts_out():
    reading = Reading("hello")
    reading.scores = _scores(**{"optout-freeform": 9.0})
    meaning = understand("hello", topic_reader=reading.subject, safety_reader=reading.danger)
    assert meaning.opt_out is None
    assert meaning.lane is not Lane.KEYWORD


def test_the_labels_are_the_ones_we_know():
    known = {*TOPICS, *NOT_GUIDANCE, *DANGERS, "answer", "optout-freeform", "optin-freeform", "any danger"}
    assert set(table().labels) == known


def test_very_long_texts_are_read_at_both_ends():
    words, *_ = features("start " + "x " * 3_000 + "ending", Safety(), {})
    assert {"start", "ending"} <= words


def test_a_broken_table_is_refused():
    raw = gzip.decompress((ROUTING / FOLDER / TABLE).read_bytes())
    with pytest.raises(ValueError, match="make train"):
        unpack(raw[:-1])


def test_the_table_is_small():
    assert (ROUTING / FOLDER / TABLE).stat().st_size < 2_000_000
    assert len(table().rows) == len(BLOCKS)


def test_reading_needs_no_heavy_library():
    code = (
        "import sys; from service.routing.reading import read_danger; read_danger('hi');"
        "sys.exit(bool({'numpy', 'scipy', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROUTING.parents[1], check=False).returncode == 0


def test_reading_is_fast():
    Reading("warm up")
    start = time.process_time()
    for number in range(200):
        Reading(f"how long after my last dose can i take subs {number}")
    assert (time.process_time() - start) / 200 < 0.02
