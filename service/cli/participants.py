"""People who are texted."""

from pathlib import Path

import click

from service.cli.common import COMMAND_LINE, Group, open_parts, print_json
from service.cli.erase import erase
from service.domain.consent import ConsentSource
from service.workflows import console, finding
from service.workflows.enrolment import (
    NewParticipant,
    enrol,
    find_participant_id,
    stop,
)
from service.workflows.importing import import_people, read_people


@click.group(cls=Group)
def participants() -> None:
    """People who are texted."""


participants.add_command(erase)


@participants.command()
@click.argument("phone")
@click.option("--name", default="", help="A first name or nickname.")
@click.option("--timezone", default="", help="IANA zone, as in America/Chicago.")
@click.option("--language", type=click.Choice(["en", "es"]), default="en")
@click.option("--consent-source", type=click.Choice(["paper", "verbal", "web"]), required=True)
@click.option("--consent-note", default="", help="Where the proof is kept.")
@click.option("--opted-in", is_flag=True, help="They have signed: no invitation is needed.")
@click.option("--json", "as_json", is_flag=True)
def add(
    phone: str,
    name: str,
    timezone: str,
    language: str,
    consent_source: str,
    consent_note: str,
    opted_in: bool,
    as_json: bool,
) -> None:
    """Enter a person. Without --opted-in they get one invitation, and nothing more until they say YES."""
    parts = open_parts()
    entry = NewParticipant(
        phone, name, timezone, language, ConsentSource(consent_source), consent_note, opted_in
    )
    enrolled = enrol(parts.database, parts.words, parts.programme, entry, COMMAND_LINE, parts.clock())
    if as_json:
        print_json(enrolled)
    else:
        state = "opted in" if opted_in else "invited"
        click.echo(f"Participant {enrolled.participant_id} is {state}.")


@participants.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check every row and change nothing.")
def import_(file: Path, dry_run: bool) -> None:
    """Enter many people from a CSV file with a header row.

    Columns: phone (needed), name, timezone, language, consent_source (needed), consent_note, opted_in
    (yes or no). Either every row can be entered, or none is and each fault is listed by row.
    """
    parts = open_parts()
    rows = read_people(file.read_bytes())
    result = import_people(
        parts.database,
        parts.words,
        parts.programme,
        rows,
        COMMAND_LINE,
        parts.clock(),
        dry_run=dry_run,
    )
    for problem in result.problems:
        click.echo(f"row {problem.row}: {problem.reason}", err=True)
    if result.problems:
        raise click.ClickException(
            f"{len(result.problems)} of {result.rows} rows cannot be entered, so none was."
        )
    verb = "could be entered" if dry_run else "entered"
    click.echo(f"{result.rows} people {verb}.")


@participants.command()
@click.argument("phone")
@click.option("--json", "as_json", is_flag=True)
def show(phone: str, as_json: bool) -> None:
    """One person: consent and its evidence, schedules, scores."""
    parts = open_parts()
    person = console.show_participant(
        parts.database, find_participant_id(parts.database, phone), COMMAND_LINE, parts.clock()
    )
    if as_json:
        print_json(person)
        return
    click.echo(f"{person.name or 'no name'}  {person.phone}  {person.timezone}")
    click.echo(f"consent: {person.consent.value} since {person.consent_changed_at:%Y-%m-%d %H:%M}")
    for schedule in person.schedules:
        click.echo(f"  {schedule.id}  {schedule.kind.value}  {schedule.description}")


@participants.command("stop")
@click.argument("phone")
@click.option("--reason", required=True, help="How the wish reached you.")
def stop_(phone: str, reason: str) -> None:
    """Enter a wish to stop that was spoken or written another way. Works at once; sends nothing."""
    parts = open_parts()
    participant_id = find_participant_id(parts.database, phone)
    stop(parts.database, participant_id, COMMAND_LINE, parts.clock(), reason=reason)
    click.echo(f"Participant {participant_id} gets no more texts.")


@participants.command("index")
@click.option("--anew", is_flag=True, help="Doubt what is there, and index everybody.")
def index_(anew: bool) -> None:
    """Put people into the index of names who are not in it yet. The jobs do so by themselves."""
    click.echo(f"{finding.complete_index(open_parts().database, anew=anew)} people indexed.")
