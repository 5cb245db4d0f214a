"""Reads the corpus. Needs no heavy library: measuring and tests use it too."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROUTING = Path(__file__).parents[1]
CORPUS = ROUTING / "corpus"
DANGERS = ("crisis", "overdose", "medical")


class CorpusError(ValueError):
    """A line of the corpus cannot be read. Its message says which."""


@dataclass(frozen=True)
class Row:
    """A text of the corpus. `label` is as in the file, `direct` whether it says plainly what it
    means, `voice` who it is written as."""

    voice: str
    label: str
    language: str
    direct: bool
    text: str

    @property
    def kind(self) -> str:
        """A danger, hardneg (sounds alarming, is not), ordinary, or plain."""
        if self.label in DANGERS:
            return self.label
        return self.label.partition(":")[0] if ":" in self.label else "plain"

    @property
    def target(self) -> str:
        """The label without what is in front of the colon."""
        return self.label.rpartition(":")[2]


def read_corpus(part: str) -> list[Row]:
    """All texts of `training` or `heldout`, voice by voice."""
    return [row for path in sorted((CORPUS / part).glob("*.tsv")) for row in _rows_of(path)]


def _rows_of(path: Path) -> Iterator[Row]:
    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        if not line:
            continue
        fields = line.split("\t")
        if len(fields) != 4 or fields[1] not in {"en", "es", "mix"} or fields[2] not in {"d", "i"}:
            raise CorpusError(f"{path.name}:{number}: wanted label, en|es|mix, d|i, text")
        label, language, wording, text = fields
        yield Row(path.stem, label, language, wording == "d", text)


def fingerprint() -> str:
    """Of the training texts, the word lists and the code that the table is made with."""
    code = ("data", "fold", "learned", "patterns", "safety", "spelling", "topics")
    sources = [
        *sorted((CORPUS / "training").glob("*.tsv")),
        *sorted((ROUTING / "lexicon").rglob("*.toml")),
        ROUTING / "model" / "glossary.toml",
        *(ROUTING / f"{name}.py" for name in code),
        *sorted((ROUTING / "training").glob("*.py")),
    ]
    digest = hashlib.sha256()
    for path in sources:
        digest.update(path.relative_to(ROUTING).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
