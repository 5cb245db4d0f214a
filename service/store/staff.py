"""Coordinators, their sessions, links and failed sign-ins."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import case, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.domain.staff import Role
from service.store.schema import ConsoleSession, Coordinator, SignInAttempt, SignInLink
from service.store.sealing import seal


def find_by_email(session: Session, email: str) -> Coordinator | None:
    return session.scalar(select(Coordinator).where(Coordinator.email == email.strip().lower()))


def all_coordinators(session: Session) -> Sequence[Coordinator]:
    return session.scalars(select(Coordinator).order_by(Coordinator.id)).all()


def add(
    session: Session,
    *,
    email: str,
    name: str,
    role: Role,
    password_hash: str | None,
    now: datetime,
) -> Coordinator:
    coordinator = Coordinator(
        email=email.strip().lower(),
        name_sealed=seal(session, name),
        role=role,
        password_hash=password_hash,
        created_at=now,
    )
    session.add(coordinator)
    session.flush()
    return coordinator


def add_link(session: Session, coordinator_id: int, token_hash: bytes, expires_at: datetime) -> None:
    session.add(SignInLink(coordinator_id=coordinator_id, token_hash=token_hash, expires_at=expires_at))


def usable_link(session: Session, token_hash: bytes, now: datetime) -> SignInLink | None:
    return session.scalar(
        select(SignInLink)
        .where(
            SignInLink.token_hash == token_hash,
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
        )
        .with_for_update()
    )


def live_session(session: Session, token_hash: bytes) -> ConsoleSession | None:
    return session.scalar(
        select(ConsoleSession).where(
            ConsoleSession.token_hash == token_hash, ConsoleSession.ended_at.is_(None)
        )
    )


def failures(session: Session, key_hash: bytes, now: datetime, window: timedelta) -> int:
    row = session.get(SignInAttempt, key_hash)
    if row is None or row.window_started_at < now - window:
        return 0
    return row.failures


def record_failure(session: Session, key_hash: bytes, now: datetime, window: timedelta) -> None:
    """Count one more; one statement, so that guesses that come at once are all counted."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    is_over = SignInAttempt.window_started_at < now - window
    session.execute(
        insert(SignInAttempt)
        .values(key_hash=key_hash, window_started_at=now, failures=1)
        .on_conflict_do_update(
            index_elements=["key_hash"],
            set_={
                "failures": case((is_over, 1), else_=SignInAttempt.failures + 1),
                "window_started_at": case((is_over, now), else_=SignInAttempt.window_started_at),
            },
        )
    )


def forget_failures(session: Session, key_hash: bytes) -> None:
    row = session.get(SignInAttempt, key_hash)
    if row is not None:
        session.delete(row)
