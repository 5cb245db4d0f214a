"""A coordinator's word on how a text should have been read.

A mark says it of one text. It changes neither what was sent nor any consent; it is for people to see, and for
`flask guide marks` to write out where the programme has opted in to that.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentStatus
from service.domain.errors import BadInput, NotAllowed, NotFound
from service.routing.router import Lane
from service.routing.topics import TOPICS
from service.store import alerts, audit, inbox, participants
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import InboundMessage, Participant

DANGER = ("crisis", "overdose", "medical")
ANSWER = "answer"
OPT_OUT = "optout-freeform"
OTHERS = ("smalltalk", "human", "wrong-number", "offtopic", "menu")
READINGS = frozenset((*DANGER, *TOPICS, *OTHERS, OPT_OUT, ANSWER))
"""The readings a coordinator may choose from, by the labels of the training texts."""

DANGER_ALERTS = (AlertKind.CRISIS, AlertKind.OVERDOSE, AlertKind.MEDICAL, AlertKind.POSSIBLE_DANGER)


class Raised(StrEnum):
    """What is known to staff of a text that has been marked as danger."""

    NOW = "now"  # nothing was known: an alert was opened just now
    OPEN = "open"  # an alert about this text is open
    BEFORE = "before"  # it had been taken for danger before, and its alert was looked after


@dataclass(frozen=True)
class Marked:
    """`raised` is None for a mark that speaks of no danger."""

    label: str
    raised: Raised | None


def mark(
    database: Database, participant_id: int, inbound_id: int, label: str, by: By, now: datetime
) -> Marked:
    """Say how a text should have been read; a later mark replaces an earlier one.

    A mark of danger on a text that nobody was told of as danger opens an alert: what the service has missed
    must reach people. Raises NotFound for a text that is not this person's, BadInput for an unknown label,
    NotAllowed once the words are gone.
    """
    if label not in READINGS:
        raise BadInput("Choose how the text should have been read.")
    with database.write() as session:
        person, text = _find(session, participant_id, inbound_id)
        if not text.body:
            raise NotAllowed("The words of this text are gone, so there is nothing to mark.")
        was_danger = _taken_for(text) in DANGER
        text.marked_label, text.marked_by, text.marked_at = label, by.coordinator_id, now
        raised = _tell(session, person, text, now, was_danger=was_danger) if label in DANGER else None
        # Not which label: the trail outlives the words, and a label tells what they were about.
        audit.record(session, by, "text.marked", now, participant_id=person.id, inbound_id=text.id)
        return Marked(label, raised)


def take_back(database: Database, participant_id: int, inbound_id: int, by: By, now: datetime) -> bool:
    """Remove a mark; False when there was none. An alert that it opened stays until it is acknowledged."""
    with database.write() as session:
        person, text = _find(session, participant_id, inbound_id)
        if text.marked_label is None:
            return False
        text.marked_label = text.marked_by = text.marked_at = None
        audit.record(session, by, "text.unmarked", now, participant_id=person.id, inbound_id=text.id)
        return True


def _find(session: Session, participant_id: int, inbound_id: int) -> tuple[Participant, InboundMessage]:
    person = participants.lock(session, participant_id)
    text = inbox.of_person(session, inbound_id, participant_id)
    if person is None or text is None:
        raise NotFound("There is no such text.")
    return person, text


def _taken_for(text: InboundMessage) -> str | None:
    """What counts as its reading so far: the mark, else what the service made of it."""
    if text.marked_label is not None:
        return text.marked_label
    return text.label if text.lane == Lane.CRISIS else None


def _tell(
    session: Session, person: Participant, text: InboundMessage, now: datetime, *, was_danger: bool
) -> Raised:
    """Open the quieter alert of danger, unless staff know of this text as danger."""
    if alerts.has_open_about_text(session, DANGER_ALERTS, text.id):
        return Raised.OPEN
    if was_danger:
        return Raised.BEFORE
    detail = "found by staff; the service had not read it as danger: please call"
    if person.consent is ConsentStatus.OPTED_OUT:
        detail = "found by staff; has opted out of texts: please call"
    alerts.raise_alert(
        session,
        AlertKind.POSSIBLE_DANGER,
        now,
        participant_id=person.id,
        inbound_id=text.id,
        detail=detail,
    )
    return Raised.NOW
