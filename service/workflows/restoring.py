"""After a restored backup: what was withdrawn since is withdrawn again, before anything is sent.

A backup is a picture of the past. Whoever opted out or was erased after it was taken is back in it, and
what was sent after it is due in it. So a restored database carries a mark under which nothing is planned
or sent. `replay` reads the journal of withdrawals, which lives apart from the database, does again what
the database has forgotten, lets go of what may have been sent already, and takes the mark away.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.errors import BadInput, NotAllowed, fault_of
from service.domain.withdrawals import STATUS_OF, Withdrawal, WithdrawalKind
from service.store import (
    audit,
    marks,
    outbox,
    participants,
    prompts,
    schedules,
    staff_phones,
    withdrawals,
)
from service.store.audit import By
from service.store.engine import Database
from service.store.journal import Journal
from service.store.schema import Participant
from service.workflows import consent_steps
from service.workflows.erasing import erase_in

log = logging.getLogger(__name__)

MAY_HAVE_BEEN_SENT = "restored from a backup: it may have been sent"
REPLAYED = "entered again from the journal, after a backup was restored"
BATCH = 200


@dataclass(frozen=True)
class Replayed:
    """What a replay came to. `applied` withdrawals were news to the database; `cancelled` texts were due."""

    lines: int
    applied: int
    unreadable: int
    cancelled: int


@dataclass(frozen=True)
class JournalState:
    """`missing` withdrawals are known to the database and not in the journal; `path` None: there is none."""

    path: Path | None
    exists: bool
    missing: int


def is_awaiting_replay(database: Database) -> bool:
    with database.read() as session:
        return marks.is_set(session, marks.AWAITING_REPLAY)


def replay(
    database: Database,
    files: Sequence[Path],
    by: By,
    now: datetime,
    *,
    is_restored: bool = False,
    without_journal: bool = False,
) -> Replayed:
    """Do again what the journals tell of and the database does not, then let it send.

    The database's own journal is read as well as `files`. `is_restored` says that this is a restored
    database although it carries no mark. One withdrawal, one transaction: killed in the middle, it can
    simply be run again.

    Raises NotAllowed when there is no journal or it is not whole, unless `without_journal` accepts that;
    BadInput for a file that cannot be read or is another database's.
    """
    is_restored = is_restored or is_awaiting_replay(database)
    lines, unreadable = _read(database, files, without_journal=without_journal or not is_restored)
    applied = sum(_apply_one(database, line, by, now) for line in lines)
    cancelled = _let_go(database, now) if is_restored else 0
    with database.write() as session:
        marks.clear(session, marks.AWAITING_REPLAY)
        audit.record(
            session, by, "withdrawals.replayed", now, lines=len(lines), applied=applied, cancelled=cancelled
        )
    mend_journal(database)
    return Replayed(len(lines), applied, unreadable, cancelled)


def export(database: Database, file: Path) -> int:
    """Write every withdrawal that is in force into a new file, as a journal; returns how many. BadInput."""
    if file.exists():
        raise BadInput("There is such a file already: choose another name.")
    with database.read() as session:
        known = withdrawals.known(session)
    try:
        Journal(file).append(known)
        file.touch(0o600)
    except OSError:
        raise BadInput("The file cannot be written: check the folder and its rights.") from None
    return len(known)


def mend_journal(database: Database) -> int:
    """Bring the journal up to what the database knows; how many lines it lacked.

    It lacks what happened before there was a journal, on other machines, or while the disk was full. A
    journal that cannot be written is logged, and waits for the next time. A restored database that has not
    seen the journal writes none: a new one would be taken for the whole.
    """
    if database.journal is None or is_awaiting_replay(database):
        return 0
    try:
        missing = _missing(database, set(database.journal.read().withdrawals))
        if missing or not database.journal.exists:
            database.journal.append(missing)
    except OSError as problem:
        log.error("the journal of withdrawals cannot be mended", extra=fault_of(problem))
        return 0
    return len(missing)


def journal_state(database: Database) -> JournalState:
    journal = database.journal
    if journal is None:
        return JournalState(None, exists=False, missing=0)
    missing = _missing(database, set(journal.read().withdrawals))
    return JournalState(journal.path, journal.exists, len(missing))


def _missing(database: Database, written: set[Withdrawal]) -> list[Withdrawal]:
    with database.read() as session:
        return [each for each in withdrawals.known(session) if each not in written]


def _read(
    database: Database, files: Sequence[Path], *, without_journal: bool
) -> tuple[list[Withdrawal], int]:
    journals = [Journal(file) for file in files]
    own = database.journal
    if own is not None and own.exists:
        journals.append(own)
    if not journals and not without_journal:
        raise NotAllowed(
            "There is no journal of withdrawals here: who opted out or was erased since the backup is not "
            "known. Bring withdrawals.log back into DATA_DIR, or name a file. If it is lost, look through "
            "Twilio's log for opt-outs since the backup, enter them, and use --without-journal."
        )
    lines: set[Withdrawal] = set()
    unreadable = 0
    for journal in journals:
        if not journal.exists:
            raise BadInput(f"There is no file {journal.path.name}.")
        page = journal.read()
        ours = [line for line in page.withdrawals if line.key_id == database.vault.index_key_id]
        if page.withdrawals and not ours:
            raise BadInput(f"{journal.path.name} is the journal of another database.")
        lines.update(ours)
        unreadable += page.unreadable
    missing = [] if without_journal else _missing(database, lines)
    if missing:
        raise NotAllowed(
            f"The journal lacks {len(missing)} withdrawals that even the backup knows, so it is not whole. "
            "Name the journals of the other machines too. If there is no other, look through Twilio's log "
            "for opt-outs since the backup, enter them, and use --without-journal."
        )
    return sorted(lines), unreadable


def _apply_one(database: Database, line: Withdrawal, by: By, now: datetime) -> bool:
    """Do one withdrawal again; False when the database knows of it, or of the person's later return."""
    with database.write() as session:
        session.info["journal"] = None  # it is where this comes from
        participant = participants.find_by_index(session, line.phone_index)
        if participant is not None:
            participant = participants.lock(session, participant.id)
        if line.kind is WithdrawalKind.OPTED_OUT:
            staff_phones.stop_since(session, line.phone_index, line.at)
        if line.kind is WithdrawalKind.ERASED:
            return _erase_again(session, participant, line, by, now)
        if participant is None:
            return _suppress(session, line)
        status = STATUS_OF[line.kind]
        if participant.consent is status or participant.consent_changed_at >= line.at:
            return False
        consent_steps.withdraw(session, participant, status, ConsentSource.SYSTEM, by, line.at, note=REPLAYED)
        return True


def _erase_again(
    session: Session, participant: Participant | None, line: Withdrawal, by: By, now: datetime
) -> bool:
    if participant is not None and participant.created_at > line.at:
        return False  # they came back after the erasure, as a new person
    if participant is None and _is_known(session, line):
        return False
    erase_in(session, line.phone_index, participant, REPLAYED, by, now, asked_at=line.at)
    return True


def _suppress(session: Session, line: Withdrawal) -> bool:
    """The person is not in the backup at all. They must not be entered as somebody new."""
    if _is_known(session, line):
        return False
    withdrawals.suppress(session, line.phone_index, line.kind, line.at)
    return True


def _is_known(session: Session, line: Withdrawal) -> bool:
    row = withdrawals.suppression_of(session, line.phone_index)
    return row is not None and row.at >= line.at


def _let_go(database: Database, now: datetime) -> int:
    """Cancel what was due, skip occurrences that lie behind us, close open questions.

    All of it may have been sent, asked or answered between the backup and its restore, and nobody must
    get a text twice. A text that was being sent when the backup was made ends as unknown, by itself.
    """
    with database.write() as session:
        cancelled = outbox.cancel_due(session, now, MAY_HAVE_BEEN_SENT)
        prompts.withdraw_all_open(session)
    while _skip_some(database, now):
        pass
    return cancelled


def _skip_some(database: Database, now: datetime) -> int:
    with database.write() as session:
        rows = schedules.all_due(session, now, BATCH)
        for schedule in rows:
            participant = session.get_one(Participant, schedule.participant_id)
            schedule.next_due_at = None
            if participant.consent is ConsentStatus.OPTED_IN:
                schedules.wake(schedule, participant.timezone, now)
        return len(rows)
