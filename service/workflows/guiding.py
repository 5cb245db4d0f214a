"""Answering a person who opted in: answers, keywords, guidance. Parts of a workflow."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache

from service.domain.alerts import AlertKind
from service.domain.prompt import ScheduleKind
from service.guide.words import Words
from service.routing.answers import looks_like_bad_score
from service.routing.fold import fold
from service.routing.keywords import PAUSE_DEFAULT
from service.routing.safety import SafetyLevel
from service.routing.strangers import asks_who
from service.store import outbox
from service.store.audit import PARTICIPANT
from service.workflows import enrolment
from service.workflows.answering import choose, take_answer, take_barrier
from service.workflows.conversation import Conversation, Outcome, outcome_of
from service.workflows.wording import Said, language_of_words, say_moment
from service.workflows.yielding import help_reply, wrong_number

TOPIC_REMEMBERED = timedelta(hours=24)
TOPIC_PAGES = 4
LANGUAGE_SWITCHED = "language_switched"
MENU = "menu"  # stands in a message's `topic` for the list of topics, so that MORE can turn its page


def answer_participant(c: Conversation) -> Outcome:
    """The reply to somebody we text; opens with the safety line when the text might mean danger."""
    if not c.inbound.body.strip():
        return _no_words(c)
    outcome = _answer(c)
    found_a_card = outcome.topic is not None and outcome.topic != MENU
    is_calm = c.meaning.safety.level is SafetyLevel.NONE and found_a_card
    # Also to an answer that nothing had asked for ("2"): whoever gets a menu was not understood.
    is_menu = outcome.topic == MENU and outcome.part == 0
    if not (c.meaning.soft or is_menu) or is_calm or outcome.body is None:
        return outcome
    soft = c.say("safety.soft")
    return Outcome(f"{soft.body}\n{outcome.body}", outcome.words, outcome.kind, outcome.topic, outcome.part)


def _no_words(c: Conversation) -> Outcome:
    """A picture, a recording, or nothing at all: it could be anything, so the safety line goes first."""
    if c.inbound.media_count:
        c.alert(AlertKind.PICTURE, "sent a picture or recording, which is not kept")
    said = c.say("media_only" if c.inbound.media_count else "menu_unsure")
    soft = c.say("safety.soft")
    return Outcome(f"{soft.body}\n{said.body}", said.words)


def _answer(c: Conversation) -> Outcome:
    answered = _take_answer(c)
    if answered is not None:
        return answered
    keyword = c.meaning.keyword
    if keyword is not None and keyword in _KEYWORDS:
        return _KEYWORDS[keyword](c)
    titled = _titled(c.words, c.inbound.body)
    if titled is not None:
        return guidance(c, titled, 0)
    if keyword is None and _open_check_in(c) and looks_like_bad_score(c.inbound.body):
        return c.reply("answer_unclear.check_in")
    if c.meaning.topic is not None:
        return guidance(c, c.meaning.topic, 0)
    if c.meaning.may_leave:
        c.alert(AlertKind.MAY_LEAVE, "was told that STOP ends the texts")
        return c.reply("leave_unsure")
    return _OTHERS.get(c.meaning.label, _menu_unsure)(c)


def _take_answer(c: Conversation) -> Outcome | None:
    """An answer to something that was asked, with the guidance that the same text also asks for."""
    parsed, kind = c.meaning.answer, c.meaning.answer_kind
    if parsed is None or kind is None or c.participant is None:
        return None
    waiting = c.asked.awaiting_barrier
    if waiting is not None and parsed.barrier is not None:
        said = take_barrier(
            c.session, c.words, c.participant, waiting, parsed, c.record, c.now, c.language
        )  # fmt: skip
        return outcome_of(said)
    prompt = choose(c.session, c.asked, kind, c.inbound.body)
    if prompt is None:
        return None
    said = take_answer(c.session, c.words, c.participant, prompt, parsed, c.record, c.now, c.language)
    return _with_guidance(c, said)


def _with_guidance(c: Conversation, said: Said) -> Outcome:
    if c.meaning.topic is None:
        return outcome_of(said)
    card = guidance(c, c.meaning.topic, 0)
    return Outcome(f"{said.body}\n{card.body}", said.words, topic=card.topic, part=card.part)


def _titled(words: Words, text: str) -> str | None:
    """The card whose title, as the menu's pages list it, is the whole text."""
    folded = fold(text)
    for slug in words.slugs:
        card = words.card(slug)
        if folded in {_folded_title(card.title_en), _folded_title(card.title_es)}:
            return slug
    return None


_folded_title = cache(fold)  # sixty words of our own, for every text that is not an answer


def _open_check_in(c: Conversation) -> bool:
    return ScheduleKind.CHECK_IN in c.asked.open_kinds


def guidance(c: Conversation, slug: str, part: int) -> Outcome:
    """One part of a card."""
    text = c.words.guidance(slug, part, c.language)
    return Outcome(text.body, f"{slug}.{part}@{text.version}", topic=slug, part=part)


def _menu(c: Conversation) -> Outcome:
    said = c.say("menu")
    return Outcome(said.body, said.words, topic=MENU, part=0)


def _menu_unsure(c: Conversation) -> Outcome:
    said = c.say("menu_unsure")
    return Outcome(said.body, said.words, topic=MENU, part=0)


def _more(c: Conversation) -> Outcome:
    """The next part of the last guidance, or the next page of the list of topics, in its language."""
    last = outbox.newest_guidance(c.session, c.person.id, c.now - TOPIC_REMEMBERED)
    if last is None or last.topic is None or last.part is None:
        return _topics(c, 1)
    if not outbox.has_said_since(c.session, c.person.id, LANGUAGE_SWITCHED, last.created_at):
        c = c.speaking(language_of_words(last.words) or c.language)
    if last.topic == MENU:
        return _topics(c, last.part + 1)
    parts = c.words.card(last.topic).words["es" if c.language == "es" else "en"].parts
    if last.part + 1 >= len(parts):
        return c.reply("more_none")
    return guidance(c, last.topic, last.part + 1)


def _topics(c: Conversation, page: int) -> Outcome:
    if page > TOPIC_PAGES:
        return c.reply("more_none")
    said = c.say(f"menu_topics.{page}")
    return Outcome(said.body, said.words, topic=MENU, part=page)


def _pause(c: Conversation) -> Outcome:
    until = c.now + min(c.meaning.pause or PAUSE_DEFAULT, enrolment.PAUSE_AT_MOST)
    enrolment.pause_in(c.session, c.person, until, PARTICIPANT, c.now)
    return c.reply("paused", until=say_moment(until, c.person.timezone, c.language))


def _resume(c: Conversation) -> Outcome:
    if c.person.paused_until is None or c.person.paused_until <= c.now:
        return c.reply("not_paused")
    enrolment.resume_in(c.session, c.person, PARTICIPANT, c.now)
    return c.reply("resumed")


def _start(c: Conversation) -> Outcome:
    if c.person.paused_until is not None and c.person.paused_until > c.now:
        return _resume(c)
    return c.reply("already_joined")


def _speak(c: Conversation, language: str) -> Outcome:
    c.person.language = language
    return c.speaking(language).reply(LANGUAGE_SWITCHED)


def _yes_or_no(c: Conversation) -> Outcome:
    """YES or NO that answers nothing by itself: "yes" to DONE, LATER or SKIP could be any of them."""
    if c.asked.open_kinds:
        return c.reply(f"answer_unclear.{c.asked.open_kinds[0].value.replace('-', '_')}")
    return c.reply("thanks") if c.meaning.keyword == "yes" else _menu(c)


def _slip(c: Conversation) -> Outcome:
    c.alert(AlertKind.SLIP, "says they used; please get in touch today")
    return c.reply("slip")


def _human(c: Conversation) -> Outcome:
    c.alert(AlertKind.WANTS_PERSON, "asks for a person")
    return c.reply("human")


def _wrong_number(c: Conversation) -> Outcome:
    """An enrolled phone that does not know us may have changed hands."""
    if asks_who(c.inbound.body):
        c.alert(AlertKind.WRONG_NUMBER, "asks who this is; the phone may have changed hands")
        return c.reply("who_is_this")
    return wrong_number(c)


_KEYWORDS: dict[str, Callable[[Conversation], Outcome]] = {
    "help": lambda c: help_reply(c, "help"),
    "menu": _menu,
    "more": _more,
    "pause": _pause,
    "resume": _resume,
    "start": _start,
    "join": _start,
    "optin-freeform": _start,
    "espanol": lambda c: _speak(c, "es"),
    "english": lambda c: _speak(c, "en"),
    "slip": _slip,
    "yes": _yes_or_no,
    "no": _yes_or_no,
}
_OTHERS: dict[str, Callable[[Conversation], Outcome]] = {
    "smalltalk": lambda c: c.reply("smalltalk"),
    "human": _human,
    "wrong-number": _wrong_number,
    "offtopic": lambda c: c.reply("offtopic"),
    "optin-freeform": _start,
}
