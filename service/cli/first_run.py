"""`python -m service.cli.first_run`: what `make run` does before it starts the processes.

Migrates the database, seeds a small demo the first time, and prints where to click.
"""

import sys
from datetime import date, time, timedelta

from alembic import command
from alembic.config import Config

from service.bootstrap import Parts, build_parts
from service.cli.common import COMMAND_LINE
from service.config import Settings, load_settings
from service.domain.consent import ConsentSource
from service.domain.errors import HandrailError
from service.domain.prompt import ScheduleKind
from service.domain.rota import RotaRole
from service.domain.staff import Role
from service.gateways.door import http_door
from service.workflows import rota, staff, staff_phones
from service.workflows.enrolment import NewParticipant, enrol
from service.workflows.scheduling import NewSchedule, add_schedule

DEMO_EMAIL = "demo@handrail.example"
DEMO_PHONE = "+12025550142"
DEMO_STAFF_PHONE = "+12025550160"


def main() -> int:
    try:
        settings = load_settings()
        migrate(settings)
        parts = build_parts(settings, http_door(f"http://127.0.0.1:{settings.port}"))
        if settings.is_simulated:
            seed_demo(parts)
            welcome(settings, staff.make_sign_in_link(parts.database, DEMO_EMAIL, parts.wall()))
    except HandrailError as problem:
        sys.stderr.write(f"Handrail does not start. {problem}\n")
        return 1
    return 0


def migrate(settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate_at(settings.url_of_database)


def migrate_at(url: str) -> None:
    """Bring the database at an SQLAlchemy URL up to date."""
    config = Config("alembic.ini")
    config.attributes["url"] = url
    command.upgrade(config, "head")


def seed_demo(parts: Parts) -> None:
    """A coordinator, and one made-up person with a week of texts ahead; only into an empty service."""
    if staff.is_there_anybody(parts.database):
        return
    # Its password is thrown away: the demo signs in by the printed link only.
    demo = staff.add_coordinator(
        parts.database, DEMO_EMAIL, "Demo coordinator", Role.ADMIN, COMMAND_LINE, parts.wall()
    )
    now = parts.clock()
    # On call day and night; the phone on the rehearsal page waits for somebody to text YES from it.
    rota.add_shifts(
        parts.database, demo.coordinator_id, RotaRole.FIRST, range(7), time(), time(), COMMAND_LINE, now
    )
    staff_phones.enter_phone(
        parts.database, parts.words, demo.coordinator_id, DEMO_STAFF_PHONE, COMMAND_LINE, now
    )
    sam = enrol(
        parts.database,
        parts.words,
        parts.programme,
        NewParticipant(
            DEMO_PHONE,
            "Sam (made up)",
            source=ConsentSource.PAPER,
            note="Demo: there is no such person.",
            is_opted_in=True,
        ),
        COMMAND_LINE,
        now,
    )
    appointment_on = now.date() + timedelta(days=6)
    for entry in (
        NewSchedule(ScheduleKind.CHECK_IN, time(10), weekdays=frozenset({0})),
        NewSchedule(ScheduleKind.MEDICATION, time(8), label="blue box"),
        NewSchedule(ScheduleKind.MEETING, time(19), label="Thursday group", weekdays=frozenset({3})),
        NewSchedule(ScheduleKind.APPOINTMENT, time(14, 30), on=_weekday(appointment_on)),
    ):
        add_schedule(parts.database, sam.participant_id, entry, COMMAND_LINE, now)


def welcome(settings: Settings, token: str) -> None:
    base = f"http://127.0.0.1:{settings.port}"
    sys.stdout.write(
        "\n"
        "  Handrail is ready, with a simulated phone: no real text is sent.\n\n"
        f"  The phone     {base}/phone\n"
        "                text JOIN from it; move the clock on to live through two weeks\n\n"
        f"  The console   {base}/sign-in/{token}\n"
        "                a one-time sign-in for the demo coordinator, good for an hour\n\n"
        "  Ctrl-C stops it. `make run` prints a new sign-in.\n\n"
    )
    sys.stdout.flush()


def _weekday(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


if __name__ == "__main__":
    sys.exit(main())
