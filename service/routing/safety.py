"""Danger, looked for in every text.

The patterns are in `lexicon/safety/`: `crisis_*`, `overdose_*`, `medical_*`. `idioms_*` hold the
sayings that sound alarming and are not ("killing me", "hits like a truck"), which are taken out of
the text before anything is looked for; `frames` the surroundings (long ago, a question, a dream)
that make an alarming phrase less certain. They never make it nothing: what was found stays at least
POSSIBLE, because a line too many costs a line and a miss can cost a life.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Literal, Protocol

from service.routing.data import load, names
from service.routing.fold import fold
from service.routing.patterns import Pattern, PatternIndex, compile_pattern
from service.routing.spelling import spell, spell_known

SafetyLabel = Literal["crisis", "overdose", "medical"]


class SafetyLevel(StrEnum):
    """How sure we are that somebody is in danger."""

    NONE = "none"
    POSSIBLE = "possible"  # the normal reply opens with the soft line
    CERTAIN = "certain"  # the emergency reply


@dataclass(frozen=True)
class Safety:
    """`score` is 0 to 1. `cues` are the names of the lexicon's entries that matched."""

    level: SafetyLevel = SafetyLevel.NONE
    label: SafetyLabel | None = None
    score: float = 0.0
    cues: tuple[str, ...] = ()


NO_DANGER = Safety()


class SafetyReader(Protocol):
    """The seam for a learned detector: any callable with this shape."""

    def __call__(self, text: str, /) -> Safety: ...


CERTAIN_FROM = 0.8
POSSIBLE_FROM = 0.3

# What one cue says by itself. Two that are `likely` together are certain; `possible` ones need more.
_WEIGHTS = {"certain": 0.95, "likely": 0.6, "possible": 0.35}
_SOFTENED = 0.5  # a cue in surroundings that make it less certain
_SOFTENED_MOST = 0.7  # however many of those there are, they stay below CERTAIN_FROM

# A body in danger now comes before danger to come; the first of equals is the label.
_LABELS: tuple[SafetyLabel, ...] = ("overdose", "crisis", "medical")


@dataclass(frozen=True)
class _Cue:
    name: str
    label: SafetyLabel
    weight: float
    softer: tuple[Pattern, ...]
    framed: bool  # whether the general frames apply


def read_safety(text: str) -> Safety:
    """What danger a text speaks of. Never raises."""
    words = spell(fold(text))
    if not words:
        return NO_DANGER
    words = _without_idioms(words + " ")
    plain: dict[SafetyLabel, dict[str, float]] = {}
    softened: dict[SafetyLabel, dict[str, float]] = {}
    for cue, _, _ in _cues().find(words):
        if _is_softened(cue, words):
            softened.setdefault(cue.label, {})[cue.name] = min(cue.weight, _SOFTENED)
        else:
            found = plain.setdefault(cue.label, {})
            found[cue.name] = max(cue.weight, found.get(cue.name, 0.0))
    best = NO_DANGER
    for label in _LABELS:
        sure = _together(plain.get(label, {}).values())
        both = _together((sure, *softened.get(label, {}).values()))
        score = max(sure, min(both, _SOFTENED_MOST))
        safety = Safety(_level(score), label, round(score, 3), _names(plain, softened, label))
        if safety.level is not SafetyLevel.NONE and _rank(safety) > _rank(best):
            best = safety
    return best


def _names(
    plain: Mapping[SafetyLabel, Mapping[str, float]],
    softened: Mapping[SafetyLabel, Mapping[str, float]],
    label: SafetyLabel,
) -> tuple[str, ...]:
    """Names of what was found, the weightiest first; what was softened is marked with ~."""
    found = plain.get(label, {})
    names = sorted(found, key=lambda name: (-found[name], name))
    return (*names, *(f"~{name}" for name in sorted(softened.get(label, {})) if name not in found))


def _level(score: float) -> SafetyLevel:
    if score >= CERTAIN_FROM:
        return SafetyLevel.CERTAIN
    return SafetyLevel.POSSIBLE if score >= POSSIBLE_FROM else SafetyLevel.NONE


def _rank(safety: Safety) -> tuple[int, float]:
    """Level first; among certain ones the order of `_LABELS` decides, else the score."""
    if safety.level is SafetyLevel.CERTAIN:
        return 2, 0.0
    return (1, safety.score) if safety.level is SafetyLevel.POSSIBLE else (0, 0.0)


def _together(scores: Iterable[float]) -> float:
    """The chance that at least one of them is right, were they independent."""
    missed = 1.0
    for score in scores:
        missed *= 1.0 - score
    return 1.0 - missed


def _without_idioms(words: str) -> str:
    """The text with sayings replaced by "_", so that only they, not the text, are excused."""
    for _, pattern, _ in _idioms().find(words):
        words = pattern.wanted[0].sub("_ ", words)
    return words


def _is_softened(cue: _Cue, words: str) -> bool:
    if any(pattern.search(words) for pattern in cue.softer):
        return True
    if not cue.framed:
        return False
    return any(
        cue.label in frame.labels and not any(sign.search(words) for sign in frame.unless)
        for frame, _, _ in _frames().find(words)
    )


@dataclass(frozen=True)
class _Frame:
    labels: frozenset[str]
    unless: tuple[Pattern, ...]


def _compile(sources: Iterable[str]) -> tuple[Pattern, ...]:
    lists = load("lists")["lists"]
    return tuple(compile_pattern(source, lists, spell_known) for source in sources)


@cache
def _cues() -> PatternIndex[_Cue]:
    entries = []
    for label in _LABELS:
        for name in names(f"safety/{label}_"):
            for row in load(name)["cue"]:
                cue = _Cue(row["name"], label, _WEIGHTS[row["weight"]],
                           _compile(row.get("softer", ())), row.get("framed", True))  # fmt: skip
                entries += [(pattern, cue) for pattern in _compile(row["any"])]
    return PatternIndex(entries)


@cache
def _frames() -> PatternIndex[_Frame]:
    entries = []
    for row in load("safety/frames")["frame"]:
        frame = _Frame(frozenset(row["lowers"]), _compile(row.get("unless", ())))
        entries += [(pattern, frame) for pattern in _compile(row["any"])]
    return PatternIndex(entries)


@cache
def _idioms() -> PatternIndex[None]:
    return PatternIndex(
        (pattern, None)
        for name in names("safety/idioms_")
        for row in load(name)["idiom"]
        for pattern in _compile(row["any"])
    )
