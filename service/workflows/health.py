"""Whether the service is fit to serve, and the figures that say so."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from service.domain.message import MessageStatus
from service.store import figures, marks, service_state, tallies
from service.store.engine import Database
from service.store.figures import AlertFigures, SentFigures
from service.store.schema import SCHEMA_VERSION, Message

DUE_OLD = timedelta(minutes=10)
HEARTBEAT_OLD = {
    "plan": timedelta(minutes=2),
    "send": timedelta(minutes=2),
    "page": timedelta(minutes=2),
    "follow_up": timedelta(minutes=2),
    "rescue": timedelta(minutes=5),
    "seal": timedelta(minutes=15),
    "catch_up": timedelta(minutes=15),
    "retain": timedelta(hours=3),
}
"""How long each job may be silent. One that has never reported counts as silent."""

RECEIPTS_MISSING_AFTER = timedelta(hours=1)
RECEIPTS_GIVEN_UP_AFTER = timedelta(hours=72)


@dataclass(frozen=True)
class Health:
    """`problems` is empty when the service is fit to serve."""

    problems: tuple[str, ...]
    heartbeat_ages: dict[str, timedelta]
    due_age: timedelta
    sending_paused: str | None


@dataclass(frozen=True)
class Figures:
    """What `/metrics` shows beside Health. All from the database, so that every process shows the same.

    `queue`: texts whose way is not over, by status. `last_hour`: texts written in the last hour, by status.
    `receipts_missing`: sent an hour to three days ago, and no receipt has come. `list_age`: since the
    gateway's list was last searched for texts that the webhook missed; None before the first time.
    `tallies`: see `store/tallies.py`.
    """

    queue: dict[str, int]
    last_hour: dict[str, int]
    sent: SentFigures
    receipts_missing: int
    alerts: dict[str, AlertFigures]
    list_age: timedelta | None
    tallies: dict[str, int]


def check(database: Database, now: datetime, wall: datetime) -> Health:
    """Look at database, migrations, heartbeats and the oldest text that is due. Never raises for them."""
    try:
        with database.read() as session:
            version = session.scalar(text("SELECT version_num FROM alembic_version"))
            beats = {job: wall - at for job, at in service_state.heartbeats(session).items()}
            oldest = session.scalar(
                select(func.min(Message.send_after)).where(
                    Message.status == MessageStatus.QUEUED, Message.send_after <= now
                )
            )
            silent = _silent(session, beats, now) if version == SCHEMA_VERSION else []
            pause = service_state.open_pause(session)
            paused = pause.reason if pause else None
            if version == SCHEMA_VERSION and marks.is_set(session, marks.AWAITING_REPLAY):
                paused = "this is a restored backup: run `flask withdrawals replay`"
    except SQLAlchemyError as problem:
        reason = f"the database does not answer ({type(problem).__name__})"
        return Health((reason,), {}, timedelta(), None)
    due_age = now - oldest if oldest else timedelta()
    problems = []
    if version != SCHEMA_VERSION:
        problems.append(
            f"the database is at migration {version}, the code needs {SCHEMA_VERSION}: "
            "run `alembic upgrade head`"
        )
    if not beats:
        problems.append("no jobs process has reported yet: start `python -m jobs`")
    elif set(silent) == set(HEARTBEAT_OLD):
        problems.append("the jobs process has not reported lately: is `python -m jobs` running?")
    else:
        problems += [
            f"the job `{job}` of the jobs process has not reported lately: see its log" for job in silent
        ]
    if due_age > DUE_OLD and paused is None:
        problems.append(f"the oldest due text has waited {int(due_age.total_seconds())} seconds")
    if paused is not None:
        problems.append(f"all sending is paused: {paused}")
    return Health(tuple(problems), beats, due_age, paused)


def _silent(session: Session, beats: dict[str, timedelta], now: datetime) -> list[str]:
    """The jobs that should have reported by now. One that is in the middle of sending a lot is not silent."""
    silent = [job for job, limit in HEARTBEAT_OLD.items() if beats.get(job, timedelta.max) > limit]
    if silent == ["send"]:
        newest = session.scalar(select(func.max(Message.sent_at)))
        if newest is not None and now - newest <= HEARTBEAT_OLD["send"]:
            return []
    return silent


def figures_of(database: Database, now: datetime) -> Figures | None:
    """The figures; None when the database does not answer."""
    try:
        with database.read() as session:
            read_to = marks.value_of(session, marks.INBOUND_READ_TO)
            return Figures(
                queue=figures.unfinished(session),
                last_hour=figures.written_since(session, now - timedelta(hours=1)),
                sent=figures.sent(session, now),
                receipts_missing=figures.without_receipt(
                    session, now - RECEIPTS_GIVEN_UP_AFTER, now - RECEIPTS_MISSING_AFTER
                ),
                alerts=figures.open_alerts(session, now),
                list_age=now - datetime.fromisoformat(read_to) if read_to else None,
                tallies=tallies.all_of(session),
            )
    except SQLAlchemyError:
        return None


def beat(database: Database, job: str, wall: datetime) -> None:
    """Note that a job has finished a round."""
    with database.write() as session:
        service_state.beat(session, job, wall)


def count_refusals(database: Database, reasons: dict[str, int]) -> None:
    """Note webhook posts that were refused, by reason."""
    with database.write() as session:
        for reason in sorted(reasons):  # in one order, so that two processes cannot wait for each other
            tallies.add(session, tallies.REFUSED + reason, reasons[reason])
