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

from sqlalchemy.orm import Session

from service.domain.message import MessageStatus
from service.domain.programme import Programme
from service.domain.talking import HELD
from service.store import claims
from service.store.engine import Database
from service.workflows.consent_steps import SENDABLE_WITHOUT_OPT_IN
from service.workflows.dispatching.claim import ClaimedText, SendResult, sort_out
from service.workflows.enrolment import ROUTINE


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
    of_people = [text.message_id for text in texts if text.participant_id is not None]
    of_nobody = [text.message_id for text in texts if text.participant_id is None]
    with database.write() as session:
        may_go = set()
        for ids in filter(None, (of_people, of_nobody)):
            may_go |= claims.hold(
                session,
                ids,
                token,
                now,
                of_nobody=ids is of_nobody,
                routine=ROUTINE,
                held=HELD,
                without_consent=SENDABLE_WITHOUT_OPT_IN,
            )
        refused = [text.message_id for text in texts if text.message_id not in may_go]
        settled = _settle(session, refused, programme, token, now) if refused else []
        yield Wave(frozenset(may_go), settled)


def _settle(
    session: Session, refused: Collection[uuid.UUID], programme: Programme, token: str, now: datetime
) -> list[SendResult]:
    """End texts that may not go any more; what may go by now, or later, goes back to the queue."""
    rows = [row for row in claims.look(session, refused, MessageStatus.SENDING) if row.claim == token]
    _, settled = sort_out(session, rows, programme, now)
    claims.release(session, refused, token)
    return settled


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
