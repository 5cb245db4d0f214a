"""Letting go of old words."""

import click

from service.cli.common import Group, open_parts, print_json
from service.workflows import retention as workflow


@click.group(cls=Group)
def retention() -> None:
    """How long the words of texts are kept (RETAIN_TEXTS_DAYS)."""


@retention.command()
@click.option("--dry-run", is_flag=True, help="Count, and change nothing.")
@click.option("--json", "as_json", is_flag=True)
def run(dry_run: bool, as_json: bool) -> None:
    """Erase the words of texts older than RETAIN_TEXTS_DAYS, here and at the gateway.

    The jobs process does this once an hour.
    """
    parts = open_parts()
    kept, now = parts.programme.texts_kept, parts.clock()
    if dry_run:
        result = workflow.look(parts.database, kept, now)
    else:
        result = workflow.run(parts.database, parts.gateway, kept, now)
    if as_json:
        print_json(result)
        return
    verb = "would lose" if dry_run else "lost"
    click.echo(
        f"{result.erased_out} texts out, {result.erased_in} texts in and {result.erased_on_handsets} on "
        f"simulated phones, older than {kept.days} days, {verb} their words here, "
        f"and so {'would' if dry_run else 'did'} {result.erased_notes} notes of staff."
    )
    if not dry_run:
        click.echo(f"{result.redacted} were blanked at the gateway.")
    click.echo(f"{result.waiting} are still to be blanked there.")
