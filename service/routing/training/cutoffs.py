"""From which score on a text is an emergency, or perhaps one, and when to offer the menu instead.

All are chosen on what each model made of the one voice it had not learned from, never on the
held-out voices. The limits below are shares of texts that are no emergencies; each cut-off is the
lowest, and so the most watchful, that keeps within all of its limits.
"""

import math
from collections.abc import Callable, Mapping, Sequence

from service.routing.reading import danger_score, likelihoods
from service.routing.safety import SafetyLevel, read_safety
from service.routing.topics import TOPICS
from service.routing.training.corpus import DANGERS, Row

CERTAIN_LIMITS = {"hardneg": 0.08, "ordinary": 0.014, "plain": 0.035}
POSSIBLE_LIMITS = {"ordinary": 0.045, "plain": 0.11}
WRONG_TOPIC = 0.11  # of texts on a topic, this share may be read as another

Scores = Sequence[Mapping[str, float]]


def choose(rows: Sequence[Row], scores: Scores) -> dict[str, float]:
    """The settings of the table."""
    sharpness = _sharpness(rows, scores)
    dangers = [danger_score(score) for score in scores]
    lexicon = [read_safety(row.text).level is SafetyLevel.CERTAIN for row in rows]
    possible = _lowest(
        dangers, lambda cut: _within(POSSIBLE_LIMITS, rows, [score >= cut for score in dangers])
    )
    return {
        "sharpness": sharpness,
        "certain": _lowest(
            dangers,
            lambda cut: _within(
                CERTAIN_LIMITS, rows, [
                    score >= cut or (said and score >= possible)
                    for score, said in zip(dangers, lexicon, strict=True)
                ],
            ),
        ),
        "possible": possible,
        "menu": _menu(rows, scores, sharpness),
    }  # fmt: skip


def _within(limits: Mapping[str, float], rows: Sequence[Row], flagged: Sequence[bool]) -> bool:
    for kind, limit in limits.items():
        of_kind = [flag for row, flag in zip(rows, flagged, strict=True) if row.kind == kind]
        if sum(of_kind) > limit * len(of_kind):
            return False
    return True


def _lowest(scores: Sequence[float], fits: Callable[[float], bool]) -> float:
    """The lowest cut, in hundredths, that fits; what fits at one cut fits at any above it."""
    low, high = math.floor(min(scores) * 100), math.ceil(max(scores) * 100) + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle / 100) else (middle, high)
    return high / 100


def _sharpness(rows: Sequence[Row], scores: Scores) -> float:
    """How fast probability grows with score: where the right labels are likeliest on the whole."""

    def surprise(sharpness: float) -> float:
        return sum(
            -math.log(max(likelihoods(score, sharpness).get(row.target, 0.0), 1e-12))
            for row, score in zip(rows, scores, strict=True)
        )

    return min((step / 4 for step in range(4, 60)), key=surprise)


def _menu(rows: Sequence[Row], scores: Scores, sharpness: float) -> float:
    """Below this likelihood the menu is offered."""
    asked = 0
    wrong: list[float] = []
    for row, score in zip(rows, scores, strict=True):
        if row.label not in TOPICS:
            continue
        asked += 1
        likely = likelihoods(score, sharpness)
        best = max(sorted(likely), key=lambda label: likely[label])
        if best != row.label and best not in (*DANGERS, "menu"):
            wrong.append(likely[best])
    wrong.sort(reverse=True)
    allowed = math.floor(WRONG_TOPIC * asked)
    return math.ceil(wrong[allowed] * 1000) / 1000 if len(wrong) > allowed else 0.0
