"""Loads the word lists."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """`lexicon/<name>.toml` as a dictionary. Raises when it is missing or not TOML: a service
    without its word lists must not start."""
    return tomllib.loads((files("service.routing") / "lexicon" / f"{name}.toml").read_text("utf-8"))


@cache
def vocabulary() -> frozenset[str]:
    """Every word that some list but `spelling` holds: none of these is a slip of another."""
    folder = files("service.routing") / "lexicon"
    words: set[str] = set()
    for file in folder.iterdir():
        if file.name.endswith(".toml") and file.name != "spelling.toml":
            words.update(re.findall(r"[a-z0-9]+", file.read_text("utf-8")))
    return frozenset(words)
