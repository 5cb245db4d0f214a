"""What templates may use: times as people say them, numbers, plain words."""

import hashlib
import re
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from flask import Flask, url_for

from service.domain.gateway_errors import meaning_of
from service.domain.local_time import to_local
from service.domain.phone import mask_phone
from service.web import person_words, vocabulary
from service.web.context import HERE, house_zone, now, parts, settings, signed_in
from service.workflows import marking
from service.workflows.alerting import count_open
from service.workflows.thread import ThreadItem

_TIME = re.compile(r"\b[012]\d:[0-5]\d\b")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def register(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        ago=ago,
        clock=clock,
        day=day,
        moment=moment,
        zone=zone_in_words,
        house=in_house_zone,
        phone=phone_in_words,
        masked=lambda number: mask_phone(number) if number.startswith("+") else number,
        delivery_help=delivery_help,
        reading=reading,
        mark=mark,
        evidence=evidence,
        topic=topic_title,
        twelve=twelve,
        sentence=sentence,
    )
    app.jinja_env.globals.update(words=vocabulary, person_words=person_words, asset=asset, readings=readings)
    app.context_processor(_for_every_page)


def _for_every_page() -> dict[str, object]:
    known: dict[str, object] = {
        "programme": settings().programme_name,
        "is_rehearsal": settings().is_simulated,
        "me": None,
    }
    me = signed_in()
    if me is not None:
        open_alerts, urgent = count_open(parts().database, me.sight(now()))
        known |= {"me": me, "may_edit": me.role.may_edit}
        known |= {"open_alerts": open_alerts, "urgent_alerts": urgent}
    return known


def clock(at: datetime | time) -> str:
    """7 PM, 7:30 PM."""
    minutes = f":{at.minute:02d}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes} {'PM' if at.hour >= 12 else 'AM'}"


def twelve(words: str) -> str:
    """The same words with 19:00 as 7 PM."""
    return _TIME.sub(lambda found: clock(time.fromisoformat(found[0])), words)


def sentence(words: str) -> str:
    """With a capital, and times as people say them."""
    return words[:1].upper() + twelve(words[1:])


def day(at: date) -> str:
    """Tue, Nov 10; with the year when it is not this one."""
    year = "" if at.year == now().year else f", {at.year}"
    return f"{at:%a}, {at:%b} {at.day}{year}"


def moment(at: datetime) -> str:
    """Tue, Nov 10, 7:30 PM, on the clock the time already carries."""
    return f"{day(at)}, {clock(at)}"


def in_house_zone(at: datetime) -> datetime:
    return to_local(at, house_zone())


def ago(at: datetime) -> str:
    passed = now() - at
    if passed < MINUTE:
        return "just now"
    if passed < HOUR:
        return f"{passed // MINUTE} min ago"
    if passed < DAY:
        return f"{passed // HOUR} h ago"
    days = passed // DAY
    return "yesterday" if days == 1 else f"{days} days ago"


def zone_in_words(name: str, at: datetime | None = None) -> str:
    """Eastern (New York), EST."""
    short = to_local(at or now(), ZoneInfo(name)).tzname() or ""
    place = vocabulary.COMMON_ZONES.get(name) or name.rpartition("/")[2].replace("_", " ")
    return f"{place}, {short}" if short[:1].isalpha() else place


def phone_in_words(number: str) -> str:
    """+1 555 555 0123."""
    if number.startswith("+1") and len(number) == 12:
        return f"+1 {number[2:5]} {number[5:8]} {number[8:]}"
    return number


def delivery_help(item: ThreadItem) -> tuple[str, str]:
    """(what happened, what to do) for a text that went wrong; ("", "") when all is well."""
    if item.status not in vocabulary.TROUBLED:
        return "", ""
    if item.error_code is not None:
        meaning = meaning_of(item.error_code)
        return meaning.plain, item.what_to_do or meaning.mend
    if item.status is not None and item.status.value == "unknown":
        return "", vocabulary.UNKNOWN_HELP
    return item.reason or "", item.what_to_do or ""


def reading(item: ThreadItem) -> str:
    """How a text that came in was understood, in a few words."""
    label = item.label or ""
    if not item.lane:
        return "Could not be read by the service"
    if item.lane == "guidance":
        return f"Read as a question about {topic_title(label).lower()}"
    if item.lane == "keyword" and label not in vocabulary.LABELS:
        return f"Read as the word {label.upper()}"
    return f"Read as: {vocabulary.LABELS.get(label, label)}"


def mark(item: ThreadItem) -> str:
    """How a coordinator says that it should have been understood; "" without a mark."""
    if item.marked_label is None:
        return ""
    said = vocabulary.READINGS.get(item.marked_label) or f"a question about {topic_title(item.marked_label)}"
    return f"Marked by {item.marked_by or 'staff'}: {said[:1].lower()}{said[1:]}"


def evidence(label: str | None) -> str:
    """The person's own text that moved their consent, by how it was read: lists do not quote it."""
    if not label:
        return ""
    return f"their text, read as {vocabulary.LABELS.get(label) or label.upper()}"


def readings() -> list[tuple[str, list[tuple[str, str]]]]:
    """What a coordinator may say that a text is, in groups: (label, plain words)."""
    cards = parts().words.cards
    return [
        ("Danger", [(label, vocabulary.READINGS[label]) for label in marking.DANGER]),
        ("A question about", [(slug, card.title_en) for slug, card in cards.items()]),
        ("Something else", [(label, vocabulary.READINGS[label]) for label in marking.OTHERS]),
        ("No more texts", [(marking.OPT_OUT, vocabulary.READINGS[marking.OPT_OUT])]),
        ("Answer", [(marking.ANSWER, vocabulary.READINGS[marking.ANSWER])]),
    ]


def topic_title(slug: str) -> str:
    card = parts().words.cards.get(slug)
    return card.title_en if card else slug.replace("-", " ")


def asset(name: str) -> str:
    """The address of a static file, with a mark that changes when the file does."""
    return url_for("web.static", filename=name, v=_mark(name))


@cache
def _mark(name: str) -> str:
    return hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:10]
