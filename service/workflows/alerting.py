"""Looking at alerts and acknowledging them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind, AlertStatus, Urgency
from service.domain.caseload import Sight
from service.domain.errors import NotFound
from service.domain.message import MessageStatus
from service.domain.paging import PAGED
from service.store import alerts, audit, caseloads, paging, staff_phones
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import Alert, Coordinator, InboundMessage, Participant
from service.store.sealing import seal_optional

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class PagedPerson:
    """Somebody who was paged about an alert, when, and what became of the newest page to them."""

    name: str
    at: datetime
    status: MessageStatus


@dataclass(frozen=True)
class AlertView:
    """An alert as staff see it. `text` is what the person wrote, for those who may read it.

    `staff_name` is set when it is about a member of staff's phone; `code` when it is paged about.
    """

    id: int
    kind: AlertKind
    urgency: Urgency
    status: AlertStatus
    participant_id: int | None
    inbound_id: int | None
    who: str
    detail: str
    text: str | None
    opened_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str
    staff_name: str | None = None
    code: str | None = None
    paged: tuple[PagedPerson, ...] = ()


def list_alerts(
    database: Database,
    status: AlertStatus | None = None,
    participant_id: int | None = None,
    limit: int = MOST_AT_ONCE,
    sight: Sight | None = None,
) -> list[AlertView]:
    """Most urgent first, then oldest first; so that what a limit leaves out can wait longest.

    Only those that `sight` may see.
    """
    with database.read() as session:
        only = caseloads.may_see_alert(sight)
        return _views(session, alerts.listed(session, status, participant_id, limit, only))


def list_taken(database: Database, since: datetime, sight: Sight | None = None) -> list[AlertView]:
    """Alerts that could not wait and that somebody has taken since, the latest first."""
    with database.read() as session:
        only = caseloads.may_see_alert(sight)
        return _views(session, alerts.taken_since(session, PAGED, since, only))


def _views(session: Session, rows: Sequence[Alert]) -> list[AlertView]:
    found = []
    paged = _paged(session, [alert.id for alert in rows])
    loaded = _load_what_they_are_about(session, rows)
    for alert in rows:
        participant = alert.participant
        inbound = session.get(InboundMessage, alert.inbound_id) if alert.inbound_id else None
        staff = session.get(Coordinator, alert.acknowledged_by) if alert.acknowledged_by else None
        found.append(
            AlertView(
                id=alert.id,
                kind=alert.kind,
                urgency=alert.urgency,
                status=alert.status,
                participant_id=alert.participant_id,
                inbound_id=alert.inbound_id,
                who=(participant.name or participant.phone)
                if participant
                else (inbound.phone if inbound else "the service"),
                detail=alert.detail or "",
                text=inbound.body if inbound else None,
                opened_at=alert.opened_at,
                acknowledged_at=alert.acknowledged_at,
                acknowledged_by=staff.name if staff else None,
                note=alert.note,
                staff_name=_staff_name(session, alert, inbound),
                code=paged[alert.id][0] if alert.id in paged else None,
                paged=paged[alert.id][1] if alert.id in paged else (),
            )
        )
    del loaded
    return found


def _load_what_they_are_about(session: Session, rows: Sequence[Alert]) -> Sequence[object]:
    """Everybody and everything that is about to be read, in a few statements instead of one a row.

    The session keeps them only as long as somebody else does: hold what comes back.
    """
    held: list[object] = []
    for table, ids in (
        (Participant, {alert.participant_id for alert in rows}),
        (InboundMessage, {alert.inbound_id for alert in rows}),
        (Coordinator, {alert.acknowledged_by for alert in rows}),
    ):
        held += session.scalars(select(table).where(table.id.in_(ids - {None}))).all()
    return held


def _staff_name(session: Session, alert: Alert, inbound: InboundMessage | None) -> str | None:
    """Whose staff phone a text came from, or a page did not reach."""
    if inbound is not None and alert.participant_id is None:
        phone = staff_phones.find_by_index(session, inbound.phone_index)
        return phone.coordinator.name if phone is not None else None
    page = paging.page_of_message(session, alert.message_id) if alert.message_id is not None else None
    return page.coordinator.name if page is not None else None


def _paged(session: Session, alert_ids: list[int]) -> dict[int, tuple[str, tuple[PagedPerson, ...]]]:
    """The code of each alert that is paged about, and each person's newest page."""
    people: dict[int, dict[int, PagedPerson]] = {}
    for page in paging.pages_of(session, alert_ids):
        newest = PagedPerson(page.coordinator.name, page.at, page.message.status)
        people.setdefault(page.alert_id, {})[page.coordinator_id] = newest
    return {
        row.alert_id: (row.code, tuple(people.get(row.alert_id, {}).values()))
        for row in paging.of_alerts(session, alert_ids)
    }


def acknowledge(database: Database, alert_id: int, by: By, now: datetime, note: str = "") -> bool:
    """Somebody has taken an alert in hand. False when somebody else had before. Raises NotFound."""
    with database.write() as session:
        alert = session.get(Alert, alert_id, with_for_update=True)
        if alert is None:
            raise NotFound("There is no such alert.")
        return acknowledge_in(session, alert, by, now, note)


def acknowledge_in(session: Session, alert: Alert, by: By, now: datetime, note: str = "") -> bool:
    """The same within a transaction that holds the alert. Nobody is paged about it any more."""
    if alert.status is AlertStatus.ACKNOWLEDGED:
        return False
    alert.status = AlertStatus.ACKNOWLEDGED
    alert.acknowledged_at = now
    alert.acknowledged_by = by.coordinator_id
    alert.note_sealed = seal_optional(session, note.strip())
    paging.end(session, alert.id, now)
    audit.record(
        session,
        by,
        "alert.acknowledged",
        now,
        participant_id=alert.participant_id,
        alert_id=alert.id,
    )
    return True


def count_open(database: Database, sight: Sight | None = None) -> tuple[int, int]:
    """(all open alerts that `sight` may see, those of them that say now)."""
    with database.read() as session:
        only = caseloads.may_see_alert(sight)
        return alerts.count_open(session, only=only), alerts.count_open(session, Urgency.NOW, only)
