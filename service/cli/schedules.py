"""What a person is asked and reminded of."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import click

from service.cli.common import COMMAND_LINE, Group, open_parts, print_all, print_json, utc
from service.domain.errors import BadInput
from service.domain.prompt import ScheduleKind
from service.domain.recurrence import parse_weekdays
from service.workflows import console
from service.workflows.ending import end_schedule
from service.workflows.enrolment import find_participant_id
from service.workflows.planning import UpcomingText, upcoming
from service.workflows.scheduling import NewSchedule, add_schedule


@click.group(cls=Group)
def schedules() -> None:
    """Check-ins and reminders."""


@schedules.command()
@click.argument("phone")
@click.argument("kind", type=click.Choice([kind.value for kind in ScheduleKind]))
@click.option("--at", required=True, metavar="HH:MM", help="On the person's own clock.")
@click.option("--days", metavar="mon,thu", help="Days of the week.")
@click.option("--every", nargs=2, metavar="N days|weeks", help="As in: --every 2 weeks.")
@click.option("--monthly", type=int, metavar="DAY", help="Day of the month.")
@click.option("--on", metavar="YYYY-MM-DD", help="A single date.")
@click.option("--label", default="", help="A nickname that gives nothing away.")
@click.option("--lead", type=int, metavar="MINUTES", help="How long before to remind.")
@click.option("--starting", metavar="DATE")
@click.option("--until", metavar="DATE")
@click.option("--json", "as_json", is_flag=True)
def add(
    phone: str,
    kind: str,
    at: str,
    days: str | None,
    every: tuple[str, str] | None,
    monthly: int | None,
    on: str | None,
    label: str,
    lead: int | None,
    starting: str | None,
    until: str | None,
    as_json: bool,
) -> None:
    """Give a person a check-in or a reminder."""
    count, unit = _every(every)
    entry = NewSchedule(
        kind=ScheduleKind(kind),
        at=_time(at),
        label=label,
        weekdays=parse_weekdays(days) if days else frozenset(),
        every=count,
        every_unit=unit,
        month_day=monthly,
        on=_date(on),
        starting=_date(starting),
        until=_date(until),
        lead_minutes=lead,
    )
    parts = open_parts()
    participant_id = find_participant_id(parts.database, phone)
    made = add_schedule(parts.database, participant_id, entry, COMMAND_LINE, parts.clock())
    if as_json:
        print_json(made)
        return
    click.echo(f"Schedule {made.schedule_id}: {made.description}.")
    click.echo(f"First text: {utc(made.next_due_at) or 'once the person has opted in'}")


@schedules.command("upcoming")
@click.argument("phone")
@click.option("--days", default=14, type=click.IntRange(1, 366))
@click.option("--from", "since", metavar="ISO-8601", help="Instead of now.")
@click.option("--json", "as_json", is_flag=True)
def upcoming_(phone: str, days: int, since: str | None, as_json: bool) -> None:
    """What would be sent, exactly, and when. Sends nothing."""
    parts = open_parts()
    participant_id = find_participant_id(parts.database, phone)
    start = parts.clock()
    if since is not None:
        zone = console.zone_of(parts.database, participant_id)
        start = _moment(since, zone)
    texts = upcoming(
        parts.database,
        parts.words,
        parts.programme,
        participant_id,
        start,
        start + timedelta(days=days),
    )
    if as_json:
        for text in texts:
            print_json(
                {
                    "local_time": text.send_at_local.isoformat(),
                    "utc": utc(text.send_at),
                    "kind": text.kind,
                    "text": text.body,
                    "schedule_id": text.schedule_id,
                    "withheld": text.withheld,
                }
            )
        return
    print_all(texts, False, _line)


def _line(text: UpcomingText) -> str:
    note = f"   (withheld: {text.withheld})" if text.withheld else ""
    return f"{text.send_at_local:%a %Y-%m-%d %H:%M %Z}  {text.body}{note}"


@schedules.command()
@click.argument("schedule_id", type=int)
def end(schedule_id: int) -> None:
    """End a schedule; what is queued of it is withdrawn."""
    parts = open_parts()
    end_schedule(parts.database, schedule_id, COMMAND_LINE, parts.clock())
    click.echo(f"Schedule {schedule_id} has ended.")


def _time(text: str) -> time:
    try:
        parsed = time.fromisoformat(text if len(text) > 4 else f"0{text}")
    except ValueError:
        raise BadInput(f"{text!r} is not a time: write it as 08:00 or 19:30.") from None
    return parsed


def _date(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is not a date: write it as 2026-12-31.") from None


def _every(every: tuple[str, str] | None) -> tuple[int, str]:
    if not every:
        return 1, "days"
    count, unit = every[0], every[1].rstrip("s") + "s"
    if not count.isdigit() or int(count) < 1 or unit not in {"days", "weeks"}:
        raise BadInput("Write --every as in: --every 2 weeks, or --every 3 days.")
    return int(count), unit


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is not a time: write it as 2026-12-01T09:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
