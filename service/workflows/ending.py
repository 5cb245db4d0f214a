"""Ending questions and reminders at once, without a word to the person, and starting them again.

After a loss or a move a cheerful text hurts. So what waits is withdrawn with the schedule, an open question
is not asked a second time, and whoever ended something by mistake starts it again from the page.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.domain.consent import ConsentStatus
from service.domain.ending import EndReason
from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.local_time import to_local
from service.domain.prompt import PromptStatus, ScheduleKind
from service.domain.recurrence import describe
from service.domain.schedule import reminders
from service.store import audit, outbox, participants, prompts, schedules
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import Coordinator, Participant, Schedule

RESTARTABLE_FOR = timedelta(days=30)
"""How long the page offers what was ended. Later, what was right then may not be any more: add it anew."""
SHOWN_AT_MOST = 10


@dataclass(frozen=True)
class EndedView:
    """Something that was ended lately. `ended_at` is local to the person."""

    id: int
    kind: ScheduleKind
    label: str
    description: str
    ended_at: datetime
    because: EndReason | None
    by: str | None
    may_restart: bool


def end_schedule(
    database: Database, schedule_id: int, by: By, now: datetime, because: EndReason = EndReason.OTHER
) -> int:
    """Stop a schedule: nothing more is planned, what is queued is withdrawn. Returns the participant's id."""
    with database.write() as session:
        found = session.get(Schedule, schedule_id)
        if found is None:
            raise NotFound("There is no such schedule.")
        participants.lock(session, found.participant_id)
        session.refresh(found)
        if found.ended_at is None:
            _end(session, found, because, by, now)
        return found.participant_id


def end_all(
    database: Database,
    participant_id: int,
    kinds: Collection[ScheduleKind],
    because: EndReason,
    by: By,
    now: datetime,
) -> int:
    """End everything of some kinds in one go; how many there were. BadInput when none is chosen."""
    if not kinds:
        raise BadInput("Choose what ends.")
    with database.write() as session:
        if participants.lock(session, participant_id) is None:
            raise NotFound("There is no such participant.")
        found = [each for each in schedules.live_of(session, participant_id) if each.kind in kinds]
        for schedule in found:
            _end(session, schedule, because, by, now)
        return len(found)


def restart(database: Database, schedule_id: int, by: By, now: datetime) -> int:
    """Take an ending back; the next text is the next due one. Returns the participant's id.

    Raises BadInput when every date is over; NotAllowed for whoever is not to be texted.
    """
    with database.write() as session:
        schedule = session.get(Schedule, schedule_id)
        if schedule is None:
            raise NotFound("There is no such schedule.")
        person = participants.lock(session, schedule.participant_id)
        session.refresh(schedule)
        if (
            person is None
            or person.erased_at is not None
            or person.consent in {ConsentStatus.WRONG_NUMBER, ConsentStatus.DECLINED}
        ):
            raise NotAllowed("This number is not to be texted, so nothing can be started.")
        if schedule.ended_at is None:
            return schedule.participant_id
        if next(reminders(schedules.rule_of(schedule), ZoneInfo(person.timezone), now), None) is None:
            raise BadInput("Every date of it is over. Add it anew with new dates.")
        schedule.ended_at = schedule.ended_because = schedule.ended_by = None
        if person.consent is ConsentStatus.OPTED_IN:
            schedules.wake(schedule, person.timezone, now)
        audit.record(
            session, by, "schedule.restarted", now, participant_id=person.id, schedule_id=schedule.id
        )
        return person.id


def ended_lately(session: Session, person: Participant, now: datetime) -> list[EndedView]:
    """What may be started again, the newest first."""
    names = {row.id: row.name for row in session.scalars(select(Coordinator))}
    zone = ZoneInfo(person.timezone)
    views = []
    for schedule in schedules.ended_since(session, person.id, now - RESTARTABLE_FOR, SHOWN_AT_MOST):
        rule = schedules.rule_of(schedule)
        assert schedule.ended_at is not None, "only what has ended was asked for"  # noqa: S101
        views.append(
            EndedView(
                id=schedule.id,
                kind=schedule.kind,
                label=schedule.label,
                description=describe(rule.recurrence, rule.at),
                ended_at=to_local(schedule.ended_at, zone),
                because=schedule.ended_because,
                by=names.get(schedule.ended_by) if schedule.ended_by else None,
                may_restart=next(reminders(rule, zone, now), None) is not None,
            )
        )
    return views


def _end(session: Session, schedule: Schedule, because: EndReason, by: By, now: datetime) -> None:
    schedule.ended_at, schedule.next_due_at = now, None
    schedule.ended_because, schedule.ended_by = because, by.coordinator_id
    outbox.cancel_queued(
        session, schedule.participant_id, now, "the schedule was ended", schedule_id=schedule.id
    )
    for prompt in prompts.live_of(session, schedule.participant_id):
        if prompt.schedule_id == schedule.id and prompt.asked_at is None:
            prompt.status, prompt.act_at = PromptStatus.WITHDRAWN, None
    audit.record(
        session,
        by,
        "schedule.ended",
        now,
        participant_id=schedule.participant_id,
        schedule_id=schedule.id,
        because=because.value,
    )
