"""Folded words as people text them -> the words the lexicon is written in.

    spell("cant breath rn im oding")  -> "can not breath right now i am overdosing"
    spell("my suboxne")               -> "my suboxone"

The lists are `lexicon/spelling.toml` and `slips.toml`. Used for safety, topics and opting out in one's
own words; never for keywords, where only repeats and spacing are forgiven.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from service.routing.data import load, vocabulary

_WORDS: dict[str, str] = {
    texted: meant for meant, texts in load("spelling")["words"].items() for texted in texts.split()
}
_NEAR = frozenset(load("slips")["near"]["words"].split())
_KEEP = frozenset(load("slips")["keep"]["words"].split()) | _NEAR | vocabulary()
_SHORT_IN = frozenset(load("words")["lost_g"].split())
_REAL_IN = frozenset(load("words")["in_without_g"].split())

_SHORTEST = 5  # in shorter words a slip is too often another word
_LONG = 9  # from here on, two slips
_LONGEST = 20


def spell(folded: str) -> str:
    """Each word of `folded` in its usual spelling. One word may become several."""
    return " ".join(_spell_word(word) for word in folded.split())


def spell_known(word: str) -> str:
    """For the lexicon's own words: shorthand is spelt out, but nothing is taken for a slip."""
    if (known := _WORDS.get(word)) is not None:
        return known
    if match := _MEASURE.fullmatch(word):
        return f"{match[1]} {_WORDS.get(match[2], match[2])}"
    return f"{word}g" if _lost_its_g(word) else word


_MEASURE = re.compile(
    r"(\d{1,4})(mgs?|mcg|ml|g|hrs?|h|mins?|m|days?|d|yo|yrs?|am|pm|wks?|weeks?|mos?|months?|x|yr?s?)"
)


@lru_cache(maxsize=8192)  # of single words, never of a person's text
def _spell_word(word: str) -> str:
    if (known := spell_known(word)) != word:
        return known
    if word in _KEEP or len(word) > _LONGEST or not word.isalpha():
        return word
    return (len(word) >= _SHORTEST and _nearest(word)) or word


def _lost_its_g(word: str) -> bool:
    """ "usin" is using: most words in -in that are not names or known words have lost a g."""
    return word in _SHORT_IN or (word.endswith("in") and len(word) > 4 and word not in _REAL_IN)


def _nearest(word: str) -> str | None:
    """The key word that `word` is a slip of, or None. The first letter must be right."""
    best: tuple[int, str] | None = None
    for variant in set(_without(word[1:], 2 if len(word) >= _LONG else 1)):
        for candidate in _INDEX.get(word[0] + variant, ()):
            slips = _slips(word, candidate)
            allowed = 2 if len(candidate) >= _LONG else 1
            if slips <= allowed and (not best or (slips, candidate) < best):
                best = slips, candidate
    return best[1] if best else None


def _without(word: str, count: int) -> Iterator[str]:
    """The word, and the word with up to `count` letters left out."""
    yield word
    if count:
        for place in range(len(word)):
            yield from _without(word[:place] + word[place + 1 :], count - 1)


def _slips(one: str, other: str) -> int:
    """Letters added, lost, swapped or changed between two words (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _build_index() -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for word in sorted(_NEAR):
        for variant in set(_without(word[1:], 2 if len(word) >= _LONG else 1)):
            index.setdefault(word[0] + variant, []).append(word)
    return index


_INDEX = _build_index()
