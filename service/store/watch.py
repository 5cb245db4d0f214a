"""Hearing at once that another process has queued a text, instead of asking every second.

PostgreSQL tells (LISTEN). SQLite is asked whether anybody has written since, which costs microseconds.
Both are only there for speed: who misses it looks again after a second anyway.
"""

import time
from typing import Any, Protocol, cast

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

CHANNEL = "handrail_outbox"
GLANCE_S = 0.05


class Watch(Protocol):
    def wait(self, seconds: float) -> bool:
        """True as soon as something may have been queued; False after `seconds` without it."""

    def close(self) -> None: ...


def tell(session: Session) -> None:
    """Wake senders when this transaction commits. Free on SQLite, where they see the commit itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"NOTIFY {CHANNEL}"))


def watch(engine: Engine) -> Watch:
    """Opens a connection of its own. Raises SQLAlchemyError when that fails."""
    if engine.dialect.name == "sqlite":
        return _SqliteWatch(engine)
    return _PostgresWatch(engine)


def _own_connection(engine: Engine) -> Any:
    """A driver's connection outside the pool."""
    connection = engine.raw_connection()
    driver = connection.driver_connection
    connection.detach()
    return driver


class _SqliteWatch:
    def __init__(self, engine: Engine) -> None:
        self._connection = _own_connection(engine)
        self._version = self._look()

    def _look(self) -> int:
        cursor = self._connection.cursor()
        try:
            return cast(int, cursor.execute("PRAGMA data_version").fetchone()[0])
        finally:
            cursor.close()

    def wait(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while (version := self._look()) == self._version:
            left = until - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(left, GLANCE_S))
        self._version = version
        return True

    def close(self) -> None:
        self._connection.close()


class _PostgresWatch:
    def __init__(self, engine: Engine) -> None:
        self._connection = _own_connection(engine)
        self._connection.autocommit = True
        self._connection.execute(f"LISTEN {CHANNEL}")

    def wait(self, seconds: float) -> bool:
        return any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))

    def close(self) -> None:
        self._connection.close()
