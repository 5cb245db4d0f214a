"""Column types and the declarative base."""

import os
import time
import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    Integer,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, mapped_column, object_session

from service.store.vault import Vault


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database. SQLite would hand back naive values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must say its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy's own idiom)
        datetime: UtcDateTime(),
        bytes: LargeBinary(),
    }


# SQLite only counts up an INTEGER primary key; PostgreSQL wants room for billions.
RowId = BigInteger().with_variant(Integer(), "sqlite")
row_id = Annotated[int, mapped_column(RowId, primary_key=True)]


def stored_enum(kind: type[StrEnum]) -> Enum:
    """A StrEnum kept as its value in a VARCHAR, so that a new member needs no migration."""
    return Enum(
        kind,
        native_enum=False,
        length=32,
        create_constraint=False,
        values_callable=lambda members: [member.value for member in members],
    )


def short(length: int = 64) -> String:
    return String(length)


class Unsealed:
    """Reads a `…_sealed` column of a loaded row as text: `name = Unsealed("name_sealed")`.

    Writing is explicit, `name_sealed=vault_of(session).seal(text)`, because a row that is not in a
    session yet has no vault.
    """

    def __init__(self, column: str) -> None:
        self._column = column

    def __get__(self, row: Any, owner: type | None = None) -> str:
        sealed = getattr(row, self._column)
        if sealed is None:
            return ""
        session = object_session(row)
        if session is None:
            raise RuntimeError("a sealed value can only be opened inside its session")
        vault: Vault = session.info["vault"]
        return vault.open(sealed)


def new_message_id() -> uuid.UUID:
    """A UUIDv7: random enough not to be guessed in a callback's path, ordered enough for the index.

    The time part is the machine's, only for locality; nothing reads it back.
    """
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & ((1 << 48) - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return uuid.UUID(int=value)
