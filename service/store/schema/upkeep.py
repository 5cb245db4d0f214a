"""What looking after people's data leaves to be remembered."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from service.domain.withdrawals import WithdrawalKind
from service.store.types import Base, short, stored_enum


class Suppression(Base):
    """A number that nobody but its owner may bring back, though no participant has it any more.

    Only the keyed hash is kept: it answers "is it this number?", and cannot be turned into one.
    """

    __tablename__ = "suppressions"

    phone_index: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[WithdrawalKind] = mapped_column(stored_enum(WithdrawalKind))
    at: Mapped[datetime]


class Redaction(Base):
    """A text whose words are still to be blanked at the gateway. The row goes when that is done.

    It names no message and no person: after an erasure nothing leads from here to an anonymous row.
    """

    __tablename__ = "redactions"

    gateway_sid: Mapped[str] = mapped_column(short(64), primary_key=True)
    try_at: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)


class ServiceMark(Base):
    """A fact about this database that every process must know. See `store/marks.py`."""

    __tablename__ = "service_marks"

    name: Mapped[str] = mapped_column(short(40), primary_key=True)
    value: Mapped[str] = mapped_column(short(200))
