"""What only SQLite needs: cleaning the file of what was overwritten, and copying it while it is in use."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine

from service.domain.errors import BadInput, NotAllowed
from service.store.marks import AWAITING_REPLAY

TABLES = frozenset({"alembic_version", "data_keys", "participants", "messages"})
WAIT_SECONDS = 15
SCRUB_WAIT_SECONDS = 2


def is_sqlite(engine: Engine | Connection) -> bool:
    return engine.dialect.name == "sqlite"


def file_of(engine: Engine) -> Path:
    return Path(engine.url.database or "")


def scrub(engine: Engine, *, rebuild: bool) -> bool:
    """Leave nothing in the file or its write-ahead log that is not in a row; False: somebody still reads.

    `rebuild` also writes the file anew, so that no page keeps a remnant between its rows. That takes
    about a second for each 100 MB, in which other writers wait.
    """
    connection = engine.raw_connection()
    try:
        driver: sqlite3.Connection = connection.driver_connection  # type: ignore[assignment]
        # Emptying the log keeps writers out while it waits for readers: better give up, and come again.
        driver.execute(f"PRAGMA busy_timeout = {SCRUB_WAIT_SECONDS * 1000}")
        # First what the log holds goes into the file, then the file is rebuilt by way of the log.
        if not _empty_log(driver):
            return False
        if rebuild:
            driver.execute("VACUUM")
        return _empty_log(driver)
    except sqlite3.OperationalError:
        return False  # locked for longer than the busy timeout: the next round tries again
    finally:
        connection.invalidate()  # it has another timeout than the rest of the pool
        connection.close()


def _empty_log(driver: sqlite3.Connection) -> bool:
    busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def copy(source: Path, target: Path) -> None:
    """A consistent copy of a database that may be in use, as one file that only its owner may read.

    Nothing is there under `target` until the copy is whole.
    """
    part = target.with_name(target.name + ".part")
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        with (
            closing(sqlite3.connect(source, timeout=WAIT_SECONDS)) as here,
            closing(sqlite3.connect(part, isolation_level=None)) as there,
        ):
            here.backup(there)
            there.execute("PRAGMA journal_mode = DELETE")  # one file, with no log beside it
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def check(file: Path) -> None:
    """Raises BadInput when this is no whole database of Handrail's."""
    try:
        with closing(sqlite3.connect(f"file:{file.absolute()}?mode=ro", uri=True)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError:
        raise BadInput("That file is not an SQLite database, or cannot be read.") from None
    if verdict != "ok":
        raise BadInput("That database is damaged. Take another backup.")
    if not found >= TABLES:
        raise BadInput("That is not a database of Handrail's.")


def mark_as_copy(file: Path, made_at: str) -> None:
    """Write into a copy that it is one: whoever puts it in place by hand gets a service that says so."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(
            "INSERT OR REPLACE INTO service_marks (name, value) VALUES (?, ?)", (AWAITING_REPLAY, made_at)
        )


def take_alone(file: Path) -> bool:
    """Fold the log into the file. False for a file too damaged for that; NotAllowed while it is in use."""
    if not file.exists():
        return True
    try:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=1)) as connection:
            # Leaving the log behind is only granted to the one connection there is.
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.OperationalError as problem:
        if "locked" in str(problem):
            raise NotAllowed(
                "A process has the database open. Stop web and jobs, then run this again."
            ) from None
        return False
    except sqlite3.DatabaseError:
        return False
    return True


def put_in_place(staged: Path, live: Path, aside: Path) -> None:
    """Put a staged database where the live one is, which is moved aside with its log if it has one."""
    for end in ("", "-wal", "-shm"):
        part = live.with_name(live.name + end)
        if part.exists():
            os.replace(part, aside.with_name(aside.name + end))
    os.replace(staged, live)
