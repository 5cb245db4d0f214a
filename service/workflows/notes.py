"""What staff write down about a person for one another. The person is never sent it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.errors import BadInput, NotFound
from service.store import audit, notes, participants
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import Coordinator

LONGEST = 2000
SHOWN = 50
TWICE_WITHIN = timedelta(minutes=2)
"""The same words by the same author in so short a time are one note, sent twice."""


@dataclass(frozen=True)
class Note:
    """`body` is None once its words were erased; `by` is None for the command line."""

    id: int
    at: datetime
    by: str | None
    body: str | None


def add_note(database: Database, participant_id: int, body: str, by: By, now: datetime) -> bool:
    """False when the very same note has just been written. Raises BadInput, NotFound."""
    body = body.strip()
    if not body:
        raise BadInput("The note is empty.")
    if len(body) > LONGEST:
        raise BadInput(f"The note is longer than {LONGEST:,} characters.")
    with database.write() as session:
        person = participants.lock(session, participant_id)
        if person is None or person.erased_at is not None:
            raise NotFound("There is no such participant.")
        for last in notes.of_person(session, person.id, limit=1):
            is_same = last.coordinator_id == by.coordinator_id and last.body == body
            if is_same and last.created_at > now - TWICE_WITHIN:
                return False
        note = notes.add(session, person.id, by.coordinator_id, body, now)
        audit.record(session, by, "note.added", now, participant_id=person.id, note_id=note.id)
    return True


def notes_of(database: Database, participant_id: int, limit: int = SHOWN) -> list[Note]:
    """A person's notes, newest first."""
    with database.read() as session:
        found = []
        for note in notes.of_person(session, participant_id, limit):
            author = session.get(Coordinator, note.coordinator_id) if note.coordinator_id else None
            words = note.body if note.body_sealed is not None else None
            found.append(Note(note.id, note.created_at, author.name if author else None, words))
        return found
