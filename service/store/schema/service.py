"""What the service keeps about itself."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.types import Base, RowId, Unsealed, row_id, short


class DataKey(Base):
    """A random key of the database's own, sealed under FIELD_KEYS. See `store/keys.py`."""

    __tablename__ = "data_keys"

    name: Mapped[str] = mapped_column(short(32), primary_key=True)
    key_sealed: Mapped[bytes]


class Heartbeat(Base):
    """When each job last finished a round, by the machine's clock (never the rehearsal's)."""

    __tablename__ = "heartbeats"

    job: Mapped[str] = mapped_column(short(40), primary_key=True)
    at: Mapped[datetime]


class Tally(Base):
    """How often something has happened since the database was made, for `/metrics`."""

    __tablename__ = "tallies"

    name: Mapped[str] = mapped_column(short(64), primary_key=True)
    count: Mapped[int] = mapped_column(RowId)


class AskCount(Base):
    """How often somebody outside asked for something in a window; see `store/counting.py`."""

    __tablename__ = "ask_counts"

    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    window_started_at: Mapped[datetime] = mapped_column(index=True)
    count: Mapped[int]


class SendingPause(Base):
    """All sending is withheld because the account itself is refused; rows stay due, nothing is burnt.

    One row at most is open (`ended_at` NULL). After `retry_at` one text is tried as a probe.
    """

    __tablename__ = "sending_pauses"

    id: Mapped[row_id]
    started_at: Mapped[datetime]
    retry_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    error_code: Mapped[int | None]
    reason: Mapped[str] = mapped_column(short(200))


class SendingPace(Base):
    """How fast one sender may go on, for all processes that send for it. One row a sender."""

    __tablename__ = "sending_paces"

    sender: Mapped[str] = mapped_column(short(32), primary_key=True)
    next_at: Mapped[datetime]  # when the next text may begin, by what was handed out so far
    held_until: Mapped[datetime | None]  # the gateway said "too fast", or was out of reach
    strikes: Mapped[int] = mapped_column(default=0)  # how often it did so in a row
    day: Mapped[date | None]  # the day that `segments_in_day` counts
    segments_in_day: Mapped[int] = mapped_column(default=0)


class TextTemplate(Base):
    """A routine text as a coordinator reworded it. Old versions stay, to explain what was sent."""

    __tablename__ = "text_templates"

    id: Mapped[row_id]
    key: Mapped[str] = mapped_column(short(64))
    language: Mapped[str] = mapped_column(short(5))
    version: Mapped[int]
    body: Mapped[str]  # our words with placeholders, not a person's
    created_at: Mapped[datetime]
    coordinator_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("coordinators.id"))

    __table_args__ = (UniqueConstraint("key", "language", "version"),)


class SavedReply(Base):
    """A short text that staff often write. It is inserted into what they write, never sent by itself.

    Not sealed: it is about nobody, as the page says where it is written.
    """

    __tablename__ = "saved_replies"

    id: Mapped[row_id]
    language: Mapped[str] = mapped_column(short(5))
    title: Mapped[str] = mapped_column(short(40))
    body: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(RowId)  # a coordinator; as in the audit trail

    __table_args__ = (UniqueConstraint("language", "title"),)


class RehearsalClock(Base):
    """How far Handrail's clock is ahead of the machine's. One row; only with the simulated phone."""

    __tablename__ = "rehearsal_clock"

    id: Mapped[row_id]
    offset_seconds: Mapped[float]
    moving_until: Mapped[datetime | None]  # machine time; while set, only the mover runs the jobs


class HandsetText(Base):
    """What the simulated phone shows: the memory of a phone, apart from our own records."""

    __tablename__ = "handset_texts"

    id: Mapped[row_id]
    phone_index: Mapped[bytes]
    phone_sealed: Mapped[bytes]
    is_from_service: Mapped[bool]
    body_sealed: Mapped[bytes]
    gateway_sid: Mapped[str] = mapped_column(short(64))
    at: Mapped[datetime]

    phone = Unsealed("phone_sealed")
    body = Unsealed("body_sealed")

    __table_args__ = (Index("ix_handset_texts_phone_index_id", "phone_index", "id"),)


class HandsetBlock(Base):
    """A number that the simulated carrier lets nothing through to, after STOP."""

    __tablename__ = "handset_blocks"

    phone_index: Mapped[bytes] = mapped_column(primary_key=True)
