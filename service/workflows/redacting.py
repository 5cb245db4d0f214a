"""Taking out of a text what may say who wrote it, before a person reads it and decides whether to share it.

    redact("call me, 555-0142, it's Marcus", known=...)   -> "call me, NUMBER, it's NAME"

It errs on the side of taking out too much, and it cannot see everything: a name in small letters that is not
on its list, a place, a story that only one person could tell. So nothing it made is shared unread.
"""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NAME, NUMBER, LINK = "NAME", "NUMBER", "LINK"

_LINK = re.compile(
    r"""[^\s@]+@[^\s@]+ | [a-z][a-z0-9+.-]*://\S+ | \bwww\.\S+
    | \b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|edu|gov|info|app|io|co|ly|gl|link|site|xyz)\b(?:[/?]\S*)?
    | \b[\w-]+(?:\.[\w-]+)+/\S*""",
    re.IGNORECASE | re.VERBOSE,
)
_HANDLE = re.compile(r"(?<!\w)@\w+")
_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    "oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|"
    "septiembre|setiembre|octubre|noviembre|diciembre"
)
_DATE = re.compile(
    rf"""\b(?:{_MONTHS})\.?\ (?:the\ )?\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\ \d{{2,4}}\b)?
    | \b\d{{1,2}}(?:st|nd|rd|th)?\ (?:of\ |de\ )?(?:{_MONTHS})\b(?:,?\ (?:de\ |del\ )?\d{{2,4}}\b)?
    | \b\d{{1,4}}([/.-])\d{{1,2}}\1\d{{1,4}}\b""",
    re.IGNORECASE | re.VERBOSE,
)
_DAY_AND_MONTH = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?![\d/])")
_NOT_DATES = ("24/7",)
_OUT_OF = frozenset({5, 10})  # "4/5" and "7/10" answer a check-in
_DIGITS = re.compile(r"\+?\(?\d(?:[ ().-]{0,2}\d){6,}|\d{3}[ .-]\d{4}|\d{4,}")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_TAIL = re.compile(r"['’](?:s|m|d|t|ll|re|ve)$", re.IGNORECASE)
_SENTENCE_END = ".!?…\n"
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")


@dataclass(frozen=True)
class Known:
    """What there is to go by.

    `names` belong to the person, their reminders or staff, and go wherever they stand; `labels` go as whole
    phrases; `words` are known to be no names.
    """

    names: frozenset[str]
    labels: tuple[tuple[str, ...], ...]
    words: frozenset[str]


def know(names: Iterable[str], labels: Iterable[str], words: Collection[str]) -> Known:
    """From names and labels as they are stored, and words in any form."""
    particles = _list("particles")
    plain = frozenset(_key(word) for word in words) | _list("ordinary") | particles
    phrases = [tuple(_key(word) for word in WORD.findall(_plain(label))) for label in labels]
    own = {_key(word) for name in names for word in WORD.findall(_plain(name))}
    # Of a label only what cannot be an ordinary word: "blue box" must not take every box out of a text.
    own |= {word for phrase in phrases for word in phrase if word not in plain}
    return Known(
        names=frozenset(word for word in own if len(word) > 1 and word not in particles),
        labels=tuple(sorted((phrase for phrase in phrases if phrase), key=len, reverse=True)),
        words=plain,
    )


def redact(text: str, known: Known) -> str:
    """The text on one line, with NAME, NUMBER and LINK in place of what may say who it is about."""
    text = _LINK.sub(LINK, _plain(text))
    text = _HANDLE.sub(NAME, text)
    text = _DATE.sub(NUMBER, text)
    text = _DAY_AND_MONTH.sub(_number_if_date, text)
    text = _DIGITS.sub(NUMBER, text)
    text = _without_labels(text, known.labels)
    text = _without_names(text, known)
    return " ".join(text.split())


@cache
def _list(name: str) -> frozenset[str]:
    """One of the word lists beside this file."""
    return frozenset(tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))[name].split())


def _number_if_date(found: re.Match[str]) -> str:
    one, other = int(found[1]), int(found[2])
    may_be = 1 <= min(one, other) <= 12 and 1 <= max(one, other) <= 31
    is_score = other in _OUT_OF and one <= other
    return found[0] if not may_be or is_score or found[0] in _NOT_DATES else NUMBER


def _without_labels(text: str, labels: Iterable[tuple[str, ...]]) -> str:
    for label in labels:
        words = list(WORD.finditer(text))
        keys = [_key(word[0]) for word in words]
        for place in reversed(range(len(words) - len(label) + 1)):
            if tuple(keys[place : place + len(label)]) == label:
                text = text[: words[place].start()] + NAME + text[words[place + len(label) - 1].end() :]
                del words[place : place + len(label)], keys[place : place + len(label)]
    return text


def _without_names(text: str, known: Known) -> str:
    is_shouted = text.upper() == text
    made: list[str] = []
    end = 0
    for found in WORD.finditer(text):
        word = found[0]
        kept = text[end : found.start()]
        made += [kept, _name_or(word, known, _begins_sentence(text, found.start()), is_shouted)]
        end = found.end()
    return "".join(made) + text[end:]


def _name_or(word: str, known: Known, is_first: bool, is_shouted: bool) -> str:
    if word.startswith((NAME, NUMBER, LINK)):  # "NUMBERmg" as well
        return word
    stem, tail = _without_possessive(word)
    key = _key(stem)
    if not {key, key.removesuffix("s")}.isdisjoint(known.names | _list("names")):
        return NAME + tail
    if not word[0].isupper() or is_first or len(key) < 2:
        return word
    if key in _list("names_and_words") and not is_shouted:
        return NAME + tail
    return word if _is_known(word, key, known.words) else NAME + tail


def _is_known(word: str, key: str, words: frozenset[str]) -> bool:
    forms = {key, _key(word), key.removesuffix("s"), key.removesuffix("es")}
    return not forms.isdisjoint(words)


def _without_possessive(word: str) -> tuple[str, str]:
    """("Maya", "'s") of "Maya's"; ("I", "'m") of "I'm"; ("O'Brien", "")."""
    found = _TAIL.search(word)
    return (word[: found.start()], found[0]) if found else (word, "")


def _begins_sentence(text: str, place: int) -> bool:
    before = text[:place].rstrip(" \t\"'“‘(*-¿¡")
    return not before or before[-1] in _SENTENCE_END


def _plain(text: str) -> str:
    """One way of writing each character, and none that cannot be seen."""
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text))


def _key(word: str) -> str:
    """For comparing: small letters, no accents, no apostrophes. "José" and "jose" are one."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in plain if char.isalnum() and not unicodedata.combining(char))
