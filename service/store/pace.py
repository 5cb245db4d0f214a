"""The sender's pace: one row, locked by whoever hands out slots, so that all processes keep one rate."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.domain.pace import LONGEST_HOLD, hold_for
from service.store.schema import SendingPace

SENDER = "sender"
"""There is one sender a database; the column leaves room for several."""


def lock(session: Session, now: datetime) -> SendingPace:
    """The pace, held until the transaction ends. A hold that no rule could have set is dropped.

    Such a hold comes of a clock that was set back.
    """
    row = session.scalar(select(SendingPace).with_for_update().execution_options(populate_existing=True))
    if row is None:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        fresh = dialect.insert(SendingPace).values(sender=SENDER, next_at=now, strikes=0, segments_in_day=0)
        session.execute(fresh.on_conflict_do_nothing())
        row = session.scalars(select(SendingPace).with_for_update()).one()
    if row.held_until is not None and row.held_until > now + LONGEST_HOLD:
        row.held_until = None
    return row


def hold(session: Session, now: datetime, asked: timedelta | None) -> datetime:
    """Let nobody send for a while; until when. Answers that come together count as one."""
    row = lock(session, now)
    held = row.held_until if row.held_until is not None and row.held_until > now else None
    if held is None:
        row.strikes += 1
    until = now + hold_for(asked, row.strikes)
    row.held_until = max(until, held) if held is not None else until
    session.flush()
    return row.held_until


def held_until(session: Session, now: datetime) -> datetime | None:
    """Until when nobody sends; None when they may."""
    until = session.scalar(select(SendingPace.held_until))
    return until if until is not None and now < until <= now + LONGEST_HOLD else None


def forgive(session: Session) -> None:
    """A text was taken: the next trouble starts counting anew."""
    session.execute(
        update(SendingPace)
        .where(SendingPace.strikes > 0)
        .values(strikes=0)
        .execution_options(synchronize_session=False)
    )
