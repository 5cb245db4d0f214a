"""Rewording the routine texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.domain.errors import BadInput, NotFound
from service.domain.segments import SegmentCount, count_segments
from service.guide.languages import LANGUAGES
from service.guide.templates import EDITABLE_KEYS, OFFERED, check_template
from service.guide.words import Words
from service.store import audit, service_state
from service.store.audit import By
from service.store.engine import Database

_SAMPLES = {
    "en": {"name": "Sam", "time": "7 PM", "date": "Thursday, November 12", "day": "today"},
    "es": {"name": "Sam", "time": "7 pm", "date": "jueves 12 de noviembre", "day": "hoy"},
}
_LABELS = {
    "medication": {"en": "blue pill box", "es": "caja azul"},
    "meeting": {"en": "Thursday circle", "es": "grupo del jueves"},
    "appointment": {"en": "Dr. Kim", "es": "Dra. Kim"},
}


@dataclass(frozen=True)
class TemplateView:
    """A routine text as it stands: the coordinator's rewording, or the built-in one (`version` 0)."""

    key: str
    language: str
    body: str
    built_in: str
    version: int
    sample: str
    count: SegmentCount


def sample_values(key: str, language: str) -> dict[str, str]:
    """Believable values, for showing a routine text as somebody would read it."""
    label = _LABELS.get(key.partition(".")[0], {}).get(language, "")
    return {**_SAMPLES[language], "label": label}


def list_templates(database: Database, words: Words) -> list[TemplateView]:
    with database.read() as session:
        own = {(row.key, row.language): row for row in service_state.templates(session)}
    views = []
    for key in sorted(EDITABLE_KEYS):
        for language in LANGUAGES:
            built_in = words.wording(key, language).body
            row = own.get((key, language))
            body = row.body if row else built_in
            sample = words.render(body, **sample_values(key, language))
            views.append(
                TemplateView(
                    key,
                    language,
                    body,
                    built_in,
                    row.version if row else 0,
                    sample,
                    count_segments(sample),
                )
            )
    return views


def save_template(database: Database, key: str, language: str, body: str, by: By, now: datetime) -> int:
    """Keep a rewording; returns its version. Raises BadInput with every problem and how to mend it."""
    if key not in EDITABLE_KEYS or language not in LANGUAGES:
        raise NotFound("There is no such routine text.")
    body = " ".join(body.split())
    problems = check_template(key, body, language)
    if problems:
        raise BadInput(" ".join(problems))
    with database.write() as session:
        row = service_state.add_template(
            session,
            key=key,
            language=language,
            body=body,
            coordinator_id=by.coordinator_id,
            now=now,
        )
        audit.record(session, by, "template.saved", now, key=key, version=row.version)
        return row.version


@dataclass(frozen=True)
class Preview:
    """A rewording before it is saved. `sample` and `count` are None when it cannot be filled in."""

    problems: Sequence[str]
    sample: str | None
    count: SegmentCount | None


def preview_template(words: Words, key: str, language: str, body: str) -> Preview:
    """What a rewording would read like, and everything that keeps it from being saved."""
    if key not in EDITABLE_KEYS or language not in LANGUAGES:
        raise NotFound("There is no such routine text.")
    body = " ".join(body.split())
    problems = check_template(key, body, language)
    try:
        sample = words.render(body, **sample_values(key, language))
    except (ValueError, KeyError):
        return Preview(problems, None, None)
    return Preview(problems, sample, count_segments(sample))


def placeholders_of(key: str) -> tuple[list[str], list[str]]:
    """(those a routine text cannot do without, those it may use besides)."""
    needed = EDITABLE_KEYS[key]
    return sorted(needed), sorted(OFFERED[key.partition(".")[0]] - needed)
