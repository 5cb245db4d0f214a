"""What the service would make of a text, without a person and without the database.

For `flask guide ask`: the reply is the one an enrolled person would get who has no question open, and for
an answer the one they would get who was asked just that. A test holds it to what the webhook answers.
"""

import time
from dataclasses import dataclass

from service.domain.prompt import ROUGH_SCORE, Answer, ParsedAnswer, ScheduleKind
from service.domain.segments import count_segments
from service.guide.words import Words
from service.routing.router import Lane, Understanding, understand
from service.routing.safety import SafetyLevel
from service.routing.strangers import asks_who


@dataclass(frozen=True)
class Preview:
    """One text and what would be made of it; `ms` is how long reading it took."""

    text: str
    lane: str
    label: str
    score: float
    soft: bool
    reply: str
    segments: int
    ms: float


_KEYWORD_TEXTS = {
    "stop": "opted_out",
    "start": "already_joined",
    "join": "already_joined",
    "optin-freeform": "already_joined",
    "help": "help",
    "menu": "menu",
    "more": "menu_topics.1",
    "resume": "not_paused",
    "espanol": "language_switched",
    "english": "language_switched",
    "slip": "slip",
    "yes": "thanks",
    "no": "menu",
    "pause": "paused",
}
_OTHER_TEXTS = {"smalltalk": "smalltalk", "human": "human", "offtopic": "offtopic"}


def preview(words: Words, text: str) -> Preview:
    started = time.perf_counter()
    meaning = understand(text)
    took = (time.perf_counter() - started) * 1000
    language = "es" if meaning.language == "es" else "en"
    reply, soft = _reply(words, meaning, text, language)
    return Preview(
        text=text,
        lane=meaning.lane.value,
        label=meaning.label,
        score=round(meaning.score, 3),
        soft=soft,
        reply=reply,
        segments=count_segments(reply).segments,
        ms=round(took, 3),
    )


def _reply(words: Words, meaning: Understanding, text: str, language: str) -> tuple[str, bool]:
    if meaning.safety.level is SafetyLevel.CERTAIN and meaning.safety.label is not None:
        body = words.text(f"safety.{meaning.safety.label}", language).body
        if meaning.opt_out is not None:
            body = f"{body}\n{words.text('opted_out', language).body}"
        return body, False
    if meaning.opt_out is not None:
        return words.text("opted_out", language).body, False
    body = _body(words, meaning, text, language)
    is_menu = body in {words.text(key, language).body for key in ("menu", "menu_unsure")}
    if meaning.soft or is_menu or not text.strip():
        return f"{words.text('safety.soft', language).body}\n{body}", True
    return body, False


def _body(words: Words, meaning: Understanding, text: str, language: str) -> str:
    if meaning.lane is Lane.ANSWER and meaning.answer is not None:
        body = _answer_body(words, meaning.answer, meaning.answer_kind, language)
        if meaning.topic is not None:
            body = f"{body}\n{words.guidance(meaning.topic, 0, language).body}"
        return body
    if meaning.keyword is not None and meaning.keyword in _KEYWORD_TEXTS:
        if meaning.keyword in {"espanol", "english"}:
            language = "es" if meaning.keyword == "espanol" else "en"
        return words.text(_KEYWORD_TEXTS[meaning.keyword], language, until="then").body
    if meaning.topic is not None:
        return words.guidance(meaning.topic, 0, language).body
    if meaning.may_leave:
        key = "leave_unsure"
    elif meaning.label == "wrong-number":
        key = "who_is_this" if asks_who(text) else "wrong_number"
    else:
        key = _OTHER_TEXTS.get(meaning.label, "menu_unsure")
    return words.text(key, language).body


def _answer_body(words: Words, answer: ParsedAnswer, kind: ScheduleKind | None, language: str) -> str:
    if answer.answer is Answer.SCORE:
        score = answer.score or 0
        key = "rough" if score <= ROUGH_SCORE else "middle" if score == 3 else "good"
        return words.text(f"check_in.{key}", language).body
    if answer.answer is Answer.LATER:
        return words.text("medication.later_set", language, time="then", minutes="20").body
    if answer.answer is Answer.CHANGE and answer.barrier is not None:
        return words.text("appointment.change_noted", language).body
    return words.text(f"{(kind or ScheduleKind.MEDICATION).value}.{answer.answer}", language).body


PROBES = (
    ("STOP", "stop"),
    ("i want to kill myself", "crisis"),
    ("me quiero morir", "crisis"),
    ("my friend overdosed and wont wake up", "overdose"),
    ("how does methadone work", "methadone"),
)
"""Texts that must be read as this, whatever reads them."""


def try_reading() -> str | None:
    """What is wrong with the reading of texts, None when a few plain ones are understood.

    For `flask doctor`: word lists and tables are files, and some are opened only when the first text comes.
    """
    for text, label in PROBES:
        try:
            found = understand(text).label
        except Exception as problem:  # of any kind: the question is whether reading works at all
            return f"a text cannot be read at all ({type(problem).__name__})"
        if found != label:
            return f"a plain text is read as {found}, not as {label}"
    return None
