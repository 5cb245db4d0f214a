"""Checks the wording a coordinator gives to a routine text, before it is saved."""

import re
from collections.abc import Mapping

from service.domain.segments import count_segments, plain_punctuation
from service.guide.languages import spoken
from service.guide.placeholders import LONGEST, fill, has_stray_brace, placeholders_in

EDITABLE_KEYS: dict[str, frozenset[str]] = {
    "check_in.ask": frozenset(),
    "check_in.again": frozenset(),
    "medication.ask": frozenset({"label"}),
    "medication.again": frozenset({"label"}),
    "medication.later": frozenset({"label"}),
    "meeting.ask": frozenset({"label", "time"}),
    "meeting.again": frozenset({"label", "time"}),
    "appointment.day_before": frozenset({"label", "time"}),
    "appointment.same_day": frozenset({"label", "time"}),
    "appointment.lead": frozenset({"label", "time", "day"}),
    "appointment.again": frozenset({"label", "time", "day"}),
}
"""The routine texts a coordinator may reword, each with the placeholders it cannot do without."""

OFFERED: dict[str, frozenset[str]] = {
    "check_in": frozenset({"programme", "name"}),
    "medication": frozenset({"programme", "name", "label", "time"}),
    "meeting": frozenset({"programme", "name", "label", "time", "day"}),
    "appointment": frozenset({"programme", "name", "label", "time", "date", "day"}),
}
"""The placeholders that have a value when a text of this kind is sent."""

LONGEST_TEMPLATE = 2
"""Segments a routine text may take with the longest values in it."""

_OPT_OUT = r"(?:STOP|STOPALL|UNSUBSCRIBE|CANCEL|END|QUIT|REVOKE|OPTOUT|ALTO|PARAR|BASTA|CANCELAR)"
# "STOP to end" tells a way out and is fine; "Reply GO or STOP" asks for it as an answer.
_SHOUTED = re.compile(rf"\b({_OPT_OUT})\b(?! (?:to|para)\b)")
_ASKED = re.compile(
    r"\b(?:reply|text|answer|send|responde|contesta|manda|env[ií]a|escribe)\b"
    rf"(?:[^.!?]*?(?:\b(?:or|o|with|con)|,))? [\"']?({_OPT_OUT})\b(?! (?:to|para)\b)",
    re.IGNORECASE,
)


def check_template(
    key: str, body: str, language: str = "en", *, longest: Mapping[str, str] | None = None
) -> list[str]:
    """What keeps this wording from being saved, each with its mend. [] means it can be saved.

    `longest` holds the longest value of each placeholder, if not those the service allows.
    """
    if key not in EDITABLE_KEYS:
        return [f"The text {key!r} cannot be reworded."]
    if not body.strip():
        return ["The text is empty. Write what the person should read."]
    problems = _placeholder_problems(key, body)
    problems += [
        f"{word} ends all texts for a person who replies with it, so it cannot be an answer. "
        "Ask for another word."
        for word in dict.fromkeys(found.upper() for found in _SHOUTED.findall(body) + _ASKED.findall(body))
    ]
    if not problems:
        problems = _length_problems(fill(body, longest or LONGEST[spoken(language)]))
    return problems


def _placeholder_problems(key: str, body: str) -> list[str]:
    offered = OFFERED[key.partition(".")[0]]
    used = placeholders_in(body)
    problems = [
        f"{{{name}}} is not known here. You can use {_listed(offered)}." for name in sorted(used - offered)
    ]
    problems += [
        f"{{{name}}} is missing. Put it where it should appear." for name in sorted(EDITABLE_KEYS[key] - used)
    ]
    if has_stray_brace(body):
        problems.append("A single { or } stands alone. Take it out or write a pair, as in {label}.")
    return problems


def _length_problems(body: str) -> list[str]:
    count = count_segments(body)
    if count.segments <= LONGEST_TEMPLATE:
        return []
    problem = (
        f"With the longest name and label this takes {count.segments} segments; "
        f"{LONGEST_TEMPLATE} are allowed. Shorten it"
    )
    if not count.offenders:
        return [f"{problem}."]
    return [
        f"{problem}, or do without {', '.join(map(_with_mend, count.offenders))}: "
        "a text with such a character has room for less than half as much."
    ]


def _with_mend(char: str) -> str:
    plain = plain_punctuation(char)
    return char if plain == char else f"{char} (write {plain!r} instead)"


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
