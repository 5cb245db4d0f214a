"""The last look at texts before they are called, and giving them back when they are not.

The promise: an opt-out, a pause or a cancellation that commits before a request leaves always wins. So the
rows of a wave, and the people they are for, stay locked from the last look until the requests of that wave
are written. Whoever withdraws a text meanwhile waits those few milliseconds.
"""

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from service.domain.message import MessageStatus
from service.domain.programme import Programme
from service.store import claims
from service.store.engine import Database
from service.workflows.dispatching.claim import ClaimedText, SendResult, sort_out


@dataclass(frozen=True)
class Wave:
    """`may_go` may be called while the wave is held. All others of those asked about must not be."""

    may_go: frozenset[uuid.UUID]
    settled: list[SendResult] = field(default_factory=list)


@contextmanager
def held(
    database: Database, programme: Programme, texts: Collection[ClaimedText], token: str, now: datetime
) -> Iterator[Wave]:
    """Look at texts once more, and keep opt-outs waiting until the block ends.

    One statement for the wave. What may not go any more is settled in the same transaction. A text that
    somebody else has taken over in the meantime is neither sent nor settled.
    """
    with database.write() as session:
        rows = claims.hold(session, [text.message_id for text in texts])
        ours = [row for row in rows.values() if row.status is MessageStatus.SENDING and row.claim == token]
        going, settled = sort_out(session, ours, programme, now)
        put_off = [each.message_id for each in settled if each.status is MessageStatus.QUEUED]
        if put_off:
            claims.release(session, put_off, token)
        yield Wave(frozenset(row.id for row in going), settled)


def launch(database: Database, texts: Collection[ClaimedText], token: str, now: datetime) -> set[uuid.UUID]:
    """Note durably that these may be called from now on; those that are still ours.

    It comes before the call, so that after a crash a text without the note is known never to have left.
    """
    with database.write() as session:
        return claims.launch(session, [text.message_id for text in texts], token, now)


def give_back(database: Database, ids: Collection[uuid.UUID], token: str) -> int:
    """Put texts back that were not called after all: the process ends, or a gate stayed shut."""
    if not ids:
        return 0
    with database.write() as session:
        return claims.release(session, ids, token)
