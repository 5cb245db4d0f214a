"""What the console shows. Read models only: frozen dataclasses with everything opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.errors import NotFound
from service.domain.local_time import to_local
from service.domain.phone import mask_phone
from service.domain.prompt import PromptStatus, ScheduleKind
from service.domain.recurrence import describe
from service.store import audit, participants, schedules
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import (
    ConsentEvent,
    Coordinator,
    Participant,
    Prompt,
    Schedule,
)
from service.workflows.ending import EndedView, ended_lately
from service.workflows.number_history import NumberLine, lines_of
from service.workflows.thread import ThreadItem, thread_of


@dataclass(frozen=True)
class ScheduleView:
    id: int
    kind: ScheduleKind
    label: str
    description: str
    next_due_local: datetime | None
    lead_minutes: int | None


@dataclass(frozen=True)
class ConsentLine:
    status: ConsentStatus
    source: ConsentSource
    at: datetime
    wording: str | None
    wording_version: str | None
    by: str | None
    note: str


@dataclass(frozen=True)
class ScorePoint:
    at: datetime
    score: int


@dataclass(frozen=True)
class Person:
    """Everything on one participant's page."""

    id: int
    name: str
    phone: str
    masked_phone: str
    language: str
    timezone: str
    local_now: datetime
    consent: ConsentStatus
    consent_changed_at: datetime
    paused_until: datetime | None
    held_until: datetime | None
    number_problem: str | None
    is_erased: bool
    schedules: Sequence[ScheduleView]
    ended: Sequence[EndedView]
    thread: Sequence[ThreadItem]
    consent_history: Sequence[ConsentLine]
    number_history: Sequence[NumberLine]
    scores: Sequence[ScorePoint]
    open_questions: int

    @property
    def ledger(self) -> list[ConsentLine | NumberLine]:
        """Consent and changes of number together, newest first."""
        lines: list[ConsentLine | NumberLine] = [*self.number_history, *self.consent_history]
        return sorted(lines, key=lambda line: line.at)[::-1]


def show_participant(
    database: Database, participant_id: int, by: By, now: datetime, *, texts: int = 200
) -> Person:
    """One person's page. Looking is recorded in the audit trail."""
    with database.write() as session:
        person = session.get(Participant, participant_id)
        if person is None:
            raise NotFound("There is no such participant.")
        audit.record(session, by, "participant.viewed", now, participant_id=person.id)
    with database.read() as session:
        person = session.get_one(Participant, participant_id)
        zone = ZoneInfo(person.timezone)
        return Person(
            id=person.id,
            name=person.name,
            phone=person.phone,
            masked_phone=mask_phone(person.phone),
            language=person.language,
            timezone=person.timezone,
            local_now=to_local(now, zone),
            consent=person.consent,
            consent_changed_at=to_local(person.consent_changed_at, zone),
            paused_until=to_local(person.paused_until, zone)
            if person.paused_until and person.paused_until > now
            else None,
            held_until=to_local(person.held_until, zone)
            if person.held_until and person.held_until > now
            else None,
            number_problem=person.number_problem,
            is_erased=person.erased_at is not None,
            schedules=_schedules(session, person, zone),
            ended=ended_lately(session, person, now),
            thread=thread_of(session, person, texts),
            consent_history=_consent(session, person, zone),
            number_history=lines_of(session, person.id, zone, now),
            scores=_scores(session, person, zone),
            open_questions=session.scalar(
                select(func.count()).where(
                    Prompt.participant_id == person.id, Prompt.status == PromptStatus.OPEN
                )
            )
            or 0,
        )


def zone_of(database: Database, participant_id: int) -> ZoneInfo:
    with database.read() as session:
        return ZoneInfo(session.get_one(Participant, participant_id).timezone)


def _schedules(session: Session, person: Participant, zone: ZoneInfo) -> list[ScheduleView]:
    found: Sequence[Schedule] = schedules.live_of(session, person.id)
    views = []
    for schedule in found:
        rule = schedules.rule_of(schedule)
        views.append(
            ScheduleView(
                id=schedule.id,
                kind=schedule.kind,
                label=schedule.label,
                description=describe(rule.recurrence, rule.at),
                next_due_local=to_local(schedule.next_due_at, zone) if schedule.next_due_at else None,
                lead_minutes=schedule.lead_minutes,
            )
        )
    return views


def _consent(session: Session, person: Participant, zone: ZoneInfo) -> list[ConsentLine]:
    names = {row.id: row.name for row in session.scalars(select(Coordinator))}
    events: Sequence[ConsentEvent] = participants.consent_history(session, person.id)
    return [
        ConsentLine(
            status=event.status,
            source=event.source,
            at=to_local(event.at, zone),
            wording=event.wording,
            wording_version=event.wording_version,
            by=names.get(event.coordinator_id) if event.coordinator_id else None,
            note=event.note,
        )
        for event in events
    ]


def _scores(session: Session, person: Participant, zone: ZoneInfo) -> list[ScorePoint]:
    rows = session.scalars(
        select(Prompt)
        .where(Prompt.participant_id == person.id, Prompt.score.is_not(None))
        .order_by(Prompt.id.desc())
        .limit(30)
    ).all()
    return [
        ScorePoint(to_local(row.answered_at or row.created_at, zone), row.score or 0)
        for row in reversed(rows)
    ]
