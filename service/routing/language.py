"""English or Spanish.

guess_language("como dejo la heroina")  -> "es"
guess_language("how long do i wait")    -> "en"
guess_language("4"), ("methadone")      -> None
"""

import re
from functools import cache
from typing import Literal

from service.routing.data import load
from service.routing.fold import fold

Language = Literal["en", "es"]

_SPANISH_SIGNS = re.compile("[¿¡ñÑ]")


@cache
def _words() -> tuple[frozenset[str], frozenset[str]]:
    """Words that only Spanish has, words that only English has."""
    file = load("language")
    spanish, english = set(file["es"].split()), set(file["en"].split())
    both = spanish & english
    return frozenset(spanish - both), frozenset(english - both)


def guess_language(text: str) -> Language | None:
    """The language that the text is clearly in, or None: too short, or a mix."""
    spanish, english = _words()
    words = fold(text[:600]).split()
    es = sum(word in spanish for word in words) + 2 * bool(_SPANISH_SIGNS.search(text[:600]))
    en = sum(word in english for word in words)
    if es > en and (es >= 2 or es == len(words) or (es and len(words) <= 3 and not en)):
        return "es"
    if en > es and (en >= 2 or en == len(words) or (en and len(words) <= 3 and not es)):
        return "en"
    return None
