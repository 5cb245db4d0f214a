"""Replies to the four questions we text.

    read_answer(CHECK_IN, "3 but rough night")  -> score 3, rest "but rough night"
    read_answer(MEDICATION, "later 1 hr")       -> LATER, one hour
    read_answer(APPOINTMENT, "W - boss")        -> CHANGE, work
    read_answer(CHECK_IN, "3 days clean")       -> None

An answer of less than `CLEAR_ENOUGH` is too weak to be recorded: the caller had better ask.
The phrases are in `lexicon/answers/`, the numbers of a check-in in `scores.py`.
"""

import re
from datetime import timedelta
from functools import cache

from service.domain.prompt import (
    LATER_DEFAULT,
    LATER_LONGEST,
    Answer,
    Barrier,
    ParsedAnswer,
    ScheduleKind,
)
from service.routing.data import load
from service.routing.fold import fold, fold_marks
from service.routing.patterns import Pattern, PatternIndex, compile_pattern
from service.routing.scores import looks_like_bad_score, read_score
from service.routing.spelling import spell, spell_known

__all__ = ["CLEAR_ENOUGH", "looks_like_bad_score", "read_answer", "read_any_answer",
           "read_barrier"]  # fmt: skip

CLEAR_ENOUGH = 0.6
_CLEAR_UNASKED = 0.8  # when no question is open, only what is plainly an answer counts

_STRENGTHS = (("clear", 1.0), ("loose", 0.7), ("unclear", 0.5))

# In the order they are tried; of equals the first wins. "Not yet" must come before "not".
_TRIED: dict[ScheduleKind, tuple[Answer, ...]] = {
    ScheduleKind.MEDICATION: (Answer.LATER, Answer.SKIP, Answer.DONE),
    ScheduleKind.MEETING: (Answer.CANT, Answer.GOING),
    ScheduleKind.APPOINTMENT: (Answer.CHANGE, Answer.OK),
}


def read_answer(kind: ScheduleKind, text: str) -> ParsedAnswer | None:
    """The answer `text` gives to a question of this kind; None when it gives none."""
    if kind is ScheduleKind.CHECK_IN:
        return read_score(text)
    words = spell(fold(text)) + " "
    if len(words) > 400:  # a letter, not an answer
        return None
    if kind is ScheduleKind.APPOINTMENT and (change := _read_letter(text)):
        return change
    best: ParsedAnswer | None = None
    for answer in _TRIED[kind]:
        found = _read_phrase(answer, words)
        if answer is Answer.LATER:
            found = _read_later(text, found)
        if found and (best is None or found.confidence > best.confidence):
            best = found
    if best and best.answer is Answer.CHANGE:
        return ParsedAnswer(Answer.CHANGE, barrier=_barrier_said(words), rest=best.rest,
                            confidence=best.confidence)  # fmt: skip
    return best


def read_any_answer(text: str) -> tuple[ScheduleKind, ParsedAnswer] | None:
    """What the text would answer if a question were open; only what is plain counts."""
    for kind in ScheduleKind:
        answer = read_answer(kind, text)
        # A single letter is an answer only to a question.
        if answer and answer.confidence >= _CLEAR_UNASKED and not re.fullmatch("[a-z]", fold(text)):
            return kind, answer
    return None


def read_barrier(text: str) -> Barrier | None:
    """What stands in the way, after CHANGE: "R", "w - boss", "no ride", "my kid is sick"; or None.

    A question is no reason, though it may hold the same words ("how does the clinic work").
    """
    words = spell(fold(text)) + " "
    if "?" in text or len(words.split()) > 15 or _QUESTION.match(words):
        return _leading_letter(text)
    return _leading_letter(text) or _barrier_said(words)


_QUESTION = re.compile(r"(?:how|what|when|where|why|who|which|does|do|is|are|como|que|cuando|donde) ")


def _leading_letter(text: str) -> Barrier | None:
    """ "R", "r.", "W - boss wont let me", "(C)", "change r"; not "c u then" or "s that ok"."""
    marks = fold_marks(text)
    match = re.match(r"\W*(?:(?:change|cambiar|cambio)\W+)?([rwcso])\b(?:\W*$|\s*[-:.,;/]\s*\S|\s)", marks)
    if match is None:
        return None
    # With nothing but a space behind it, the letter must be a capital ("W boss") to count.
    alone = re.match(r"\W*(?:change|cambiar|cambio)?\W*[rwcso]\b(?:\W*$|\s*[-:.,;/])", marks)
    if not alone and not re.match(r"\W*(?:change\W+)?[RWCSO] ", text):
        return None
    return next(barrier for barrier in Barrier if barrier.letter.lower() == match[1])


def _read_letter(text: str) -> ParsedAnswer | None:
    barrier = _leading_letter(text)
    if barrier is None:
        return None
    rest = re.sub(r"^\W*(?:change|cambiar|cambio)?\W*[rwcso]\b\W*", "", fold_marks(text))
    return ParsedAnswer(Answer.CHANGE, barrier=barrier, rest=rest, confidence=0.9 if rest else 1.0)


def _barrier_said(words: str) -> Barrier | None:
    """The first barrier named, but work or a sick child before what comes with it."""
    for barrier, pattern in _barriers():
        if pattern.search(words):
            return barrier
    return None


@cache
def _barriers() -> tuple[tuple[Barrier, Pattern], ...]:
    lists = load("answers/lists")["barriers"]
    order = (Barrier.RIDE, Barrier.CHILD_CARE, Barrier.WORK, Barrier.SICK, Barrier.OTHER)
    return tuple(
        (barrier, compile_pattern(lists[barrier.value.replace(" ", "_")], {}, spell_known))
        for barrier in order
    )


@cache
def _phrases(answer: Answer) -> tuple[PatternIndex[float], PatternIndex[None]]:
    lists = load("lists")["lists"] | load("answers/lists")["lists"]
    table = load(f"answers/{answer.value}")
    said = PatternIndex(
        (compile_pattern(source, lists, spell_known), weight)
        for strength, weight in _STRENGTHS
        for source in table[strength]
    )
    never = PatternIndex((compile_pattern(source, lists, spell_known), None) for source in table["never"])
    return said, never


def _read_phrase(answer: Answer, words: str) -> ParsedAnswer | None:
    said, never = _phrases(answer)
    found = said.find(words)
    if not found:
        return None
    confidence, _, (start, end) = max(found, key=lambda hit: hit[0])
    # What rules an answer out rules out the weak readings only; "done" stays done.
    if never.find(words) and confidence < 1.0:
        confidence = 0.5 if confidence > 0.5 else 0.0
    if confidence == 0.0:
        return None
    rest = f"{words[:start]} {words[end:]}".split()
    return ParsedAnswer(answer, later=LATER_DEFAULT if answer is Answer.LATER else None,
                        rest=" ".join(rest), confidence=confidence)  # fmt: skip


_NUMBER_WORDS = {
    "a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "ten": 10.0,
    "fifteen": 15.0, "twenty": 20.0, "thirty": 30.0, "forty five": 45.0, "forty": 40.0,
    "couple": 2.0, "a couple": 2.0, "couple of": 2.0, "a couple of": 2.0, "few": 3.0, "a few": 3.0,
    "half": 0.5, "half an": 0.5, "half a": 0.5, "un": 1.0, "una": 1.0, "dos": 2.0, "tres": 3.0,
    "cinco": 5.0, "diez": 10.0, "quince": 15.0, "veinte": 20.0, "treinta": 30.0, "media": 0.5,
}  # fmt: skip
_SPAN = re.compile(
    r"(?:^|\b)(later|luego|mas tarde|despues|in|en|remind me(?: again)?(?: in)?|ask me(?: again)? in|"
    r"recuerdame en|give me|gimme|snooze(?: for)?|for|need|dame|text me(?: back| again)? in|not for|"
    r"wait|about|like|al rato en)?\s*(?:about |like |maybe |another |otra |otros |como )?"
    rf"(\d+(?:\.\d+)?|{'|'.join(sorted(_NUMBER_WORDS, key=len, reverse=True))})\s*"
    r"(minutes|minute|mins|min|minutos|minuto|m|hours|hour|hrs|hr|horas|hora|h)?\b"
    r"(\s*(?:and a half|y media))?"
)


def _read_later(text: str, found: ParsedAnswer | None) -> ParsedAnswer | None:
    """LATER with the time that was said: "later 30", "in an hour", "remind me in 45", "30 min"."""
    marks = fold_marks(text)
    marks = re.sub(r"(\d)(m|mins?|h|hrs?)\b", r"\1 \2", marks)
    for match in _SPAN.finditer(marks):
        opener, number, unit, half = match.groups()
        if opener is None and (unit is None or not _is_bare(marks, match)):
            continue
        if unit is None and not number.replace(".", "").isdigit():
            continue  # "in a bit"
        if opener in {"for", "need", "about", "like", "wait"} and unit is None:
            continue
        span = _span(number, unit, bool(half))
        rest = (marks[: match.start()] + " " + marks[match.end() :]).strip(" .,!-")
        # A span inside a longer text ("hit me in 3 hours ago") is only a hint.
        longer = len(rest.split()) > 6
        confidence = 0.5 if longer else 1.0 if opener in _LATER_WORDS and not rest else 0.75
        if found is not None:
            confidence = max(confidence, found.confidence)
        return ParsedAnswer(Answer.LATER, later=span, rest=rest, confidence=confidence)
    return found


_LATER_WORDS = frozenset(("later", "luego", "mas tarde", "despues"))


def _is_bare(marks: str, match: re.Match[str]) -> bool:
    """True when the span is all there is: "30 min", "1 hour please"."""
    rest = marks[: match.start()] + marks[match.end() :]
    return not re.sub(r"\b(?:please|pls|thanks|ok|okay|yes|more|mas|por favor)\b|\W", "", rest)


def _span(number: str, unit: str | None, half: bool) -> timedelta:
    count = float(number[:6]) if number[0].isdigit() else _NUMBER_WORDS[number]
    if unit is None:
        # "later 2" can't mean two minutes; "later 30" can't mean thirty hours.
        unit = "hours" if count <= 3 else "minutes"
    minutes = count * 60 if unit.startswith("h") else count
    minutes += (30 if unit.startswith("h") else 0.5) if half else 0
    if minutes <= 0:
        return LATER_DEFAULT
    return min(max(timedelta(minutes=min(minutes, 10_000)), timedelta(minutes=1)), LATER_LONGEST)
