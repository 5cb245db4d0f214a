"""Entering many people from a CSV file: all of it, or nothing and the reasons by row."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from service.domain.consent import ConsentSource
from service.domain.errors import BadInput, HandrailError
from service.domain.local_time import zone_named
from service.domain.phone import parse_phone
from service.domain.programme import Programme
from service.guide.languages import LANGUAGES
from service.guide.words import Words
from service.store import audit, participants, withdrawals
from service.store.audit import By
from service.store.engine import Database
from service.store.sealing import index_of
from service.workflows.enrolment import (
    LONGEST_NAME,
    NewParticipant,
    OptedOut,
    check_new,
    enrol_checked,
    refuse_to_enrol,
)

COLUMNS = frozenset({"phone", "name", "timezone", "language", "consent_source", "consent_note", "opted_in"})
MOST_ROWS = 10_000
LONGEST_NOTE = 500
_YES = frozenset({"yes", "y", "true", "1"})
_NO = frozenset({"no", "n", "false", "0", ""})


@dataclass(frozen=True)
class Row:
    """One line of the file, counted as a spreadsheet counts (the header is 1)."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Problem:
    """`column` is the one to mend; None when it is not about one. `reason` repeats nothing of the cell."""

    row: int
    reason: str
    column: str | None = None


@dataclass(frozen=True)
class ImportResult:
    """`kept_out` are rows of people who opted out, left out of the import when that was asked for."""

    rows: int
    problems: tuple[Problem, ...]
    kept_out: tuple[int, ...] = ()


@dataclass(frozen=True)
class Checked:
    """What an import would do: `invited` get one invitation, `signed` a confirmation."""

    rows: int
    problems: tuple[Problem, ...]
    kept_out: tuple[int, ...]
    invited: int
    signed: int

    @property
    def entered(self) -> int:
        return self.invited + self.signed


class _Undo(Exception):
    """Rolls the import back; never leaves this module."""


def read_people(data: bytes, most_rows: int = MOST_ROWS) -> list[Row]:
    """The rows of a CSV file, as `text_of` reads it. Raises BadInput."""
    lines = _lines_of(text_of(data))
    if not lines:
        raise BadInput("The file is empty.")
    header = [cell.strip().lower().replace(" ", "_") for cell in lines[0]]
    unknown = sorted(set(header) - COLUMNS - {""})
    if unknown:
        raise BadInput(f"Unknown column {unknown[0]!r}. Known: {', '.join(sorted(COLUMNS))}.")
    missing = sorted({"phone", "consent_source"} - set(header))
    if missing:
        raise BadInput(f"The column {missing[0]!r} is missing from the header row.")
    twice = sorted(name for name in COLUMNS if header.count(name) > 1)
    if twice:
        raise BadInput(f"The column {twice[0]!r} is there twice: keep one.")
    rows = [
        Row(number, dict(zip(header, (_plain(cell) for cell in line), strict=False)))
        for number, line in enumerate(lines[1:], 2)
        if any(cell.strip() for cell in line)
    ]
    if not rows:
        raise BadInput("The file has a header row and nothing below it.")
    if len(rows) > most_rows:
        raise BadInput(f"The file has more than {most_rows} rows: split it.")
    return rows


def text_of(data: bytes) -> str:
    """A file in UTF-8 (with or without a mark) or else Windows-1252."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def import_people(
    database: Database,
    words: Words,
    programme: Programme,
    rows: Sequence[Row],
    by: By,
    now: datetime,
    *,
    dry_run: bool = False,
    without_opted_out: bool = False,
) -> ImportResult:
    """Enter every row in one transaction, or none.

    Somebody who opted out is a problem, not a return; or, `without_opted_out`, is left out and told of.
    """
    problems: list[Problem] = []
    kept_out: list[int] = []
    try:
        with database.write() as session:
            for row in rows:
                entry, faults = _entry(row, programme)
                problems += faults
                if entry is None:
                    continue
                try:
                    with session.begin_nested():
                        enrol_checked(session, words, programme, entry, by, now)
                except OptedOut as problem:
                    if without_opted_out:
                        kept_out.append(row.number)
                    else:
                        problems.append(Problem(row.number, str(problem), "phone"))
                except HandrailError as problem:
                    problems.append(Problem(row.number, str(problem), "phone"))
            audit.record(
                session, by, "participants.imported", now, rows=len(rows) - len(kept_out),
                kept_out=len(kept_out) or None,
            )  # fmt: skip
            if problems or dry_run:
                raise _Undo
    except _Undo:
        pass
    return ImportResult(len(rows), tuple(problems), tuple(kept_out))


def check_people(database: Database, programme: Programme, rows: Sequence[Row]) -> Checked:
    """What `import_people` would say, without writing: nobody waits for a preview."""
    problems: list[Problem] = []
    kept_out: list[int] = []
    seen: dict[str, int] = {}
    invited = signed = 0
    with database.read() as session:
        for row in rows:
            entry, faults = _entry(row, programme)
            problems += faults
            if entry is None:
                continue
            if entry.phone in seen:
                reason = f"The same number as in row {seen[entry.phone]}: keep one of the two."
                problems.append(Problem(row.number, reason, "phone"))
                continue
            seen[entry.phone] = row.number
            try:
                _refuse(session, entry)
            except OptedOut:
                kept_out.append(row.number)
            except HandrailError as problem:
                problems.append(Problem(row.number, str(problem), "phone"))
            else:
                signed += entry.is_opted_in
                invited += not entry.is_opted_in
    return Checked(len(rows), tuple(problems), tuple(kept_out), invited, signed)


def _refuse(session: Session, entry: NewParticipant) -> None:
    known = participants.find_by_phone(session, entry.phone)
    is_suppressed = withdrawals.suppression_of(session, index_of(session, entry.phone)) is not None
    refuse_to_enrol(known.consent if known else None, entry, is_suppressed=is_suppressed)


def _lines_of(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter_of(text)))
    except csv.Error as problem:
        raise BadInput(f"The file is not a CSV file: {problem}.") from None


def _plain(cell: str) -> str:
    """Without the apostrophe that files of our own put before a +, so that no spreadsheet sums it up."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'+") else cell


def _delimiter_of(text: str) -> str:
    """Commas; or semicolons or tabs where the header row has those alone, as some spreadsheets write."""
    header = text.partition("\n")[0]
    return next((mark for mark in ";\t" if mark in header and "," not in header), ",")


def _entry(row: Row, programme: Programme) -> tuple[NewParticipant | None, list[Problem]]:
    """One row as it would be entered, or everything that is wrong with it, column by column."""
    problems = []
    for column, check in _CHECKS.items():
        try:
            check(row.cells.get(column, ""))
        except HandrailError as problem:
            problems.append(Problem(row.number, str(problem), column))
    return (None if problems else check_new(_read(row.cells), programme)), problems


def _read(cells: Mapping[str, str]) -> NewParticipant:
    return NewParticipant(
        phone=cells.get("phone", ""),
        name=cells.get("name", ""),
        timezone=cells.get("timezone", ""),
        language=cells.get("language", "").lower() or "en",
        source=ConsentSource(cells["consent_source"].lower()),
        note=cells.get("consent_note", ""),
        is_opted_in=cells.get("opted_in", "").lower() in _YES,
    )


def _check_name(name: str) -> None:
    if len(" ".join(name.split())) > LONGEST_NAME:
        raise BadInput(f"The name is longer than {LONGEST_NAME} characters: shorten it.")


def _check_zone(zone: str) -> None:
    if zone:
        zone_named(zone)


def _check_language(language: str) -> None:
    if (language.lower() or "en") not in LANGUAGES:
        raise BadInput(f"The language must be one of {', '.join(LANGUAGES)}.")


def _check_source(source: str) -> None:
    if source.lower() not in {"paper", "verbal", "web"}:
        raise BadInput("consent_source must be paper, verbal or web.")


def _check_note(note: str) -> None:
    if len(note) > LONGEST_NOTE:
        raise BadInput(f"The note is longer than {LONGEST_NOTE} characters: shorten it.")


def _check_opted_in(opted_in: str) -> None:
    if opted_in.lower() not in _YES | _NO:
        raise BadInput("opted_in must be yes or no.")


_CHECKS: dict[str, Callable[[str], object]] = {
    "phone": parse_phone,
    "name": _check_name,
    "timezone": _check_zone,
    "language": _check_language,
    "consent_source": _check_source,
    "consent_note": _check_note,
    "opted_in": _check_opted_in,
}
