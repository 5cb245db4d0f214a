"""People, their permission, and what they are to be asked or reminded of."""

from datetime import date, datetime, time

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.ending import EndReason
from service.domain.prompt import ScheduleKind
from service.domain.recurrence import Repeats
from service.store.types import Base, RowId, Unsealed, row_id, short, stored_enum


class Participant(Base):
    """One person and one phone number."""

    __tablename__ = "participants"

    id: Mapped[row_id]
    phone_index: Mapped[bytes] = mapped_column(unique=True)
    phone_sealed: Mapped[bytes]
    name_sealed: Mapped[bytes | None]
    language: Mapped[str] = mapped_column(short(5), default="en")
    timezone: Mapped[str] = mapped_column(short(64))
    consent: Mapped[ConsentStatus] = mapped_column(stored_enum(ConsentStatus))
    consent_changed_at: Mapped[datetime]
    paused_until: Mapped[datetime | None]  # texts by schedule are withheld until then
    held_until: Mapped[datetime | None]  # somebody talks with them: check-ins and meeting texts wait
    number_since: Mapped[datetime | None]  # when it took the place of another; None: from the start
    number_problem: Mapped[str | None] = mapped_column(short(64))  # why the number cannot be reached
    invitation_lapses_at: Mapped[datetime | None]
    responsible_id: Mapped[int | None] = mapped_column(RowId)  # a coordinator; None: shared by all
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]  # since then nothing here says who it was
    indexed_as: Mapped[int | None]  # how its tokens were made; see `store/finding.py`

    phone = Unsealed("phone_sealed")
    name = Unsealed("name_sealed")

    __table_args__ = (
        Index("ix_participants_responsible_id_id", "responsible_id", "id"),
        Index(
            "ix_participants_invitation_lapses_at",
            "invitation_lapses_at",
            sqlite_where=text("invitation_lapses_at IS NOT NULL"),
            postgresql_where=text("invitation_lapses_at IS NOT NULL"),
        ),
        Index("ix_participants_consent_id", "consent", "id"),
        Index("ix_participants_language_id", "language", "id"),
        Index(
            "ix_participants_without_tokens",
            "id",
            sqlite_where=text("indexed_as IS NULL"),
            postgresql_where=text("indexed_as IS NULL"),
        ),
    )


class NameToken(Base):
    """One thing that a person can be found by: a keyed hash of a word, a beginning or four digits."""

    __tablename__ = "name_tokens"

    token: Mapped[bytes] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("participants.id"), primary_key=True, autoincrement=False, index=True
    )

    __table_args__ = ({"sqlite_with_rowid": False},)


class ConsentEvent(Base):
    """The ledger of permission: who, when, how, and the exact words. Never changed, never deleted."""

    __tablename__ = "consent_events"

    id: Mapped[row_id]
    participant_id: Mapped[int] = mapped_column(RowId, ForeignKey("participants.id"), index=True)
    status: Mapped[ConsentStatus] = mapped_column(stored_enum(ConsentStatus))
    source: Mapped[ConsentSource] = mapped_column(stored_enum(ConsentSource))
    at: Mapped[datetime]
    wording: Mapped[str | None]  # what the person was shown (ours, so not sealed)
    wording_version: Mapped[str | None] = mapped_column(short(64))
    inbound_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("inbound_messages.id"))
    coordinator_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("coordinators.id"))
    note_sealed: Mapped[bytes | None]

    note = Unsealed("note_sealed")

    __table_args__ = (
        Index("ix_consent_events_at", "at"),
        Index("ix_consent_events_status_at_id", "status", "at", "id"),
        Index("ix_consent_events_source_at_id", "source", "at", "id"),
    )


class Schedule(Base):
    """A recurring question or reminder, in the person's local wall time.

    `next_due_at` is the only thing the planner looks at; it is worked out again whenever the schedule,
    the person's zone or their consent changes. NULL means nothing is due, ever.
    """

    __tablename__ = "schedules"

    id: Mapped[row_id]
    participant_id: Mapped[int] = mapped_column(RowId, ForeignKey("participants.id"), index=True)
    kind: Mapped[ScheduleKind] = mapped_column(stored_enum(ScheduleKind))
    label_sealed: Mapped[bytes | None]
    at: Mapped[time]
    repeats: Mapped[Repeats] = mapped_column(stored_enum(Repeats))
    every: Mapped[int] = mapped_column(default=1)
    weekdays: Mapped[int] = mapped_column(default=0)  # bit 0 = Monday .. bit 6 = Sunday
    month_day: Mapped[int | None]
    starting: Mapped[date]
    until: Mapped[date | None]
    lead_minutes: Mapped[int | None]
    next_due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[EndReason | None] = mapped_column(stored_enum(EndReason))
    ended_by: Mapped[int | None] = mapped_column(
        RowId
    )  # a coordinator, without a foreign key as in the trail

    label = Unsealed("label_sealed")
    participant: Mapped[Participant] = relationship()

    __table_args__ = (
        Index(
            "ix_schedules_next_due_at",
            "next_due_at",
            sqlite_where=text("next_due_at IS NOT NULL"),
            postgresql_where=text("next_due_at IS NOT NULL"),
        ),
    )
