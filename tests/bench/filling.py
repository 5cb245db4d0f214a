"""People, their questions and the texts that wait, by the thousand: set-based, but every column as the service's."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, insert, select, text

from service.bootstrap import Parts
from service.domain.consent import ConsentStatus
from service.domain.message import MessageKind, MessageStatus
from service.domain.prompt import PromptStatus, ScheduleKind
from service.domain.recurrence import Repeats
from service.store.engine import Database
from service.store.schema import Message, Participant, Prompt, Schedule
from service.store.types import new_message_id

AT_ONCE = 5_000
FAR_AHEAD = timedelta(days=3)
_IDLE_ON_POSTGRES = """
    INSERT INTO schedules (participant_id, kind, at, repeats, every, weekdays, starting, next_due_at, created_at)
    SELECT 1, 'check_in', '10:00', 'days', 1, 0, :starting, CAST(:first AS timestamptz) + n * interval '1 second', :at
    FROM generate_series(1, :count) AS n
"""
_IDLE_ON_SQLITE = """
    INSERT INTO schedules (participant_id, kind, at, repeats, every, weekdays, starting, next_due_at, created_at)
    WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :count)
    SELECT 1, 'check_in', '10:00:00.000000', 'days', 1, 0, :starting,
      strftime('%Y-%m-%d %H:%M:%f000', :first, '+' || n || ' seconds'), :at
    FROM s
"""


def number(n: int) -> str:
    """The nth phone number. As many people as the bench has do not fit into those kept for examples."""
    return f"+1202{5_550_000 + n:07d}"


def words(n: int) -> str:
    return f"Harbor check-in {n}: how are you today? Reply with a number from 1 (rough) to 5 (good), or STOP."


def now() -> datetime:
    return datetime.now(UTC)


def people(parts: Parts, count: int) -> None:
    """People who have opted in, each with a daily question; ids from 1."""
    vault, at = parts.database.vault, now()
    for numbers in _batches(count):
        persons = [
            {
                "id": n,
                "phone_index": vault.index(number(n)),
                "phone_sealed": vault.seal(number(n)),
                "timezone": "America/New_York",
                "consent": ConsentStatus.OPTED_IN,
                "consent_changed_at": at,
                "created_at": at,
            }
            for n in numbers
        ]
        questions = [
            {
                "id": n,
                "participant_id": n,
                "kind": ScheduleKind.CHECK_IN,
                "at": time(10),
                "repeats": Repeats.DAYS,
                "starting": at.date(),
                "next_due_at": at + FAR_AHEAD,
                "created_at": at,
            }
            for n in numbers
        ]
        _insert(parts.database, (Participant, persons), (Schedule, questions))
    if parts.database.engine.dialect.name == "postgresql":
        with parts.database.write() as session:  # ids were given: the next one is counted on from there
            for table in ("participants", "schedules"):
                session.execute(text(f"SELECT setval('{table}_id_seq', {count})"))


def texts(parts: Parts, due_at: Sequence[datetime]) -> None:
    """One question for each moment, due then, to the person of that number; their words are all different."""
    vault, at = parts.database.vault, now()
    for numbers in _batches(len(due_at)):
        asked = [
            {
                "id": n,
                "participant_id": n,
                "schedule_id": n,
                "kind": ScheduleKind.CHECK_IN,
                "event_date": date(2026, 10, 26),
                "slot": "10:00",
                "event_at": due_at[n - 1],
                "status": PromptStatus.OPEN,
                "act_at": due_at[n - 1] + timedelta(hours=1),
                "created_at": at,
            }
            for n in numbers
        ]
        waiting = [
            {
                "id": new_message_id(),
                "participant_id": n,
                "kind": MessageKind.CHECK_IN,
                "status": MessageStatus.QUEUED,
                "body_sealed": vault.seal(words(n)),
                "segments": 1,
                "is_time_chosen": True,
                "dedupe_key": f"{n}:2026-10-26:10:00",
                "schedule_id": n,
                "prompt_id": n,
                "created_at": at,
                "send_after": due_at[n - 1],
                "expires_at": due_at[n - 1] + timedelta(hours=4),
            }
            for n in numbers
        ]
        _insert(parts.database, (Prompt, asked), (Message, waiting))
    analyse(parts.database)


def schedules_for_one(database: Database, count: int) -> None:
    """So many schedules, none of them due, all of one person: made by the database itself."""
    at = now()
    columns = {"first": at + FAR_AHEAD, "at": at, "starting": at.date(), "count": count}
    statement = _IDLE_ON_POSTGRES
    if database.engine.dialect.name == "sqlite":
        statement = _IDLE_ON_SQLITE
        columns = {name: _plain(value) for name, value in columns.items()}
    with database.write() as session:
        session.execute(text(statement), columns)


def statuses(database: Database) -> dict[str, int]:
    """How many texts have which status."""
    with database.read() as session:
        rows = session.execute(select(Message.status, func.count()).group_by(Message.status))
        return {status.value: count for status, count in rows}


def is_through(database: Database) -> bool:
    return not statuses(database).keys() & {"queued", "sending"}


def analyse(database: Database) -> None:
    with database.write() as session:
        session.execute(text("ANALYZE"))


def _batches(count: int) -> Iterator[range]:
    for first in range(1, count + 1, AT_ONCE):
        yield range(first, min(first + AT_ONCE, count + 1))


def _insert(database: Database, *rows: tuple[Any, list[dict[str, Any]]]) -> None:
    with database.write() as session:
        for table, values in rows:
            session.execute(insert(table), values)


def _plain(value: object) -> object:
    """A value as SQLite stores it, for a statement of plain words."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value
