"""Erasing a person who asks for it."""

import click
from flask.cli import with_appcontext

from service.cli.common import COMMAND_LINE, open_parts
from service.workflows import retention
from service.workflows.erasing import erase_person, find


@click.command()
@with_appcontext
@click.argument("phone")
@click.option("--reason", required=True, help="How the wish reached you. It is kept: write no names.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(phone: str, reason: str, yes: bool) -> None:
    """Erase a person for good: number, name, the words of every text, here and at the gateway.

    Texts end first. What is left has no name: that there was consent and when, and counts. No import or
    invitation reaches the number again; only their own JOIN does.
    """
    parts = open_parts()
    participant_id = find(parts.database, phone)
    who = f"participant {participant_id}" if participant_id else "this number, which is not enrolled"
    if not yes:
        click.confirm(f"Erase {who} for good? It cannot be taken back.", abort=True)
    now = parts.clock()
    erased = erase_person(parts.database, phone, reason, COMMAND_LINE, now)
    click.echo(f"Erased {who}: the words of {erased.texts} texts, and everything that says who it was.")
    cleaned = retention.scrub_if_pending(parts.database)
    if cleaned:
        click.echo("The database file holds no remnant of it.")
    elif cleaned is False:
        click.echo("The database file is in use; the jobs process will clean it within the hour.")
    else:
        click.echo("Remnants in PostgreSQL go with VACUUM, and with old backups: see docs/data-life.md.")
    retention.redact_due(parts.database, parts.gateway, now)
    waiting = retention.look(parts.database, parts.programme.texts_kept, now).waiting
    if waiting:
        click.echo(f"{waiting} texts are still to be blanked at the gateway; the jobs process goes on.")
