"""Doing everything that is due: each workflow again and again until it finds no work.

One item, one transaction, so that a row that fails cannot undo its neighbours. A row that fails again
and again must not hold up the others either: a round ends after the first fault and reports it.
"""

from collections.abc import Callable
from datetime import datetime

from service.domain.programme import Programme
from service.gateways.base import SmsGateway
from service.guide.words import Words
from service.store.engine import Database
from service.workflows.follow_up import follow_up_next, lapse_next_invitation
from service.workflows.planning import plan_next_due
from service.workflows.restoring import is_awaiting_replay
from service.workflows.sending import rescue_stuck, send_next
from service.workflows.settling import settle_unknown

MOST_IN_A_ROUND = 10_000
"""A bound against a loop of our own making; the next tick goes on from there."""


def _until_none(work: Callable[[], object | None]) -> int:
    for done in range(MOST_IN_A_ROUND):
        if work() is None:
            return done
    return MOST_IN_A_ROUND


def plan_all(database: Database, words: Words, programme: Programme, now: datetime) -> int:
    if is_awaiting_replay(database):
        return 0
    return _until_none(lambda: plan_next_due(database, words, programme, now))


def send_all(
    database: Database,
    gateway: SmsGateway,
    programme: Programme,
    clock: Callable[[], datetime],
    pace: Callable[[], object] = lambda: None,
) -> int:
    """Send what is due; `pace` is called after each call to the gateway and waits as the rate asks."""

    def one() -> object | None:
        result = send_next(database, gateway, programme, clock())
        if result is not None and result.has_called:
            pace()
        return result

    return _until_none(one)


def follow_up_all(database: Database, words: Words, programme: Programme, now: datetime) -> int:
    if is_awaiting_replay(database):
        return 0
    return _until_none(lambda: follow_up_next(database, words, programme, now)) + _until_none(
        lambda: lapse_next_invitation(database, now)
    )


def rescue_all(database: Database, gateway: SmsGateway, programme: Programme, now: datetime) -> int:
    rescued = _until_none(lambda: rescue_stuck(database, now))
    settle_unknown(database, gateway, programme, now)
    return rescued
