"""How often something was asked for lately. In the database, so that all workers count as one."""

from datetime import datetime, timedelta

from sqlalchemy import case, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.store.schema import AskCount
from service.store.sealing import vault_of

KEPT = timedelta(days=1)


def prune(session: Session, now: datetime) -> None:
    """Drop what is older than a day. To be called before any `add` of a transaction: deletes that wait for
    each other while they hold counts would end in a deadlock.
    """
    session.execute(delete(AskCount).where(AskCount.window_started_at < now - KEPT))


def add(session: Session, what: str, now: datetime, window: timedelta) -> int:
    """Count one more of `what` (a number or address may be in it); how many in this window.

    `window` is up to KEPT. What is kept is a keyed hash. One statement, so that those that come at once are
    all counted.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    is_over = AskCount.window_started_at <= now - window
    counted = session.execute(
        insert(AskCount)
        .values(key_hash=vault_of(session).index(f"ask:{what}"), window_started_at=now, count=1)
        .on_conflict_do_update(
            index_elements=["key_hash"],
            set_={
                "count": case((is_over, 1), else_=AskCount.count + 1),
                "window_started_at": case((is_over, now), else_=AskCount.window_started_at),
            },
        )
        .returning(AskCount.count)
    )
    return counted.scalar_one()
