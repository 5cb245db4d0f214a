"""How a name is found: by its words, and by how they begin."""

import unicodedata
from collections.abc import Iterator

SHORTEST, LONGEST = 2, 12
"""Letters of a beginning that is looked up. Of a longer word its first twelve letters decide."""
MOST_WORDS = 6


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name as they are compared: without case, accents and apostrophes, each once.

    "Anne-Marie O'Neil" is ("anne", "marie", "oneil"); "José" is ("jose",).
    """
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(char)
    )
    spaced = "".join(char if char.isalnum() else "" if char in "'’ʼ" else " " for char in plain)
    return tuple(dict.fromkeys(spaced.split()))[:MOST_WORDS]


def beginnings_of(word: str) -> Iterator[str]:
    """ "maya" begins with "ma", "may" and "maya"."""
    for length in range(SHORTEST, min(len(word), LONGEST) + 1):
        yield word[:length]


def sought_words(text: str) -> tuple[str, ...]:
    """The words of a search that are long enough to look for, cut to what can be looked up."""
    return tuple(dict.fromkeys(word[:LONGEST] for word in words_of(text) if len(word) >= SHORTEST))
