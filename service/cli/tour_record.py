"""Lives through time on a rehearsal service and writes down, as Markdown, what happened."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import click

from service.bootstrap import Parts
from service.domain.alerts import AlertKind, AlertStatus
from service.domain.local_time import to_local, to_utc
from service.domain.message import MessageStatus
from service.workflows import alerting, console, enrolment, rehearsal
from service.workflows.acting import SYSTEM
from service.workflows.thread import conversation
from service.workflows.wording import say_date, say_time

SAM = "+12025550142"
YEAR = 2026
ZONE = ZoneInfo("America/New_York")
NOT_SENT = frozenset({MessageStatus.CANCELLED, MessageStatus.EXPIRED, MessageStatus.FAILED})


def instant(moment: str) -> datetime:
    """What "10-26 09:00" on Sam's clock is, as an instant."""
    return to_utc(datetime.fromisoformat(f"{YEAR}-{moment}"), ZONE)


class Tour:
    """Lives through time and writes down what happened. Moments are like "10-26 09:00", on Sam's clock."""

    def __init__(self, parts: Parts, introduction: str) -> None:
        self.parts = parts
        self.lines = [introduction]
        self.by = SYSTEM  # who looks and acts in the console
        self._shown = 0  # texts of the handset that are written down already
        self._alerts: set[int] = set()
        self._withheld: set[str] = set()
        self._day: date | None = None
        self._titles: dict[date, str] = {}

    @property
    def now(self) -> datetime:
        return self.parts.clock()

    @property
    def person(self) -> console.Person:
        return console.show_participant(self.parts.database, self.sam, self.by, self.now)

    @property
    def sam(self) -> int:
        return enrolment.find_participant_id(self.parts.database, SAM)

    def title(self, day: str, words: str) -> None:
        """What goes beside the date in its heading."""
        self._titles[date.fromisoformat(f"{YEAR}-{day}")] = words

    def until(self, moment: str) -> None:
        """Let time pass, and write down what it brought."""
        rehearsal.move_clock(self.parts.stage, instant(moment))
        self._catch_up()

    def text(self, moment: str, body: str, pictures: int = 0) -> None:
        """Sam texts."""
        self.until(moment)
        phone = self.parts.phone
        if phone is None:
            raise click.ClickException("The tour needs the simulated phone.")
        phone.text_in(SAM, body, self.parts.programme.base_url, pictures)
        self._catch_up()

    def note(self, words: str) -> None:
        """A side note, at this moment."""
        self._head(self.now)
        self.lines.append(f"*{words}*")

    def staff(self, moment: str, words: str, act: Callable[[], object]) -> None:
        """The coordinator does something in the console."""
        self.until(moment)
        act()
        local = to_local(self.now, ZONE).time()
        self.note(f"{say_time(local, 'en')}: the coordinator {words}")
        self._catch_up()

    def acknowledge(self, moment: str, kind: AlertKind, note: str) -> None:
        """The coordinator takes the open alert of this kind in hand."""
        self.until(moment)
        (alert,) = (each for each in self._open_alerts() if each.kind is kind)
        self.staff(
            moment,
            f"acknowledges the alert “{_spelled(kind)}” and notes: “{note}”",
            lambda: alerting.acknowledge(self.parts.database, alert.id, self.by, self.now, note),
        )

    def utc_of_last_text(self) -> str:
        last = rehearsal.on_handset(self.parts.database, SAM)[-1]
        return f"{last.at.astimezone(UTC):%H:%M} UTC"

    def _open_alerts(self) -> list[alerting.AlertView]:
        return alerting.list_alerts(self.parts.database, AlertStatus.OPEN)

    def _catch_up(self) -> None:
        """Write down what is new since the last time, in the order in which it happened."""
        found: list[tuple[datetime, int, str]] = []
        texts = rehearsal.on_handset(self.parts.database, SAM)
        if not texts:
            return
        for line in texts[self._shown :]:
            found.append((line.at, 0, _text(line)))
        self._shown = len(texts)
        for item in conversation(self.parts.database, SAM):
            if item.status in NOT_SENT and item.id not in self._withheld:
                self._withheld.add(item.id)
                found.append((item.at, 1, f"*Not sent ({item.reason}): “{shown(item.body or '')}”*"))
        for alert in alerting.list_alerts(self.parts.database):
            if alert.id not in self._alerts:
                self._alerts.add(alert.id)
                found.append((alert.opened_at, 2, _alert(alert)))
        for at, _, words in sorted(found, key=lambda each: each[:2]):
            self._head(at)
            self.lines.append(words)

    def _head(self, at: datetime) -> None:
        day = to_local(at, ZONE).date()
        if day != self._day:
            self._day = day
            title = self._titles.get(day)
            self.lines.append(f"## {say_date(day, 'en')}" + (f": {title}" if title else ""))


def _text(line: rehearsal.HandsetLine) -> str:
    at = say_time(to_local(line.at, ZONE).time(), "en")
    if line.is_from_service:
        return f"> {at} · {shown(line.body)}"
    return f"**{at} · {shown(line.body) or '(a picture, no words)'}**"


def _alert(alert: alerting.AlertView) -> str:
    when = alert.urgency.value.partition("-")[2].replace("-", " ")
    detail = f" ({alert.detail})" if alert.detail else ""
    return f"*Alert for the coordinator, {when}: {_spelled(alert.kind)}{detail}.*"


def _spelled(kind: AlertKind) -> str:
    return kind.value.replace("-", " ")


def shown(body: str) -> str:
    """A text as Markdown shows it, signs and line breaks as they were sent."""
    for sign in "\\*_<>[]`":
        body = body.replace(sign, f"\\{sign}")
    return body.replace("\n", "<br>")
