"""Words that act at once."""

from dataclasses import dataclass
from datetime import timedelta

from service.routing.fold import fold

_OPT_OUT = {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke",
            "optout", "opt out", "alto", "para", "parar", "basta", "cancelar"}  # fmt: skip
_WORDS = {"start": "start", "unstop": "start", "join": "join", "yes": "yes", "no": "no",
          "help": "help", "info": "help", "ayuda": "help", "menu": "menu", "more": "more",
          "mas": "more", "resume": "resume", "espanol": "espanol", "english": "english",
          "slip": "slip", "relapse": "slip", "talk": "talk"}  # fmt: skip


@dataclass(frozen=True)
class Keyword:
    """A word that acts at once. `topic` is set for words that open a topic of the guide."""

    name: str
    pause: timedelta | None = None
    topic: str | None = None


def is_opt_out_keyword(text: str) -> bool:
    """True when the whole text is an opt-out keyword."""
    return fold(text) in _OPT_OUT


def is_opt_out_freeform(text: str) -> bool:
    """True when the person asks in their own words not to be texted."""
    return "stop texting me" in fold(text)


def read_keyword(text: str) -> Keyword | None:
    """Any keyword but opt-out, as the whole text."""
    folded = fold(text)
    if folded.startswith("pause"):
        return Keyword("pause", pause=timedelta(days=3))
    name = _WORDS.get(folded)
    return Keyword(name) if name else None
