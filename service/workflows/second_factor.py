"""The authenticator app: setting it up, asking for its codes, and being without it."""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy.orm import Session

from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.staff import Actor
from service.store import access, audit, staff
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import ConsoleSession, Coordinator, SecondFactor
from service.workflows.staff import (
    FAILURE_WINDOW,
    FAILURES_PER_ADDRESS,
    TOO_MANY,
    SignedIn,
    address_key,
    fits,
    hash_of,
    open_session,
)

TRIES = 8
"""Codes that may be tried in a quarter of an hour. Six digits and three steps: one chance in 40,000."""

RECOVERY_CODES = 10
STEP_S = 30
DRIFT = (0, -1, 1)
"""Steps of 30 seconds by which a phone's clock may be off."""

WRONG_CODE = "This code is not right, or was used before. Wait for the next one, or use a recovery code."


@dataclass(frozen=True)
class Setup:
    """What an app needs: the secret to type, and the address that its picture holds."""

    secret: str
    address: str


@dataclass(frozen=True)
class FactorState:
    is_on: bool
    since: datetime | None
    codes_left: int


def state(database: Database, coordinator_id: int) -> FactorState:
    with database.read() as session:
        factor = session.get(SecondFactor, coordinator_id)
        since = factor.confirmed_at if factor is not None else None
        return FactorState(since is not None, since, access.count_codes(session, coordinator_id))


def set_up(database: Database, who: SignedIn, now: datetime) -> None:
    """Make a secret. It counts only once `confirm` has seen a code of it. Raises NotAllowed."""
    with database.write() as session:
        if access.has_factor(session, who.coordinator_id):
            raise NotAllowed("You have an authenticator app already. Take it away first.")
        access.put_factor(session, who.coordinator_id, pyotp.random_base32(), now)


def setup_of(database: Database, who: SignedIn, issuer: str) -> Setup | None:
    """The secret while it waits to be confirmed; None before and after."""
    with database.read() as session:
        factor = session.get(SecondFactor, who.coordinator_id)
        if factor is None or factor.confirmed_at is not None:
            return None
        totp = pyotp.TOTP(factor.secret)
        return Setup(factor.secret, totp.provisioning_uri(name=who.email, issuer_name=issuer))


def confirm(database: Database, who: SignedIn, code: str, now: datetime) -> list[str]:
    """The app works: ask for it from now on. The recovery codes are returned once and kept only hashed.

    Other sessions of the same person end, as they were opened without it. Raises BadInput.
    """
    with database.write() as session:
        factor = access.lock_factor(session, who.coordinator_id)
        if factor is None or factor.confirmed_at is not None:
            raise NotFound("There is no app to confirm.")
        if not _is_right(factor, _digits(code), now):
            raise BadInput("This code is not right. Is the phone's clock right? Try the next code.")
        factor.confirmed_at = now
        access.end_sessions(session, who.coordinator_id, now, but=who.session_id)
        audit.record(session, who.by, "staff.second_factor_on", now)
        return _new_codes(session, who.coordinator_id)


def new_codes(database: Database, who: SignedIn, now: datetime) -> list[str]:
    """New recovery codes; the earlier ones are worth nothing any more."""
    with database.write() as session:
        if not access.has_factor(session, who.coordinator_id):
            raise NotFound("There is no app to have recovery codes for.")
        audit.record(session, who.by, "staff.recovery_codes_made", now)
        return _new_codes(session, who.coordinator_id)


def remove(database: Database, coordinator_id: int, by: By, now: datetime) -> None:
    """Ask for no app any more. Done by somebody else, for an app that is lost, it ends all sessions."""
    with database.write() as session:
        if session.get(Coordinator, coordinator_id) is None:
            raise NotFound("There is no such member of staff.")
        access.drop_factor(session, coordinator_id)
        if by.coordinator_id != coordinator_id:
            access.end_sessions(session, coordinator_id, now)
        audit.record(session, by, "staff.second_factor_off", now, coordinator_id=coordinator_id)


def finish_sign_in(
    database: Database, half_token: str, code: str, address: str, now: datetime, device: str = ""
) -> SignedIn:
    """The second half of a sign-in, by a code of the app or a recovery code. Raises NotAllowed.

    Each try is counted before it is looked at, so that guesses that come at once are all counted.
    """
    with database.read() as session:
        half = access.half_of(session, hash_of(half_token), now)
        if half is None or half.coordinator.disabled_at is not None:
            raise NotAllowed("That took too long. Sign in again.")
        coordinator_id = half.coordinator_id
    mine = hash_of(f"second:{coordinator_id}")
    _count_try(database, mine, address, now)
    with database.write() as session:
        half = access.half_of(session, hash_of(half_token), now)
        if half is None:
            raise NotAllowed("That took too long. Sign in again.")
        if not take(session, coordinator_id, code, now):
            raise NotAllowed(WRONG_CODE)
        session.delete(half)
        staff.forget_failures(session, mine)
        return open_session(session, session.get_one(Coordinator, coordinator_id), now, device)


def prove(database: Database, who: SignedIn, password_or_code: str, address: str, now: datetime) -> None:
    """Show once more that it is oneself: by password, or by a code of the app. Raises NotAllowed."""
    mine = hash_of(f"proof:{who.coordinator_id}")
    _count_try(database, mine, address, now)
    with database.read() as session:
        stored = session.get_one(Coordinator, who.coordinator_id).password_hash
    is_right = bool(stored) and fits(stored or "", password_or_code)
    with database.write() as session:
        if not is_right and not take(session, who.coordinator_id, password_or_code, now):
            raise NotAllowed("This is neither your password nor a code that can be used.")
        staff.forget_failures(session, mine)
        session.get_one(ConsoleSession, who.session_id).proved_at = now
        audit.record(session, who.by, "staff.proved", now)


def take(session: Session, coordinator_id: int, code: str, now: datetime) -> bool:
    """Use up a code of the app, or a recovery code. False for a wrong or used one."""
    factor = access.lock_factor(session, coordinator_id)
    if factor is None or factor.confirmed_at is None:
        return False
    typed = _digits(code)
    if len(typed) == 6 and typed.isdigit():
        return _is_right(factor, typed, now)
    if access.use_code(session, coordinator_id, typed.upper(), now):
        audit.record(session, By(Actor.COORDINATOR, coordinator_id), "staff.recovery_code_used", now)
        return True
    return False


def _is_right(factor: SecondFactor, typed: str, now: datetime) -> bool:
    """Compare in constant time; a step whose code was used is over, with all before it."""
    totp = pyotp.TOTP(factor.secret, interval=STEP_S)
    for drift in DRIFT:
        at = now + timedelta(seconds=drift * STEP_S)
        step = totp.timecode(at)
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode("utf-8", "replace")):
            if step <= factor.last_step:
                return False
            factor.last_step = step
            return True
    return False


def _count_try(database: Database, mine: bytes, address: str, now: datetime) -> None:
    from_here = address_key(address)
    with database.write() as session:
        staff.record_failure(session, mine, now, FAILURE_WINDOW)
        is_over = staff.failures(session, mine, now, FAILURE_WINDOW) > TRIES
        is_over |= staff.failures(session, from_here, now, FAILURE_WINDOW) >= FAILURES_PER_ADDRESS
    if is_over:
        raise NotAllowed(TOO_MANY)


def _new_codes(session: Session, coordinator_id: int) -> list[str]:
    codes = [base64.b32encode(secrets.token_bytes(10)).decode()[:12] for _ in range(RECOVERY_CODES)]
    access.put_codes(session, coordinator_id, codes)
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def _digits(typed: str) -> str:
    """Without the spaces and strokes that people and apps put in between."""
    return "".join(char for char in typed[:40] if char.isalnum())
