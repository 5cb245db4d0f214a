"""Telling a PostgreSQL database that was restored from the one it was dumped from.

A dump is loaded into another cluster, into another database, or into the same one with its tables made
anew; each of these has a number of its own. A restore to an earlier moment within the same cluster
cannot be told this way, nor one of the rows alone.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session


def of(session: Session) -> str | None:
    """A name for the very database this session is in; None on SQLite, whose backups carry a mark."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    numbers = session.execute(
        text(
            "SELECT (SELECT system_identifier FROM pg_control_system()), oid, 'service_marks'::regclass::oid "
            "FROM pg_database WHERE datname = current_database()"
        )
    ).one()
    return "/".join(str(number) for number in numbers)
