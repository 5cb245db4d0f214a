"""Lexicon and learned table make one decision.

Danger, in this order:

    the lexicon is certain, and the table is above `possible`   an emergency
    the table is above `certain`                                an emergency
    the table is above `possible`, or the lexicon finds
    anything at all                                             possible: the soft line

Neither can take back what the other found; at least the soft line stays. The lexicon's findings are
also features of the table, so a phrase that often stands in harmless texts weighs less there, and
sayings ("killing me") were learned from texts that hold nothing worse.

A text of few words has too little in it for the table: there the lexicon decides, and the table, where
it would be certain, only adds the soft line.

Topics: the lexicon's findings are features too, so the table alone decides; below `menu` it is not
sure enough, and the menu is offered with what came nearest. Small talk, answers to nothing we asked,
talk of other things, wishes for a person and wrong numbers are held together against the topics: what
is likely one of these, and far from danger, is not offered a menu; less will do where no topic is
likely. A text that looks like danger, or like opting out, is never given a card: it gets the menu,
which opens with the soft line. Nothing here ever opts anyone out or in.
"""

import math
from collections.abc import Mapping

from service.routing.fold import fold
from service.routing.learned import ANY, features, table
from service.routing.safety import NO_DANGER, Safety, SafetyLabel, SafetyLevel, read_safety
from service.routing.topics import MENU, TOPICS, TopicGuess, read_topic, topic_scores

DANGERS: tuple[SafetyLabel, ...] = ("overdose", "crisis", "medical")
_ASIDE = ("answer", "human", "offtopic", "smalltalk", "wrong-number")
_AS = {"answer": "smalltalk"}  # an answer to nothing we asked, or not one we can record
_ASIDE_FROM = 0.3  # from this likelihood of all of them together
_ASIDE_RATHER = 0.15  # the same where the choice is between them and a menu
_FAR = 0.1  # this far below `possible`
_SHARE = 0.6  # what "rather a danger than anything else" counts beside "any danger"
_STEEPNESS = 3.0
_FEW = 3  # words
LEAVING = 0.4  # from this likelihood a broad pattern counts
MAY_LEAVE = 0.25  # from this one the way out is told


class Reading:
    """One text, worked through once. Its methods fit the seams `SafetyReader` and `TopicReader`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = len(fold(text).split())
        self._lexicon = read_safety(text)
        self.scores = table().scores(features(text, self._lexicon, topic_scores(text)))

    def danger(self, _: str = "", /) -> Safety:
        """What danger the text speaks of."""
        settings = table().settings
        if self._words > _FEW:
            return decide_danger(self._lexicon, self.scores, settings)
        if self._lexicon.level is not SafetyLevel.NONE:
            return self._lexicon
        return decide_danger(NO_DANGER, self.scores, {"possible": settings["certain"], "certain": math.inf})

    @property
    def leaving(self) -> float:
        """How likely a wish for no more texts is, as the table sees it. By itself this opts nobody out."""
        return likelihoods(self.scores, table().settings["sharpness"])["optout-freeform"]

    def subject(self, _: str = "", /) -> TopicGuess:
        """What the text is about."""
        if self._words <= _FEW:
            guess = read_topic(self._text)
            if guess.label != MENU or self._words <= 1:
                return guess
        return decide_subject(self.scores, table().settings)


def read_danger(text: str) -> Safety:
    """What danger a text speaks of, by lexicon and table."""
    return Reading(text).danger()


def read_subject(text: str) -> TopicGuess:
    """What a text is about, by lexicon and table."""
    return Reading(text).subject()


def danger_score(scores: Mapping[str, float]) -> float:
    """How much speaks for any danger; nought is about even."""
    best = max(scores[label] for label in DANGERS)
    other = max(score for label, score in scores.items() if label not in DANGERS and label != ANY)
    return scores[ANY] + _SHARE * (best - other)


def likelihoods(scores: Mapping[str, float], sharpness: float) -> dict[str, float]:
    """Shares of 1 for each label but "any danger"."""
    top = max(score for label, score in scores.items() if label != ANY)
    powers = {label: math.exp((score - top) * sharpness) for label, score in scores.items() if label != ANY}
    whole = sum(powers.values())
    return {label: power / whole for label, power in powers.items()}


def decide_danger(lexicon: Safety, scores: Mapping[str, float], settings: Mapping[str, float]) -> Safety:
    """The order above. The lexicon's label holds where the lexicon is certain."""
    score = danger_score(scores)
    if lexicon.level is SafetyLevel.CERTAIN and score >= settings["possible"]:
        return lexicon
    if score >= settings["certain"]:
        level = SafetyLevel.CERTAIN
    elif score >= settings["possible"] or lexicon.level is not SafetyLevel.NONE:
        level = SafetyLevel.POSSIBLE
    else:
        return Safety()
    label = max(DANGERS, key=lambda name: scores[name])
    if lexicon.label is not None and level is SafetyLevel.POSSIBLE:
        label = lexicon.label
    return Safety(level, label, _as_share(score - settings["certain"]), lexicon.cues)


def _as_share(above: float) -> float:
    """0.8, where `safety.CERTAIN_FROM` is, at the cut-off; towards 0 and 1 on either side."""
    if math.isinf(above):
        return 0.5
    return round(1 / (1 + math.exp(-_STEEPNESS * above) / 4), 3)


def decide_subject(scores: Mapping[str, float], settings: Mapping[str, float]) -> TopicGuess:
    """A topic, one of the other labels, or the menu with the topic that came nearest."""
    shares = likelihoods(scores, settings["sharpness"])
    ranked = sorted(shares, key=lambda label: (-shares[label], label))
    best, *others = [label for label in ranked if label in TOPICS]
    aside = sum(shares[label] for label in _ASIDE)
    is_topic = ranked[0] == best and shares[best] >= settings["menu"]
    enough = _ASIDE_FROM if is_topic or ranked[0] == MENU else _ASIDE_RATHER
    if aside >= enough and danger_score(scores) < settings["possible"] - _FAR:
        label = next(label for label in ranked if label in _ASIDE)
        return _guess(_AS.get(label, label), aside, best, shares[best])
    if is_topic:
        return _guess(best, shares[best], others[0], shares[others[0]])
    if ranked[0] in _ASIDE and shares[ranked[0]] >= settings["menu"]:
        return _guess(_AS.get(ranked[0], ranked[0]), shares[ranked[0]], best, shares[best])
    return _guess(MENU, shares[ranked[0]], best, shares[best])


def _guess(label: str, share: float, near: str, near_share: float) -> TopicGuess:
    return TopicGuess(label, round(share, 3), near, round(near_share, 3))
