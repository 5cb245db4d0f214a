"""Doing everything that is due: each workflow again and again until it finds no work.

Small transactions, so that a row that fails cannot undo its neighbours: most take one item, planning takes
many and goes on one by one after a fault. A row that fails again and again must not hold up the others
either: planning passes it over, any other round ends after the first fault; both report it.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from service.domain.errors import fault_of
from service.domain.programme import Programme
from service.gateways.base import SmsGateway
from service.guide.words import Words
from service.store.engine import Database
from service.workflows.dispatching.at_once import send_next
from service.workflows.follow_up import follow_up_next, lapse_next_invitation
from service.workflows.paging import is_anything_to_page, page_next
from service.workflows.planning_due import BATCH, CannotPlan, plan_due
from service.workflows.restoring import is_awaiting_replay
from service.workflows.settling import expire_overdue, release_abandoned, rescue_stuck, settle_unknown

log = logging.getLogger(__name__)

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
    """Plan what is due within `ahead`: planned a little early, a text is not late for being planned.

    How many schedules were planned. After a fault the round goes on one by one, to keep it to the schedule
    that is at fault. Raises CannotPlan for the first such schedule, when everything else is planned.
    """
    if is_awaiting_replay(database):
        return 0
    done, most = 0, BATCH
    faulty: dict[int, CannotPlan] = {}
    while done < MOST_IN_A_ROUND and not is_stopping():
        try:
            planned = plan_due(database, words, programme, now, ahead, most=most, passing_over=faulty)
        except CannotPlan as problem:
            if len(problem.schedule_ids) > 1:
                most = 1
            else:
                schedule_id = problem.schedule_ids[0]
                faulty[schedule_id] = problem
                fault = fault_of(problem.__cause__ or problem)
                log.error("a schedule cannot be planned", extra={"schedule_id": schedule_id, **fault})
            continue
        if planned is None:
            break
        done += planned.schedules
    for first in faulty.values():
        raise first
    return done


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
