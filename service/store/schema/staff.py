"""Coordinators, what they must look at, and what they did."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.domain.alerts import AlertKind, AlertStatus, Urgency
from service.domain.staff import Actor, Role
from service.store.schema.people import Participant
from service.store.types import Base, RowId, Unsealed, row_id, short, stored_enum


class Coordinator(Base):
    """A member of staff."""

    __tablename__ = "coordinators"

    id: Mapped[row_id]
    email: Mapped[str] = mapped_column(short(254), unique=True)  # folded to lower case
    name_sealed: Mapped[bytes]
    role: Mapped[Role] = mapped_column(stored_enum(Role))
    password_hash: Mapped[str | None] = mapped_column(short(255))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    name = Unsealed("name_sealed")


class ConsoleSession(Base):
    """A signed-in browser. Only a hash of its token is kept: a stolen database signs nobody in."""

    __tablename__ = "console_sessions"

    id: Mapped[row_id]
    coordinator_id: Mapped[int] = mapped_column(RowId, ForeignKey("coordinators.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]  # when a password, link or code was last given; None: at sign-in
    device: Mapped[str | None] = mapped_column(short(60))  # "Firefox on Windows", to tell one's own apart
    ended_at: Mapped[datetime | None]

    coordinator: Mapped[Coordinator] = relationship()


class SignInLink(Base):
    """A one-time way in, for the first sign-in and for a forgotten password."""

    __tablename__ = "sign_in_links"

    id: Mapped[row_id]
    coordinator_id: Mapped[int] = mapped_column(RowId, ForeignKey("coordinators.id"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """Failed sign-ins in a window. In the database, so that all workers count as one."""

    __tablename__ = "sign_in_attempts"

    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    window_started_at: Mapped[datetime]
    failures: Mapped[int]


class Alert(Base):
    """Something a coordinator must look at; open until somebody acknowledges it."""

    __tablename__ = "alerts"

    id: Mapped[row_id]
    kind: Mapped[AlertKind] = mapped_column(stored_enum(AlertKind))
    urgency: Mapped[Urgency] = mapped_column(stored_enum(Urgency))
    status: Mapped[AlertStatus] = mapped_column(stored_enum(AlertStatus))
    participant_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("participants.id"), index=True)
    inbound_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("inbound_messages.id"))
    message_id: Mapped[uuid.UUID | None] = mapped_column(Uuid(), ForeignKey("messages.id"))
    detail: Mapped[str | None] = mapped_column(short(200))  # never a name, a number or a text
    dedupe_key: Mapped[str | None] = mapped_column(short(96), unique=True)
    opened_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(RowId, ForeignKey("coordinators.id"))
    note_sealed: Mapped[bytes | None]

    note = Unsealed("note_sealed")
    participant: Mapped[Participant | None] = relationship()

    __table_args__ = (
        Index(
            "ix_alerts_open",
            "urgency",
            "opened_at",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "ix_alerts_acknowledged_at",
            "acknowledged_at",
            sqlite_where=text("acknowledged_at IS NOT NULL"),
            postgresql_where=text("acknowledged_at IS NOT NULL"),
        ),
        Index(
            "ix_alerts_about_texts",
            "opened_at",
            sqlite_where=text("inbound_id IS NOT NULL"),
            postgresql_where=text("inbound_id IS NOT NULL"),
        ),
    )


class AuditEntry(Base):
    """Append-only: who did what to which record. Holds ids and field names, never their contents.

    Triggers of the database refuse to change or delete a row; `AuditSeal` shows when that was got around.
    """

    __tablename__ = "audit_entries"

    id: Mapped[row_id]
    at: Mapped[datetime]
    actor: Mapped[Actor] = mapped_column(stored_enum(Actor))
    actor_id: Mapped[int | None] = mapped_column(RowId)
    action: Mapped[str] = mapped_column(short(64))
    participant_id: Mapped[int | None] = mapped_column(RowId, index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON())

    __table_args__ = (Index("ix_audit_entries_actor_id_id", "actor_id", "id"),)
