"""Opening the database with the right keys, or not at all."""

from sqlalchemy import inspect

from service.domain.errors import ConfigurationError
from service.store import keys
from service.store.engine import Database


def unlock(database: Database) -> None:
    """Make the number index usable. A new database is given its key; a wrong FIELD_KEYS is refused.

    Raises ConfigurationError, which says what to do, also when the tables are not there yet.
    """
    if not inspect(database.engine).has_table("data_keys"):
        raise ConfigurationError("The database has no tables yet: run `alembic upgrade head`.")
    with database.read() as session:
        key = keys.read_index_key(session)
    if key is None:
        with database.write() as session:
            # Another process of the same start may have been first.
            key = keys.read_index_key(session) or keys.make_index_key(session)
    database.vault.unlock(key)
