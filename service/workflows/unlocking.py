"""Opening the database with the right keys, or not at all."""

from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError, OperationalError

from service.domain.errors import ConfigurationError
from service.store import home, keys, marks
from service.store.engine import Database


def unlock(database: Database) -> None:
    """Make the number index usable. A new database is given its key; a wrong FIELD_KEYS is refused.

    Raises ConfigurationError, which says what to do, also when the tables are not there yet or nobody
    answers at the database's address.
    """
    try:
        has_tables = inspect(database.engine).has_table("data_keys")
    except OperationalError:
        raise ConfigurationError(
            "The database cannot be reached. Check DATABASE_URL, and that the server runs and lets this "
            "machine in."
        ) from None
    if not has_tables:
        raise ConfigurationError("The database has no tables yet: run `alembic upgrade head`.")
    key = _read_key(database)
    if key is None:
        try:
            with database.write() as session:
                key = keys.read_index_key(session) or keys.make_index_key(session)
        except IntegrityError:
            key = _read_key(database)  # another process of the same start was first
    if key is None:
        raise ConfigurationError("The database keeps no key for its numbers: start again.")
    database.vault.unlock(key)
    _notice_a_restore(database)


def _notice_a_restore(database: Database) -> None:
    """Mark a PostgreSQL database that was loaded from a dump: nothing is sent from it before the replay."""
    if not inspect(database.engine).has_table("service_marks"):
        return  # the migration has not run yet
    with database.read() as session:
        here, known = home.of(session), marks.value_of(session, marks.HOME)
    if here is None or here == known:
        return
    try:
        with database.write() as session:
            if known is not None:
                marks.put(session, marks.AWAITING_REPLAY, "loaded from a dump")
            marks.put(session, marks.HOME, here)
    except IntegrityError:
        pass  # another process of the same start was first


def _read_key(database: Database) -> bytes | None:
    with database.read() as session:
        return keys.read_index_key(session)
