"""A programme of many people, made quickly: names and numbers are sealed one by one, texts made by the database.

Half a year: each person has some ten texts, a third of them in, questions that were answered or not, a consent
event, and now and then an alert. One person has a very long thread. All texts hold the same sealed words;
opening them costs what it always costs.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, text

from service.bootstrap import Parts
from service.domain.consent import ConsentStatus
from service.store import finding
from service.store.engine import Database
from service.store.schema import NameToken, Participant

AT_ONCE = 5_000
DAYS = 180
LONG_THREAD = 1
LONG_THREAD_TEXTS = 5_000
FIRST = (
    "Maria",
    "Maya",
    "Marcus",
    "Ana",
    "Anna",
    "Ben",
    "Rosa",
    "Jordan",
    "Lee",
    "Theo",
    "Sam",
    "Luz",
    "Grace",
    "José",
)
LAST = (
    "Adams",
    "Baker",
    "Cruz",
    "Diaz",
    "Evans",
    "Flores",
    "Garcia",
    "Hill",
    "Jones",
    "Kim",
    "Lopez",
    "Moore",
    "Price",
)


def number(n: int) -> str:
    """The nth phone number. There are not enough of those kept for examples."""
    return f"+1202{5_550_000 + n:07d}"


def name(n: int) -> str:
    return f"{FIRST[n % len(FIRST)]} {LAST[n // 7 % len(LAST)]}"


def gather(parts: Parts, people: int, texts: int, now: datetime) -> None:
    """Fill an empty database. `texts` are texts both ways in all."""
    _people(parts, people, now)
    begin = now - timedelta(days=DAYS)
    fill = _Filler(parts.database, begin, people)
    words = parts.database.vault.seal("Handrail check-in: how are you today? Reply 1 (rough) to 5 (good).")
    out, came, asked = texts * 6 // 10, texts * 3 // 10, texts * 3 // 10
    fill.consents(now)
    fill.schedules()
    fill.prompts(asked)
    fill.inbound(came, words)
    fill.outbound(out, words)
    fill.long_thread(LONG_THREAD_TEXTS, words)
    fill.alerts(people)
    with parts.database.write() as session:
        session.execute(text("ANALYZE"))


def _people(parts: Parts, people: int, now: datetime) -> None:
    vault = parts.database.vault
    for first in range(1, people + 1, AT_ONCE):
        ids = range(first, min(first + AT_ONCE, people + 1))
        rows: list[dict[str, Any]] = []
        tokens: list[dict[str, Any]] = []
        for n in ids:
            consent = ConsentStatus.OPTED_OUT if n % 20 == 0 else ConsentStatus.OPTED_IN
            rows.append(
                {
                    "id": n,
                    "phone_index": vault.index(number(n)),
                    "phone_sealed": vault.seal(number(n)),
                    "name_sealed": vault.seal(name(n)),
                    "language": "es" if n % 5 == 0 else "en",
                    "timezone": "America/New_York",
                    "consent": consent,
                    "consent_changed_at": now,
                    "created_at": now,
                    "indexed_as": finding.INDEXED_AS,
                }
            )
            own = finding.tokens_of(vault, name(n), number(n))
            tokens += [{"token": token, "participant_id": n} for token in own]
        with parts.database.write() as session:
            session.execute(insert(Participant), rows)
            session.execute(insert(NameToken), tokens)


class _Filler:
    """Rows made by the database out of their number, i; people and moments are spread by it."""

    def __init__(self, database: Database, begin: datetime, people: int) -> None:
        self.database = database
        self.is_sqlite = database.engine.dialect.name == "sqlite"
        self.begin = begin
        self.people = people
        self.person = f"(CAST(i AS bigint) * 7919 % {people} + 1)"

    def moment(self, i: str, count: int, plus: str = "0") -> str:
        """A moment in the half year, by an expression of seconds."""
        seconds = f"CAST({i} AS bigint) * {DAYS * 86_400 - 86_400} / {count} + {plus}"
        if self.is_sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S.000000', :begin, '+' || ({seconds}) || ' seconds')"
        return f"CAST(:begin AS timestamptz) + ({seconds}) * interval '1 second'"

    def run(self, table: str, columns: dict[str, str], count: int, **values: object) -> None:
        begin = self.begin.strftime("%Y-%m-%d %H:%M:%S.%f") if self.is_sqlite else self.begin
        series = (
            f"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {count})"  # noqa: S608
            if self.is_sqlite
            else f"WITH s AS (SELECT generate_series(1, {count}) AS i)"
        )
        names, made = ", ".join(columns), ", ".join(columns.values())
        with self.database.write() as session:
            session.execute(
                text(f"INSERT INTO {table} ({names}) {series} SELECT {made} FROM s"),  # noqa: S608  (ours)
                {"begin": begin} | values,
            )

    def consents(self, now: datetime) -> None:
        for status, person, count in (
            ("opted_in", "i", self.people),
            ("opted_out", "i * 20", self.people // 20),
        ):
            late = "0" if status == "opted_in" else "43200"
            at = self.moment(person, self.people, late)
            columns = {"participant_id": person, "status": f"'{status}'", "source": "'text'", "at": at}
            self.run("consent_events", columns, count)

    def schedules(self) -> None:
        at = self.moment("1", 1)
        columns = {
            "participant_id": "i", "kind": "'check-in'", "at": "'10:00:00'", "repeats": "'days'", "every": "1",
            "weekdays": "0", "starting": "'2026-01-01'", "created_at": at,
        }  # fmt: skip
        self.run("schedules", columns, self.people)

    def prompts(self, count: int) -> None:
        at, is_answered = self.moment("i", count), "i % 10 < 7"
        columns = {
            "participant_id": self.person, "schedule_id": self.person, "kind": "'check-in'",
            "event_date": "'2026-01-01'" if self.is_sqlite else "DATE '2026-01-01' + CAST(i % 3000 AS integer)",
            "slot": "CAST(i AS varchar(16))", "event_at": at, "created_at": at, "asked_at": at,
            "status": f"CASE WHEN {is_answered} THEN 'answered' ELSE 'silent' END", "times_asked": "1",
            "answer": f"CASE WHEN {is_answered} THEN 'score' END",
            "score": f"CASE WHEN {is_answered} THEN i % 5 + 1 END",
            "is_awaiting_barrier": self.false,
        }  # fmt: skip
        self.run("prompts", columns, count)

    @property
    def false(self) -> str:
        return "0" if self.is_sqlite else "false"

    @property
    def true(self) -> str:
        return "1" if self.is_sqlite else "true"

    def inbound(self, count: int, words: bytes, person: str = "", prefix: str = "SMa") -> None:
        person = person or self.person
        columns = {
            "gateway_sid": f"'{prefix}' || i", "participant_id": person, "phone_index": ":none",
            "phone_sealed": ":words", "body_sealed": ":words", "body_hash": ":none", "media_count": "0",
            "received_at": self.moment("i", count, "60"), "lane": "'answer'", "label": "'score'",
            "is_soft": self.false, "was_understood": self.true,
        }  # fmt: skip
        self.run("inbound_messages", columns, count, words=words, none=b"")

    def outbound(self, count: int, words: bytes, person: str = "", prefix: str = "SMb") -> None:
        person, at = person or self.person, self.moment("i", count)
        is_bad = "i % 50 = 0"
        columns = {
            "id": "lower(hex(randomblob(16)))" if self.is_sqlite else "gen_random_uuid()",
            "participant_id": person,
            "kind": "CASE i % 8 WHEN 0 THEN 'manual' WHEN 1 THEN 'reply' ELSE 'check_in' END",
            "status": f"CASE WHEN {is_bad} THEN 'undelivered' ELSE 'delivered' END",
            "error_code": f"CASE WHEN {is_bad} THEN 30003 + i % 4 END", "body_sealed": ":words",
            "segments": "i % 3 + 1", "is_time_chosen": self.false, "priority": "5", "attempts": "1",
            "created_at": at, "send_after": at, "expires_at": at, "sent_at": at, "final_at": at,
            "gateway_sid": f"'{prefix}' || i",
        }  # fmt: skip
        self.run("messages", columns, count, words=words)

    def long_thread(self, count: int, words: bytes) -> None:
        self.inbound(count // 2, words, str(LONG_THREAD), "SMc")
        self.outbound(count // 2, words, str(LONG_THREAD), "SMd")

    def alerts(self, people: int) -> None:
        """One for every third person, of which the newest hundredth part are open."""
        count = people // 3
        is_open = f"i > {count} * 99 / 100"
        at = self.moment("i", count, "120")
        columns = {
            "kind": "CASE i % 3 WHEN 0 THEN 'crisis' WHEN 1 THEN 'rough-score' ELSE 'wants-person' END",
            "urgency": "CASE i % 3 WHEN 0 THEN '1-now' ELSE '2-today' END",
            "status": f"CASE WHEN {is_open} THEN 'open' ELSE 'acknowledged' END",
            "participant_id": self.person, "inbound_id": "i", "opened_at": at,
            "acknowledged_at": f"CASE WHEN {is_open} THEN NULL ELSE {self.moment('i', count, '1920')} END",
        }  # fmt: skip
        self.run("alerts", columns, count)
