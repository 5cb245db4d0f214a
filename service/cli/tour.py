"""A fortnight on the simulated phone, lived through in seconds and printed as Markdown.

`make tour` keeps the result as docs/tour.md. What was texted, withheld and brought to staff is read from the
records (`tour_record.py`); only what people do, and the notes on why, are written here.
"""

import secrets
import tempfile
from contextlib import closing
from datetime import date, time
from pathlib import Path

import click
from cryptography.fernet import Fernet
from flask import current_app

from service.bootstrap import Parts
from service.cli.tour_record import ZONE, Tour, instant, shown
from service.config import GatewayName, Settings, load_settings
from service.domain.alerts import AlertKind
from service.domain.prompt import ScheduleKind
from service.domain.staff import Actor, Role
from service.workflows import console, enrolment, planning, staff
from service.workflows.acting import SYSTEM, By
from service.workflows.scheduling import NewSchedule, add_schedule

PROGRAMME = "Harbor"
START = instant("10-26 09:00")
INTRODUCTION = f"""\
<!-- Made by `make tour` from what the service really did. Do not edit. -->

# A fortnight with Handrail

This is the whole conversation that a made-up person, Sam, has with a made-up programme, {PROGRAMME}, from
JOIN to STOP. The command `flask simulate tour` lives it on a database of its own, with the simulated phone
and a clock that it moves ahead.

Sam's texts are in bold, {PROGRAMME}'s are indented, and what staff see and do is in italics. Times are those
of Sam's own clock, in New York."""


@click.command()
def tour() -> None:
    """Print a fortnight's conversation as Markdown. Touches no database but a temporary one."""
    with tempfile.TemporaryDirectory() as folder:
        settings = rehearsal_settings(Path(folder))
        migrate_rehearsal(settings)
        app = current_app.extensions["open_service"](settings, lambda: START)
        parts: Parts = app.extensions["handrail"]
        with closing(parts.database):
            click.echo(_live(Tour(parts, INTRODUCTION)))


def rehearsal_settings(folder: Path) -> Settings:
    """Every setting at its default or given here: neither the environment nor `.env` plays a part."""
    values: dict[str, object] = {name: field.default for name, field in Settings.model_fields.items()}
    values |= {
        "_env_file": None,
        "data_dir": folder,
        "gateway": GatewayName.SIMULATED,
        "secret_key": secrets.token_urlsafe(32),
        "field_keys": Fernet.generate_key().decode(),
        "programme_name": PROGRAMME,
        "log_level": "ERROR",
    }
    return load_settings(**values)


def migrate_rehearsal(settings: Settings) -> None:
    # Imported here: only this command needs it, and Alembic takes its time to load.
    from service.cli.first_run import migrate

    migrate(settings)


def _live(t: Tour) -> str:
    for days in (_join, _first_week, _weekend, _second_week, _a_break, _the_end):
        days(t)
    return "\n\n".join(t.lines)


def _join(t: Tour) -> None:
    parts = t.parts
    new = staff.add_coordinator(
        parts.database, "coordinator@harbor.example", "Coordinator", Role.COORDINATOR, SYSTEM, t.now
    )
    t.by = By(Actor.COORDINATOR, new.coordinator_id)
    t.title("10-26", "joining")
    t.text("10-26 09:00", "JOIN")
    consent = t.person.consent_history[-1]
    t.note(
        f"Kept as proof of consent: {consent.status.value.replace('_', ' ')} by {consent.source.value}, "
        f"the time, and the words Sam was shown ({consent.wording_version})."
    )
    t.staff(
        "10-26 09:20",
        "writes the name Sam on the new person's page.",
        lambda: enrolment.set_details(
            parts.database, t.sam, t.by, t.now, name="Sam", language="en", timezone=ZONE.key
        ),
    )
    for entry in (
        NewSchedule(ScheduleKind.CHECK_IN, time(10), weekdays=frozenset({2})),
        NewSchedule(ScheduleKind.MEDICATION, time(8), label="blue box"),
        NewSchedule(ScheduleKind.MEETING, time(19), label="Thursday group", weekdays=frozenset({3})),
        NewSchedule(ScheduleKind.APPOINTMENT, time(14, 30), on=date(2026, 11, 3)),
    ):
        add_schedule(parts.database, t.sam, entry, t.by, t.now)
    t.note("The coordinator enters what Sam and they agreed on:")
    t.lines.append("\n".join(_schedule(each) for each in t.person.schedules))
    t.note("The console shows what will be sent, to the word:")
    t.lines.append(_upcoming(t))


def _schedule(schedule: console.ScheduleView) -> str:
    label = f" “{schedule.label}”" if schedule.label else ""
    return f"- *{schedule.kind.value}{label}: {schedule.description}*"


def _upcoming(t: Tour) -> str:
    rows = planning.upcoming(
        t.parts.database,
        t.parts.words,
        t.parts.programme,
        t.sam,
        t.now,
        instant("11-09 09:00"),
    )
    table = ["| when | text |", "| --- | --- |"]
    table += [f"| {row.send_at_local:%a %d %b, %H:%M %Z} | {shown(row.body)} |" for row in rows]
    return "\n".join(table)


def _first_week(t: Tour) -> None:
    t.text("10-27 08:03", "took it 👍")
    t.text("10-28 08:01", "later 30")
    t.text("10-28 08:34", "DONE.")
    t.title("10-28", "a rough score")
    t.text("10-28 10:07", "2 rough night")
    t.acknowledge("10-28 10:30", AlertKind.ROUGH_SCORE, "Called. Sam will come to group tomorrow.")
    t.until("10-29 08:30")
    t.note("Half an hour without an answer: it is asked once more, when the quiet hours end at 9 AM.")
    t.text("10-29 09:04", "yes took it")
    t.text("10-29 18:04", "im going")
    t.title("10-30", "a craving")
    t.text("10-30 08:02", "✅")
    t.text("10-30 22:48", "cravings...")
    t.text("10-30 22:50", "MORE")
    t.text("10-30 22:53", "more")


def _weekend(t: Tour) -> None:
    t.until("10-31 08:00")
    day_before = t.utc_of_last_text()
    t.text("10-31 08:05", "skip today")
    t.title("11-01", "clocks go back")
    t.text("10-31 15:11", "", pictures=1)
    t.until("11-01 08:00")
    t.note(
        "Clocks went back at 2 AM. The text comes at 8 AM on Sam's clock all the same: "
        f"{t.utc_of_last_text()} today, {day_before} yesterday."
    )
    t.text("11-01 08:20", "done")


def _second_week(t: Tour) -> None:
    t.title("11-02", "an appointment to change")
    t.text("11-02 08:01", "Took it")
    t.acknowledge("11-02 09:10", AlertKind.PICTURE, "Asked Sam about it: a kitten.")
    t.text("11-02 14:42", "need to reschedule")
    t.text("11-02 14:43", "R")
    t.acknowledge("11-02 15:10", AlertKind.APPOINTMENT_CHANGE, "Found Sam a ride; the time stays.")
    t.staff(
        "11-02 15:12",
        "writes to Sam.",
        lambda: enrolment.text_by_hand(
            t.parts.database, t.sam, "We found you a ride for tomorrow, 2 PM at your door.", t.by, t.now
        ),
    )
    t.until("11-02 15:13")
    t.text("11-03 08:04", "already took it")
    t.text("11-03 09:06", "ok thx")
    t.title("11-04", "a missed check-in")
    t.text("11-04 08:02", "yep done")
    t.until("11-04 10:59")
    t.note("An hour without an answer: it is asked once more, and then left alone.")
    t.until("11-04 11:00")
    waiting = t.person.open_questions
    t.until("11-04 15:01")
    if t.person.open_questions < waiting:
        t.note(
            "Four more hours without an answer: the check-in is closed. "
            "A second silent one in a row would be an alert."
        )
    t.text("11-04 20:15", "4/5, phone was dead")


def _a_break(t: Tour) -> None:
    t.title("11-05", "a break")
    t.text("11-05 08:03", "done")
    t.text("11-05 12:20", "PAUSE 3 DAYS")
    t.until("11-06 09:30")
    t.text("11-06 09:31", "resume")
    t.title("11-06", "a crisis")
    t.text("11-06 13:40", "i dont want to be here anymore")
    t.acknowledge(
        "11-06 13:43", AlertKind.CRISIS, "Called Sam at once and stayed on the line until a friend was there."
    )
    t.until("11-07 08:00")


def _the_end(t: Tour) -> None:
    t.text("11-07 08:10", "took em")
    t.text("11-08 08:01", "i took it")
    t.title("11-08", "STOP")
    t.text("11-08 09:30", "Stop please")
    t.until("11-09 09:00")
    if not any(schedule.next_due_local for schedule in t.person.schedules):
        t.note("8 AM has passed. Nothing was sent, and nothing will be unless Sam texts START.")
