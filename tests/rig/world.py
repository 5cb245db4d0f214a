"""A whole service on a database of its own, with a clock that tests move and phones that tests text from."""

import atexit
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography.fernet import Fernet
from flask import Flask

from service.app import create_app
from service.bootstrap import Parts
from service.config import Settings, load_settings
from service.domain.alerts import AlertStatus
from service.domain.consent import ConsentSource
from service.domain.message import MessageStatus
from service.domain.prompt import ScheduleKind
from service.domain.staff import Actor
from service.gateways.simulated import SimulatedGateway
from service.workflows import alerting, console, enrolment, planning, rehearsal, scheduling
from service.workflows.acting import By
from service.workflows.thread import ThreadItem, conversation

KEY = Fernet.generate_key().decode()
NEW_YORK = "America/New_York"
ANA, BEN, CY = "+12025550101", "+12025550102", "+12025550103"
STAFF = By(Actor.COMMAND_LINE)
SCRATCH = tempfile.TemporaryDirectory(prefix="handrail-data-")
atexit.register(SCRATCH.cleanup)


class SetClock:
    """The machine's clock, as tests want it. It only moves when told to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, span: timedelta) -> None:
        self.now += span


def data_dir_for(database_url: str) -> Path:
    """A folder of the test's own: beside its SQLite file, or named after its PostgreSQL database."""
    file = database_url.removeprefix("sqlite:///")
    return Path(file).parent if file != database_url else Path(SCRATCH.name) / file.rsplit("/", 1)[-1]


def settings_for(database_url: str, **overrides: object) -> Settings:
    values: dict[str, object] = {
        "database_url": database_url,
        "secret_key": "a-secret-that-is-only-for-tests",
        "field_keys": KEY,
        "programme_name": "Harbor",
        "support_contact": "555-0100",
        "staffed_hours": "Mon-Fri 9-5",
        "default_timezone": NEW_YORK,
        "data_dir": data_dir_for(database_url),
        "log_level": "ERROR",
        "_env_file": None,
    }
    return load_settings(**(values | overrides))


class World:
    """One service. `clock` is the machine's; Handrail's own follows it and moves ahead in rehearsal."""

    def __init__(self, settings: Settings, start: datetime) -> None:
        self.settings = settings
        self.wall = SetClock(start)
        self.app: Flask = create_app(settings, self.wall)
        self.parts: Parts = self.app.extensions["handrail"]

    @property
    def now(self) -> datetime:
        return self.parts.clock()

    @property
    def phone(self) -> SimulatedGateway:
        assert self.parts.phone is not None
        return self.parts.phone

    def text(self, number: str, body: str, media_count: int = 0) -> list[str]:
        """Text the service through its real webhook; what comes back at once."""
        return self.phone.text_in(number, body, self.parts.programme.base_url, media_count)

    def say(self, number: str, body: str) -> str:
        """Text the service and get exactly one reply."""
        (reply,) = self.text(number, body)
        return reply

    def shown(self, number: str) -> list[str]:
        """What the service's texts on this phone say, oldest first."""
        return [
            line.body for line in rehearsal.on_handset(self.parts.database, number) if line.is_from_service
        ]

    def new_on(self, number: str, before: int) -> list[str]:
        return self.shown(number)[before:]

    def enrol(
        self, number: str, *, opted_in: bool = True, name: str = "", zone: str = "", language: str = "en"
    ) -> int:
        entry = enrolment.NewParticipant(number, name, zone, language, ConsentSource.PAPER, "", opted_in)
        parts = self.parts
        return enrolment.enrol(
            parts.database, parts.words, parts.programme, entry, STAFF, self.now
        ).participant_id

    def schedule(self, participant_id: int, entry: scheduling.NewSchedule) -> int:
        return scheduling.add_schedule(
            self.parts.database, participant_id, entry, STAFF, self.now
        ).schedule_id

    def id_of(self, number: str) -> int:
        return enrolment.find_participant_id(self.parts.database, number)

    def person(self, number: str) -> console.Person:
        return console.show_participant(self.parts.database, self.id_of(number), STAFF, self.now)

    def thread(self, number: str) -> list[ThreadItem]:
        return conversation(self.parts.database, number)

    def sent(self, number: str) -> list[ThreadItem]:
        return [item for item in self.thread(number) if item.direction == "out"]

    def with_status(self, number: str, status: MessageStatus) -> list[ThreadItem]:
        return [item for item in self.sent(number) if item.status is status]

    def alerts(self, status: AlertStatus = AlertStatus.OPEN) -> list[alerting.AlertView]:
        return alerting.list_alerts(self.parts.database, status)

    def alert_kinds(self) -> list[str]:
        return [alert.kind.value for alert in self.alerts()]

    def upcoming(self, number: str, days: int = 14) -> list[planning.UpcomingText]:
        parts = self.parts
        return planning.upcoming(
            parts.database,
            parts.words,
            parts.programme,
            self.id_of(number),
            self.now,
            self.now + timedelta(days=days),
        )

    def move(self, span: timedelta) -> int:
        """Move Handrail's clock ahead, living through what is due; how many texts were handled."""
        return rehearsal.move_clock(self.parts.stage, self.now + span).texts

    def move_to(self, local: str, zone: str = NEW_YORK) -> int:
        """Move ahead to a local time such as "2026-11-05 08:00"."""
        moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        return rehearsal.move_clock(self.parts.stage, moment).texts

    def settle(self) -> int:
        """Do what is due right now."""
        return self.move(timedelta())

    def close(self) -> None:
        self.parts.database.close()


@pytest.fixture
def start() -> datetime:
    """A Monday morning in New York; a test module may have its own."""
    return datetime(2026, 10, 26, 13, 0, tzinfo=UTC)


@pytest.fixture
def world(database_url: str, start: datetime) -> Iterator[World]:
    made = World(settings_for(database_url), start)
    yield made
    made.close()


def check_in(at: str = "10:00", **more: object) -> scheduling.NewSchedule:
    return _entry(ScheduleKind.CHECK_IN, at, more)


def medication(at: str = "08:00", **more: object) -> scheduling.NewSchedule:
    return _entry(ScheduleKind.MEDICATION, at, more)


def meeting(at: str = "19:00", **more: object) -> scheduling.NewSchedule:
    return _entry(ScheduleKind.MEETING, at, more)


def appointment(at: str = "14:30", **more: object) -> scheduling.NewSchedule:
    return _entry(ScheduleKind.APPOINTMENT, at, more)


def _entry(kind: ScheduleKind, at: str, more: dict[str, object]) -> scheduling.NewSchedule:
    return scheduling.NewSchedule(kind=kind, at=time.fromisoformat(at), **more)  # type: ignore[arg-type]
