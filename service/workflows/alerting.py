"""Looking at alerts and acknowledging them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind, AlertStatus, Urgency
from service.domain.errors import NotFound
from service.store import alerts, audit, paging
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import Alert, Coordinator, InboundMessage
from service.store.sealing import seal_optional


@dataclass(frozen=True)
class AlertView:
    """An alert as staff see it. `text` is what the person wrote, for those who may read it."""

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


def list_alerts(
    database: Database, status: AlertStatus | None = None, participant_id: int | None = None
) -> list[AlertView]:
    """Most urgent first, then oldest first."""
    with database.read() as session:
        found = []
        for alert in alerts.listed(session, status, participant_id):
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
                )
            )
        return found


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


def count_open(database: Database) -> tuple[int, int]:
    """(all open alerts, those that say now)."""
    with database.read() as session:
        return alerts.count_open(session), alerts.count_open(session, Urgency.NOW)
