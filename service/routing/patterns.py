"""The small language in which the lexicon is written.

    want to die          these words, next to each other
    (kill|hurt) myself   either
    really?              perhaps
    suicid*              any ending
    *                    any one word
    ..   ...             up to two, up to five words in between
    @someone             a list from lexicon/lists.toml
    ^word   word$        at the start, at the end of the text
    subs & how long      both, in any order
    subs & !methadone    the first without the second

Words are put through the same spelling as texts (`spelling.py`), so "dont" and "do not" are one.
Every pattern becomes one regular expression over words, with bounded gaps only, so none can take
long. An index by rarest word keeps most of them from being tried at all.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from service.routing.data import load

T = TypeVar("T")
Speller = Callable[[str], str]

_TOKEN = re.compile(r"\^?\(|\)\??\$?|\||[^\s()|]+")
_AND = re.compile(r"\s*&\s*")
_GAPS = {"..": r"(?:[^ ]+ ){0,2}?", "...": r"(?:[^ ]+ ){0,5}?", "*": r"[^ ]+ "}

# Too common to tell patterns apart: the index prefers any other word of a pattern.
_COMMON = frozenset(load("words")["common"].split())


class PatternError(ValueError):
    """A pattern in the lexicon cannot be read. Its message says which and why."""


@dataclass(frozen=True)
class _Part:
    """A piece of a pattern: its expression, and words of which a text must hold one ("" = any)."""

    regex: str
    needs: frozenset[str] | None


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern. `source` is what the lexicon says."""

    source: str
    wanted: tuple[re.Pattern[str], ...]
    unwanted: tuple[re.Pattern[str], ...]
    needs: frozenset[str] | None

    def search(self, words: str) -> tuple[int, int] | None:
        """The place of the first match in `words` ("one two three "), or None.

        For a pattern with &, the place of its first part.
        """
        first: tuple[int, int] | None = None
        for regex in self.wanted:
            match = regex.search(words)
            if match is None:
                return None
            first = first or match.span()
        if any(regex.search(words) for regex in self.unwanted):
            return None
        return first


def compile_pattern(source: str, lists: Mapping[str, str], spell: Speller) -> Pattern:
    """Compile one pattern. PatternError when it cannot be read."""
    wanted: list[re.Pattern[str]] = []
    unwanted: list[re.Pattern[str]] = []
    needs: frozenset[str] | None = None
    for piece in _AND.split(source):
        negative = piece.startswith("!")
        part = _Reader(piece.lstrip("!"), source, lists, spell).read()
        regex = re.compile("(?<![^ ])" + part.regex)
        if regex.match(" "):
            raise PatternError(f"matches nothing at all: {source!r}")
        (unwanted if negative else wanted).append(regex)
        if not negative and _cost(part.needs) < _cost(needs):
            needs = part.needs
    if not wanted:
        raise PatternError(f"only says what must not be there: {source!r}")
    return Pattern(source, tuple(wanted), tuple(unwanted), needs)


def _cost(needs: frozenset[str] | None) -> float:
    """How often a text would hold one of these words, roughly."""
    if needs is None:
        return 1e9
    return sum(30.0 if word.rstrip("*") in _COMMON else 1.0 for word in needs)


class _Reader:
    """Recursive descent over the tokens of one pattern."""

    def __init__(self, piece: str, source: str, lists: Mapping[str, str], spell: Speller) -> None:
        self.tokens = _TOKEN.findall(piece)
        self.source = source
        self.lists = lists
        self.spell = spell
        self.place = 0

    def read(self) -> _Part:
        part = self.choices()
        if self.place != len(self.tokens) or not self.tokens:
            raise PatternError(f"brackets do not match: {self.source!r}")
        return part

    def choices(self) -> _Part:
        options = [self.sequence()]
        while self.place < len(self.tokens) and self.tokens[self.place] == "|":
            self.place += 1
            options.append(self.sequence())
        if len(options) == 1:
            return options[0]
        all_needs = [option.needs for option in options]
        known = [needs for needs in all_needs if needs is not None]
        needs = frozenset[str]().union(*known) if len(known) == len(all_needs) else None
        return _Part("(?:" + "|".join(option.regex for option in options) + ")", needs)

    def sequence(self) -> _Part:
        regex, needs = "", None
        while self.place < len(self.tokens):
            sign = self.tokens[self.place]
            if sign == "|" or sign.startswith(")"):
                break
            self.place += 1
            part = self.group(sign) if sign.endswith("(") else self.word(sign)
            regex += part.regex
            if _cost(part.needs) < _cost(needs):
                needs = part.needs
        if not regex:
            raise PatternError(f"an empty choice: {self.source!r}")
        return _Part(regex, needs)

    def group(self, opening: str) -> _Part:
        part = self.choices()
        if self.place >= len(self.tokens) or not self.tokens[self.place].startswith(")"):
            raise PatternError(f"a bracket is not closed: {self.source!r}")
        closing = self.tokens[self.place]
        self.place += 1
        return _finished(part, opening == "^(", "?" in closing, closing.endswith("$"))

    def word(self, sign: str) -> _Part:
        if sign == "$":
            return _Part(r"\Z", None)
        at_start, at_end = sign.startswith("^"), sign.endswith("$")
        sign = sign.removeprefix("^").removesuffix("$")
        optional = sign.endswith("?")
        sign = sign.removesuffix("?")
        if sign in _GAPS:
            part = _Part(_GAPS[sign], None)
        elif sign.startswith("@"):
            part = self.named(sign[1:])
        elif sign.endswith("*"):
            stem = _letters(sign[:-1], self.source)
            part = _Part(stem + r"[^ ]* ", frozenset({stem + "*"}))
        else:
            spelt = self.spell(_letters(sign, self.source)).split()
            part = _Part("".join(f"{word} " for word in spelt), _rarest(spelt))
        return _finished(part, at_start, optional, at_end)

    def named(self, name: str) -> _Part:
        if name not in self.lists:
            raise PatternError(f"no list called {name!r}: {self.source!r}")
        part = _Reader(self.lists[name], self.source, self.lists, self.spell).read()
        return _Part(f"(?:{part.regex})", part.needs)


def _finished(part: _Part, at_start: bool, optional: bool, at_end: bool) -> _Part:
    """The part with its signs: ^, ? and $."""
    regex = f"(?:{part.regex})?" if optional else f"(?:{part.regex})"
    start, end = r"\A" if at_start else "", r"\Z" if at_end else ""
    return _Part(start + regex + end, None if optional else part.needs)


def _letters(word: str, source: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+", word):
        raise PatternError(f"{word!r} is not a folded word: {source!r}")
    return re.escape(word)


def _rarest(words: Sequence[str]) -> frozenset[str]:
    return frozenset({min(words, key=lambda word: (word in _COMMON, -len(word)))})


class PatternIndex(Generic[T]):
    """Many patterns, each with something it stands for; finds those that a text holds."""

    def __init__(self, entries: Iterable[tuple[Pattern, T]]) -> None:
        self._entries = list(entries)
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)
        self._by_stem: defaultdict[str, list[int]] = defaultdict(list)
        self._always: list[int] = []
        for number, (pattern, _) in enumerate(self._entries):
            if pattern.needs is None:
                self._always.append(number)
                continue
            for word in pattern.needs:
                if word.endswith("*"):
                    self._by_stem[word[:-1]].append(number)
                else:
                    self._by_word[word].append(number)
        self._stem_lengths = sorted({len(stem) for stem in self._by_stem})

    def find(self, words: str) -> list[tuple[T, Pattern, tuple[int, int]]]:
        """Everything found in `words` ("one two three "), in the order of the lexicon."""
        candidates = set(self._always)
        for word in set(words.split()):
            candidates.update(self._by_word.get(word, ()))
            for length in self._stem_lengths:
                if length <= len(word):
                    candidates.update(self._by_stem.get(word[:length], ()))
        found = []
        for number in sorted(candidates):
            pattern, meaning = self._entries[number]
            if (place := pattern.search(words)) is not None:
                found.append((meaning, pattern, place))
        return found
