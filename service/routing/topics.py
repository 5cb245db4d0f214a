"""Which of the guide's topics a text asks for."""

from dataclasses import dataclass
from typing import Protocol

from service.routing.fold import fold


@dataclass(frozen=True)
class TopicGuess:
    """`label` is a topic slug, or smalltalk, human, wrong-number, offtopic, menu (unsure)."""

    label: str
    score: float
    runner_up: str | None = None
    runner_up_score: float = 0.0


class TopicReader(Protocol):
    """The seam for a learned reader: any callable with this shape."""

    def __call__(self, text: str) -> TopicGuess: ...


def read_topic(text: str) -> TopicGuess:
    """The fitting topic, or menu when unsure. Never raises."""
    words = {"craving": "cravings", "methadone": "methadone", "subs": "buprenorphine",
             "suboxone": "buprenorphine", "meeting": "meetings", "withdrawal": "withdrawal",
             "rehab": "rehab", "hello": "smalltalk", "thanks": "smalltalk"}  # fmt: skip
    for word in fold(text).split():
        if word in words:
            return TopicGuess(words[word], 0.7)
    return TopicGuess("menu", 0.0)
