"""Reads one text, in a fixed order that `tests/routing/test_order.py` pins down.

    1  opt-out keyword               5  answer to an open prompt
    2  safety                        6  guidance
    3  opt-out in own words          7  menu
    4  other keywords

The first that fits gives `lane` and `label`. What else was found is kept in the other fields, so that
"STOP nothing matters anymore" and "4 but im not safe right now" are honoured twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from service.domain.prompt import Answer, ParsedAnswer, ScheduleKind
from service.routing.answers import CLEAR_ENOUGH, read_answer, read_any_answer, read_barrier
from service.routing.keywords import (
    Keyword,
    is_opt_out_keyword,
    leading_stop,
    read_keyword,
)
from service.routing.language import guess_language
from service.routing.opting_out import hints_at_opt_out, is_opt_in_freeform, is_opt_out_freeform
from service.routing.reading import LEAVING, MAY_LEAVE, Reading
from service.routing.safety import NO_DANGER, Safety, SafetyLevel, SafetyReader, read_safety
from service.routing.topics import MENU, NOT_GUIDANCE, TopicGuess, TopicReader

WRONG_NUMBER = "wrong-number"
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

    `lane` and `label` name the primary meaning:

    crisis     crisis overdose medical
    keyword    stop start yes no help menu more pause resume espanol english slip,
               optout-freeform optin-freeform
    answer     score done later skip going cant ok change
    guidance   a slug of `topics.TOPICS`
    other      menu smalltalk human wrong-number offtopic

    score        how sure, 0 to 1
    soft         the reply must open with the safety line
    opt_out      to be honoured whatever the lane
    keyword      the word that was texted: as the label, or "join" (label start), "talk" (label
                 human), "topic" (a menu word such as CRAVING; label and `topic` are the slug)
    answer       only an answer clear enough to record; kept beside a crisis
    answer_kind  the kind of question it answers, which need not be open
    unclear_kind an open question that the text may answer, but too weakly to record ("ok" to a
                 medication reminder): worth asking once more
    topic        the slug of the guidance asked for, also beside an answer
    may_leave    perhaps a wish for no more texts, which no pattern is sure of: the reply says how to end
                 them, and staff are told
    language     "en", "es" or None when the text does not tell
    """

    lane: Lane
    label: str
    score: float
    soft: bool = False
    safety: Safety = NO_DANGER
    opt_out: OptOut | None = None
    keyword: str | None = None
    pause: timedelta | None = None
    answer: ParsedAnswer | None = None
    answer_kind: ScheduleKind | None = None
    unclear_kind: ScheduleKind | None = None
    topic: str | None = None
    may_leave: bool = False
    language: str | None = None


def understand(
    text: str,
    *,
    open_kinds: Sequence[ScheduleKind] = (),
    awaiting_barrier: bool = False,
    topic_reader: TopicReader | None = None,
    safety_reader: SafetyReader | None = None,
) -> Understanding:
    """What `text` means to a person with these questions open, the likeliest first.

    `awaiting_barrier` is True after CHANGE, while a reason letter is expected. The readers are those of
    `reading.Reading` unless given. Survives any string; raises only what the readers given raise.
    """
    kind, answer, unclear = _read_answer(text, open_kinds, awaiting_barrier)
    keyword = read_keyword(text)
    leaving = 0.0
    if topic_reader is None or safety_reader is None:
        reading = Reading(text)
        # A word that we asked for ("CANT", "R") means what we asked: there only the word lists are heard.
        is_plain = keyword is not None or (answer is not None and not answer.rest.strip())
        topic_reader = topic_reader or reading.subject
        safety_reader = safety_reader or (read_safety if is_plain else reading.danger)
        leaving = 0.0 if is_plain else reading.leaving
    safety = safety_reader(text)
    opt_out = _read_opt_out(text, safety, leaving)
    if opt_out is not None or (answer is not None and answer.answer in _PUTS_OFF):
        safety = _calmed(safety)
    language = guess_language(text)
    possible = safety.level is SafetyLevel.POSSIBLE

    if opt_out == "keyword" and is_opt_out_keyword(text):
        return Understanding(Lane.KEYWORD, "stop", 1.0, possible, safety, opt_out, "stop",
                             language=language)  # fmt: skip

    if safety.level is SafetyLevel.CERTAIN and safety.label is not None:
        # The answer is kept: a check-in of 1 sent with a cry for help is still a check-in of 1.
        return Understanding(Lane.CRISIS, safety.label, safety.score, False, safety, opt_out,
                             answer=answer, answer_kind=kind, language=language)  # fmt: skip

    if opt_out is not None:
        label = "stop" if opt_out == "keyword" else "optout-freeform"
        return Understanding(Lane.KEYWORD, label, 1.0, possible, safety, opt_out, "stop",
                             language=language)  # fmt: skip

    if keyword is not None and not _gives_way(keyword, answer, kind, open_kinds, awaiting_barrier):
        return replace(_of_keyword(keyword, safety, language), unclear_kind=unclear)
    if is_opt_in_freeform(text):
        return Understanding(Lane.KEYWORD, "optin-freeform", 0.95, possible, safety,
                             keyword="start", language=language)  # fmt: skip

    if answer is not None:
        return Understanding(Lane.ANSWER, answer.answer.value, answer.confidence, possible, safety,
                             answer=answer, answer_kind=kind,
                             topic=_topic_beside(answer, topic_reader),
                             language=language)  # fmt: skip
    found = _of_topic(topic_reader(text), safety, language)
    may_leave = leaving >= MAY_LEAVE and found.lane is Lane.OTHER and found.label != WRONG_NUMBER
    return replace(found, unclear_kind=unclear, may_leave=may_leave)


def _read_opt_out(text: str, safety: Safety, leaving: float) -> OptOut | None:
    if is_opt_out_keyword(text):
        return "keyword"
    # STOP set apart in front of other words opts out when those words are about despair: that is a
    # person leaving us, not a person talking of stopping something. Abuse and bodies in danger are
    # told the same way ("Stop! he's hitting me"), so only words about the person's own life count.
    rest = leading_stop(text)
    if rest is not None and safety.label == "crisis" and _is_own_despair(rest):
        return "keyword"
    if is_opt_out_freeform(text) or (leaving >= LEAVING and hints_at_opt_out(text)):
        return "freeform"
    return None


_PUTS_OFF = frozenset({Answer.LATER, Answer.SKIP, Answer.GOING, Answer.OK})


def _calmed(safety: Safety) -> Safety:
    """Danger that no word list sees in a text that plainly says another thing is possible, never certain.

    "mas tarde por favor, ahora no puedo" has despair's words, and so has many a tired "leave me alone": the
    learned table takes such for danger now and then. A score is not among these: danger is often beside it.
    """
    if safety.level is SafetyLevel.CERTAIN and not safety.cues:
        return replace(safety, level=SafetyLevel.POSSIBLE)
    return safety


_OTHERS_CUES = ("harm to others", "abuse", "kill somebody", "somebody else", "violencia")


def _is_own_despair(text: str) -> bool:
    """True when what speaks of crisis in `text` is about the person's own life."""
    cues = [cue.lstrip("~") for cue in read_safety(text).cues]
    return bool(cues) and not any(cue.startswith(_OTHERS_CUES) for cue in cues)


def _read_answer(
    text: str, open_kinds: Sequence[ScheduleKind], awaiting_barrier: bool
) -> tuple[ScheduleKind | None, ParsedAnswer | None, ScheduleKind | None]:
    """The kind answered, the answer, and the open kind that it may answer too weakly to record.

    Of several open questions the one that it answers most plainly, then the likelier one. With none
    answered, what it would answer if a question were open (late answers come after closing), unless
    an open one may be meant.
    """
    best: tuple[ScheduleKind, ParsedAnswer] | None = None
    unclear: ScheduleKind | None = None
    for kind in open_kinds:
        answer = read_answer(kind, text)
        if answer is None:
            continue
        if answer.confidence < CLEAR_ENOUGH:
            unclear = unclear or kind
        elif best is None or answer.confidence > best[1].confidence:
            best = kind, answer
    expected = awaiting_barrier and (best is None or best[0] is ScheduleKind.APPOINTMENT)
    if expected and (barrier := read_barrier(text)) is not None:
        said = ParsedAnswer(Answer.CHANGE, barrier=barrier, rest=text.strip(), confidence=0.9)
        return ScheduleKind.APPOINTMENT, said, None
    if best is None and unclear is None:
        best = read_any_answer(text)
    return (*best, None) if best is not None else (None, None, unclear)


def _gives_way(
    keyword: Keyword,
    answer: ParsedAnswer | None,
    kind: ScheduleKind | None,
    open_kinds: Sequence[ScheduleKind],
    awaiting_barrier: bool,
) -> bool:
    """True when a word is rather the answer to what we have just asked.

    YES and NO to an open question, and "sick" or "kids" as a reason to change an appointment. All
    other keywords outrank answers.
    """
    if answer is None:
        return False
    if keyword.name == "topic":
        return awaiting_barrier and answer.barrier is not None
    return keyword.name in {"yes", "no"} and kind in open_kinds


def _of_keyword(keyword: Keyword, safety: Safety, language: str | None) -> Understanding:
    possible = safety.level is SafetyLevel.POSSIBLE
    if keyword.name == "topic" and keyword.topic is not None:
        return Understanding(Lane.GUIDANCE, keyword.topic, 1.0, possible, safety, keyword="topic",
                             topic=keyword.topic, language=language)  # fmt: skip
    if keyword.name == "talk":
        return Understanding(Lane.OTHER, "human", 1.0, possible, safety, keyword="talk",
                             language=language)  # fmt: skip
    label = "start" if keyword.name == "join" else keyword.name
    return Understanding(Lane.KEYWORD, label, 1.0, possible or label == MENU, safety,
                         keyword=keyword.name, pause=keyword.pause, topic=keyword.topic,
                         language=language)  # fmt: skip


_BESIDE_ENOUGH = 0.6


def _topic_beside(answer: ParsedAnswer, topic_reader: TopicReader) -> str | None:
    """The topic of what was written besides the answer: "4, how long do i wait for subs"."""
    if len(answer.rest.split()) < 2:
        return None
    guess = topic_reader(answer.rest)
    return None if guess.label in NOT_GUIDANCE or guess.score < _BESIDE_ENOUGH else guess.label


def _of_topic(guess: TopicGuess, safety: Safety, language: str | None) -> Understanding:
    possible = safety.level is SafetyLevel.POSSIBLE
    if guess.label in NOT_GUIDANCE:
        return Understanding(Lane.OTHER, guess.label, guess.score, possible or guess.label == MENU,
                             safety, language=language)  # fmt: skip
    return Understanding(Lane.GUIDANCE, guess.label, guess.score, possible, safety,
                         topic=guess.label, language=language)  # fmt: skip
