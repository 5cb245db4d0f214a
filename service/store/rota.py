"""Shifts, covers and swaps: who is on call when."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from service.domain.rota import Cover, Rota, Shift, Swap
from service.domain.staff import Role
from service.store.schema import Coordinator, RotaCover, RotaShift, RotaSwap


def rota(session: Session, timezone: str) -> Rota:
    """The rota as it stands, without those whose account is closed or only looks."""
    cannot = or_(Coordinator.disabled_at.is_not(None), Coordinator.role == Role.VIEWER)
    gone = set(session.scalars(select(Coordinator.id).where(cannot)))
    return Rota(
        ZoneInfo(timezone),
        tuple(
            Shift(row.id, row.coordinator_id, row.role, row.weekday, row.starts, row.ends)
            for row in shifts(session)
            if row.coordinator_id not in gone
        ),
        tuple(Cover(row.absent_id, row.instead_id, row.starts_at, row.ends_at) for row in covers(session)),
        tuple(Swap(row.shift_id, row.day, row.instead_id) for row in swaps(session)),
    )


def shifts(session: Session) -> Sequence[RotaShift]:
    """Those in force, as the week goes."""
    return session.scalars(
        select(RotaShift)
        .where(RotaShift.ended_at.is_(None))
        .order_by(RotaShift.role, RotaShift.weekday, RotaShift.starts, RotaShift.id)
    ).all()


def covers(session: Session, since: datetime | None = None) -> Sequence[RotaCover]:
    """Those not withdrawn, in the order they were entered; with `since` only those that end after it."""
    query = select(RotaCover).where(RotaCover.ended_at.is_(None)).order_by(RotaCover.id)
    if since is not None:
        query = query.where(RotaCover.ends_at > since)
    return session.scalars(query).all()


def swaps(session: Session) -> Sequence[RotaSwap]:
    """Those of shifts in force."""
    return session.scalars(
        select(RotaSwap)
        .join(RotaShift, RotaShift.id == RotaSwap.shift_id)
        .where(RotaShift.ended_at.is_(None))
        .order_by(RotaSwap.day, RotaSwap.id)
    ).all()


def shift_like(session: Session, shift: Shift) -> RotaShift | None:
    """The shift in force of the same person, role, weekday and start: there is one at most."""
    return session.scalar(
        select(RotaShift).where(
            RotaShift.coordinator_id == shift.person,
            RotaShift.role == shift.role,
            RotaShift.weekday == shift.weekday,
            RotaShift.starts == shift.starts,
            RotaShift.ended_at.is_(None),
        )
    )


def swap_on(session: Session, shift_id: int, day: date) -> RotaSwap | None:
    return session.scalar(select(RotaSwap).where(RotaSwap.shift_id == shift_id, RotaSwap.day == day))
