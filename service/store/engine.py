"""The database handle: one for SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

from service.store import finding  # noqa: F401  (keeps the index of names current in every session)
from service.store.journal import Journal
from service.store.vault import Vault

SQLITE_BUSY_SECONDS = 15


class Database:
    """Sessions that write and sessions that only read.

    `write()` is the transaction: leaving the block commits, an exception rolls back. On SQLite it starts
    with BEGIN IMMEDIATE, because a transaction that reads first and then writes is refused at once when
    another writer was faster, however long the busy timeout is.
    """

    def __init__(self, engine: Engine, vault: Vault, journal: Journal | None = None) -> None:
        self.engine = engine
        self.vault = vault
        self.journal = journal
        self._reader = engine.execution_options(handrail_reads_only=True)

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self._session(self.engine) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._session(self._reader) as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()

    def _session(self, engine: Engine) -> Session:
        return Session(engine, expire_on_commit=False, info={"vault": self.vault, "journal": self.journal})


def open_database(url: str, vault: Vault, journal: Journal | None = None) -> Database:
    """Open (and for SQLite create) the database at an SQLAlchemy URL. Migrations are `alembic`'s.

    Opt-outs and erasures are written to `journal` too, so that a restored backup can be told of them.
    """
    return Database(make_engine(url), vault, journal)


def make_engine(url: str) -> Engine:
    """An engine with the settings that each database needs to be safe.

    Values are kept out of its error messages, which end up in logs.
    """
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10, hide_parameters=True)
    # Room for every sending thread: those of the simulated phone write into this file too.
    engine = create_engine(
        url,
        connect_args={"timeout": SQLITE_BUSY_SECONDS},
        pool_size=10,
        max_overflow=50,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we emit BEGIN ourselves, see below
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL, not NORMAL: a claim lost in a power cut would send the text a second time.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # What is deleted is overwritten with zeros, not just unlinked: some builds leave it readable.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_SECONDS * 1000}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    reads_only = connection.get_execution_options().get("handrail_reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
