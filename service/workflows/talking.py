"""Automation holds back while somebody of staff talks with a person.

A text by hand starts it, and what the person writes freely meanwhile prolongs it. Check-ins and meeting texts
wait until then; medication, appointments, replies and safety go on as ever. Staff lift or extend it.

`begin` and `heard` are parts of workflows: they take a session.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from service.domain.consent import ConsentStatus
from service.domain.errors import NotFound
from service.domain.talking import HELD, HOLD
from service.routing.router import Lane
from service.store import audit, outbox, participants
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import Participant

SAID_FREELY = frozenset({Lane.CRISIS, Lane.GUIDANCE, Lane.OTHER})
"""Not a keyword, and not the answer to a question of ours."""


def begin(person: Participant, now: datetime) -> None:
    """Somebody of staff has written to the person, who is locked."""
    person.held_until = max(person.held_until or now, now + HOLD)


def heard(person: Participant, lane: Lane, now: datetime) -> None:
    """The person, who is locked, has written. It prolongs a talk; by itself it begins none."""
    is_talking = person.held_until is not None and person.held_until > now
    if is_talking and lane in SAID_FREELY and person.consent is ConsentStatus.OPTED_IN:
        begin(person, now)


def extend(database: Database, participant_id: int, by: By, now: datetime) -> datetime:
    """Hold back from now on as if somebody had just written; returns until when."""
    with database.write() as session:
        person = _get(session, participant_id)
        begin(person, now)
        audit.record(session, by, "participant.hold_extended", now, participant_id=person.id)
        assert person.held_until is not None, "it has just begun"  # noqa: S101
        return person.held_until


def lift(database: Database, participant_id: int, by: By, now: datetime) -> None:
    """Let go what waits because of the talk, now."""
    with database.write() as session:
        person = _get(session, participant_id)
        if person.held_until is not None and person.held_until > now:
            outbox.bring_forward(session, person.id, HELD, person.held_until, now)
            audit.record(session, by, "participant.hold_lifted", now, participant_id=person.id)
        person.held_until = None


def _get(session: Session, participant_id: int) -> Participant:
    person = participants.lock(session, participant_id)
    if person is None or person.erased_at is not None:
        raise NotFound("There is no such participant.")
    return person
