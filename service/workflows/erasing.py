"""Erasing a person who asks for it: texts end, and nothing is left that says who they were."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.phone import parse_phone
from service.domain.withdrawals import WithdrawalKind
from service.store import audit, erasure, marks, participants, sqlite_files, withdrawals
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import Participant
from service.store.sealing import index_of
from service.workflows import consent_steps

LAST_DIGITS = 4


@dataclass(frozen=True)
class Erased:
    """`participant_id` is None for a number that only texted us. `texts` lost their words."""

    participant_id: int | None
    texts: int


@dataclass(frozen=True)
class Confirmation:
    """`words` are the person's name; the last digits of the number for somebody without one."""

    words: str
    has_name: bool


def find(database: Database, phone: str) -> int | None:
    """Whose number this is, None for one that only texted us. Raises NotFound when nothing is kept of it."""
    with database.read() as session:
        index = index_of(session, parse_phone(phone))
        participant = participants.find_by_index(session, index)
        if participant is None and not erasure.has_texts(session, index):
            raise NotFound("Nothing is kept about this number.")
        return participant.id if participant else None


def erase_person(database: Database, phone: str, reason: str, by: By, now: datetime) -> Erased:
    """Opt a person out and erase everything that names them, in one transaction.

    1. Every text ends, as with STOP; what waits is cancelled; the wish goes into the journal.
    2. Number, name, words, labels and notes go, theirs and staff's about them; their texts are put on
       the list of those to be blanked at the gateway.
    3. A keyed hash of the number stays, so that no later import or invitation reaches them. Only their
       own JOIN does, and makes a new person of them.

    What stays of them has no name: consent (status, source, time, version of the words), and the times and
    kinds of texts, answers and alerts. On SQLite, `retention.scrub_if_pending` then cleans the file.

    Raises NotFound when nothing is kept of the number; NotAllowed while an alert that says now is open,
    because without the number nobody could call any more.
    """
    number = parse_phone(phone)
    with database.write() as session:
        index = index_of(session, number)
        participant = participants.find_by_index(session, index)
        if participant is None and not erasure.has_texts(session, index):
            raise NotFound("Nothing is kept about this number.")
        _refuse_in_danger(session, index, participant.id if participant else None)
        return erase_in(session, index, participant, reason, by, now, asked_at=now)


def what_confirms(database: Database, participant_id: int) -> Confirmation:
    """What has to be typed before a person is erased. Raises NotFound, also for who is erased already."""
    with database.read() as session:
        person = session.get(Participant, participant_id)
        if person is None or person.erased_at is not None:
            raise NotFound("There is no such participant.")
        return _confirmation(person)


def erase_confirmed(
    database: Database, participant_id: int, typed: str, reason: str, by: By, now: datetime
) -> Erased:
    """As `erase_person`, for somebody on whose page staff typed what `what_confirms` asks for.

    Raises BadInput for anything else that is typed and without a reason; NotFound and NotAllowed as there.
    """
    with database.write() as session:
        person = participants.lock(session, participant_id)
        if person is None or person.erased_at is not None:
            raise NotFound("There is no such participant.")
        if not reason.strip():
            raise BadInput("Say how the wish reached you.")
        if _plain(typed) != _plain(_confirmation(person).words):
            raise BadInput("That is not what is asked for. Nothing has been erased.")
        _refuse_in_danger(session, person.phone_index, person.id)
        return erase_in(session, person.phone_index, person, reason.strip(), by, now, asked_at=now)


def _confirmation(person: Participant) -> Confirmation:
    return Confirmation(person.name or person.phone[-LAST_DIGITS:], has_name=bool(person.name))


def _plain(words: str) -> str:
    return " ".join(words.split()).casefold()


def _refuse_in_danger(session: Session, phone_index: bytes, participant_id: int | None) -> None:
    if erasure.open_urgent_alerts(session, phone_index, participant_id):
        raise NotAllowed(
            "An urgent alert about this person is open. Look after it and acknowledge it first: "
            "without the number nobody can call them."
        )


def erase_in(
    session: Session,
    phone_index: bytes,
    participant: Participant | None,
    reason: str | None,
    by: By,
    now: datetime,
    *,
    asked_at: datetime,
) -> Erased:
    """The same within a transaction. `asked_at` is when it was asked for: earlier than now in a replay."""
    withdrawals.note_kind(session, phone_index, WithdrawalKind.ERASED, asked_at)
    withdrawals.suppress(session, phone_index, WithdrawalKind.ERASED, asked_at)
    participant_id = event_id = None
    if participant is not None:
        participant = participants.lock(session, participant.id)
    if participant is not None:
        participant_id = participant.id
        consent_steps.withdraw(
            session,
            participant,
            ConsentStatus.OPTED_OUT,
            ConsentSource.CONSOLE,
            by,
            asked_at,
            note=reason,
        )
        event_id = participants.consent_history(session, participant.id)[-1].id
    texts = erasure.erase(session, phone_index, participant, asked_at, now, keep_note_of=event_id)
    audit.record(session, by, "participant.erased", asked_at, participant_id=participant_id, texts=texts)
    if sqlite_files.is_sqlite(session.get_bind()):
        marks.put(session, marks.SCRUB_PENDING)
    return Erased(participant_id, texts)
