"""Reads one text, in a fixed order that `tests/routing/test_order.py` pins down.

    1  opt-out keyword               5  answer to an open prompt
    2  safety                        6  guidance
    3  opt-out in own words          7  menu
    4  other keywords

The first that fits gives `lane` and `label`; what else was found is kept in the other fields, so
that "STOP nothing matters anymore" and "4 but im not safe right now" are honoured twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from service.domain.prompt import ParsedAnswer, ScheduleKind
from service.routing.answers import read_answer, read_any_answer, read_barrier
from service.routing.keywords import (
    is_opt_out_freeform,
    is_opt_out_keyword,
    read_keyword,
)
from service.routing.language import guess_language
from service.routing.safety import Safety, SafetyLevel, read_safety
from service.routing.topics import TopicReader, read_topic

OptOut = Literal["keyword", "freeform"]


class Lane(StrEnum):
    """Which way the reply goes."""

    CRISIS = "crisis"
    KEYWORD = "keyword"
    ANSWER = "answer"
    GUIDANCE = "guidance"
    OTHER = "other"


@dataclass(frozen=True)
class Understanding:
    """What a text means.

    `lane` and `label` name the primary meaning, as the contract lists them:
    crisis:   crisis | overdose | medical
    keyword:  stop start yes no help menu more pause resume espanol english slip,
              optout-freeform optin-freeform
    answer:   score done later skip going cant ok change
    guidance: a topic slug
    other:    menu smalltalk human wrong-number offtopic

    `soft` says that the reply must open with the safety line. `opt_out` is to be honoured whatever
    the lane. `answer` and `answer_kind` are only set for an answer that is clear enough to record.
    `topic` is the slug of the guidance asked for, also beside an answer.
    """

    lane: Lane
    label: str
    score: float
    soft: bool = False
    safety: Safety = Safety()
    opt_out: OptOut | None = None
    keyword: str | None = None
    pause: timedelta | None = None
    answer: ParsedAnswer | None = None
    answer_kind: ScheduleKind | None = None
    topic: str | None = None
    language: str | None = None


def understand(
    text: str,
    *,
    open_kinds: Sequence[ScheduleKind] = (),
    awaiting_barrier: bool = False,
    topic_reader: TopicReader = read_topic,
) -> Understanding:
    """What `text` means to a person with these questions open, the likeliest first.

    `awaiting_barrier` is True after CHANGE, when a reason letter is expected. Survives any string.
    """
    language = guess_language(text)
    safety = read_safety(text)
    possible = safety.level is SafetyLevel.POSSIBLE
    opt_out: OptOut | None = None
    if is_opt_out_keyword(text):
        opt_out = "keyword"
    elif is_opt_out_freeform(text):
        opt_out = "freeform"
    if safety.level is SafetyLevel.CERTAIN and safety.label and opt_out != "keyword":
        return Understanding(Lane.CRISIS, safety.label, safety.score, safety=safety,
                             opt_out=opt_out, language=language)  # fmt: skip
    if opt_out:
        label = "stop" if opt_out == "keyword" else "optout-freeform"
        return Understanding(Lane.KEYWORD, label, 1.0, possible, safety, opt_out,
                             keyword="stop", language=language)  # fmt: skip
    if (keyword := read_keyword(text)) and not (
        keyword.name in {"yes", "no"} and any(read_answer(kind, text) for kind in open_kinds)
    ):
        if keyword.name == "talk":
            return Understanding(Lane.OTHER, "human", 1.0, possible, safety, language=language)
        label = "start" if keyword.name == "join" else keyword.name
        return Understanding(Lane.KEYWORD, label, 1.0, possible or label == "menu", safety,
                             keyword=keyword.name, pause=keyword.pause, topic=keyword.topic,
                             language=language)  # fmt: skip
    found: tuple[ScheduleKind, ParsedAnswer] | None = None
    for kind in open_kinds:
        if (answer := read_answer(kind, text)) and answer.confidence >= 0.6:
            found = kind, answer
            break
    if found is None and awaiting_barrier and (barrier := read_barrier(text)):
        from service.domain.prompt import Answer

        found = ScheduleKind.APPOINTMENT, ParsedAnswer(Answer.CHANGE, barrier=barrier)
    if found is None and not open_kinds:
        found = read_any_answer(text)
    guess = topic_reader(text)
    topic = None if guess.label in {"menu", "smalltalk", "human", "wrong-number", "offtopic"} \
        else guess.label
    if found:
        kind, answer = found
        return Understanding(Lane.ANSWER, answer.answer.value, answer.confidence, possible, safety,
                             answer=answer, answer_kind=kind, topic=topic,
                             language=language)  # fmt: skip
    lane = Lane.GUIDANCE if topic else Lane.OTHER
    return Understanding(lane, guess.label, guess.score, possible or guess.label == "menu", safety,
                         topic=topic, language=language)  # fmt: skip
