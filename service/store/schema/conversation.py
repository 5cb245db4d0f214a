"""What is asked, what is sent, what comes back."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.domain.message import MessageKind, MessageStatus
from service.domain.prompt import Answer, Barrier, PromptStatus, ScheduleKind
from service.store.schema.people import Participant
from service.store.types import Base, RowId, Unsealed, new_message_id, row_id, short, stored_enum


def _where(condition: str) -> dict[str, Any]:
    """Keeps an index to the few rows that are looked for, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


TROUBLED = "status IN ('failed', 'undelivered', 'unknown')"
"""Texts that did not arrive, or may not have: in these very words, so that the index is used."""


class Prompt(Base):
    """One question to one person, from the first asking to its answer or its silence.

    `act_at` is when the follow-up job must look at it next: to ask again, or to close it.
    """

    __tablename__ = "prompts"

    id: Mapped[row_id]
    participant_id: Mapped[int] = mapped_column(RowId, ForeignKey("participants.id"))
    schedule_id: Mapped[int] = mapped_column(RowId, ForeignKey("schedules.id"))
    kind: Mapped[ScheduleKind] = mapped_column(stored_enum(ScheduleKind))
    event_date: Mapped[date]
    slot: Mapped[str] = mapped_column(short(16))
    event_at: Mapped[datetime]
    status: Mapped[PromptStatus] = mapped_column(stored_enum(PromptStatus))
    asked_at: Mapped[datetime | None]  # when the newest asking went out
    times_asked: Mapped[int] = mapped_column(default=1)
    act_at: Mapped[datetime | None]
    answer: Mapped[Answer | None] = mapped_column(stored_enum(Answer))
    score: Mapped[int | None]
    barrier: Mapped[Barrier | None] = mapped_column(stored_enum(Barrier))
    is_awaiting_barrier: Mapped[bool] = mapped_column(default=False)
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("schedule_id", "event_date", "slot"),
        Index("ix_prompts_participant_id_created_at", "participant_id", "created_at"),
        Index("ix_prompts_act_at", "act_at", **_where("act_at IS NOT NULL")),
        Index("ix_prompts_event_at", "event_at"),
    )


class Message(Base):
    """One text from us, written before it is sent.

    `dedupe_key` makes each thing that may be said sayable once: an occurrence ("schedule:date:slot"), its
    second asking, an invitation. It is unique, so two planners cannot both say it.
    """

    __tablename__ = "messages"

    id: Mapped[uuid.UUID] = mapped_column(Uuid(), primary_key=True, default=new_message_id)
    participant_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("participants.id"))
    to_sealed: Mapped[bytes | None]  # only for a number that belongs to no participant
    kind: Mapped[MessageKind] = mapped_column(stored_enum(MessageKind))
    status: Mapped[MessageStatus] = mapped_column(stored_enum(MessageStatus))
    reason: Mapped[str | None] = mapped_column(short(120))  # why cancelled, expired, failed or unknown
    body_sealed: Mapped[bytes | None]  # None once erased by retention
    words: Mapped[str | None] = mapped_column(short(80))  # which text or card, and its version
    topic: Mapped[str | None] = mapped_column(short(40))  # guidance: the card
    part: Mapped[int | None]  # guidance: 0 is the first part
    segments: Mapped[int] = mapped_column(default=0)
    is_time_chosen: Mapped[bool] = mapped_column(default=False)  # exempt from quiet hours
    priority: Mapped[int] = mapped_column(default=5)  # lower goes first: 0 safety, 1 replies, 5 schedule
    dedupe_key: Mapped[str | None] = mapped_column(short(96), unique=True)
    schedule_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("schedules.id"))
    prompt_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("prompts.id"))
    in_reply_to: Mapped[int | None] = mapped_column(RowId, ForeignKey("inbound_messages.id"))
    coordinator_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("coordinators.id"))
    created_at: Mapped[datetime]
    send_after: Mapped[datetime]
    expires_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    claim: Mapped[str | None] = mapped_column(short(32))  # whose hands it is in; only theirs may launch it
    launched_at: Mapped[datetime | None]  # from here on the gateway may have been called
    withdrawn: Mapped[str | None] = mapped_column(short(120))  # why it must not go out, said while in hand
    resent_at: Mapped[datetime | None]  # when it was queued again, once, as proven not taken
    look_up_at: Mapped[datetime | None]  # unknown: when the gateway's list is asked next
    times_missing: Mapped[int] = mapped_column(default=0, server_default="0")  # how often it was not there
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    final_at: Mapped[datetime | None]
    gateway_sid: Mapped[str | None] = mapped_column(short(64), unique=True)
    error_code: Mapped[int | None]

    body = Unsealed("body_sealed")
    to = Unsealed("to_sealed")
    participant: Mapped[Participant | None] = relationship()

    __table_args__ = (
        Index(
            "ix_messages_due",
            "priority",
            "send_after",
            **_where("status = 'queued'"),
        ),
        Index("ix_messages_with_words", "created_at", **_where("body_sealed IS NOT NULL")),
        Index("ix_messages_claimed_at", "claimed_at", **_where("status = 'sending'")),
        Index("ix_messages_sent_at", "sent_at", **_where("sent_at IS NOT NULL")),
        Index("ix_messages_unknown", "claimed_at", **_where("status = 'unknown'")),
        Index("ix_messages_participant_id_created_at", "participant_id", "created_at"),
        Index("ix_messages_by_hand", "participant_id", "created_at", **_where("kind = 'manual'")),
        Index("ix_messages_troubled", "created_at", **_where(TROUBLED)),
        Index("ix_messages_in_reply_to", "in_reply_to", **_where("in_reply_to IS NOT NULL")),
        Index("ix_messages_prompt_id", "prompt_id", **_where("prompt_id IS NOT NULL")),
        Index("ix_messages_schedule_id", "schedule_id", **_where("schedule_id IS NOT NULL")),
    )


class InboundMessage(Base):
    """One text from a phone, stored once per gateway id before it is understood."""

    __tablename__ = "inbound_messages"

    id: Mapped[row_id]
    gateway_sid: Mapped[str] = mapped_column(short(64), unique=True)
    participant_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("participants.id"))
    phone_index: Mapped[bytes]
    phone_sealed: Mapped[bytes]
    body_sealed: Mapped[bytes | None]
    body_hash: Mapped[bytes]  # keyed; tells an auto-responder that repeats itself
    media_count: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime]  # when the gateway had it
    read_late_at: Mapped[datetime | None]  # the webhook missed it: when it was found in the gateway's list
    lane: Mapped[str | None] = mapped_column(short(16))
    label: Mapped[str | None] = mapped_column(short(40))
    score: Mapped[float | None]
    is_soft: Mapped[bool] = mapped_column(default=False)  # the reply opened with the safety line
    prompt_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("prompts.id"))
    was_understood: Mapped[bool] = mapped_column(default=True)  # False: our fault, staff were alerted
    marked_label: Mapped[str | None] = mapped_column(short(40))  # how staff say it should have been read
    marked_by: Mapped[int | None] = mapped_column(
        RowId
    )  # a coordinator; as in the audit trail, no foreign key
    marked_at: Mapped[datetime | None]

    body = Unsealed("body_sealed")
    phone = Unsealed("phone_sealed")

    __table_args__ = (
        Index("ix_inbound_messages_with_words", "received_at", **_where("body_sealed IS NOT NULL")),
        Index("ix_inbound_messages_participant_id_received_at", "participant_id", "received_at"),
        Index("ix_inbound_messages_phone_index_received_at", "phone_index", "received_at"),
    )


class DeliveryEvent(Base):
    """One status callback, kept whether it moved the message or not."""

    __tablename__ = "delivery_events"

    id: Mapped[row_id]
    message_id: Mapped[uuid.UUID | None] = mapped_column(
        Uuid(), ForeignKey("messages.id"), index=True
    )  # None: for a message we do not know, or have erased
    gateway_sid: Mapped[str] = mapped_column(short(64))
    raw_status: Mapped[str] = mapped_column(short(32))
    error_code: Mapped[int | None]
    has_moved: Mapped[bool]  # whether it changed the message's status
    received_at: Mapped[datetime]
