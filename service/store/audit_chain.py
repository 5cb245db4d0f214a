"""The chain that seals the audit trail: each link is a keyed digest of the link before and of one entry.

Links are added behind the entries, in batches, so that whatever writes an entry waits for nobody. They are in
the order in which entries were found, which two transactions that end at once may leave a little apart from
the order of their ids. The key is stored sealed: whoever can write to the database but does not have
FIELD_KEYS cannot make a chain that fits.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from datetime import UTC

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.schema import AuditEntry, AuditSeal, DataKey
from service.store.sealing import vault_of

AUDIT_CHAIN = "audit-chain"
BEGINNING = bytes(32)
LATE = 10_000
"""An entry may commit after so many with higher ids, and is still found; what is older was put in by hand."""


def lock_key(session: Session) -> bytes:
    """The chain's key, made when there is none. Whoever holds it is the only one who adds links."""
    row = session.scalar(select(DataKey).where(DataKey.name == AUDIT_CHAIN).with_for_update())
    if row is not None:
        return vault_of(session).open_bytes(row.key_sealed)
    key = secrets.token_bytes(32)
    session.add(DataKey(name=AUDIT_CHAIN, key_sealed=vault_of(session).seal_bytes(key)))
    session.flush()
    return key


def read_key(session: Session) -> bytes | None:
    row = session.get(DataKey, AUDIT_CHAIN)
    return vault_of(session).open_bytes(row.key_sealed) if row is not None else None


def head(session: Session) -> tuple[int, bytes]:
    """The newest link: (position from 1, digest); (0, BEGINNING) of an empty chain."""
    row = session.scalar(select(AuditSeal).order_by(AuditSeal.position.desc()).limit(1))
    return (row.position, row.digest) if row is not None else (0, BEGINNING)


def add_links(session: Session, key: bytes, limit: int) -> int:
    """Seal the next entries; how many."""
    position, digest = head(session)
    entries = session.scalars(
        select(AuditEntry)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditEntry.id > _floor(session), AuditSeal.position.is_(None))
        .order_by(AuditEntry.id)
        .limit(limit)
    ).all()
    for entry in entries:
        position, digest = position + 1, digest_of(key, digest, entry)
        session.add(AuditSeal(position=position, entry_id=entry.id, digest=digest))
    session.flush()
    return len(entries)


def count_strays(session: Session) -> int:
    """Entries without a seal that are too old to be merely waiting for one."""
    return (
        session.scalar(
            select(func.count())
            .select_from(AuditEntry)
            .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
            .where(AuditEntry.id <= _floor(session), AuditSeal.position.is_(None))
        )
        or 0
    )


def count_waiting(session: Session) -> int:
    """Entries that the next round seals."""
    return (
        session.scalar(
            select(func.count())
            .select_from(AuditEntry)
            .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
            .where(AuditEntry.id > _floor(session), AuditSeal.position.is_(None))
        )
        or 0
    )


def links_after(session: Session, position: int, limit: int) -> Sequence[tuple[AuditSeal, AuditEntry | None]]:
    """The next links with their entries; None for an entry that is gone."""
    rows = session.execute(
        select(AuditSeal, AuditEntry)
        .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .where(AuditSeal.position > position)
        .order_by(AuditSeal.position)
        .limit(limit)
    )
    return [(seal, entry) for seal, entry in rows]


def digest_of(key: bytes, before: bytes, entry: AuditEntry) -> bytes:
    """Of everything that an entry says. `before` is the digest of the link before."""
    said = [
        entry.id,
        entry.at.astimezone(UTC).isoformat(),
        entry.actor.value,
        entry.actor_id,
        entry.action,
        entry.participant_id,
        entry.detail,
    ]
    words = json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hmac.new(key, before + words.encode(), hashlib.sha256).digest()


def _floor(session: Session) -> int:
    """At or below this id nothing is sealed any more, so that a round looks at the newest entries only."""
    return (session.scalar(select(func.max(AuditSeal.entry_id))) or 0) - LATE
