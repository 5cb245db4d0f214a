"""Which topic of the guide a text asks for.

Every topic has phrases in `lexicon/topics/<slug>.toml`: `strong` ones say the topic by themselves,
`fair` ones need little else, a `hint` only tips the balance, `against` speaks for another topic. A text
scores for each topic that it holds phrases of: the best phrase counts in full, further ones less and
less, since they mostly say the same again. The best topic is the answer when it has enough and stands
clear of the next; otherwise the answer is "menu", because a wrong card at a bad moment is worse than a
question.

`TopicReader` is the seam for another reader (a learned one): any callable of the same shape may be
given to `router.understand`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from service.routing.data import load, names
from service.routing.fold import fold
from service.routing.patterns import PatternIndex, compile_pattern
from service.routing.spelling import spell, spell_known

MENU = "menu"
NOT_GUIDANCE = frozenset((MENU, "smalltalk", "human", "wrong-number", "offtopic"))

TOPICS: tuple[str, ...] = (
    "signs", "survival-mode", "rock-bottom", "consequences", "regret", "getting-started",
    "cold-turkey", "withdrawal", "cravings", "relapse", "meetings", "alternatives-to-12-step",
    "steps-alone", "therapy", "choosing-a-therapist", "coaching", "psychiatry",
    "withdrawal-medication", "mat", "methadone", "buprenorphine", "naltrexone",
    "precipitated-withdrawal", "medication-alone", "rehab", "outpatient-programs",
    "harm-reduction", "working-together", "what-works-best", "family",
)  # fmt: skip
"""The thirty slugs, as the contract has them."""

_WEIGHTS = {"strong": 4.0, "fair": 2.0, "hint": 0.75, "against": -3.0}
_FADING = (1.0, 0.4, 0.2, 0.1)  # what the first, second ... phrase of a topic counts

# Topics that are said by putting two things together ("my sponsor" and "not clean on subs") also hold
# the words of the plainer ones; when their phrase fits, it says more.
_SAYS_MORE = {
    "precipitated-withdrawal": 1.3, "medication-alone": 1.3, "working-together": 1.3,
    "choosing-a-therapist": 1.3, "alternatives-to-12-step": 1.3, "steps-alone": 1.3,
    "withdrawal-medication": 1.2, "signs": 1.2, "rock-bottom": 1.2, "outpatient-programs": 1.15,
    "cold-turkey": 1.15, "what-works-best": 1.15, "mat": 1.1, "family": 1.1, "survival-mode": 1.1,
    "coaching": 1.2, "psychiatry": 1.15, "relapse": 1.05,
    "regret": 1.1,
}  # fmt: skip

ENOUGH = 1.9  # one fair phrase, or several hints
CLEAR_BY = 0.2  # how far the best must stand above the next
_LONGEST = 1200  # characters looked at; a topic is said early


@dataclass(frozen=True)
class TopicGuess:
    """`label` is a topic slug, or smalltalk, human, wrong-number, offtopic, menu (unsure).

    `score` is 0 to 1. When `label` is menu, `runner_up` is the topic that came nearest.
    """

    label: str
    score: float
    runner_up: str | None = None
    runner_up_score: float = 0.0


class TopicReader(Protocol):
    """The seam for a learned reader: any callable with this shape."""

    def __call__(self, text: str, /) -> TopicGuess: ...


def read_topic(text: str) -> TopicGuess:
    """The fitting topic, or menu when unsure. Never raises."""
    scores = topic_scores(text)
    ranked = sorted(scores.items(), key=lambda entry: (-entry[1], _rank(entry[0])))
    ranked = [(label, score) for label, score in ranked if score > 0]
    if not ranked:
        return TopicGuess(MENU, 0.0)
    (best, high), (second, low) = ranked[0], ranked[1] if len(ranked) > 1 else (None, 0.0)
    score = _confidence(high, low)
    if high < ENOUGH or high - low < CLEAR_BY:
        return TopicGuess(MENU, score, best, score)
    return TopicGuess(best, score, second, _confidence(low, high) if second else 0.0)


def topic_scores(text: str) -> Mapping[str, float]:
    """The score of each label that the text holds a phrase of; for reading and for training."""
    words = spell(fold(text)[:_LONGEST]) + " "
    found: dict[str, list[float]] = {}
    against: dict[str, float] = {}
    for (label, weight), _, _ in _phrases().find(words):
        if weight > 0:
            found.setdefault(label, []).append(weight)
        else:
            against[label] = weight
    return {
        label: _SAYS_MORE.get(label, 1.0)
        * sum(weight * share for weight, share in zip(sorted(weights, reverse=True), _FADING, strict=False))
        + against.get(label, 0.0)
        for label, weights in found.items()
    }


def _confidence(score: float, other: float) -> float:
    """Between 0 and 1: how much of what was found speaks for it, and whether it is much."""
    return round(score / (score + max(other, 0.0) + 1.0), 3) if score > 0 else 0.0


def _rank(label: str) -> int:
    """Of equals, the order of the guide."""
    return TOPICS.index(label) if label in TOPICS else len(TOPICS)


@cache
def _phrases() -> PatternIndex[tuple[str, float]]:
    lists = load("lists")["lists"]
    return PatternIndex(
        (
            compile_pattern(source, lists, spell_known),
            (name.removeprefix("topics/"), _WEIGHTS[strength]),
        )
        for name in names("topics/")
        for strength, sources in load(name).items()
        for source in sources
    )
