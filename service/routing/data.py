"""Loads the word lists."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "lexicon"


@cache
def load(name: str) -> dict[str, Any]:
    """`lexicon/<name>.toml` as a dictionary. Raises when it is missing or not TOML: a service
    without its word lists must not start."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))


@cache
def names(beginning: str) -> tuple[str, ...]:
    """The lists whose name begins so ("safety/crisis_", "topics/"), in alphabetical order."""
    return tuple(sorted(name for name in _all_names() if name.startswith(beginning)))


@cache
def vocabulary() -> frozenset[str]:
    """Every word that some list (but those of misspellings) holds: none is a slip of another."""
    words: set[str] = set()
    for name in _all_names():
        if name not in {"spelling", "slips"}:
            words.update(re.findall(r"[a-z0-9]+", (_FOLDER / f"{name}.toml").read_text("utf-8")))
    return frozenset(words)


def _all_names() -> list[str]:
    return [path.relative_to(_FOLDER).with_suffix("").as_posix() for path in _FOLDER.rglob("*.toml")]
