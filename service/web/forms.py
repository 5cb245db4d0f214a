"""Reading what staff type: one function a form. What cannot be used comes back beside its field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.errors import BadInput
from service.domain.local_time import to_utc, zone_named
from service.domain.phone import parse_phone
from service.domain.prompt import ScheduleKind
from service.domain.rota import RotaRole
from service.domain.schedule import MEETING_LEAD_MINUTES
from service.domain.selection import Needs, Selection
from service.web.vocabulary import LANGUAGES
from service.workflows.enrolment import LONGEST_NAME, STAFF_SOURCES, NewParticipant
from service.workflows.scheduling import LONGEST_LABEL, NewSchedule

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Posted = MultiDict[str, str]
LONGEST_NOTE = 500


@dataclass
class Form:
    """A form as it is shown: what was typed, and what is wrong with it, by field ("" is the whole form)."""

    values: Mapping[str, object] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, posted: Posted) -> "Form":
        return cls({name: posted.getlist(name) for name in posted})

    def get(self, name: str, default: str = "") -> str:
        value = self.values.get(name, default)
        if isinstance(value, list):
            return str(value[0]) if value else ""
        return str(value)

    def has(self, name: str, value: str) -> bool:
        """True when `value` is ticked or chosen."""
        found = self.values.get(name, "")
        return value in found if isinstance(found, list) else found == value

    def read(self, name: str, parse: Callable[[str], T]) -> T | None:
        """One field through `parse`; a BadInput is kept beside the field."""
        try:
            return parse(self.get(name).strip())
        except BadInput as problem:
            self.errors[name] = str(problem)
            return None


def read_new_participant(form: Form) -> NewParticipant | None:
    phone = form.read("phone", parse_phone)
    form.read("name", _short_name)
    form.read("timezone", zone_named)
    form.read("note", _short_note)
    source = form.read("source", _source)
    consent = form.read("consent", _consent_choice)
    if form.errors or phone is None or source is None or consent is None:
        return None
    return NewParticipant(
        phone=phone,
        name=form.get("name"),
        timezone=form.get("timezone"),
        language=form.get("language", "en"),
        source=source,
        note=form.get("note"),
        is_opted_in=consent == "signed",
    )


@dataclass(frozen=True)
class ShiftEntry:
    person: int
    role: RotaRole
    weekdays: frozenset[int]
    starts: time
    ends: time


@dataclass(frozen=True)
class CoverEntry:
    absent: int
    instead: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class SwapEntry:
    shift_id: int
    day: date
    instead: int


def read_shift(form: Form) -> ShiftEntry | None:
    """A weekly shift, on one day of the week or several."""
    person = form.read("person", _chosen)
    role = form.read("role", _role)
    weekdays = form.read("weekdays", lambda _: _weekdays(form))
    starts, ends = form.read("starts", _time), form.read("ends", _time)
    if person is None or role is None or weekdays is None or starts is None or ends is None:
        return None
    return ShiftEntry(person, role, weekdays, starts, ends)


def read_cover(form: Form, zone: ZoneInfo) -> CoverEntry | None:
    """Who is away from when to when, on the programme's clock, and who stands in."""
    absent, instead = form.read("absent", _chosen), form.read("instead", _chosen)
    since, until = form.read("since", _moment), form.read("until", _moment)
    if absent is None or instead is None or since is None or until is None:
        return None
    return CoverEntry(absent, instead, to_utc(since, zone), to_utc(until, zone))


def read_swap(form: Form) -> SwapEntry | None:
    shift, day = form.read("shift", _chosen), form.read("day", _needed_date)
    taker = form.read("taker", _chosen)
    if shift is None or day is None or taker is None:
        return None
    return SwapEntry(shift, day, taker)


def read_selection(asked: Mapping[str, str]) -> Selection:
    """What a list is narrowed to, out of its address; what makes no sense there narrows nothing."""

    def known(kind: type[E], name: str) -> E | None:
        value = asked.get(name, "")
        return kind(value) if value in {one.value for one in kind} else None

    language = asked.get("language", "")
    return Selection(
        consent=known(ConsentStatus, "consent"),
        language=language if language in LANGUAGES else None,
        needs=known(Needs, "needs"),
    )


def read_details(form: Form) -> dict[str, str] | None:
    form.read("name", _short_name)
    form.read("timezone", zone_named)
    if form.errors:
        return None
    return {name: form.get(name) for name in ("name", "language", "timezone")}


def read_schedule(form: Form, kind: ScheduleKind) -> NewSchedule | None:
    """A schedule as people say it: a time, and on which days."""
    at = form.read("at", _time)
    form.read("label", _short_label)
    repeat = form.read("repeat", _repeat_choice)
    weekdays = month_day = on = None
    every = 1
    if repeat == "weekdays":
        weekdays = form.read("weekdays", lambda _: _weekdays(form))
        every = form.read("weeks", _step("weeks")) or 1
    elif repeat == "days":
        every = form.read("days", _step("days")) or 1
    elif repeat == "monthly":
        month_day = form.read("month_day", _month_day)
    elif repeat == "once":
        on = form.read("on", _needed_date)
    starting = form.read("starting", _date) if repeat != "once" else None
    until = form.read("until", _date) if repeat != "once" else None
    lead = form.read("lead", _lead) if "lead" in form.values else None
    if kind is ScheduleKind.MEETING and lead is None:
        lead = MEETING_LEAD_MINUTES
    if form.errors or at is None:
        return None
    return NewSchedule(
        kind=kind,
        at=at,
        label=form.get("label").strip(),
        weekdays=weekdays or frozenset(),
        every=every,
        every_unit="weeks" if repeat == "weekdays" else "days",
        month_day=month_day,
        on=on,
        starting=starting,
        until=until,
        lead_minutes=lead,
    )


def read_pause(form: Form, timezone: str) -> datetime | None:
    """A pause ends as the chosen day begins on the person's clock."""
    day = form.read("until", _needed_date)
    return to_utc(datetime.combine(day, time.min), zone_named(timezone)) if day else None


def read_reason(form: Form) -> str | None:
    return form.read("reason", _reason)


def _short_name(text: str) -> str:
    if len(text) > LONGEST_NAME:
        raise BadInput(f"Shorten the name to {LONGEST_NAME} characters.")
    return text


def _short_note(text: str) -> str:
    if len(text) > LONGEST_NOTE:
        raise BadInput(f"Shorten the note to {LONGEST_NOTE} characters.")
    return text


def _short_label(text: str) -> str:
    if len(text) > LONGEST_LABEL:
        raise BadInput(f"Shorten the nickname to {LONGEST_LABEL} characters.")
    if any(char in text for char in "{}\n\r"):
        raise BadInput("Leave out braces and line breaks.")
    return text


def _reason(text: str) -> str:
    if not text:
        raise BadInput("Say in a few words how you know, for the consent history.")
    return _short_note(text)


def _source(text: str) -> ConsentSource:
    if text not in {source.value for source in STAFF_SOURCES}:
        raise BadInput("Choose how the person agreed.")
    return ConsentSource(text)


def _consent_choice(text: str) -> str:
    if text not in {"invite", "signed"}:
        raise BadInput("Choose whether to invite, or to record that they have signed.")
    return text


def _repeat_choice(text: str) -> str:
    if text not in {"weekdays", "days", "monthly", "once"}:
        raise BadInput("Choose on which days.")
    return text


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise BadInput("Give a time, such as 19:00.") from None


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise BadInput("Give a day and a time.") from None


def _chosen(text: str) -> int:
    return _whole(text, 1, 999_999, "Choose one.")


def _role(text: str) -> RotaRole:
    if text not in {role.value for role in RotaRole}:
        raise BadInput("Choose first, second or supervisor.")
    return RotaRole(text)


def _date(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput("Give a date, such as 2026-12-01.") from None


def _needed_date(text: str) -> date:
    found = _date(text)
    if found is None:
        raise BadInput("Choose a date.")
    return found


def _weekdays(form: Form) -> frozenset[int]:
    chosen = frozenset(number for number in range(7) if form.has("weekdays", str(number)))
    if not chosen:
        raise BadInput("Tick at least one day of the week.")
    return chosen


def _step(unit: str) -> Callable[[str], int]:
    def parse(text: str) -> int:
        return _whole(text or "1", 1, 366, f"Give a number of {unit} from 1 to 366.")

    return parse


def _month_day(text: str) -> int:
    return _whole(text, 1, 31, "Give a day of the month from 1 to 31.")


def _lead(text: str) -> int | None:
    return _whole(text, 0, 20160, "Choose how long before.") if text else None


def _whole(text: str, low: int, high: int, problem: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and low <= int(text) <= high):
        raise BadInput(problem)
    return int(text)
