"""Whether the service is fit to serve, and the figures that say so."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from service.domain.alerts import AlertStatus
from service.domain.message import MessageStatus
from service.store import marks, service_state
from service.store.engine import Database
from service.store.schema import SCHEMA_VERSION, Alert, Message

HEARTBEAT_OLD = timedelta(minutes=2)
DUE_OLD = timedelta(minutes=10)


@dataclass(frozen=True)
class Health:
    """`problems` is empty when the service is fit to serve."""

    problems: tuple[str, ...]
    heartbeat_ages: dict[str, timedelta]
    due_age: timedelta
    messages: dict[str, int]
    open_alerts: dict[str, int]
    sending_paused: str | None


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
            messages = {
                status.value: count
                for status, count in session.execute(
                    select(Message.status, func.count()).group_by(Message.status)
                )
            }
            alerts = {
                urgency.value: count
                for urgency, count in session.execute(
                    select(Alert.urgency, func.count())
                    .where(Alert.status == AlertStatus.OPEN)
                    .group_by(Alert.urgency)
                )
            }
            pause = service_state.open_pause(session)
            paused = pause.reason if pause else None
            if version == SCHEMA_VERSION and marks.is_set(session, marks.AWAITING_REPLAY):
                paused = "this is a restored backup: run `flask withdrawals replay`"
    except SQLAlchemyError as problem:
        reason = f"the database does not answer ({type(problem).__name__})"
        return Health((reason,), {}, timedelta(), {}, {}, None)
    due_age = now - oldest if oldest else timedelta()
    problems = []
    if version != SCHEMA_VERSION:
        problems.append(
            f"the database is at migration {version}, the code needs {SCHEMA_VERSION}: "
            "run `alembic upgrade head`"
        )
    if not beats:
        problems.append("no jobs process has reported yet: start `python -m jobs`")
    elif min(beats.values()) > HEARTBEAT_OLD:
        problems.append("the jobs process has not reported lately: is `python -m jobs` running?")
    if due_age > DUE_OLD and paused is None:
        problems.append(f"the oldest due text has waited {int(due_age.total_seconds())} seconds")
    if paused is not None:
        problems.append(f"all sending is paused: {paused}")
    return Health(tuple(problems), beats, due_age, messages, alerts, paused)


def beat(database: Database, job: str, wall: datetime) -> None:
    """Note that a job has finished a round."""
    with database.write() as session:
        service_state.beat(session, job, wall)
