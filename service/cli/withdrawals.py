"""The journal of opt-outs and erasures, for when a backup is restored."""

from pathlib import Path

import click

from service.cli.common import COMMAND_LINE, Group, open_parts
from service.workflows import restoring
from service.workflows.restoring import Replayed


@click.group(cls=Group)
def withdrawals() -> None:
    """The journal of opt-outs and erasures (DATA_DIR/withdrawals.log)."""


@withdrawals.command()
@click.argument("file", type=click.Path(path_type=Path))
def export(file: Path) -> None:
    """Write every opt-out and erasure that is in force into a new file: keyed hashes, no numbers."""
    count = restoring.export(open_parts().database, file)
    click.echo(f"{count} withdrawals written.")


@withdrawals.command()
def mend() -> None:
    """Bring the journal up to what the database knows."""
    count = restoring.mend_journal(open_parts().database)
    click.echo(f"{count} withdrawals added.")


@withdrawals.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--after-restore", is_flag=True, help="This is a restored database, though it carries no mark.")
@click.option("--without-journal", is_flag=True, help="There is no whole journal; I accept that.")
def replay(files: tuple[Path, ...], after_restore: bool, without_journal: bool) -> None:
    """After a restore: apply later opt-outs and erasures again, then let the service send.

    Reads the journal in DATA_DIR, and any FILES. Keep web and jobs stopped meanwhile.
    """
    parts = open_parts()
    result = restoring.replay(
        parts.database,
        files,
        COMMAND_LINE,
        parts.clock(),
        is_restored=after_restore,
        without_journal=without_journal,
    )
    tell(result)


def tell(result: Replayed) -> None:
    click.echo(f"{result.lines} withdrawals read, {result.applied} of them applied again.")
    if result.unreadable:
        click.echo(f"{result.unreadable} lines could not be read.", err=True)
    if result.cancelled:
        click.echo(f"{result.cancelled} texts were due in the backup and may have been sent: cancelled.")
    click.echo("The service may send.")
