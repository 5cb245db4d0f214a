"""Telling a PostgreSQL database that was restored from the one it was dumped from.

A dump is loaded into another database, which has another number within its cluster, or into another
cluster. A restore to an earlier moment within the same cluster cannot be told this way.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session


def of(session: Session) -> str | None:
    """A name for the very database this session is in; None on SQLite, whose backups carry a mark."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    cluster, number = session.execute(
        text(
            "SELECT (SELECT system_identifier FROM pg_control_system()), oid "
            "FROM pg_database WHERE datname = current_database()"
        )
    ).one()
    return f"{cluster}/{number}"
