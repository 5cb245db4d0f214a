"""What staff write down about a person, and how they keep the queue of Today."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.types import Base, RowId, Unsealed, row_id


class StaffNote(Base):
    """Something a member of staff wants colleagues to know about a person. The person never sees it."""

    __tablename__ = "staff_notes"

    id: Mapped[row_id]
    participant_id: Mapped[int] = mapped_column(RowId, ForeignKey("participants.id"))
    coordinator_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("coordinators.id"))
    body_sealed: Mapped[bytes | None]  # None once erased
    created_at: Mapped[datetime]

    body = Unsealed("body_sealed")

    __table_args__ = (
        Index("ix_staff_notes_participant_id_id", "participant_id", "id"),
        Index(
            "ix_staff_notes_with_words",
            "created_at",
            sqlite_where=text("body_sealed IS NOT NULL"),
            postgresql_where=text("body_sealed IS NOT NULL"),
        ),
    )


class QueueMark(Base):
    """How staff have dealt with a person's place in the queue. One row a person, from the first time on.

    What was waiting up to `settled_until` has been looked after. Until `snoozed_until` the person is out of
    the queue for the whole team, unless something has come since `snoozed_at`.
    """

    __tablename__ = "queue_marks"

    participant_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("participants.id"), primary_key=True, autoincrement=False
    )
    settled_until: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(RowId, ForeignKey("coordinators.id"))
    snoozed_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    snoozed_by: Mapped[int | None] = mapped_column(RowId, ForeignKey("coordinators.id"))

    __table_args__ = (
        Index(
            "ix_queue_marks_snoozed_until",
            "snoozed_until",
            sqlite_where=text("snoozed_until IS NOT NULL"),
            postgresql_where=text("snoozed_until IS NOT NULL"),
        ),
    )
