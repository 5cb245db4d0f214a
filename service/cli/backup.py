"""Copies of the database, and putting one back."""

from contextlib import closing
from pathlib import Path

import click

from service.bootstrap import open_records, wall_clock
from service.cli.common import COMMAND_LINE, Group, open_parts
from service.cli.withdrawals import tell
from service.config import Settings, load_settings
from service.domain.errors import NotAllowed
from service.workflows import backing_up, restoring, retention


@click.group(cls=Group)
def backup() -> None:
    """Copies of the database, and putting one back."""


@backup.command()
@click.argument("file", type=click.Path(path_type=Path))
def create(file: Path) -> None:
    """Copy the SQLite database into a new FILE while the service runs. For PostgreSQL: says how."""
    parts = open_parts()
    made = backing_up.create(parts.database, file, parts.clock())
    click.echo(f"{made.size} bytes written. Names and numbers in it are sealed: keep FIELD_KEYS elsewhere.")


@backup.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--without-journal", is_flag=True, help="There is no whole journal; I accept that.")
def restore(file: Path, without_journal: bool) -> None:
    """Put FILE in the SQLite database's place, and apply later opt-outs and erasures again.

    Stop web and jobs first. The database that was there is moved aside.
    """
    settings = load_settings()
    live = _sqlite_file(settings)
    staged = backing_up.stage(file, live)
    try:
        _approve(settings, staged)
        _save_journal(settings, live)
        aside = backing_up.swap(staged, live, wall_clock())
    finally:
        staged.unlink(missing_ok=True)
    click.echo("The backup is in place.")
    if aside is not None:
        click.echo(
            f"What was there is {aside.name} now. It holds people's data: delete it once you are sure."
        )
    parts = open_parts()
    tell(restoring.replay(parts.database, [], COMMAND_LINE, parts.clock(), without_journal=without_journal))
    retention.scrub_if_pending(parts.database)


def _approve(settings: Settings, staged: Path) -> None:
    """Bring the stage up to this code's tables, and see that the keys open it, before it counts."""
    # Imported here: only this command needs it, and Alembic takes its time to load.
    from service.cli.first_run import migrate_at

    url = f"sqlite:///{staged.absolute()}"
    migrate_at(url)
    with closing(open_records(settings, url)) as database:
        backing_up.approve(database)


def _save_journal(settings: Settings, live: Path) -> None:
    """Before the live database goes: have the journal know all that it knows. It may be past reading."""
    if not live.exists():
        return
    try:
        with closing(open_records(settings)) as database:
            restoring.mend_journal(database)
    except Exception as problem:  # damaged, of another key, or of an older version: why we are here
        click.echo(f"The present database cannot be read ({type(problem).__name__}); going on.", err=True)


def _sqlite_file(settings: Settings) -> Path:
    prefix = "sqlite:///"
    if not settings.url_of_database.startswith(prefix):
        raise NotAllowed(
            "This restores SQLite only. For PostgreSQL: stop web and jobs, restore with pg_restore, then run "
            "`flask withdrawals replay --after-restore`, then start them."
        )
    return Path(settings.url_of_database.removeprefix(prefix))
