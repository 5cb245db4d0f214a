"""Changes of people's phone numbers."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from service.domain.moving import NumberChangeStatus
from service.store.schema.people import Participant
from service.store.types import Base, RowId, Unsealed, row_id, short, stored_enum

OPEN = text("status = 'asked'")


class NumberChange(Base):
    """One new number for one person, from staff's entry to the YES of that phone. Never deleted.

    Until the YES the person's row has the old number, and nothing here is sent to but the one question.
    """

    __tablename__ = "number_changes"

    id: Mapped[row_id]
    participant_id: Mapped[int] = mapped_column(RowId, ForeignKey(Participant.id), index=True)
    status: Mapped[NumberChangeStatus] = mapped_column(stored_enum(NumberChangeStatus))
    new_index: Mapped[bytes] = mapped_column(index=True)
    new_sealed: Mapped[bytes]
    old_index: Mapped[bytes]
    old_sealed: Mapped[bytes]
    note_sealed: Mapped[bytes | None]  # how staff learnt of it
    wording: Mapped[str | None]  # what the new phone was asked (ours, so not sealed)
    wording_version: Mapped[str | None] = mapped_column(short(64))
    message_id: Mapped[uuid.UUID] = mapped_column(Uuid(), ForeignKey("messages.id"))
    asked_at: Mapped[datetime]
    asked_by: Mapped[int | None] = mapped_column(
        RowId
    )  # a coordinator; as in the audit trail, no foreign key
    lapses_at: Mapped[datetime]
    old_stopped_at: Mapped[datetime | None]  # since then nothing goes to the old number
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(RowId)  # a coordinator; None: the phone, or time
    inbound_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("inbound_messages.id"))

    new_number = Unsealed("new_sealed")
    old_number = Unsealed("old_sealed")
    note = Unsealed("note_sealed")

    __table_args__ = (
        # Two of staff at once cannot ask one phone for two people, nor two phones for one person.
        Index(
            "uq_number_changes_asked_number",
            "new_index",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index(
            "uq_number_changes_asked_person",
            "participant_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )
