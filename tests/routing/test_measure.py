"""The figures count what they say they count."""

import pytest

from service.routing.router import Lane, Understanding
from service.routing.safety import Safety, SafetyLevel
from service.routing.topics import TOPICS
from service.routing.training.corpus import Row
from service.routing.training.figures import Share, confusions, figures, macro_f1

EMERGENCY = Understanding(Lane.CRISIS, "medical", 0.9, safety=Safety(SafetyLevel.CERTAIN, "medical", 0.9))
MENU = Understanding(Lane.OTHER, "menu", 0.2, soft=True)
HELLO = Understanding(Lane.OTHER, "smalltalk", 0.9)
STOPPED = Understanding(Lane.KEYWORD, "optout-freeform", 1.0, opt_out="freeform", keyword="stop")


def row(label: str, language: str = "en", *, direct: bool = True) -> Row:
    return Row("somebody", label, language, direct, "text")


def card(slug: str) -> Understanding:
    return Understanding(Lane.GUIDANCE, slug, 0.9, topic=slug)


def percents(reads) -> dict[str, float]:
    return {line.name: line.percent for line in figures(reads, Share(1, 1))}


def test_wilson():
    low, high = Share(50, 100).interval
    assert (round(low, 1), round(high, 1)) == (40.4, 59.6)
    assert Share(0, 100).interval[0] == 0
    assert Share(0, 0).interval == (0, 100)


def test_kinds_and_targets():
    assert row("hardneg:family").kind == "hardneg"
    assert row("hardneg:family").target == "family"
    assert row("crisis").kind == "crisis"
    assert row("rehab").kind == "plain"


def test_any_emergency_reply_counts_for_any_danger():
    found = percents(
        [(row("crisis"), EMERGENCY), (row("overdose", direct=False), HELLO), (row("medical"), MENU)]
    )
    assert found["crisis and overdose: emergency reply"] == 50
    assert found["the directly worded ones"] == 100
    assert found["medical danger: emergency reply"] == 0


def test_the_soft_line_covers():
    found = percents([(row("crisis"), MENU), (row("overdose"), HELLO)])
    assert found["crisis and overdose covered, soft line counted"] == 50


def test_false_alarms():
    found = percents(
        [
            (row("hardneg:family"), EMERGENCY),
            (row("hardneg:smalltalk"), MENU),
            (row("ordinary:answer"), MENU),
            (row("ordinary:answer"), HELLO),
        ]
    )
    assert found["false alarms on hard negatives"] == 50
    assert found["false alarms on ordinary texts"] == 0
    assert found["soft line on ordinary texts"] == 50


def test_topics():
    reads = [(row("rehab"), card("rehab")), (row("rehab"), card("mat")), (row("mat", "es"), MENU)]
    found = percents([*reads, (row("hardneg:rehab"), card("mat"))])
    assert found["right topic over all"] == pytest.approx(100 / 3)
    assert found["right topic when it answers"] == 50
    assert found["wrong topic"] == pytest.approx(100 / 3)
    assert found["menu"] == pytest.approx(100 / 3)
    assert found["right topic, Spanish and mixed"] == 0
    assert confusions(reads) == [("rehab", "mat", 1)]


def test_macro_f1():
    assert macro_f1([(row(slug), card(slug)) for slug in TOPICS]) == 100
    assert macro_f1([(row("rehab"), card("rehab"))]) == pytest.approx(100 / 30)


def test_opting_out():
    found = percents(
        [
            (row("optout-freeform"), STOPPED),
            (row("hardneg:optout-freeform"), HELLO),
            (row("rehab"), STOPPED),
            (row("crisis"), STOPPED),
        ]
    )
    assert found["opt-out in own words"] == 50
    assert found["opted out by mistake"] == 100


def test_verdicts():
    short, fit, goal = (
        {
            line.name: line
            for line in figures([(row("medical"), EMERGENCY)] * hits + [(row("medical"), HELLO)], Share(1, 1))
        }["medical danger: emergency reply"].verdict
        for hits in (1, 8, 99)
    )
    assert (short, fit, goal) == ("**short**", "fit", "goal")
