"""The two languages the service speaks."""

from typing import Literal

Language = Literal["en", "es"]
LANGUAGES: tuple[Language, ...] = ("en", "es")


def spoken(language: str) -> Language:
    """The language we answer in: Spanish for "es" and "es-MX", English for all else."""
    return "es" if language.lower().startswith("es") else "en"
