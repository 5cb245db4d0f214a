"""Which job runs how often. Ticks only: due times live in the database, so a missed tick loses nothing."""

from datetime import UTC

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler

from jobs.duties import Duties

EVERY_SECONDS = {
    "plan": 1,
    "page": 1,
    "follow_up": 10,
    "rescue": 30,
    "pulse": 60,
    "seal": 60,
    "catch_up": 180,
    "retain": 3600,
}
"""Sending has no tick: its own thread sleeps until the next text is due."""

AT_ONCE = frozenset({"catch_up", "retain", "seal"})
"""Jobs that also run when the process starts: for what happened while nobody was there."""


def make_timetable(duties: Duties) -> BlockingScheduler:
    """A scheduler in UTC with a memory job store and one thread a job.

    APScheduler drops a run that starts more than a second late and says so only in its log; here a late
    tick is as good as a punctual one, so it may be as late as it likes, and those missed become one.
    """
    scheduler = BlockingScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(EVERY_SECONDS))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for name, seconds in EVERY_SECONDS.items():
        first = {"next_run_time": duties.parts.wall()} if name in AT_ONCE else {}
        scheduler.add_job(getattr(duties, name), "interval", seconds=seconds, id=name, **first)
    return scheduler
