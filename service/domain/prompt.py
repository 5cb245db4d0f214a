"""The questions we text, and the answers a person can give."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class ScheduleKind(StrEnum):
    """The four things a person can be asked or reminded of."""

    CHECK_IN = "check-in"
    MEDICATION = "medication"
    MEETING = "meeting"
    APPOINTMENT = "appointment"


class PromptStatus(StrEnum):
    """Where a question stands."""

    OPEN = "open"  # sent or about to be sent; an answer is awaited
    ANSWERED = "answered"  # the person answered
    SILENT = "silent"  # asked twice, no answer
    WITHDRAWN = "withdrawn"  # never reached the person: opted out, paused, expired or cancelled


class Answer(StrEnum):
    """What a reply to an open question amounts to. A check-in is answered by a score instead."""

    SCORE = "score"  # 1 very rough .. 5 very good
    DONE = "done"
    LATER = "later"
    SKIP = "skip"
    GOING = "going"
    CANT = "cant"
    OK = "ok"
    CHANGE = "change"


class Barrier(StrEnum):
    """What stands in the way of an appointment; the letter is what the person texts."""

    RIDE = "ride"
    WORK = "work"
    CHILD_CARE = "child care"
    SICK = "sick"
    OTHER = "other"

    @property
    def letter(self) -> str:
        return {"ride": "R", "work": "W", "child care": "C", "sick": "S", "other": "O"}[self.value]


ANSWERS_TO: dict[ScheduleKind, frozenset[Answer]] = {
    ScheduleKind.CHECK_IN: frozenset({Answer.SCORE}),
    ScheduleKind.MEDICATION: frozenset({Answer.DONE, Answer.LATER, Answer.SKIP}),
    ScheduleKind.MEETING: frozenset({Answer.GOING, Answer.CANT}),
    ScheduleKind.APPOINTMENT: frozenset({Answer.OK, Answer.CHANGE}),
}

ROUGH_SCORE = 2
"""A check-in score of this or below is rough: warmth, guidance and an alert."""

LATER_DEFAULT = timedelta(minutes=20)
LATER_LONGEST = timedelta(hours=6)


@dataclass(frozen=True)
class ParsedAnswer:
    """An answer read out of a text.

    `confidence` is 1.0 for the words we asked for and lower for loose readings ("about a 3").
    `rest` is what the person wrote besides the answer ("but rough night"), "" for nothing.
    """

    answer: Answer
    score: int | None = None
    later: timedelta | None = None
    barrier: Barrier | None = None
    rest: str = ""
    confidence: float = 1.0
