"""Members of staff as admins look after them: inviting, changing, closing accounts, ending sessions."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from service.domain.caseload import Caseload, caseload_of
from service.domain.errors import NotAllowed, NotFound
from service.domain.staff import Role
from service.store import access, audit, staff
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import ConsoleSession, Coordinator
from service.workflows.staff import (
    ABSOLUTE_LIMIT,
    IDLE_LIMIT,
    INVITATION_LASTS,
    LINK_LASTS,
    SignedIn,
    add_in,
    check_password,
    hash_of,
    hash_password,
)


@dataclass(frozen=True)
class Member:
    """Somebody of staff, as admins see them. `people` are those they are responsible for."""

    id: int
    name: str
    email: str
    role: Role
    caseload: Caseload
    is_open: bool
    has_password: bool
    has_second_factor: bool
    people: int


@dataclass(frozen=True)
class SessionView:
    id: int
    device: str
    begun_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True)
class Invited:
    coordinator_id: int
    token: str


def list_members(database: Database) -> list[Member]:
    """Those with open accounts first, in the order they came."""
    with database.read() as session:
        caseloads, factors = access.caseloads(session), access.with_factor(session)
        people = access.count_people(session)
        found = [
            Member(
                id=row.id,
                name=row.name,
                email=row.email,
                role=row.role,
                caseload=caseload_of(row.role, caseloads.get(row.id)),
                is_open=row.disabled_at is None,
                has_password=row.password_hash is not None,
                has_second_factor=row.id in factors,
                people=people.get(row.id, 0),
            )
            for row in staff.all_coordinators(session)
        ]
    return sorted(found, key=lambda member: not member.is_open)


def find(database: Database, coordinator_id: int) -> Member:
    for member in list_members(database):
        if member.id == coordinator_id:
            return member
    raise NotFound("There is no such member of staff.")


def invite(
    database: Database, email: str, name: str, role: Role, caseload: Caseload, by: By, now: datetime
) -> Invited:
    """Add somebody without a password, and a link that lets them in once within three days."""
    token = secrets.token_urlsafe(32)
    with database.write() as session:
        row = add_in(session, email, name, role, None, by, now)
        access.set_caseload(session, row.id, caseload)
        staff.add_link(session, row.id, hash_of(token), now + INVITATION_LASTS)
        return Invited(row.id, token)


def new_link(database: Database, coordinator_id: int, by: By, now: datetime) -> str:
    """A link for somebody who forgot the password, good for an hour. Earlier ones are worth nothing."""
    token = secrets.token_urlsafe(32)
    with database.write() as session:
        row = _open_one(session, coordinator_id)
        access.void_links(session, row.id, now)
        staff.add_link(session, row.id, hash_of(token), now + LINK_LASTS)
        audit.record(session, by, "staff.link_made", now, coordinator_id=row.id)
    return token


def change(
    database: Database, coordinator_id: int, role: Role, caseload: Caseload, by: By, now: datetime
) -> None:
    """Another role or caseload, from the next page on. Raises NotAllowed for the last admin."""
    with database.write() as session:
        admins = {row.id for row in access.lock_admins(session)}
        row = _open_one(session, coordinator_id)
        if not role.may_administer:
            _leave_an_admin(admins, row.id)
        row.role = role
        access.set_caseload(session, row.id, caseload)
        released = 0 if role.may_edit else access.release_people(session, row.id)
        audit.record(
            session, by, "staff.changed", now,
            coordinator_id=row.id, role=role.value, caseload=caseload.value, released=released,
        )  # fmt: skip


def close(database: Database, coordinator_id: int, by: By, now: datetime) -> int:
    """Close an account: it signs in no more, and is signed out everywhere. How many people it left to all.

    Their people become shared, so that nobody is out of their colleagues' sight.
    """
    with database.write() as session:
        admins = {row.id for row in access.lock_admins(session)}
        row = _open_one(session, coordinator_id)
        if row.id == by.coordinator_id:
            raise NotAllowed("Ask another admin to close your account.")
        _leave_an_admin(admins, row.id)
        row.disabled_at = now
        access.end_sessions(session, row.id, now)
        access.void_links(session, row.id, now)
        released = access.release_people(session, row.id)
        audit.record(session, by, "staff.closed", now, coordinator_id=row.id, released=released)
        return released


def reopen(database: Database, coordinator_id: int, by: By, now: datetime) -> None:
    """The account signs in again, with its password and its app."""
    with database.write() as session:
        row = _one(session, coordinator_id)
        if row.disabled_at is None:
            return
        row.disabled_at = None
        audit.record(session, by, "staff.reopened", now, coordinator_id=row.id)


def set_password(database: Database, who: SignedIn, password: str, now: datetime) -> None:
    """One's own password. Every other session of one's own ends. Raises BadInput."""
    check_password(password)
    hashed = hash_password(password)
    with database.write() as session:
        session.get_one(Coordinator, who.coordinator_id).password_hash = hashed
        access.end_sessions(session, who.coordinator_id, now, but=who.session_id)
        access.void_links(session, who.coordinator_id, now)
        audit.record(session, who.by, "staff.password_set", now)


def list_sessions(database: Database, coordinator_id: int, now: datetime) -> Sequence[SessionView]:
    """Those that a cookie still opens, the newest first."""
    with database.read() as session:
        return [
            SessionView(row.id, row.device or "", row.created_at, row.last_seen_at)
            for row in access.live_sessions(session, coordinator_id, now - IDLE_LIMIT, now - ABSOLUTE_LIMIT)
        ]


def end_session(database: Database, coordinator_id: int, session_id: int, by: By, now: datetime) -> None:
    """Sign one browser of somebody out. Raises NotFound for a session of somebody else."""
    with database.write() as session:
        row = session.get(ConsoleSession, session_id)
        if row is None or row.coordinator_id != coordinator_id:
            raise NotFound("There is no such session.")
        row.ended_at = row.ended_at or now
        audit.record(session, by, "staff.session_ended", now, coordinator_id=coordinator_id)


def end_all_sessions(
    database: Database, coordinator_id: int, by: By, now: datetime, but: int | None = None
) -> None:
    with database.write() as session:
        row = _one(session, coordinator_id)
        access.end_sessions(session, row.id, now, but)
        audit.record(session, by, "staff.sessions_ended", now, coordinator_id=row.id)


def _leave_an_admin(admins: set[int], but_for: int) -> None:
    if admins == {but_for}:
        raise NotAllowed("This is the only admin. Make somebody else one first.")


def _one(session: Session, coordinator_id: int) -> Coordinator:
    row = session.get(Coordinator, coordinator_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such member of staff.")
    return row


def _open_one(session: Session, coordinator_id: int) -> Coordinator:
    row = _one(session, coordinator_id)
    if row.disabled_at is not None:
        raise NotFound("This account is closed.")
    return row
