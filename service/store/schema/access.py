"""What each member of staff may see, how they prove who they are, and the seals of the audit trail."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.domain.caseload import Caseload
from service.store.schema.staff import Coordinator
from service.store.types import Base, RowId, Unsealed, row_id, stored_enum


class StaffCaseload(Base):
    """Whose people somebody sees. Without a row: everybody's, as before there were caseloads."""

    __tablename__ = "staff_caseloads"

    coordinator_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("coordinators.id"), primary_key=True, autoincrement=False
    )
    caseload: Mapped[Caseload] = mapped_column(stored_enum(Caseload))


class SecondFactor(Base):
    """An authenticator app. It counts from `confirmed_at` on, when the first code from it was right.

    `last_step` is the newest 30-second step of which a code was used: neither it nor an older one is
    taken again.
    """

    __tablename__ = "second_factors"

    coordinator_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("coordinators.id"), primary_key=True, autoincrement=False
    )
    secret_sealed: Mapped[bytes]
    last_step: Mapped[int] = mapped_column(RowId, default=0)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]

    secret = Unsealed("secret_sealed")


class RecoveryCode(Base):
    """A way in, once, for somebody whose authenticator app is gone. Only a keyed hash is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[row_id]
    coordinator_id: Mapped[int] = mapped_column(RowId, ForeignKey("coordinators.id"))
    code_hash: Mapped[bytes]
    used_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("coordinator_id", "code_hash"),)


class HalfSignIn(Base):
    """The password or the link was right, and the code of the app is still to come. Opens nothing."""

    __tablename__ = "half_sign_ins"

    id: Mapped[row_id]
    coordinator_id: Mapped[int] = mapped_column(RowId, ForeignKey("coordinators.id"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    coordinator: Mapped[Coordinator] = relationship()


class AuditSeal(Base):
    """A link of the audit trail's chain: a keyed digest of the link before and of one entry."""

    __tablename__ = "audit_seals"

    position: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(RowId)
    digest: Mapped[bytes]

    __table_args__ = (Index("uq_audit_seals_entry_id", "entry_id", unique=True),)
