"""Entering many people from a CSV file: all of it, or nothing and the reasons by row."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.domain.consent import ConsentSource
from service.domain.errors import BadInput, HandrailError
from service.domain.programme import Programme
from service.guide.words import Words
from service.store import audit
from service.store.audit import By
from service.store.engine import Database
from service.workflows.enrolment import NewParticipant, check_new, enrol_checked

COLUMNS = frozenset({"phone", "name", "timezone", "language", "consent_source", "consent_note", "opted_in"})
MOST_ROWS = 10_000
_YES = frozenset({"yes", "y", "true", "1"})
_NO = frozenset({"no", "n", "false", "0", ""})


@dataclass(frozen=True)
class Row:
    """One line of the file, counted as a spreadsheet counts (the header is 1)."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Problem:
    row: int
    reason: str


@dataclass(frozen=True)
class ImportResult:
    rows: int
    problems: tuple[Problem, ...]


class _Undo(Exception):
    """Rolls the import back; never leaves this module."""


def read_people(data: bytes) -> list[Row]:
    """The rows of a CSV file in UTF-8 (with or without a mark) or Windows-1252. Raises BadInput."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        lines = list(reader)
    except csv.Error as problem:
        raise BadInput(f"The file is not a CSV file: {problem}.") from None
    if not lines:
        raise BadInput("The file is empty.")
    header = [cell.strip().lower().replace(" ", "_") for cell in lines[0]]
    unknown = sorted(set(header) - COLUMNS - {""})
    if unknown:
        raise BadInput(f"Unknown column {unknown[0]!r}. Known: {', '.join(sorted(COLUMNS))}.")
    missing = sorted({"phone", "consent_source"} - set(header))
    if missing:
        raise BadInput(f"The column {missing[0]!r} is missing from the header row.")
    rows = [
        Row(number, dict(zip(header, (cell.strip() for cell in line), strict=False)))
        for number, line in enumerate(lines[1:], 2)
        if any(cell.strip() for cell in line)
    ]
    if not rows:
        raise BadInput("The file has a header row and nothing below it.")
    if len(rows) > MOST_ROWS:
        raise BadInput(f"The file has more than {MOST_ROWS} rows: split it.")
    return rows


def import_people(
    database: Database,
    words: Words,
    programme: Programme,
    rows: Sequence[Row],
    by: By,
    now: datetime,
    *,
    dry_run: bool = False,
) -> ImportResult:
    """Enter every row in one transaction, or none. Somebody who opted out is a problem, not a return."""
    problems: list[Problem] = []
    try:
        with database.write() as session:
            for row in rows:
                try:
                    with session.begin_nested():
                        entry = check_new(_entry(row), programme)
                        enrol_checked(session, words, programme, entry, by, now)
                except HandrailError as problem:
                    problems.append(Problem(row.number, str(problem)))
            audit.record(session, by, "participants.imported", now, rows=len(rows))
            if problems or dry_run:
                raise _Undo
    except _Undo:
        pass
    return ImportResult(len(rows), tuple(problems))


def _entry(row: Row) -> NewParticipant:
    source = row.cells.get("consent_source", "").lower()
    if source not in {"paper", "verbal", "web"}:
        raise BadInput("consent_source must be paper, verbal or web.")
    opted_in = row.cells.get("opted_in", "").lower()
    if opted_in not in _YES | _NO:
        raise BadInput("opted_in must be yes or no.")
    return NewParticipant(
        phone=row.cells.get("phone", ""),
        name=row.cells.get("name", ""),
        timezone=row.cells.get("timezone", ""),
        language=row.cells.get("language", "").lower() or "en",
        source=ConsentSource(source),
        note=row.cells.get("consent_note", ""),
        is_opted_in=opted_in in _YES,
    )
