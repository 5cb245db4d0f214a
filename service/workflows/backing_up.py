"""Copies of an SQLite database, made while the service runs, and putting one back.

A copy carries a mark that says what it is. Whoever puts it in place, with the command or by hand, has a
service that sends nothing until `restoring.replay` has run.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from service.domain.errors import BadInput, NotAllowed
from service.store import marks, sqlite_files
from service.store.engine import Database
from service.workflows import restoring

ON_POSTGRESQL = (
    "PostgreSQL makes its own backups, which can be restored whole: "
    'pg_dump --format=custom --file={file} "$DATABASE_URL"  (without +psycopg in the address). '
    "Keep the journal (`flask withdrawals export`) and FIELD_KEYS too, each in a place of its own."
)


@dataclass(frozen=True)
class Backup:
    file: Path
    size: int


def create(database: Database, target: Path, now: datetime) -> Backup:
    """Copy the database into one new file, whole and consistent, while everything else goes on.

    Raises NotAllowed on PostgreSQL, with the command to use; BadInput when the file cannot be made.
    """
    if not sqlite_files.is_sqlite(database.engine):
        raise NotAllowed(ON_POSTGRESQL.format(file=target))
    if target.exists():
        raise BadInput("There is such a file already: choose another name.")
    restoring.mend_journal(database)
    try:
        sqlite_files.copy(sqlite_files.file_of(database.engine), target)
        sqlite_files.mark_as_copy(target, now.isoformat())
    except OSError as problem:
        raise BadInput(f"The file cannot be written ({problem.strerror}).") from None
    return Backup(target, target.stat().st_size)


def stage(backup: Path, live: Path) -> Path:
    """Copy a backup to beside the live database, after looking whether it is one. Raises BadInput.

    The live file is not touched. What the stage needs before it can take its place (migrations, keys that
    fit, the mark) is for `approve`.
    """
    if not backup.is_file():
        raise BadInput(f"There is no file {backup.name}.")
    sqlite_files.check(backup)
    staged = live.with_name(live.name + ".restoring")
    live.parent.mkdir(parents=True, exist_ok=True)
    sqlite_files.copy(backup, staged)
    return staged


def approve(staged: Database) -> None:
    """Make sure that a migrated, unlocked stage carries the mark, also when it was a plain copy."""
    with staged.write() as session:
        if not marks.is_set(session, marks.AWAITING_REPLAY):
            marks.put(session, marks.AWAITING_REPLAY, "a copy without a date")


def swap(staged: Path, live: Path, wall: datetime) -> Path | None:
    """Put a stage in the live database's place, which is moved aside; returns where it lies now.

    Raises NotAllowed while any process has the live database open.
    """
    sqlite_files.take_alone(live)
    sqlite_files.take_alone(staged)
    had_one = live.exists()
    aside = live.with_name(f"{live.name}.before-{wall:%Y%m%dT%H%M%SZ}")
    sqlite_files.put_in_place(staged, live, aside)
    return aside if had_one else None
