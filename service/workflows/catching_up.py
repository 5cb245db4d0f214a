"""Hearing what the webhook missed: texts that came while it was down are in the gateway's list.

The list is read from where it was last read to, with an overlap, because it lags and clocks differ. What is
stored already is passed over; the gateway's id makes each text count once, whoever brings it first.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from service.domain.errors import fault_of
from service.domain.programme import Programme
from service.domain.withdrawals import WithdrawalKind
from service.gateways.base import GatewayUnavailable, ReceivedText, SmsGateway
from service.guide.words import Words
from service.store import inbox, marks, tallies, withdrawals
from service.store.engine import Database
from service.store.sealing import index_of
from service.workflows.lateness import Late
from service.workflows.replies import receive_text

log = logging.getLogger(__name__)

LEFT_TO_THE_WEBHOOK = timedelta(minutes=1)
"""So long the gateway may still be knocking: a younger text is the webhook's, whose answer is quicker."""
OVERLAP = timedelta(minutes=5)
FIRST_LOOK = timedelta(days=1)
FARTHEST = timedelta(days=7)
LOOKED_UP_AT_ONCE = 200


@dataclass(frozen=True)
class CaughtUp:
    """`heard`: how many texts were new to us. `is_complete`: the list could be read to its end."""

    heard: int
    is_complete: bool


def catch_up(
    database: Database,
    gateway: SmsGateway,
    words: Words,
    programme: Programme,
    now: datetime,
    is_stopping: Callable[[], bool] = lambda: False,
) -> CaughtUp:
    """Fetch the texts that no webhook brought, and handle each as the webhook would, but as late.

    Oldest first. When the list breaks off, or a text cannot be stored, the rest is handled and the same
    stretch is read again next time.
    """
    until = now - LEFT_TO_THE_WEBHOOK
    with database.read() as session:
        if marks.is_set(session, marks.AWAITING_REPLAY):
            return CaughtUp(0, False)  # who was erased since is not known yet
        read_to = marks.value_of(session, marks.INBOUND_READ_TO)
    since = datetime.fromisoformat(read_to) - OVERLAP if read_to else now - FIRST_LOOK
    missed: list[ReceivedText] = []
    is_complete = True
    try:
        found = gateway.fetch_inbound_since(max(since, now - FARTHEST))
        missed += _unknown(database, (each for each in found if each.received_at <= until))
    except GatewayUnavailable:
        log.warning("the gateway's list cannot be read; texts that the webhook missed wait")
        is_complete = False
    missed.sort(key=lambda each: each.received_at)
    newest = {each.text.from_number: each for each in missed}
    heard = 0
    for each in missed:
        if is_stopping():
            is_complete = False
            break
        late = Late(each.received_at, is_newest=newest[each.text.from_number] is each)
        try:
            receive_text(database, words, programme, each.text, now, late)
            heard += 1
        except Exception as problem:
            log.error("a text from the gateway's list could not be stored", extra=fault_of(problem))
            is_complete = False
    _note(database, heard, until if is_complete else None)
    return CaughtUp(heard, is_complete)


def _unknown(database: Database, found: Iterable[ReceivedText]) -> Iterator[ReceivedText]:
    rest = iter(found)
    while batch := list(islice(rest, LOOKED_UP_AT_ONCE)):
        by_sid = {each.text.gateway_sid: each for each in batch}
        with database.read() as session:
            for sid in inbox.unknown_sids(session, list(by_sid)):
                each = by_sid[sid]
                erased = withdrawals.suppression_of(session, index_of(session, each.text.from_number))
                if erased is None or erased.kind is not WithdrawalKind.ERASED or erased.at < each.received_at:
                    yield each


def _note(database: Database, heard: int, read_to: datetime | None) -> None:
    with database.write() as session:
        if heard:
            tallies.add(session, tallies.TEXTS_READ_LATE, heard)
        if read_to is not None:
            marks.put(session, marks.INBOUND_READ_TO, read_to.isoformat())
