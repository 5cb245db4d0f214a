"""Who is on call."""

from datetime import datetime, timedelta

import click

from service.cli.common import COMMAND_LINE, Group, open_parts, print_json, utc
from service.domain.local_time import to_local
from service.domain.recurrence import parse_weekdays
from service.domain.rota import RotaRole, Span, parse_hours
from service.workflows import on_call as problems
from service.workflows import rota, staff_phones


@click.group("on-call", cls=Group)
def on_call() -> None:
    """Who is on call."""


@on_call.command("now")
@click.option("--json", "as_json", is_flag=True)
def now_(as_json: bool) -> None:
    """Who is paged if an alert comes now, and what would keep a page from arriving."""
    parts = open_parts()
    now = parts.clock()
    view = rota.show(parts.database, parts.programme, now)
    found = problems.problems(parts.database, parts.programme, now)
    if as_json:
        people = {
            role.value: [
                {"name": view.staff[person].name, "can_be_paged": view.staff[person].can_be_paged}
                for person in holders
            ]
            for role, holders in view.now.items()
        }
        print_json({"at": utc(now), **people, "problems": [each.words for each in found]})
        return
    for role, holders in view.now.items():
        names = [
            member.name + ("" if member.can_be_paged else " (no confirmed phone)")
            for member in (view.staff[person] for person in holders)
        ]
        click.echo(f"{role.value}: {', '.join(names) or 'nobody'}")
    for each in found:
        click.echo(f"! {each.words}. {each.mend}")


@on_call.command("list")
@click.option("--days", type=click.IntRange(1, 60), default=7, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def list_(days: int, as_json: bool) -> None:
    """Who is on call in the next days, gaps included, on the programme's clock."""
    parts = open_parts()
    now = parts.clock()
    view = rota.show(parts.database, parts.programme, now, timedelta(days=days))
    for span in view.spans:
        if as_json:
            print_json(_as_json(view, span))
        else:
            start, end = (_local(view, at) for at in (span.starts_at, span.ends_at))
            click.echo(f"{span.role.value}  {start} to {end}  {view.names(span.people) or 'nobody'}")


def _as_json(view: rota.RotaView, span: Span) -> dict[str, object]:
    return {
        "role": span.role.value,
        "starts_at": to_local(span.starts_at, view.zone).isoformat(),
        "ends_at": to_local(span.ends_at, view.zone).isoformat(),
        "names": [view.staff[person].name for person in span.people if person in view.staff],
    }


def _local(view: rota.RotaView, at: datetime) -> str:
    return f"{to_local(at, view.zone):%a %Y-%m-%d %H:%M}"


@on_call.command("set")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in RotaRole]))
@click.option("--days", required=True, help="As in mon,thu or fri-sun or every day.")
@click.option("--at", "hours", required=True, help="HH:MM-HH:MM, local; may pass midnight.")
@click.option("--off", is_flag=True, help="Take these shifts off the rota instead.")
def set_(email: str, role: str, days: str, hours: str, off: bool) -> None:
    """Put weekly shifts of a member of staff on the rota, or take them off."""
    weekdays, (starts, ends) = parse_weekdays(days), parse_hours(hours)
    parts = open_parts()
    person = staff_phones.find_member(parts.database, email)
    now = parts.clock()
    if off:
        count = rota.end_shifts(
            parts.database, person, RotaRole(role), weekdays, starts, COMMAND_LINE, now
        )  # fmt: skip
        click.echo(f"Shifts taken off: {count}.")
        return
    count = rota.add_shifts(parts.database, person, RotaRole(role), weekdays, starts, ends, COMMAND_LINE, now)
    click.echo(f"Shifts entered: {count}.")
