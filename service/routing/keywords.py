"""Words that act at once: STOP, START, HELP, PAUSE 3 DAYS, MENU, CRAVING ...

Opting out by a word is here: the whole text is a stop word, give or take case, spacing, marks, emoji, odd
letters, repeats, a "please" and a signature. The carrier acts on most of these too. In one's own words:
`opting_out.py`.

"I want to quit", "quit heroin" and "stop using" are about drugs and are no such word.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from service.routing.data import load, vocabulary
from service.routing.fold import fold

PAUSE_DEFAULT = timedelta(days=3)
PAUSE_LONGEST = timedelta(days=90)
PAUSE_SHORTEST = timedelta(hours=1)


@dataclass(frozen=True)
class Keyword:
    """A word that acts at once.

    `name` is start, join, yes, no, help, menu, more, pause, resume, espanol, english, slip, talk, or
    "topic" for a menu word such as CRAVING; then `topic` is the slug. `slip` has the topic relapse.
    """

    name: str
    pause: timedelta | None = None
    topic: str | None = None


@cache
def _words() -> dict[str, frozenset[str]]:
    """The lists of `lexicon/keywords.toml`."""
    return {name: _entries(text) for name, text in load("keywords")["words"].items()}


def _entries(text: str) -> frozenset[str]:
    """ "stop, stop all" as a set."""
    return frozenset(" ".join(entry.split()) for entry in text.split(","))


def is_opt_out_keyword(text: str) -> bool:
    """True when the whole text is an opt-out keyword."""
    if text.strip(" \t\n\ufe0f!.") and not text.strip(" \t\n\ufe0f!.🛑"):
        return True  # nothing but stop signs
    if _is_stop_word(fold(text)):
        return True
    return _is_signed_stop(text)


def leading_stop(text: str) -> str | None:
    """What follows a STOP that opens the text and is set apart, or None.

    "STOP nothing matters anymore" -> "nothing matters anymore". Set apart means in capitals while the
    rest is not, or followed by a mark. The caller decides whether the rest is such that both should
    be honoured: by itself this opts nobody out ("STOP using is hard").
    """
    match = re.match(r"\W*(stop(?:all)?|unsubscribe|alto)\b(\W+)(?=\w)", text, re.IGNORECASE)
    if match is None:
        return None
    rest = text[match.end() :]
    in_capitals = match[1].isupper() and not rest.isupper()
    return rest if in_capitals or re.search(r"[.,!;:\n/-]", match[2]) else None


def _is_stop_word(folded: str) -> bool:
    words = [word for word in folded.split() if word not in _words()["polite"]]
    if not words or len(words) > 12:
        return False
    if len(words) > 1 and all(len(word) == 1 for word in words):
        words = ["".join(words)]  # S T O P
    # STOP STOP STOP, "stop stopall", "STOP unsubscribe": every part must be a stop word.
    stops = _words()["stop"]
    if " ".join(words) in stops or all(_is_stop_token(word) for word in words):
        return True
    pairs = {" ".join(words[place : place + 2]) for place in range(0, len(words), 2)}
    return pairs <= stops  # opt out opt out opt out


def _is_stop_token(word: str) -> bool:
    # A clear misspelling of stop, as the whole text, opts out: a person who has had enough must not
    # be kept for a slip of the thumb, and one who did not mean it is one START away.
    words = _words()
    return word in words["stop"] or word in words["stop_misspelt"] or _is_repeated_stop(word)


def _is_repeated_stop(word: str) -> bool:
    return re.fullmatch(r"(?:stop){2,}|s+t+o+p+", word) is not None


_AFTER_STOP = re.compile(r"[\s'\"(]*([^\W\d_][\w ]{0,40}?)\s*[.,!;:\n~-]+\s*(.{1,40}?)[\s.!]*$", re.S)
_NAME = re.compile(r"[^\W\d_][^\W\d_'’-]{0,14}\.?")


def _is_signed_stop(text: str) -> bool:
    """ "STOP - Maria", "Stop.\\nJ. Diaz", "STOP. thanks": a stop word and then only a name."""
    plain = "".join(char for char in text[:120] if unicodedata.category(char) != "Cf")
    match = _AFTER_STOP.match(unicodedata.normalize("NFKC", plain).replace("–", "-").replace("—", "-"))
    if match is None or not _is_stop_word(fold(match[1])):
        return False
    words = match[2].lstrip("-~ ").split()
    if not words or len(words) > 3:
        return False
    # A name: capitals, and no word that the lexicons know ("STOP - Using" is no signature).
    return all(_NAME.fullmatch(word) and word[0].isupper() and not _is_known(word) for word in words)


def _is_known(word: str) -> bool:
    folded = fold(word)
    if len(folded) == 1 or folded in _ALSO_NAMES:
        return False
    return folded.endswith("ing") or folded in vocabulary()


# In the word lists, but people are called so.
_ALSO_NAMES = frozenset(load("words")["names"].split())


def read_keyword(text: str) -> Keyword | None:
    """Any keyword but opting out, as the whole text. None for every other text."""
    folded = fold(text)
    words = _words()
    if not folded or len(folded) > 60 or (folded == "n a" and "/" in text):
        return None
    if (pause := _read_pause(folded)) is not None:
        return Keyword("pause", pause=pause)
    polite = words["polite"]
    plain = " ".join(word for word in folded.split() if word not in polite) or folded
    for form in (folded, plain, _once(plain)):
        for name in _NAMES:
            if form in words[name]:
                return Keyword(name, topic="relapse" if name == "slip" else None)
        for slug, entries in _topic_words().items():
            if form in entries:
                return Keyword("topic", topic=slug)
    return None


_NAMES = ("start", "join", "yes", "no", "help", "menu", "more", "resume", "espanol", "english",
          "slip", "talk")  # fmt: skip


@cache
def _topic_words() -> dict[str, frozenset[str]]:
    return {slug: _entries(text) for slug, text in load("keywords")["topics"].items()}


def _once(folded: str) -> str:
    """ "help help help" -> "help"; "m e n u" -> "menu"."""
    words = folded.split()
    if len(words) > 1 and all(len(word) == 1 for word in words):
        return "".join(words)
    return words[0] if len(set(words)) == 1 else folded


_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "couple": 2, "few": 3, "un": 1, "una": 1, "uno": 1, "dos": 2,
    "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10,
    "half": 1, "twelve": 12, "doce": 12, "fourteen": 14, "thirty": 30,
}  # fmt: skip
_UNITS = {  # in hours; what is shorter than PAUSE_SHORTEST is made as long
    "min": 0, "mins": 0, "minute": 0, "minutes": 0, "minutos": 0, "year": 8760, "years": 8760,
    "h": 1, "hr": 1, "hrs": 1, "hour": 1, "hours": 1, "hora": 1, "horas": 1, "d": 24, "day": 24,
    "days": 24, "dia": 24, "dias": 24, "w": 168, "wk": 168, "wks": 168, "week": 168, "weeks": 168,
    "semana": 168, "semanas": 168, "month": 720, "months": 720, "mes": 720, "meses": 720,
}  # fmt: skip
_PAUSE = re.compile(
    r"^(?:pause|pausa|pausar|pausing|hold|snooze)"
    r"(?: (?:texts|messages|reminders|everything|it|all|me|my|the|these|mensajes|los|please|pls))*"
    r"(?: (?:for|por|durante|de|about|like|the next|next))*"
    r"(?: (?:(?:a|an|una|un) )?(\d{1,6}|[a-z]+?)(?: (?:of|de))? ?"
    rf"({'|'.join(sorted(_UNITS, key=len, reverse=True))})?)?"
    r"(?: (?:please|pls|thanks|por favor|porfa|thx|ok|texts|messages|mensajes|now|ahora))*$"
)


_PAUSE_UNTIL = re.compile(
    r"^(?:pause|pausa)(?: (?:texts|messages|it|me|for|until|till|over|the|this|next|til|hasta|el|la|"
    r"weekend|today|tonight|tomorrow|tmrw|hoy|manana|fin|de|semana|please|a|bit|while|now|lunes|martes|"
    r"miercoles|jueves|viernes|sabado|domingo|[a-z]+day))+$"
)


def _read_pause(folded: str) -> timedelta | None:
    """How long PAUSE asks for: "pause 3 days", "pause for a week", "pause 12h". None if no PAUSE.

    Without a unit a number means days. What cannot be read as a span ("pause my meds") is no PAUSE.
    """
    if not re.match(r"(?:pause|pausa|pausar|hold|snooze)\b", folded):
        return None
    match = _PAUSE.match(re.sub(r"(\d)([a-z])", r"\1 \2", folded))
    if match is None:
        # No clock here to say when Monday is; a pause of the usual length is what was meant, nearly.
        return PAUSE_DEFAULT if _PAUSE_UNTIL.match(folded) else None
    number, unit = match[1], match[2]
    if number is None:
        # HOLD and SNOOZE are pauses only with a span; PAUSE alone is one.
        return PAUSE_DEFAULT if folded.startswith("paus") else None
    if number in _UNITS and unit is None:  # "pause for a week"
        number, unit = "1", number
    if number.isdigit():
        count = int(number)
    elif number in _NUMBERS:
        count = _NUMBERS[number]
    else:
        return None
    if unit is None and not number.isdigit():
        return None
    span = timedelta(hours=count * _UNITS[unit or "days"])
    return min(max(span, PAUSE_SHORTEST), PAUSE_LONGEST)
