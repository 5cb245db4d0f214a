"""Sealing everything anew under the newest key, while the service runs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, select, update
from sqlalchemy.orm import Session

from service.store import sqlite_files
from service.store.engine import Database
from service.store.schema import Base
from service.store.vault import Vault

BATCH = 200
MOST_PASSES = 5

Progress = Callable[[str, int, int], None]
"""Told after each batch: the table, how many rows were looked at and how many values sealed anew."""


@dataclass(frozen=True)
class Rotated:
    """`values` were looked at in the last pass, `resealed` in all; `lost` open with no key at all.

    `is_complete`: the last pass found nothing but values under the newest key.
    """

    values: int
    resealed: int
    lost: int
    is_complete: bool


@dataclass(frozen=True)
class _Sealed:
    """A table with its sealed columns and its key."""

    table: Table
    key: Column[Any]
    columns: Sequence[Column[Any]]


def rotate(database: Database, on_batch: Progress = lambda *_: None) -> Rotated:
    """Seal every sealed value under the newest of FIELD_KEYS that is not; the key of the numbers as well.

    Nothing marks how far it has come: the values themselves tell, so it may be killed at any moment and
    run again. Passes are made until one finds nothing to do, because a process that still has the older
    key in front may be writing. A row that changes meanwhile is left to the next pass.
    """
    resealed = 0
    for _ in range(MOST_PASSES):
        values = done = lost = 0
        for sealed in _sealed_tables():
            counts = _one_table(database, sealed, on_batch)
            values, done, lost = values + counts[0], done + counts[1], lost + counts[2]
        resealed += done
        if done == 0:
            break
    is_complete = done == 0 and lost == 0
    if resealed and is_complete and sqlite_files.is_sqlite(database.engine):
        sqlite_files.scrub(database.engine, rebuild=True)  # what the old key opens is not left in the file
    return Rotated(values, resealed, lost, is_complete)


def _sealed_tables() -> Iterator[_Sealed]:
    """Every table with a column whose name ends in _sealed: none can be forgotten."""
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.columns if column.name.endswith("_sealed")]
        if columns:
            (key,) = table.primary_key.columns
            yield _Sealed(table, key, columns)


def _one_table(database: Database, sealed: _Sealed, on_batch: Progress) -> tuple[int, int, int]:
    values = done = lost = rows = 0
    last: Any = None
    while True:
        with database.read() as session:
            batch = _rows_after(session, sealed, last)
        if not batch:
            return values, done, lost
        last = batch[-1][0]
        rows += len(batch)
        changes, seen, gone = _changes(database.vault, sealed, batch)
        # Reading and sealing hold no lock; only this does, for as long as the rows to change take.
        if changes:
            with database.write() as session:
                done += sum(_put(session, sealed, *change) for change in changes)
        values, lost = values + seen, lost + gone
        on_batch(sealed.table.name, rows, done)


def _rows_after(session: Session, sealed: _Sealed, last: Any) -> Sequence[Sequence[Any]]:
    query = select(sealed.key, *sealed.columns).order_by(sealed.key).limit(BATCH)
    if last is not None:
        query = query.where(sealed.key > last)
    return session.execute(query).all()


def _changes(
    vault: Vault, sealed: _Sealed, batch: Sequence[Sequence[Any]]
) -> tuple[list[tuple[Any, Column[Any], bytes, bytes]], int, int]:
    """(key, column, old, new) for each value that is not under the newest key; values seen; values lost."""
    changes, seen, lost = [], 0, 0
    for key, *values in batch:
        for column, value in zip(sealed.columns, values, strict=True):
            if value is None:
                continue
            seen += 1
            if vault.is_newest(value):
                continue
            new = vault.reseal(value)
            if new is None:
                lost += 1
            else:
                changes.append((key, column, value, new))
    return changes, seen, lost


def _put(session: Session, sealed: _Sealed, key: Any, column: Column[Any], old: bytes, new: bytes) -> int:
    """Only over the value that was read: whoever has changed it since has the last word."""
    result: Any = session.execute(
        update(sealed.table).where(sealed.key == key, column == old).values({column: new})
    )
    count: int = result.rowcount
    return count
