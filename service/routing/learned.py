"""What the tables learned from the corpus make of a text. Plain Python at run time.

A text is turned into features, the names of things that are in it or not:

    words     single words, pairs, pairs with one word between; Spanish ones also in English, by
              `model/glossary.toml`
    letters   runs of two to five letters within a word, so that a slip of the thumb costs little
    dangers   the names of the lexicon's danger entries that matched
    topics    the topics whose phrases the lexicon found, and how strongly

`model/learned.bin.gz` holds, for each feature, one whole number a label. A label's score is the sum of
its numbers over the features of the text, put on a scale. `make train` makes the table; nothing here
needs more than the standard library. How its scores become a decision is in `reading.py`.
"""

import gzip
import json
import math
import struct
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

from service.routing.data import load
from service.routing.fold import fold
from service.routing.safety import Safety
from service.routing.spelling import spell

ANY = "any danger"
BLOCKS = ("words", "letters", "dangers", "topics")
Blocks = tuple[frozenset[str], ...]
FOLDER = "model"
TABLE = "learned.bin.gz"
GLOSSARY = "glossary.toml"

_SHORTEST_RUN, _LONGEST_RUN = 2, 5
_SHORTEST_STEM = 3
_FIELD = 4  # bytes a number takes while numbers are added up
ZERO = 128  # what a byte of the table holds for nought
RARITY_STEPS = 16  # rarity is kept in sixteenths
LONGEST = 1200  # characters looked at: more than seven segments

_FAIR, _STRONG = 1.9, 4.0  # of the scores of `topics.topic_scores`


def features(text: str, safety: Safety, topic_scores: Mapping[str, float]) -> Blocks:
    """The features of a text in the order of `BLOCKS`, given what the lexicon made of it."""
    words = spell(_ends(fold(text))).split()
    found = _phrases(words)
    translated = _in_english(words)
    if translated != words:
        found |= _phrases(translated)
    kinds = _kinds()
    found |= _phrases([kinds.get(word, word) for word in translated])
    runs: set[str] = set()
    for word in set(words):
        runs |= _runs(word)
    return frozenset(found), frozenset(runs), _danger_cues(safety), _topic_cues(topic_scores)


def _ends(folded: str) -> str:
    """The beginning and the end of a very long text: danger is often said last."""
    half = LONGEST // 2
    return folded if len(folded) <= LONGEST else f"{folded[:half]} {folded[-half:]}"


def _danger_cues(safety: Safety) -> frozenset[str]:
    if safety.label is None:
        return frozenset()
    return frozenset((*safety.cues, f"{safety.label} {safety.level.value}"))


def _topic_cues(scores: Mapping[str, float]) -> frozenset[str]:
    cues: set[str] = set()
    for label, score in scores.items():
        if score > 0:
            cues.add(label)
        if score >= _FAIR:
            cues.add(f"{label} fair")
        if score >= _STRONG:
            cues.add(f"{label} strong")
    if cues:
        best = max(sorted(scores), key=lambda label: scores[label])
        cues.add(f"{best} best")
    return frozenset(cues)


def _phrases(words: Sequence[str]) -> set[str]:
    edged = ["^", *words, "$"]
    return {
        *words,
        *(f"{one} {two}" for one, two in pairwise(edged)),
        *(f"{one} _ {two}" for one, two in zip(words, words[2:], strict=False)),
    }


def _runs(word: str) -> set[str]:
    edged = f"<{word}>"
    return {
        edged[start : start + length]
        for length in range(_SHORTEST_RUN, _LONGEST_RUN + 1)
        for start in range(len(edged) - length + 1)
    }


def _in_english(words: Sequence[str]) -> list[str]:
    """The words, Spanish ones put into English where the glossary has them."""
    out: list[str] = []
    for word in words:
        out.extend(_english(word).split())
    return out


def _english(word: str) -> str:
    exact, stems = _glossary()
    if word in exact:
        return exact[word]
    for end in range(len(word), _SHORTEST_STEM - 1, -1):
        if word[:end] in stems:
            return stems[word[:end]]
    return word


@cache
def _glossary() -> tuple[dict[str, str], dict[str, str]]:
    """Spanish words, and stems, with their English; the first entry of a word holds."""
    text = (files("service.routing") / FOLDER / GLOSSARY).read_text("utf-8")
    entries: dict[str, str] = tomllib.loads(text)["words"]
    exact: dict[str, str] = {}
    stems: dict[str, str] = {}
    for english, spanish in entries.items():
        for word in spanish.split():
            if word.endswith("*"):
                stems.setdefault(word[:-1], english)
            else:
                exact.setdefault(word, english)
    return exact, stems


@cache
def _kinds() -> dict[str, str]:
    """Words that stand for a kind of thing, by `lexicon/lists.toml`: a brother is "@kin"."""
    lists = load("lists")["lists"]
    kinds = {
        word: f"@{name}"
        for name in _KINDS
        for word in lists[name].replace("\n", "").split("|")
        if word.isalnum()
    }
    return kinds | dict.fromkeys(("he", "she", "they", "him", "her", "them"), "@they")


_KINDS = ("kin", "opioid", "downer", "many")


@dataclass(frozen=True)
class Table:
    """The learned numbers, ready to be added up.

    `rows` has one big whole number a feature and block, with a field for each label side by side, so
    that one addition adds all labels at once; the last field is the feature's rarity, squared, which
    gives the length to divide by. `settings` are the scales and cut-offs that training chose.
    """

    labels: tuple[str, ...]
    scales: tuple[tuple[float, ...], ...]  # block, label
    biases: tuple[float, ...]
    settings: Mapping[str, float]
    fingerprint: str
    rows: tuple[Mapping[str, int], ...]

    def scores(self, blocks: Blocks) -> dict[str, float]:
        """The score of each label for a text with these features; above nought speaks for it."""
        totals = list(self.biases)
        width = len(totals) + 1
        for rows, scales, block in zip(self.rows, self.scales, blocks, strict=True):
            found = [row for name in block if (row := rows.get(name)) is not None]
            if not found:
                continue
            fields = struct.unpack(f"<{width}I", sum(found).to_bytes(width * _FIELD, "little"))
            length = math.sqrt(fields[-1]) / RARITY_STEPS
            zero = ZERO * len(found)
            for place, scale in enumerate(scales):
                totals[place] += (fields[place] - zero) * scale / length
        return dict(zip(self.labels, totals, strict=True))


def unpack(raw: bytes) -> Table:
    """A table from the (unzipped) bytes of its file. ValueError when they are not such a file."""
    head, _, rest = raw.partition(b"\n")
    header = json.loads(head)
    names = rest.split(b"\n", sum(header["features"]))
    numbers = names.pop()
    step = len(header["labels"]) + 1
    if len(numbers) != step * len(names):
        raise ValueError("the learned table is cut off or too long: run `make train`")
    rows = list(_rows([name.decode() for name in names], numbers, step))
    ends = [sum(header["features"][: block + 1]) for block in range(len(BLOCKS))]
    blocks = [dict(rows[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
    return Table(tuple(header["labels"]), tuple(tuple(scales) for scales in header["scales"]),
                 tuple(header["biases"]), header["settings"], header["fingerprint"],
                 tuple(blocks))  # fmt: skip


def _rows(names: Sequence[str], numbers: bytes, step: int) -> Iterator[tuple[str, int]]:
    for place, name in enumerate(names):
        *fields, rarity = numbers[place * step : (place + 1) * step]
        yield name, int.from_bytes(struct.pack(f"<{step}I", *fields, rarity**2), "little")


@cache
def table() -> Table:
    """The table that the repository holds."""
    packed = (files("service.routing") / FOLDER / TABLE).read_bytes()
    return unpack(gzip.decompress(packed))
