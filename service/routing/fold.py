"""One spelling for matching.

    fold("  I CAN’T   stoppp!! ")  -> "i cant stop"
    fold("ＳＴＯＰ")                 -> "stop"
    fold("👍🏽")                    -> "thumbsup"
    fold("¿Cómo estás?")           -> "como estas"

`fold_marks` is the same but keeps the marks that part sentences, numbers and fractions, for readers
that need them (answers, opting out in one's own words).
"""

import re
import unicodedata
from itertools import product

from service.routing.data import load

LONGEST = 4000
"""Only this many characters are looked at: the first half and the last half of what is longer.
Ten segments of SMS hold 1,600. Both ends, because danger is often said last."""

# Emoji that carry an answer or a feeling. All others become a space.
_EMOJI = {
    "👍": "thumbsup", "👎": "thumbsdown", "👌": "okhand", "✅": "checkmark", "✔": "checkmark",
    "☑": "checkmark", "❌": "crossmark", "✖": "crossmark", "❎": "crossmark", "💯": "hundred",
    "🙏": "pray", "💊": "pill", "😂": "lol", "🤣": "lol", "😅": "lol", "😆": "lol", "💀": "skull",
    "☠": "skull", "🔫": "gun", "😭": "crying", "😢": "crying", "🆘": "sos", "❤": "heart",
    "🙋": "raisedhand", "😊": "smile", "🙂": "smile", "😀": "smile", "😁": "smile",
}  # fmt: skip

# Letters that look like ours and are used to dodge filters, or come from odd keyboards and fonts.
_LOOK_ALIKES = {
    ord(strange): plain
    for strange, plain in zip(
        "аеорсухіјѕтмнквАЕОРСУХІЈЅТМНКВοερτυικανΟΕΡΤΥΙΚΑΝ",
        "aeopcyxijstmhkbaeopcyxijstmhkboeptyikavoeptyikan",
        strict=True,
    )
} | {ord("ß"): "ss", ord("ø"): "o", ord("Ø"): "o", ord("ł"): "l", ord("đ"): "d", ord("ı"): "i"}

_APOSTROPHES = "'’‘‛`´ʼʻ′＇‵"
_DOUBLE_QUOTES = '"“”„‟«»″'
_BLANKS = "\u115f\u1160\u3164\uffa0\u2800\u2060"  # letters and marks that print as nothing

_TRANSLATION = (
    _LOOK_ALIKES
    | {ord(sign): None for sign in _APOSTROPHES}
    | {ord(sign): " " for sign in _DOUBLE_QUOTES}
    | {ord(sign): None for sign in _BLANKS}
    | {ord(sign): f" {word} " for sign, word in _EMOJI.items()}
)

# "stoppp" is stop, "soooo" is so, but "feeeel" is feel: these keep two.
_DOUBLES = frozenset(load("words")["doubles"].split())

_LONGEST_WORD = 24  # in a longer one nobody would know a word
_WRONG_SIGN = re.compile(r"wrong ?#", re.IGNORECASE)
_OD_D = re.compile(r"\b(od)['’]d\b", re.IGNORECASE)  # or it would read "odd"
_RUN = re.compile(r"([a-z])\1{2,}")
_WORD = re.compile(r"[a-z0-9]+")
_MARKS = re.compile(r"[^a-z0-9.,!?;:/+&%\n-]+")


def fold(text: str) -> str:
    """Lower-case words and numbers, single spaces, nothing else; "" for a text without any."""
    return " ".join(_squeeze(word) for word in _WORD.findall(_plain(text)))


def fold_marks(text: str) -> str:
    """As `fold`, but keeps . , ! ? ; : / + & % - and line ends in their places."""
    return _WORD.sub(lambda word: _squeeze(word[0]), _MARKS.sub(" ", _plain(text))).strip()


def _plain(text: str) -> str:
    """Case, accents, widths, look-alikes, emoji and invisible signs dealt with; marks still in."""
    if len(text) > LONGEST:
        text = text[: LONGEST // 2] + " " + text[-LONGEST // 2 :]
    text = _WRONG_SIGN.sub("wrong number", _OD_D.sub("oded", text))
    if text.isascii():  # most texts; nothing below would change them but this
        text = text.replace("'", "").replace("`", "").replace('"', " ")
        return "".join(c for c in text.lower() if c >= " " or c in "\t\n\r")
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFKC", text.translate(_TRANSLATION)).translate(_TRANSLATION)
    letters: list[str] = []
    for char in unicodedata.normalize("NFKD", text.casefold()):
        category = unicodedata.category(char)
        if category == "Mn" or category == "Cf" or (category == "Cc" and char not in "\t\n\r"):
            continue  # accents; zero-width and direction marks; control characters such as NUL
        letters.append(_boxed(char) if category == "So" else char)
    return "".join(letters)


def _boxed(char: str) -> str:
    """Squared, circled and flag letters (🅂 🅢 🆂 🇸) as letters; any other symbol as a space."""
    code = ord(char)
    for first in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6):
        if first <= code < first + 26:
            return chr(ord("a") + code - first)
    return " "


def _squeeze(word: str) -> str:
    """One letter for a run of three or more, or two where that gives a word we know."""
    runs = len(_RUN.findall(word))
    if runs and len(word) <= _LONGEST_WORD:
        for kept in product((2, 1), repeat=min(runs, 3)):
            lengths = iter(kept)
            if (known := _RUN.sub(lambda run: run[1] * next(lengths, 1), word)) in _DOUBLES:  # noqa: B023
                return known
    return _RUN.sub(r"\1", word) if runs else word
