"""Letting go of the words of texts after the time the programme keeps them, here and at the gateway.

The words go here first, a small batch a transaction. Their ids wait in a list of their own until the
gateway has blanked them too; a gateway that cannot be asked is asked again later. What stays: who
consented to what and when, and each text's time, status and kind.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.gateway_errors import NOT_AGAINST_THE_TEXT
from service.gateways.base import GatewayUnavailable, SmsGateway
from service.store import marks, retention, sqlite_files
from service.store.engine import Database

log = logging.getLogger(__name__)

BATCH = 100
ASKED_AT_ONCE = 10
LEASE = timedelta(minutes=10)
"""How long a taken batch is nobody else's; a process that dies meanwhile delays it by so much."""
FIRST_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True)
class Retained:
    """What one run did, or a dry run would do. `waiting` texts are still to be blanked at the gateway."""

    erased_out: int
    erased_in: int
    erased_on_handsets: int
    erased_notes: int
    redacted: int
    waiting: int

    @property
    def done(self) -> int:
        return self.erased_out + self.erased_in + self.erased_on_handsets + self.erased_notes + self.redacted


def run(
    database: Database,
    gateway: SmsGateway,
    keep: timedelta,
    now: datetime,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Retained:
    """Erase what is older than `keep`, blank it at the gateway, and clean up after any erasure of a person.

    The first run may have a year's texts to blank; `is_stopping` is asked between any two of them.
    """
    before = now - keep
    out = _in_batches(lambda: 0 if is_stopping() else _erase_out(database, before, now))
    came = _in_batches(lambda: 0 if is_stopping() else _erase_in(database, before, now))
    with database.write() as session:
        shown = retention.erase_old_on_handsets(session, before)
        notes = retention.erase_old_notes(session, before)
    redacted = redact_due(database, gateway, now, is_stopping)
    if scrub_if_pending(database) is None and (out or came or shown or notes):
        _empty_the_log(database)
    with database.read() as session:
        return Retained(out, came, shown, notes, redacted, retention.count_redactions(session))


def look(database: Database, keep: timedelta, now: datetime) -> Retained:
    """What `run` would erase now; changes nothing."""
    with database.read() as session:
        out, came, shown, notes = retention.count_old(session, now - keep)
        return Retained(out, came, shown, notes, 0, retention.count_redactions(session))


def redact_due(
    database: Database,
    gateway: SmsGateway,
    now: datetime,
    is_stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Blank at the gateway what is waiting for it; how many. Stops early when the gateway is out of reach."""
    redacted = 0
    while True:
        with database.write() as session:
            taken = [
                (row.gateway_sid, row.attempts)
                for row in retention.take_redactions(session, now, now + LEASE, ASKED_AT_ONCE)
            ]
        if not taken:
            return redacted
        fates = _ask(gateway, taken, now, is_stopping)
        with database.write() as session:
            for sid, try_at in fates.items():
                if try_at is None:
                    retention.drop_redaction(session, sid)
                else:
                    retention.put_off_redaction(session, sid, try_at)
        blanked = sum(try_at is None for try_at in fates.values())
        redacted += blanked
        if blanked == 0:
            return redacted  # the gateway is out of reach, these are on their way still, or we are to stop


def _ask(
    gateway: SmsGateway,
    taken: list[tuple[str, int]],
    now: datetime,
    is_stopping: Callable[[], bool],
) -> dict[str, datetime | None]:
    """When to try each again; None for one that is blank now. Outside any transaction."""
    fates: dict[str, datetime | None] = {}
    is_away = False
    for sid, attempts in taken:
        fates[sid] = now + min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
        if is_away or is_stopping():
            continue
        try:
            gateway.redact(sid)
            fates[sid] = None
        except GatewayUnavailable as problem:
            log.warning("a text could not be blanked at the gateway; it will be tried again")
            # The account or its rate, not this text: asking for the others is of no use either.
            is_away = problem.reaction in NOT_AGAINST_THE_TEXT
    return fates


def scrub_if_pending(database: Database) -> bool | None:
    """Clean an SQLite file of somebody who was erased. False: it is in use, try again. None: no need."""
    with database.read() as session:
        if not marks.is_set(session, marks.SCRUB_PENDING):
            return None
    if not sqlite_files.scrub(database.engine, rebuild=True):
        return False
    with database.write() as session:
        marks.clear(session, marks.SCRUB_PENDING)
    return True


def _empty_the_log(database: Database) -> None:
    if sqlite_files.is_sqlite(database.engine):
        sqlite_files.scrub(database.engine, rebuild=False)


def _erase_out(database: Database, before: datetime, now: datetime) -> int:
    with database.write() as session:
        return retention.erase_old_out(session, before, now, BATCH)


def _erase_in(database: Database, before: datetime, now: datetime) -> int:
    with database.write() as session:
        return retention.erase_old_in(session, before, now, BATCH)


def _in_batches(work: Callable[[], int]) -> int:
    total = 0
    while done := work():
        total += done
    return total
