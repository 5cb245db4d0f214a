"""Putting our words into a person's language, with their times and with a coordinator's rewording."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from service.domain.local_time import to_local
from service.domain.prompt import ScheduleKind
from service.domain.schedule import Reminder
from service.guide.languages import LANGUAGES
from service.guide.templates import EDITABLE_KEYS
from service.guide.words import Words
from service.store import service_state
from service.store.schema import Participant, Schedule

_DAYS_ES = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_MONTHS_ES = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)


@dataclass(frozen=True)
class Said:
    """Words ready to be sent; `words` names the exact wording, as in "check_in.ask@en-1"."""

    body: str
    words: str


def say(session: Session, words: Words, key: str, language: str, **values: object) -> Said:
    """A fixed text, in a coordinator's rewording where there is one."""
    if key in EDITABLE_KEYS:
        template = service_state.newest_template(session, key, language)
        if template is not None:
            return Said(words.render(template.body, **values), f"{key}@{language}-own-{template.version}")
    text = words.text(key, language, **values)
    return Said(text.body, f"{text.key}@{text.version}")


def language_of_words(words: str | None) -> str | None:
    """The language of a text that was sent, from the name of its wording: "es" of "menu@es-1"."""
    language = (words or "").partition("@")[2].partition("-")[0]
    return language if language in LANGUAGES else None


def say_prompt(
    session: Session,
    words: Words,
    participant: Participant,
    schedule: Schedule,
    key: str,
    event_at: datetime,
    asked_at: datetime,
) -> Said:
    """A question or reminder about an event, as it reads to this person at `asked_at`."""
    zone = ZoneInfo(participant.timezone)
    language = participant.language
    event, asked = to_local(event_at, zone), to_local(asked_at, zone)
    kind = ScheduleKind(schedule.kind)
    label = schedule.label
    if not label and kind is not ScheduleKind.CHECK_IN:
        label = words.text(f"label.{kind.value}", language).body
    return say(
        session,
        words,
        key,
        language,
        label=label,
        name=participant.name,
        time=say_time(event.time(), language),
        date=say_date(event.date(), language),
        day=_say_day(words, event.date(), asked.date(), language),
    )


def prompt_key(kind: ScheduleKind, reminder: Reminder) -> str:
    """Which fixed text opens this reminder."""
    if kind is ScheduleKind.APPOINTMENT:
        return f"appointment.{reminder.slot.replace('-', '_')}"
    return f"{kind.value.replace('-', '_')}.ask"


def say_time(at: time, language: str) -> str:
    """7 PM, 7:30 PM; in Spanish 7 pm, 7:30 pm."""
    hour = at.hour % 12 or 12
    minutes = f":{at.minute:02d}" if at.minute else ""
    half = "PM" if at.hour >= 12 else "AM"
    return f"{hour}{minutes} {half.lower() if language == 'es' else half}"


def say_date(day: date, language: str) -> str:
    """Thursday, November 12; in Spanish jueves 12 de noviembre."""
    if language == "es":
        return f"{_DAYS_ES[day.weekday()]} {day.day} de {_MONTHS_ES[day.month - 1]}"
    return f"{day:%A}, {day:%B} {day.day}"


def say_moment(at: datetime, timezone: str, language: str) -> str:
    """Thursday, November 12 at 7 PM."""
    local = to_local(at, ZoneInfo(timezone))
    joint = " at "
    if language == "es":
        joint = " a la " if local.hour % 12 == 1 else " a las "
    return f"{say_date(local.date(), language)}{joint}{say_time(local.time(), language)}"


def _say_day(words: Words, event: date, asked: date, language: str) -> str:
    distance = (event - asked).days
    if distance in (0, 1):
        return words.text("day.today" if distance == 0 else "day.tomorrow", language).body
    return say_date(event, language)
