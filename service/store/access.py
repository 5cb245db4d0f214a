"""Second factors, half sign-ins, sessions and caseloads of staff."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from service.domain.caseload import Caseload
from service.store.schema import (
    ConsoleSession,
    Coordinator,
    HalfSignIn,
    Participant,
    RecoveryCode,
    SecondFactor,
    SignInLink,
    StaffCaseload,
)
from service.store.sealing import seal, vault_of


def lock_factor(session: Session, coordinator_id: int) -> SecondFactor | None:
    """The authenticator app, held until the transaction ends, so that a code is taken once."""
    return session.scalar(
        select(SecondFactor)
        .where(SecondFactor.coordinator_id == coordinator_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def has_factor(session: Session, coordinator_id: int) -> bool:
    factor = session.get(SecondFactor, coordinator_id)
    return factor is not None and factor.confirmed_at is not None


def with_factor(session: Session) -> set[int]:
    return set(
        session.scalars(select(SecondFactor.coordinator_id).where(SecondFactor.confirmed_at.is_not(None)))
    )


def put_factor(session: Session, coordinator_id: int, secret: str, now: datetime) -> None:
    """A new secret that has yet to be confirmed, in place of one that never was."""
    drop_factor(session, coordinator_id)
    session.add(
        SecondFactor(
            coordinator_id=coordinator_id, secret_sealed=seal(session, secret), last_step=0, created_at=now
        )
    )
    session.flush()


def drop_factor(session: Session, coordinator_id: int) -> None:
    """The app and its recovery codes."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.coordinator_id == coordinator_id))
    factor = session.get(SecondFactor, coordinator_id)
    if factor is not None:
        session.delete(factor)
        session.flush()


def put_codes(session: Session, coordinator_id: int, codes: Sequence[str]) -> None:
    """New recovery codes in place of all earlier ones."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.coordinator_id == coordinator_id))
    for code in codes:
        session.add(
            RecoveryCode(coordinator_id=coordinator_id, code_hash=_code_hash(session, coordinator_id, code))
        )
    session.flush()


def use_code(session: Session, coordinator_id: int, code: str, now: datetime) -> bool:
    """Take a recovery code, once; one statement, so that of two who have it one is refused."""
    taken = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.coordinator_id == coordinator_id,
            RecoveryCode.code_hash == _code_hash(session, coordinator_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    ).all()
    return len(taken) == 1


def count_codes(session: Session, coordinator_id: int) -> int:
    return (
        session.scalar(
            select(func.count()).where(
                RecoveryCode.coordinator_id == coordinator_id, RecoveryCode.used_at.is_(None)
            )
        )
        or 0
    )


def _code_hash(session: Session, coordinator_id: int, code: str) -> bytes:
    # Keyed: the codes are short enough to be found by trying from a bare hash.
    return vault_of(session).index(f"recovery:{coordinator_id}:{code}")


def add_half(
    session: Session, coordinator_id: int, token_hash: bytes, now: datetime, until: datetime
) -> None:
    session.execute(delete(HalfSignIn).where(HalfSignIn.expires_at <= now))
    session.add(HalfSignIn(coordinator_id=coordinator_id, token_hash=token_hash, expires_at=until))


def half_of(session: Session, token_hash: bytes, now: datetime) -> HalfSignIn | None:
    return session.scalar(
        select(HalfSignIn).where(HalfSignIn.token_hash == token_hash, HalfSignIn.expires_at > now)
    )


def live_sessions(
    session: Session, coordinator_id: int, seen_since: datetime, begun_since: datetime
) -> Sequence[ConsoleSession]:
    """The newest first."""
    return session.scalars(
        select(ConsoleSession)
        .where(
            ConsoleSession.coordinator_id == coordinator_id,
            ConsoleSession.ended_at.is_(None),
            ConsoleSession.last_seen_at >= seen_since,
            ConsoleSession.created_at >= begun_since,
        )
        .order_by(ConsoleSession.id.desc())
    ).all()


def end_sessions(session: Session, coordinator_id: int, now: datetime, but: int | None = None) -> None:
    """Sign somebody out everywhere, `but` for one session; what was begun and not finished ends too."""
    ending = (
        update(ConsoleSession)
        .where(ConsoleSession.coordinator_id == coordinator_id, ConsoleSession.ended_at.is_(None))
        .values(ended_at=now)
    )
    session.execute(ending if but is None else ending.where(ConsoleSession.id != but))
    session.execute(delete(HalfSignIn).where(HalfSignIn.coordinator_id == coordinator_id))


def void_links(session: Session, coordinator_id: int, now: datetime) -> None:
    """No link that was made for somebody signs in any more."""
    session.execute(
        update(SignInLink)
        .where(SignInLink.coordinator_id == coordinator_id, SignInLink.used_at.is_(None))
        .values(used_at=now)
    )


def caseload_of(session: Session, coordinator_id: int) -> Caseload | None:
    row = session.get(StaffCaseload, coordinator_id)
    return row.caseload if row is not None else None


def caseloads(session: Session) -> dict[int, Caseload]:
    return {row.coordinator_id: row.caseload for row in session.scalars(select(StaffCaseload))}


def set_caseload(session: Session, coordinator_id: int, caseload: Caseload) -> None:
    row = session.get(StaffCaseload, coordinator_id)
    if row is None:
        session.add(StaffCaseload(coordinator_id=coordinator_id, caseload=caseload))
    else:
        row.caseload = caseload
    session.flush()


def count_people(session: Session) -> dict[int, int]:
    """How many people each is responsible for, without those who were erased."""
    rows = session.execute(
        select(Participant.responsible_id, func.count())
        .where(Participant.responsible_id.is_not(None), Participant.erased_at.is_(None))
        .group_by(Participant.responsible_id)
    )
    return {coordinator_id: count for coordinator_id, count in rows if coordinator_id is not None}


def release_people(session: Session, coordinator_id: int) -> int:
    """Nobody is responsible for these people any more; how many."""
    found = session.execute(
        update(Participant)
        .where(Participant.responsible_id == coordinator_id)
        .values(responsible_id=None)
        .returning(Participant.id)
    ).all()
    return len(found)


def lock_admins(session: Session) -> Sequence[Coordinator]:
    """Admins whose accounts are open, held so that the last two cannot go in the same moment."""
    return session.scalars(
        select(Coordinator)
        .where(Coordinator.role == "admin", Coordinator.disabled_at.is_(None))
        .order_by(Coordinator.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
