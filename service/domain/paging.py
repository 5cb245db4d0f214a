"""Paging staff about an alert until somebody takes it: whom, when, and what their answer means."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from service.domain.alerts import AlertKind
from service.domain.rota import RotaRole

PAGED = frozenset({AlertKind.CRISIS, AlertKind.OVERDOSE, AlertKind.MEDICAL})
"""The alerts that cannot wait until somebody looks at the console."""

STEPS: tuple[tuple[RotaRole, timedelta], ...] = (
    (RotaRole.FIRST, timedelta()),
    (RotaRole.SECOND, timedelta(minutes=5)),
    (RotaRole.SUPERVISOR, timedelta(minutes=15)),
)
"""Who is paged how long after the alert; the steps after these page everybody on call."""

EVERYBODY = len(STEPS)
ROUND_EVERY = timedelta(minutes=15)
PAGED_FOR = timedelta(hours=12)
"""Then paging ends, whether anybody has answered or not; the alert stays open."""

PAGE_LASTS = timedelta(minutes=15)

_DIGITS = "23456789"
_LETTERS = "ACDEFGHJKMNPRTVWXY"  # none that is taken for a digit, or for another letter


class StaffPhoneStatus(StrEnum):
    ASKED = "asked"  # a text has asked for YES; nothing else is sent
    CONFIRMED = "confirmed"  # gets pages
    STOPPED = "stopped"  # said STOP or NO; only a text from that phone brings it back


def step_at(step: int, started_at: datetime) -> datetime | None:
    """When one of the first steps is due. None for a round of everybody, which has no fixed time."""
    return started_at + STEPS[step][1] if step < EVERYBODY else None


def after_step(step: int, started_at: datetime, now: datetime) -> datetime | None:
    """When the step after `step` is due, that one having been taken at `now`. None: paging ends.

    After a standstill the first steps are taken one after the other at once, since each reaches somebody
    else; rounds that were missed are not made up for.
    """
    due = step_at(step + 1, started_at) or now + ROUND_EVERY
    return due if due < started_at + PAGED_FOR else None


def all_codes() -> list[str]:
    return [first + letter + last for first in _DIGITS for letter in _LETTERS for last in _DIGITS]


def free_codes(taken: Collection[str]) -> Sequence[str]:
    """The codes that no open alert has; all of them in the unheard-of case that none is left."""
    return [code for code in all_codes() if code not in taken] or all_codes()


@dataclass(frozen=True)
class Acknowledgement:
    """Somebody takes an alert: the one with this code (upper case), or the only one there is."""

    code: str | None = None


_WORD = r"(?:ok|okay|okey|k|ack|acked|acknowledge|acknowledged|yes|y|yep|si|got it|on it|mine)"
_CODE = rf"([{_DIGITS}]) ?([{_LETTERS.lower()}]) ?([{_DIGITS}])"
_CODED = re.compile(rf"(?:{_WORD} ?(?:(?:alert|code) )?{_CODE}(?: .*)?|(?:(?:alert|code) )?{_CODE})")
_MISTYPED = re.compile(rf"{_WORD} ((?=[a-z]*[0-9])(?=[0-9]*[a-z])[a-z0-9]{{2,4}})")
_BARE = re.compile(_WORD)


def read_acknowledgement(text: str) -> Acknowledgement | None:
    """What a text takes in hand; None when it is no acknowledgement.

    "OK 4F7", "ack 4f7.", "4f7", "ok 4 F 7, calling him" name an alert. "OK" alone names none. A text that
    only begins with OK ("ok who is it?") takes nothing: a page must not end by chance.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    plain = " ".join(re.sub(r"[^\w]+", " ", folded).split())
    coded = _CODED.fullmatch(plain)
    if coded:
        return Acknowledgement("".join(part for part in coded.groups() if part).upper())
    mistyped = _MISTYPED.fullmatch(plain)
    if mistyped:
        return Acknowledgement(mistyped[1].upper())
    return Acknowledgement() if _BARE.fullmatch(plain) else None
