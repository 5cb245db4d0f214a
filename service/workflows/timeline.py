"""Everything that happened with one person, in one line of time: texts, alerts, consent, numbers, changes.

A page is the newest of all of it up to a moment; older ones are asked for. Pages are cut by when a row was
written, which never changes, and never between rows of the same instant, so that nothing is missed or shown
twice. Within a page everything stands at the time staff think of it: a text when it was sent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind, Urgency
from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.ending import EndReason
from service.domain.errors import NotFound
from service.domain.local_time import to_local
from service.domain.prompt import ScheduleKind
from service.domain.recurrence import describe
from service.store import outbox, schedules, timeline
from service.store.engine import Database
from service.store.schema import Alert, AuditEntry, Coordinator, InboundMessage, Participant, Schedule
from service.workflows.number_history import NumberLine, lines_of
from service.workflows.thread import ThreadItem, thread_of

PAGE = 50
MOST = 2**63 - 1
"""No id is larger, and no database takes one."""
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Event:
    """Something that is no text. `at` is local to the person; `written_at` is what pages are cut by."""

    at: datetime
    written_at: datetime
    by: str | None


@dataclass(frozen=True)
class AlertEvent(Event):
    """`by` is who took it; `taken_at` None while it is open."""

    kind: AlertKind
    urgency: Urgency
    detail: str
    taken_at: datetime | None
    note: str


@dataclass(frozen=True)
class ConsentEventLine(Event):
    status: ConsentStatus
    source: ConsentSource
    note: str


@dataclass(frozen=True)
class NumberEvent(Event):
    line: NumberLine


@dataclass(frozen=True)
class ChangeEvent(Event):
    """Staff changed something: `action` is the audit trail's word; with the schedule, if it was about one."""

    action: str
    schedule_kind: ScheduleKind | None
    label: str
    description: str
    because: EndReason | None


Item = ThreadItem | AlertEvent | ConsentEventLine | NumberEvent | ChangeEvent


@dataclass(frozen=True)
class LastByHand:
    """The newest text that staff wrote, however old: what whoever writes the next one has seen."""

    at: datetime | None = None
    coordinator_id: int | None = None
    name: str | None = None


@dataclass(frozen=True)
class Page:
    """Oldest first. `older` is what to ask for the page before; None when there is nothing older."""

    items: Sequence[Item]
    older: datetime | None
    is_newest: bool

    last_by_hand: LastByHand

    @property
    def texts(self) -> list[ThreadItem]:
        return [item for item in self.items if isinstance(item, ThreadItem)]


def page(
    database: Database,
    participant_id: int,
    now: datetime,
    *,
    before: datetime | None = None,
    text_id: int | None = None,
    size: int = PAGE,
) -> Page:
    """The newest page; the one before an instant; or the one with a text that came in (`text_id`) in it."""
    with database.read() as session:
        person = session.get(Participant, participant_id)
        if person is None:
            raise NotFound("There is no such participant.")
        found = _page(session, person, now, before, size)
        is_asked_for = text_id is not None and 0 < text_id <= MOST
        if is_asked_for and all(item.id != str(text_id) for item in found.texts):
            text = session.get(InboundMessage, text_id)
            if text is not None and text.participant_id == person.id:
                found = _page(session, person, now, text.received_at + _INSTANT, size)
        return found


def _page(session: Session, person: Participant, now: datetime, before: datetime | None, size: int) -> Page:
    names = {row.id: row.name for row in session.scalars(select(Coordinator))}
    zone = ZoneInfo(person.timezone)
    # One more of each than fits: so it is seen whether anything is left, and where a page may be cut.
    found: list[Item] = [*reversed(thread_of(session, person, size + 1, before))]
    for source in (_alerts, _consent, _numbers, _changes):
        found += source(session, person, _Reading(zone, names, now, before, size + 1))
    found.sort(key=lambda item: item.written_at, reverse=True)
    kept, rest = found[:size], found[size:]
    if rest:
        whole = [item for item in kept if item.written_at != rest[0].written_at]
        if not whole:  # more of one instant than fits
            return _page(session, person, now, before, size * 2)
        kept = whole
    older = min(item.written_at for item in kept) if rest and kept else None
    kept.reverse()  # the sources are newest first
    kept.sort(key=_order)
    return Page(kept, older, before is None, _last_by_hand(session, person, names))


def _last_by_hand(session: Session, person: Participant, names: dict[int, str]) -> LastByHand:
    for text in outbox.by_hand_since(session, person.id, None):
        name = names.get(text.coordinator_id) if text.coordinator_id else None
        return LastByHand(text.created_at, text.coordinator_id, name)
    return LastByHand()


def _order(item: Item) -> tuple[datetime, int]:
    """Of the same instant: what came in, then what it led to, then the reply."""
    if isinstance(item, ThreadItem):
        return item.at, 2 if item.direction == "out" else 0
    return item.at, 1


@dataclass(frozen=True)
class _Reading:
    zone: ZoneInfo
    names: dict[int, str]
    now: datetime
    before: datetime | None
    limit: int

    def name(self, coordinator_id: int | None) -> str | None:
        return self.names.get(coordinator_id) if coordinator_id else None

    def local(self, at: datetime) -> datetime:
        return to_local(at, self.zone)


_Source = Callable[[Session, Participant, _Reading], Sequence[Item]]


def _alerts(session: Session, person: Participant, r: _Reading) -> list[Item]:
    rows: Sequence[Alert] = timeline.alerts_of(session, person.id, r.before, r.limit)
    return [
        AlertEvent(
            at=r.local(row.opened_at),
            written_at=row.opened_at,
            by=r.name(row.acknowledged_by),
            kind=row.kind,
            urgency=row.urgency,
            detail=row.detail or "",
            taken_at=r.local(row.acknowledged_at) if row.acknowledged_at else None,
            note=row.note,
        )
        for row in rows
    ]


def _consent(session: Session, person: Participant, r: _Reading) -> list[Item]:
    return [
        ConsentEventLine(
            at=r.local(row.at),
            written_at=row.at,
            by=r.name(row.coordinator_id),
            status=row.status,
            source=row.source,
            note=row.note,
        )
        for row in timeline.consent_of(session, person.id, r.before, r.limit)
    ]


def _numbers(session: Session, person: Participant, r: _Reading) -> list[Item]:
    """Few, so all of them are read."""
    lines = lines_of(session, person.id, r.zone, r.now)[::-1]
    return [
        NumberEvent(at=line.at, written_at=line.at, by=line.by, line=line)
        for line in lines
        if r.before is None or line.at < r.before
    ]


def _changes(session: Session, person: Participant, r: _Reading) -> list[Item]:
    rows = timeline.changes_of(session, person.id, r.before, r.limit)
    about = {
        row.id: row for row in timeline.schedules_of(session, person.id, {_schedule_id(row) for row in rows})
    }
    return [_change(row, about.get(_schedule_id(row)), r) for row in rows]


def _change(row: AuditEntry, schedule: Schedule | None, r: _Reading) -> ChangeEvent:
    rule = schedules.rule_of(schedule) if schedule is not None else None
    because = row.detail.get("because")
    return ChangeEvent(
        at=r.local(row.at),
        written_at=row.at,
        by=r.name(row.actor_id),
        action=row.action,
        schedule_kind=schedule.kind if schedule is not None else None,
        label=schedule.label if schedule is not None else "",
        description=describe(rule.recurrence, rule.at) if rule is not None else "",
        because=EndReason(because) if because in set(EndReason) else None,
    )


def _schedule_id(row: AuditEntry) -> int:
    found = row.detail.get("schedule_id")
    return found if isinstance(found, int) else 0
