"""The {placeholders} that texts may hold, and how they are filled in."""

import re
from collections.abc import Mapping

from service.guide.languages import Language

HOTLINES = ("emergency", "crisis_line", "poison_control", "helpline", "safe_use_line")
"""Filled in from the hotlines file, never by a caller."""

_LONGEST = {
    "programme": "x" * 30,
    "support_contact": "x" * 60,
    "staffed_hours": "x" * 40,
    "label": "x" * 40,
    "name": "x" * 40,
    "time": "12:30 PM",
    "minutes": "360",
    "score": "5",
    "code": "4F7",
    "codes": "4F7, 7R3, 9K2",
    "who": "x" * 60,
}
LONGEST: dict[Language, dict[str, str]] = {
    "en": {
        **_LONGEST,
        "date": "Wednesday, September 30",
        "day": "Wednesday, September 30",
        "until": "Wednesday, September 30 at 12:30 PM",
    },
    # Miércoles is longer, but the accent of sábado costs half the room.
    "es": {
        **_LONGEST,
        "date": "sábado 30 de septiembre",
        "day": "sábado 30 de septiembre",
        "until": "sábado 30 de septiembre a las 12:30 pm",
    },
}
"""The placeholders a caller fills in, each with the longest value texts must leave room for.

The settings allow a programme name, contact and hours of these lengths, and the console a label.
"""

FILLED_IN = frozenset(LONGEST["en"])

_BRACES = re.compile(r"\{([^{}]*)\}")


def placeholders_in(body: str) -> set[str]:
    """The names in braces: {"label"} for "Time for {label}."."""
    return set(_BRACES.findall(body))


def has_stray_brace(body: str) -> bool:
    """True when a brace belongs to no placeholder."""
    return any(brace in _BRACES.sub("", body) for brace in "{}")


def fill(body: str, values: Mapping[str, str]) -> str:
    """Puts the values in. What a value holds is never read as a placeholder itself."""
    return _BRACES.sub(lambda found: values[found.group(1)], body)
