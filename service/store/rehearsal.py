"""The rehearsal's clock and the simulated phone's own memory."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.schema import HandsetBlock, HandsetText, RehearsalClock
from service.store.sealing import index_of, seal

THE_CLOCK = 1


def clock(session: Session) -> RehearsalClock | None:
    return session.get(RehearsalClock, THE_CLOCK)


def clock_to_change(session: Session) -> RehearsalClock:
    row = session.get(RehearsalClock, THE_CLOCK, with_for_update=True)
    if row is None:
        row = RehearsalClock(id=THE_CLOCK, offset_seconds=0.0)
        session.add(row)
        session.flush()
    return row


def show(
    session: Session,
    *,
    number: str,
    body: str,
    gateway_sid: str,
    is_from_service: bool,
    now: datetime,
) -> None:
    session.add(
        HandsetText(
            phone_index=index_of(session, number),
            phone_sealed=seal(session, number),
            is_from_service=is_from_service,
            body_sealed=seal(session, body),
            gateway_sid=gateway_sid,
            at=now,
        )
    )


def on_handset(session: Session, number: str, limit: int = 200) -> Sequence[HandsetText]:
    """The newest texts of one phone, oldest first."""
    newest = session.scalars(
        select(HandsetText)
        .where(HandsetText.phone_index == index_of(session, number))
        .order_by(HandsetText.id.desc())
        .limit(limit)
    ).all()
    return newest[::-1]


def handsets(session: Session) -> list[str]:
    """The numbers that have been used in rehearsal, the latest first."""
    newest = select(func.max(HandsetText.id).label("id")).group_by(HandsetText.phone_index).subquery()
    rows = session.scalars(
        select(HandsetText).join(newest, HandsetText.id == newest.c.id).order_by(HandsetText.id.desc())
    ).all()
    return [row.phone for row in rows]


def is_blocked(session: Session, number: str) -> bool:
    return session.get(HandsetBlock, index_of(session, number)) is not None


def block(session: Session, number: str) -> None:
    if not is_blocked(session, number):
        session.add(HandsetBlock(phone_index=index_of(session, number)))


def unblock(session: Session, number: str) -> None:
    row = session.get(HandsetBlock, index_of(session, number))
    if row is not None:
        session.delete(row)
