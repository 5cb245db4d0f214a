"""Counting what happens in passing and leaves no row of its own. All processes count as one."""

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.store.schema import Tally

RECEIPTS_MISFIT = "receipts_misfit"
"""Receipts whose gateway id and message do not belong together; kept, and nothing was moved."""

RECEIPTS_UNKNOWN = "receipts_unknown"
"""Receipts for a message that is not ours, or not any more."""

TEXTS_READ_LATE = "texts_read_late"
"""Texts that the webhook missed and the gateway's list brought."""

REFUSED = "webhook_refused:"
"""Begins the name of each reason for which a webhook post was refused."""


def add(session: Session, name: str, by: int = 1) -> None:
    """Count on by one or more; one statement, so that two who count at once are both counted."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(Tally)
        .values(name=name, count=by)
        .on_conflict_do_update(index_elements=["name"], set_={"count": Tally.count + by})
    )


def all_of(session: Session) -> dict[str, int]:
    return {row.name: row.count for row in session.scalars(select(Tally))}
