"""Replies to the four questions we text."""

import re
from datetime import timedelta

from service.domain.prompt import LATER_DEFAULT, Answer, Barrier, ParsedAnswer, ScheduleKind
from service.routing.fold import fold

_WORDS: dict[ScheduleKind, dict[str, Answer]] = {
    ScheduleKind.CHECK_IN: {},
    ScheduleKind.MEDICATION: {"done": Answer.DONE, "took it": Answer.DONE, "thumbsup": Answer.DONE,
                              "skip": Answer.SKIP},
    ScheduleKind.MEETING: {"going": Answer.GOING, "cant": Answer.CANT, "cant make it": Answer.CANT},
    ScheduleKind.APPOINTMENT: {"ok": Answer.OK, "yes": Answer.OK, "change": Answer.CHANGE},
}  # fmt: skip


def read_answer(kind: ScheduleKind, text: str) -> ParsedAnswer | None:
    """The answer `text` gives to a question of this kind; None when it gives none."""
    folded = fold(text)
    if kind is ScheduleKind.CHECK_IN:
        match = re.match(r"([1-5])\b(?! \d{2})(.*)", folded)
        return ParsedAnswer(Answer.SCORE, score=int(match[1]), rest=match[2].strip()) \
            if match else None
    if kind is ScheduleKind.MEDICATION and (match := re.match(r"later(?: (\d+))?$", folded)):
        span = timedelta(minutes=int(match[1])) if match[1] else LATER_DEFAULT
        return ParsedAnswer(Answer.LATER, later=span)
    answer = _WORDS[kind].get(folded)
    return ParsedAnswer(answer) if answer else None


def read_any_answer(text: str) -> tuple[ScheduleKind, ParsedAnswer] | None:
    """What the text would answer if a question were open; only clear answers count."""
    for kind in ScheduleKind:
        if answer := read_answer(kind, text):
            return kind, answer
    return None


def read_barrier(text: str) -> Barrier | None:
    """What stands in the way, after CHANGE: the letter or the word."""
    letters = {barrier.letter.lower(): barrier for barrier in Barrier}
    words = {barrier.value: barrier for barrier in Barrier}
    return letters.get(fold(text)) or words.get(fold(text))


def looks_like_bad_score(text: str) -> bool:
    """True when the whole text is a number, but not 1 to 5."""
    folded = fold(text)
    return folded.isdigit() and not (len(folded) == 1 and "1" <= folded <= "5")
