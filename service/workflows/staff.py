"""Coordinators and their way into the console."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from ipaddress import ip_address, ip_network

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from service.domain.caseload import Caseload, Sight, caseload_of
from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.staff import Actor, Role
from service.store import access, audit, staff
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import ConsoleSession, Coordinator

SHORTEST_PASSWORD = 12
IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=12)
LINK_LASTS = timedelta(hours=1)
INVITATION_LASTS = timedelta(days=3)
HALF_LASTS = timedelta(minutes=10)
FAILURE_WINDOW = timedelta(minutes=15)
FAILURES_PER_EMAIL = 8
FAILURES_PER_ADDRESS = 40
TOO_MANY = "Too many tries. Wait a quarter of an hour and try again."

_hasher = PasswordHasher()


@cache
def _unusable_hash() -> str:
    """Checked for an unknown e-mail, so that it takes as long as a known one. Costs 64 MB for a moment."""
    return _hasher.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True)
class SignedIn:
    """A coordinator in a browser. `token` is only set at sign-in; the cookie carries it.

    `proved_at` is when they last gave a password, a link or a code in this session.
    """

    coordinator_id: int
    name: str
    email: str
    role: Role
    session_id: int
    proved_at: datetime
    caseload: Caseload = Caseload.ALL
    has_second_factor: bool = False
    token: str = ""

    @property
    def by(self) -> By:
        return By(Actor.COORDINATOR, self.coordinator_id)

    def sight(self, now: datetime) -> Sight:
        return Sight(self.coordinator_id, self.caseload, now)


@dataclass(frozen=True)
class HalfSignedIn:
    """The password or the link was right; `second_factor.finish_sign_in` wants the token and a code."""

    token: str


@dataclass(frozen=True)
class NewCoordinator:
    coordinator_id: int
    password: str | None


def add_coordinator(
    database: Database,
    email: str,
    name: str,
    role: Role,
    by: By,
    now: datetime,
    password: str | None = None,
) -> NewCoordinator:
    """Add a member of staff. Without a password one is made; it is returned once and kept only hashed."""
    if password is not None:
        check_password(password)
    chosen = password or secrets.token_urlsafe(15)
    hashed = hash_password(chosen)
    with database.write() as session:
        coordinator = add_in(session, email, name, role, hashed, by, now)
        return NewCoordinator(coordinator.id, None if password else chosen)


def add_in(
    session: Session, email: str, name: str, role: Role, password_hash: str | None, by: By, now: datetime
) -> Coordinator:
    """The same within a transaction; without a password they come in by link only. Raises BadInput."""
    email, name = email.strip().lower(), " ".join(name.split())
    if "@" not in email or len(email) > 254 or any(char.isspace() for char in email):
        raise BadInput("The e-mail address does not look like one.")
    if not name or len(name) > 60:
        raise BadInput("Give a name of up to 60 characters.")
    if staff.find_by_email(session, email) is not None:
        raise BadInput("There is a coordinator with this e-mail address already.")
    coordinator = staff.add(session, email=email, name=name, role=role, password_hash=password_hash, now=now)
    audit.record(session, by, "staff.added", now, coordinator_id=coordinator.id, role=role.value)
    return coordinator


def check_password(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput(f"The password is too short: use at least {SHORTEST_PASSWORD} characters.")


def hash_password(password: str) -> str:
    """Takes a moment and 64 MB, on purpose: never inside a transaction."""
    return _hasher.hash(password)


def make_sign_in_link(database: Database, email: str, now: datetime) -> str:
    """A token for one sign-in within the hour. Only its hash is kept."""
    token = secrets.token_urlsafe(32)
    with database.write() as session:
        coordinator = staff.find_by_email(session, email)
        if coordinator is None or coordinator.disabled_at is not None:
            raise NotFound("There is no such coordinator.")
        staff.add_link(session, coordinator.id, hash_of(token), now + LINK_LASTS)
    return token


def use_sign_in_link(
    database: Database, token: str, now: datetime, device: str = ""
) -> SignedIn | HalfSignedIn:
    """Sign in by link, once. Raises NotAllowed for one that is used, old or made up."""
    with database.write() as session:
        link = staff.usable_link(session, hash_of(token), now)
        if link is None:
            raise NotAllowed("This link has been used or is too old: ask for a new one.")
        link.used_at = now
        coordinator = session.get_one(Coordinator, link.coordinator_id)
        if coordinator.disabled_at is not None:
            raise NotAllowed("This link has been used or is too old: ask for a new one.")
        return _first_half_done(session, coordinator, now, device)


def sign_in(
    database: Database, email: str, password: str, address: str, now: datetime, device: str = ""
) -> SignedIn | HalfSignedIn:
    """Sign in by password. Raises NotAllowed with the same words whether the e-mail exists or not.

    Failures are counted in the database by e-mail and by network address before anything is hashed, so
    that guessing is slow for one account and for many.
    """
    by_email = hash_of(f"email:{email.strip().lower()}")
    keys = {by_email: FAILURES_PER_EMAIL, address_key(address): FAILURES_PER_ADDRESS}
    with database.read() as session:
        if any(staff.failures(session, key, now, FAILURE_WINDOW) >= limit for key, limit in keys.items()):
            raise NotAllowed(TOO_MANY)
        found = staff.find_by_email(session, email)
        usable = found is not None and found.disabled_at is None and found.password_hash
        stored = found.password_hash if found is not None and usable else None
    if not fits(stored or _unusable_hash(), password) or not usable or found is None:
        with database.write() as session:
            for key in keys:
                staff.record_failure(session, key, now, FAILURE_WINDOW)
        raise NotAllowed("The e-mail address or the password is wrong.")
    with database.write() as session:
        # The address's failures stay: an account of one's own must not buy guesses at others.
        staff.forget_failures(session, by_email)
        return _first_half_done(session, session.get_one(Coordinator, found.id), now, device)


def _first_half_done(
    session: Session, coordinator: Coordinator, now: datetime, device: str
) -> SignedIn | HalfSignedIn:
    if not access.has_factor(session, coordinator.id):
        return open_session(session, coordinator, now, device)
    token = secrets.token_urlsafe(32)
    access.add_half(session, coordinator.id, hash_of(token), now, now + HALF_LASTS)
    return HalfSignedIn(token)


def address_key(address: str) -> bytes:
    """Under which failures from one network address are counted."""
    return hash_of(f"address:{network_of(address)}")


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the first half, as a single line has all of the second."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else address


def resume_session(
    database: Database, token: str, now: datetime, *, is_present: bool = True
) -> SignedIn | None:
    """Who a cookie's token belongs to; None when it is unknown, ended, idle too long or too old.

    `is_present` is False for what a page asks for by itself: that must not keep an idle session alive.
    """
    with database.read() as session:
        row = staff.live_session(session, hash_of(token))
        if row is None or row.coordinator.disabled_at is not None:
            return None
        if row.last_seen_at < now - IDLE_LIMIT or row.created_at < now - ABSOLUTE_LIMIT:
            return None
        found = _signed_in(session, row, row.coordinator)
        is_fresh = row.last_seen_at > now - timedelta(minutes=1)
    if is_present and not is_fresh:  # one write a minute is enough to know that somebody is there
        with database.write() as session:
            session.get_one(ConsoleSession, found.session_id).last_seen_at = now
    return found


def sign_out(database: Database, who: SignedIn, now: datetime) -> None:
    with database.write() as session:
        session.get_one(ConsoleSession, who.session_id).ended_at = now
        audit.record(session, who.by, "staff.signed_out", now)


def open_session(session: Session, coordinator: Coordinator, now: datetime, device: str = "") -> SignedIn:
    token = secrets.token_urlsafe(32)
    row = ConsoleSession(
        coordinator_id=coordinator.id,
        token_hash=hash_of(token),
        created_at=now,
        last_seen_at=now,
        proved_at=now,
        device=device[:60] or None,
    )
    session.add(row)
    session.flush()
    who = _signed_in(session, row, coordinator, token)
    audit.record(session, who.by, "staff.signed_in", now)
    return who


def _signed_in(session: Session, row: ConsoleSession, coordinator: Coordinator, token: str = "") -> SignedIn:
    return SignedIn(
        coordinator_id=coordinator.id,
        name=coordinator.name,
        email=coordinator.email,
        role=coordinator.role,
        session_id=row.id,
        proved_at=row.proved_at or row.created_at,
        caseload=caseload_of(coordinator.role, access.caseload_of(session, coordinator.id)),
        has_second_factor=access.has_factor(session, coordinator.id),
        token=token,
    )


def hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def fits(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def is_there_anybody(database: Database) -> bool:
    with database.read() as session:
        return bool(staff.all_coordinators(session))
