"""Who did what. Append-only; ids and field names, never contents."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from service.domain.staff import Actor
from service.store.schema import AuditEntry


@dataclass(frozen=True)
class By:
    """Who is acting, for the audit trail and the consent ledger."""

    actor: Actor
    coordinator_id: int | None = None


SYSTEM = By(Actor.SYSTEM)
PARTICIPANT = By(Actor.PARTICIPANT)


def record(
    session: Session,
    by: By,
    action: str,
    now: datetime,
    *,
    participant_id: int | None = None,
    **detail: str | int | bool | None,
) -> None:
    session.add(
        AuditEntry(
            at=now,
            actor=by.actor,
            actor_id=by.coordinator_id,
            action=action,
            participant_id=participant_id,
            detail=detail,
        )
    )
