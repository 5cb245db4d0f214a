"""A person's changes of number as staff read them: what is awaited, and what was asked and answered."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.domain.local_time import to_local
from service.domain.message import MessageStatus
from service.domain.moving import NumberChangeStatus
from service.domain.phone import mask_phone
from service.store import number_changes
from service.store.engine import Database
from service.store.schema import Coordinator, Message, Participant


@dataclass(frozen=True)
class Waiting:
    """A new number that has not said YES yet. Times are local to the person."""

    masked_new: str
    masked_old: str
    asked_at: datetime
    lapses_at: datetime
    is_old_stopped: bool
    question: MessageStatus
    reason: str | None  # why the question did not arrive


@dataclass(frozen=True)
class NumberLine:
    """One event of a change of number, for the history. `what` is its status then."""

    at: datetime
    what: NumberChangeStatus
    masked_new: str
    masked_old: str
    is_old_stopped: bool
    by: str | None
    note: str
    wording: str | None
    wording_version: str | None


def look(database: Database, participant_id: int, now: datetime) -> Waiting | None:
    """The new number that is awaited, for the page; None when there is none."""
    with database.read() as session:
        change = number_changes.open_of(session, participant_id, now)
        if change is None:
            return None
        zone = ZoneInfo(session.get_one(Participant, participant_id).timezone)
        question = session.get_one(Message, change.message_id)
        return Waiting(
            masked_new=mask_phone(change.new_number),
            masked_old=mask_phone(change.old_number),
            asked_at=to_local(change.asked_at, zone),
            lapses_at=to_local(change.lapses_at, zone),
            is_old_stopped=change.old_stopped_at is not None,
            question=question.status,
            reason=question.reason,
        )


def lines_of(session: Session, participant_id: int, zone: ZoneInfo, now: datetime) -> list[NumberLine]:
    """What happened around changes of number, oldest first: the asking, and what came of it."""
    names = {row.id: row.name for row in session.scalars(select(Coordinator))}
    lines = []
    for change in number_changes.history(session, participant_id):
        ends: list[tuple[datetime, NumberChangeStatus, int | None]] = [
            (change.asked_at, NumberChangeStatus.ASKED, change.asked_by)
        ]
        if change.settled_at is not None:
            ends.append((change.settled_at, change.status, change.settled_by))
        elif change.lapses_at <= now:
            ends.append((change.lapses_at, NumberChangeStatus.LAPSED, None))
        for at, what, by in ends:
            is_asking = what is NumberChangeStatus.ASKED
            lines.append(
                NumberLine(
                    at=to_local(at, zone),
                    what=what,
                    masked_new=mask_phone(change.new_number),
                    masked_old=mask_phone(change.old_number),
                    is_old_stopped=change.old_stopped_at is not None,
                    by=names.get(by) if by else None,
                    note=change.note if is_asking else "",
                    wording=change.wording if is_asking else None,
                    wording_version=change.wording_version if is_asking else None,
                )
            )
    return lines
