"""The audit trail: sealing it, verifying its chain, and reading it."""

import hmac
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from service.domain.errors import BadInput
from service.domain.staff import Actor
from service.store import audit, audit_chain
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import AuditEntry, Coordinator

log = logging.getLogger(__name__)

BATCH = 500
PAGE = 50
SHOWN_DIGITS = 16


@dataclass(frozen=True)
class Head:
    """Where the chain ends. Written down elsewhere, it shows later whether the end was cut off."""

    position: int
    digest: str

    def __str__(self) -> str:
        return f"{self.position}:{self.digest}"


@dataclass(frozen=True)
class Verified:
    """`problems` in plain words, empty when the chain holds; `waiting` entries are not sealed yet."""

    head: Head
    waiting: int
    problems: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class TrailLine:
    id: int
    at: datetime
    actor: Actor
    actor_id: int | None
    actor_name: str | None
    action: str
    participant_id: int | None
    detail: dict[str, object]


@dataclass(frozen=True)
class TrailPage:
    lines: Sequence[TrailLine]
    next_before: int | None


def seal(database: Database, is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Seal what was written since the last time; how many entries. Several processes may try at once."""
    total = 0
    while not is_stopping():
        try:
            with database.write() as session:
                done = audit_chain.add_links(session, audit_chain.lock_key(session), BATCH)
                position, digest = audit_chain.head(session)
        except IntegrityError:
            return total  # another process made the key in the same moment, and seals
        total += done
        if done < BATCH:
            break
    if total:
        # The log is kept elsewhere: it shows when the end of the chain, or all of it, was replaced.
        log.info("audit trail sealed", extra={"head": str(_head(position, digest))})
    return total


def head(database: Database) -> Head:
    with database.read() as session:
        return _head(*audit_chain.head(session))


def verify(database: Database, known: str = "") -> Verified:
    """Work the whole chain out again. `known` is a head noted earlier, "position:digest".

    Raises BadInput for a `known` that is no head.
    """
    expected = _parse(known) if known else None
    problems: list[str] = []
    position, digest = 0, audit_chain.BEGINNING
    with database.read() as session:
        key = audit_chain.read_key(session)
        while key is not None:
            batch = audit_chain.links_after(session, position, BATCH)
            for link, entry in batch:
                if link.position != position + 1:
                    problems.append(f"links {position + 1} to {link.position - 1} are missing")
                elif entry is None:
                    problems.append(f"entry {link.entry_id} is missing")
                elif not hmac.compare_digest(audit_chain.digest_of(key, digest, entry), link.digest):
                    problems.append(f"entry {entry.id} was changed, or its seal (link {link.position})")
                position, digest = link.position, link.digest
                if expected and expected.position == position and expected != _head(position, digest):
                    problems.append(f"link {position} is not the one that was noted")
            session.expunge_all()
            if len(batch) < BATCH:
                break
        if expected and expected.position > position:
            problems.append(f"the chain ends at {position}, before the noted {expected.position}")
        strays = audit_chain.count_strays(session)
        if strays:
            problems.append(f"{strays} entries were put in between sealed ones")
        return Verified(_head(position, digest), audit_chain.count_waiting(session), problems)


def trail(
    database: Database,
    by: By,
    now: datetime,
    *,
    before: int | None = None,
    actor_id: int | None = None,
    participant_id: int | None = None,
) -> TrailPage:
    """A page of the trail, newest first. Reading what was done about one person is itself recorded."""
    if participant_id is not None:
        with database.write() as session:
            audit.record(session, by, "audit.viewed", now, participant_id=participant_id)
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    if actor_id is not None:
        query = query.where(AuditEntry.actor_id == actor_id)
    if participant_id is not None:
        query = query.where(AuditEntry.participant_id == participant_id)
    with database.read() as session:
        rows = session.scalars(query).all()
        wanted = {row.actor_id for row in rows if row.actor_id}
        names = {
            row.id: row.name for row in session.scalars(select(Coordinator).where(Coordinator.id.in_(wanted)))
        }
        lines = [
            TrailLine(
                row.id,
                row.at,
                row.actor,
                row.actor_id,
                names.get(row.actor_id) if row.actor_id else None,
                row.action,
                row.participant_id,
                row.detail,
            )
            for row in rows[:PAGE]
        ]
    return TrailPage(lines, lines[-1].id if len(rows) > PAGE else None)


def _head(position: int, digest: bytes) -> Head:
    return Head(position, digest.hex()[:SHOWN_DIGITS])


def _parse(known: str) -> Head:
    position, _, digest = known.strip().partition(":")
    if not (position.isascii() and position.isdigit() and len(digest) == SHOWN_DIGITS):
        raise BadInput("A head is what `flask audit verify` prints, such as 120:9f86d081884c7d65.")
    return Head(int(position[:18]), digest.lower())
