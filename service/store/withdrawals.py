"""Who must not be texted, beyond the participants themselves: suppressed numbers, and the journal."""

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.domain.consent import ConsentStatus
from service.domain.withdrawals import KIND_OF, Withdrawal, WithdrawalKind
from service.store import marks, number_changes
from service.store.journal import Journal
from service.store.schema import Participant, Suppression
from service.store.sealing import vault_of

log = logging.getLogger(__name__)


def note(session: Session, phone_index: bytes, status: ConsentStatus, at: datetime) -> None:
    """Write an opt-out into the journal, if it is one."""
    if status in KIND_OF:
        note_kind(session, phone_index, KIND_OF[status], at)


def note_kind(session: Session, phone_index: bytes, kind: WithdrawalKind, at: datetime) -> None:
    """Write a withdrawal into the journal. Never fails: the wish itself must win over a full disk.

    What the journal has missed is brought in by the hourly job.
    """
    journal: Journal | None = session.info.get("journal")
    if journal is None:
        return
    if not journal.exists and marks.is_set(session, marks.AWAITING_REPLAY):
        return  # a journal that starts here would be taken for the whole; it is mended after the replay
    try:
        journal.append([Withdrawal(at, kind, phone_index, vault_of(session).index_key_id)])
    except OSError as problem:
        log.error("the journal of withdrawals cannot be written", extra={"fault": type(problem).__name__})


def suppress(session: Session, phone_index: bytes, kind: WithdrawalKind, at: datetime) -> None:
    """Keep a number that has no participant from being entered by staff."""
    row = suppression_of(session, phone_index)
    if row is None:
        session.add(Suppression(phone_index=phone_index, kind=kind, at=at))
    elif row.at < at:
        row.kind, row.at = kind, at
    session.flush()


def suppression_of(session: Session, phone_index: bytes) -> Suppression | None:
    return session.get(Suppression, phone_index)


def lift(session: Session, phone_index: bytes) -> None:
    """The person has texted us to join: only they can do this."""
    row = session.get(Suppression, phone_index)
    if row is not None:
        session.delete(row)
        session.flush()


def known(session: Session) -> list[Withdrawal]:
    """Every withdrawal that is in force by these records, oldest first."""
    key_id = vault_of(session).index_key_id
    people = session.execute(
        select(Participant.consent_changed_at, Participant.consent, Participant.phone_index).where(
            Participant.consent.in_(KIND_OF), Participant.erased_at.is_(None)
        )
    )
    found = [Withdrawal(at, KIND_OF[consent], index, key_id) for at, consent, index in people]
    found += [
        Withdrawal(at, WithdrawalKind.MOVED, index, key_id)
        for at, index in number_changes.left_behind(session)
    ]
    found += [
        Withdrawal(row.at, row.kind, row.phone_index, key_id) for row in session.scalars(select(Suppression))
    ]
    return sorted(found)
