"""The ledger of consent as a list, the invitations that wait for a YES, and asking once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.domain.caseload import Sight
from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.phone import mask_phone
from service.domain.programme import Programme
from service.domain.selection import Sought
from service.guide.words import Words
from service.store import audit, consents, participants
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import Participant
from service.workflows import consent_steps

PAGE = 50
MOST_EXPORTED = 20_000
STALE_AFTER = timedelta(hours=72)
"""Who means to say YES mostly does within three days; afterwards a call helps more than waiting."""
LAPSED_SHOWN_FOR = timedelta(days=60)
EVERYTHING = Sought()


@dataclass(frozen=True)
class LedgerLine:
    """One event. `label` is how the person's own text was read; `by` is the member of staff.

    `phone` is "" for somebody who was erased: the event stays, and says nothing of who it was.
    """

    id: int
    participant_id: int
    name: str
    phone: str
    is_erased: bool
    at: datetime
    status: ConsentStatus
    source: ConsentSource
    label: str | None
    by: str | None
    note: str | None
    wording: str | None
    wording_version: str | None

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone) if self.phone else ""


@dataclass(frozen=True)
class LedgerPage:
    """At most PAGE events, the newest first. `next` is the last one's id when there are more."""

    lines: Sequence[LedgerLine]
    next: int | None


@dataclass(frozen=True)
class Waiting:
    participant_id: int
    name: str
    masked_phone: str
    asked_at: datetime
    lapses_at: datetime | None
    is_stale: bool


@dataclass(frozen=True)
class WaitingPage:
    """The longest waiting first. `total` and `stale` count all of them, not only this page."""

    people: Sequence[Waiting]
    total: int
    stale: int
    next: int | None


def list_events(
    database: Database, sought: Sought = EVERYTHING, *, after_id: int | None = None, sight: Sight | None
) -> LedgerPage:
    with database.read() as session:
        lines = _lines(session, sought, sight, PAGE + 1, after_id)
    shown = lines[:PAGE]
    return LedgerPage(shown, shown[-1].id if len(lines) > PAGE else None)


def export_events(
    database: Database, sought: Sought, by: By, now: datetime, *, sight: Sight | None
) -> list[LedgerLine]:
    """Everything that fits, for a file. Raises BadInput when that is too much at once.

    It leaves the house, so it is written down who took what.
    """
    with database.read() as session:
        lines = _lines(session, sought, sight, MOST_EXPORTED + 1, None)
    if len(lines) > MOST_EXPORTED:
        raise BadInput(f"More than {MOST_EXPORTED:,} entries fit: choose a shorter time.")
    with database.write() as session:  # apart, so that nobody waits for a second of unsealing
        audit.record(
            session,
            by,
            "consents.exported",
            now,
            rows=len(lines),
            state=sought.status.value if sought.status else None,
            means=sought.source.value if sought.source else None,
            start=sought.start.isoformat() if sought.start else None,
            end=sought.end.isoformat() if sought.end else None,
        )
    return lines


def list_waiting(
    database: Database,
    now: datetime,
    *,
    limit: int = PAGE,
    after_id: int | None = None,
    sight: Sight | None,
) -> WaitingPage:
    with database.read() as session:
        found = consents.waiting(session, sight, limit + 1, after_id)
        shown = found[:limit]
        return WaitingPage(
            [_waiting(person, now) for person in shown],
            total=consents.count_waiting(session, sight),
            stale=consents.count_waiting(session, sight, now - STALE_AFTER),
            next=shown[-1].id if len(found) > limit else None,
        )


def list_lapsed(database: Database, now: datetime, *, sight: Sight | None) -> list[Waiting]:
    """Whose invitation ran out in the last LAPSED_SHOWN_FOR: they may be asked again, see `ask_again`."""
    with database.read() as session:
        found = consents.lately_lapsed(session, sight, now - LAPSED_SHOWN_FOR, PAGE)
        return [_waiting(person, now) for person in found]


def ask_again(
    database: Database, words: Words, programme: Programme, participant_id: int, by: By, now: datetime
) -> None:
    """Invite somebody anew whose invitation ran out without an answer. Nobody else may be asked twice.

    Raises NotAllowed: an invitation that still stands is the only one, and who said no, stopped or is
    somebody else is asked by nobody.
    """
    with database.write() as session:
        person = participants.lock(session, participant_id)
        if person is None:
            raise NotFound("There is no such participant.")
        if person.consent is not ConsentStatus.LAPSED or person.erased_at is not None:
            raise NotAllowed("Only somebody whose invitation ran out without an answer can be asked again.")
        last = consents.last_invitation(session, person.id)
        source = last.source if last else ConsentSource.CONSOLE
        consent_steps.invite(session, words, programme, person, source, by, now, "Asked again")


def _waiting(person: Participant, now: datetime) -> Waiting:
    asked_at = person.consent_changed_at
    return Waiting(
        participant_id=person.id,
        name=person.name,
        masked_phone=mask_phone(person.phone),
        asked_at=asked_at,
        lapses_at=person.invitation_lapses_at,
        is_stale=asked_at < now - STALE_AFTER,
    )


def _lines(
    session: Session, sought: Sought, sight: Sight | None, limit: int, after_id: int | None
) -> list[LedgerLine]:
    rows = consents.events(session, sought, sight, limit, after_id)
    names = consents.staff_names(session, {row[0].coordinator_id for row in rows if row[0].coordinator_id})
    return [
        LedgerLine(
            id=event.id,
            participant_id=person.id,
            name=person.name,
            phone=person.phone,
            is_erased=person.erased_at is not None,
            at=event.at,
            status=event.status,
            source=event.source,
            label=label,
            by=names.get(event.coordinator_id) if event.coordinator_id else None,
            note=event.note,
            wording=event.wording,
            wording_version=event.wording_version,
        )
        for event, person, label in rows
    ]
