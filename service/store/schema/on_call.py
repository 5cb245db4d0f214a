"""Who is on call, the phones they are paged on, and what was paged."""

import uuid
from datetime import date, datetime, time

from sqlalchemy import ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.domain.paging import StaffPhoneStatus
from service.domain.rota import RotaRole
from service.store.schema.conversation import Message
from service.store.schema.staff import Alert, Coordinator
from service.store.types import Base, RowId, Unsealed, row_id, short, stored_enum

_IN_FORCE = text("ended_at IS NULL")


class StaffPhone(Base):
    """Where a member of staff is paged. Found by the same keyed hash as participants are."""

    __tablename__ = "staff_phones"

    id: Mapped[row_id]
    coordinator_id: Mapped[int] = mapped_column(RowId, ForeignKey("coordinators.id"), unique=True)
    phone_index: Mapped[bytes] = mapped_column(unique=True)
    phone_sealed: Mapped[bytes]
    status: Mapped[StaffPhoneStatus] = mapped_column(stored_enum(StaffPhoneStatus))
    times_asked: Mapped[int]
    asked_at: Mapped[datetime]
    changed_at: Mapped[datetime]  # when the status became what it is

    phone = Unsealed("phone_sealed")
    coordinator: Mapped[Coordinator] = relationship()


class RotaShift(Base):
    """A weekly shift, in local times of the programme's zone."""

    __tablename__ = "rota_shifts"

    id: Mapped[row_id]
    coordinator_id: Mapped[int] = mapped_column(RowId, ForeignKey("coordinators.id"))
    role: Mapped[RotaRole] = mapped_column(stored_enum(RotaRole))
    weekday: Mapped[int]  # 0 = Monday .. 6 = Sunday
    starts: Mapped[time]
    ends: Mapped[time]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # taken off the rota

    __table_args__ = (
        Index(
            "uq_rota_shifts_in_force",
            "coordinator_id",
            "role",
            "weekday",
            "starts",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )


class RotaCover(Base):
    """Somebody is away, and somebody else takes what is theirs."""

    __tablename__ = "rota_covers"

    id: Mapped[row_id]
    absent_id: Mapped[int] = mapped_column(RowId, ForeignKey("coordinators.id"))
    instead_id: Mapped[int] = mapped_column(RowId, ForeignKey("coordinators.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # withdrawn


class RotaSwap(Base):
    """One shift that is somebody else's, this once."""

    __tablename__ = "rota_swaps"

    id: Mapped[row_id]
    shift_id: Mapped[int] = mapped_column(RowId, ForeignKey("rota_shifts.id"))
    day: Mapped[date]  # on which the shift begins
    instead_id: Mapped[int] = mapped_column(RowId, ForeignKey("coordinators.id"))
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("shift_id", "day"),)


class Paging(Base):
    """All pages about one alert. `next_at` is the only thing the job looks at.

    NULL there means that nothing is due: it has ended, its time is up, or (`is_unheard`) there is nobody
    who can be paged, and it goes on as soon as there is somebody.
    """

    __tablename__ = "pagings"

    alert_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("alerts.id"), primary_key=True, autoincrement=False
    )
    code: Mapped[str] = mapped_column(short(8))
    times_started: Mapped[int] = mapped_column(default=1)  # how often paging began: again for a later text
    started_at: Mapped[datetime]
    step: Mapped[int] = mapped_column(default=0)  # the one to take next
    next_at: Mapped[datetime | None]
    is_unheard: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None]  # somebody has taken the alert; until then the code is its own

    alert: Mapped[Alert] = relationship()

    __table_args__ = (
        Index(
            "ix_pagings_next_at",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index("uq_pagings_code", "code", unique=True, sqlite_where=_IN_FORCE, postgresql_where=_IN_FORCE),
    )


class Page(Base):
    """One text to one member of staff about one alert."""

    __tablename__ = "pages"

    id: Mapped[row_id]
    alert_id: Mapped[int] = mapped_column(RowId, ForeignKey("pagings.alert_id"), index=True)
    coordinator_id: Mapped[int] = mapped_column(RowId, ForeignKey("coordinators.id"))
    message_id: Mapped[uuid.UUID] = mapped_column(Uuid(), ForeignKey("messages.id"), unique=True)
    step: Mapped[int]
    at: Mapped[datetime]
    is_watched: Mapped[bool] = mapped_column(default=True)  # False once a failure has been dealt with

    message: Mapped[Message] = relationship()
    coordinator: Mapped[Coordinator] = relationship()
