"""The audit trail and its chain."""

import click

from service.cli.common import Group, open_parts, print_json
from service.workflows import auditing


@click.group(cls=Group)
def audit() -> None:
    """The audit trail: who saw and did what."""


@audit.command()
@click.option("--head", "known", default="", help="A head that was noted earlier, as this command prints it.")
@click.option("--json", "as_json", is_flag=True)
def verify(known: str, as_json: bool) -> None:
    """Work the chain out again; exit with 1 when an entry was changed, taken out or put in."""
    found = auditing.verify(open_parts().database, known)
    if as_json:
        print_json({"head": str(found.head), "waiting": found.waiting, "problems": list(found.problems)})
    else:
        for problem in found.problems:
            click.echo(problem, err=True)
        if not found.problems:
            click.echo(f"The chain holds: {found.head.position} entries, {found.waiting} not sealed yet.")
            click.echo(f"Note its head, away from this database: {found.head}")
    if found.problems:
        raise SystemExit(1)


@audit.command()
def seal() -> None:
    """Seal what was written since the last time; the jobs do so each minute."""
    click.echo(f"{auditing.seal(open_parts().database)} entries sealed.")
