"""Whom a list or a report is about."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.domain.consent import ConsentSource, ConsentStatus


class Needs(StrEnum):
    """What somebody may be waiting for."""

    ATTENTION = "attention"  # an alert about them is open
    ANSWER = "answer"  # one is open about a text of theirs, and nobody has texted them by hand since


@dataclass(frozen=True)
class Selection:
    """People with all of these; None: whoever. Without any, everybody."""

    consent: ConsentStatus | None = None
    language: str | None = None
    needs: Needs | None = None

    @property
    def is_everybody(self) -> bool:
        return self == Selection()


@dataclass(frozen=True)
class Sought:
    """Events of consent: all of these hold; None: any. `start` is in, `end` is not."""

    status: ConsentStatus | None = None
    source: ConsentSource | None = None
    start: datetime | None = None
    end: datetime | None = None
