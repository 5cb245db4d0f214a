"""Doing everything that is due: each workflow again and again until it finds no work.

One item, one transaction, so that a row that fails cannot undo its neighbours. A row that fails again
and again must not hold up the others either: a round ends after the first fault and reports it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from service.domain.programme import Programme
from service.gateways.base import SmsGateway
from service.guide.words import Words
from service.store.engine import Database
from service.workflows.dispatching.at_once import send_next
from service.workflows.follow_up import follow_up_next, lapse_next_invitation
from service.workflows.paging import is_anything_to_page, page_next
from service.workflows.planning import plan_next_due
from service.workflows.restoring import is_awaiting_replay
from service.workflows.settling import expire_overdue, release_abandoned, rescue_stuck, settle_unknown

MOST_IN_A_ROUND = 10_000
"""A bound against a loop of our own making; the next tick goes on from there."""


def _until_none(work: Callable[[], object | None]) -> int:
    for done in range(MOST_IN_A_ROUND):
        if work() is None:
            return done
    return MOST_IN_A_ROUND


def plan_all(
    database: Database,
    words: Words,
    programme: Programme,
    now: datetime,
    ahead: timedelta = timedelta(),
    is_stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Plan what is due within `ahead`: planned a little early, a text is not late for being planned."""
    if is_awaiting_replay(database):
        return 0
    return _until_none(
        lambda: None if is_stopping() else plan_next_due(database, words, programme, now, ahead)
    )


def send_all(
    database: Database, gateway: SmsGateway, programme: Programme, clock: Callable[[], datetime]
) -> int:
    """Send what is due, one text after the other, as fast as it goes; how many texts were handled."""
    return _until_none(lambda: send_next(database, gateway, programme, clock()))


def follow_up_all(database: Database, words: Words, programme: Programme, now: datetime) -> int:
    if is_awaiting_replay(database):
        return 0
    return _until_none(lambda: follow_up_next(database, words, programme, now)) + _until_none(
        lambda: lapse_next_invitation(database, now)
    )


def page_all(database: Database, words: Words, programme: Programme, now: datetime) -> int:
    """Write the pages to staff that are due; sending sends them, before anything else."""
    if not is_anything_to_page(database, now) or is_awaiting_replay(database):
        return 0
    return _until_none(lambda: page_next(database, words, programme, now))


def rescue_all(database: Database, gateway: SmsGateway, programme: Programme, now: datetime) -> int:
    """Put back, give up, expire and look up what hangs; how many texts that moved."""
    rescued = release_abandoned(database, now)
    rescued += _until_none(lambda: rescue_stuck(database, now))
    while expired := expire_overdue(database, now):
        rescued += expired
    return rescued + settle_unknown(database, gateway, programme, now)
