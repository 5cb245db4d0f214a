"""The rehearsal: a clock that can be moved ahead, and the simulated phone's memory.

Only wired up with GATEWAY=simulated.
"""

from collections.abc import Callable, Iterator, MutableSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from service.domain.errors import BadInput, NotAllowed
from service.domain.programme import Programme
from service.gateways.base import SmsGateway
from service.guide.words import Words
from service.store import outbox, pace, paging, participants, prompts, rehearsal, schedules, service_state
from service.store.engine import Database
from service.workflows import rounds

Clock = Callable[[], datetime]

FARTHEST = timedelta(days=400)
LEASE = timedelta(minutes=2)


class RehearsalClock:
    """The machine's clock plus the offset in the database, so that every process agrees."""

    def __init__(self, database: Database, wall: Clock) -> None:
        self._database = database
        self._wall = wall

    def __call__(self) -> datetime:
        with self._database.read() as session:
            row = rehearsal.clock(session)
            offset = row.offset_seconds if row is not None else 0.0
        return self._wall() + timedelta(seconds=offset)


class StoredHandset:
    """What the simulated phones show, kept in the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def show(self, *, number: str, body: str, gateway_sid: str, from_service: bool) -> None:
        now = self._clock()
        with self._database.write() as session:
            rehearsal.show(
                session,
                number=number,
                body=body,
                gateway_sid=gateway_sid,
                is_from_service=from_service,
                now=now,
            )


class StoredBlocks(MutableSet[str]):
    """The numbers that the simulated carrier lets nothing through to; shared by all processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __contains__(self, number: object) -> bool:
        with self._database.read() as session:
            return isinstance(number, str) and rehearsal.is_blocked(session, number)

    def add(self, value: str) -> None:
        with self._database.write() as session:
            rehearsal.block(session, value)

    def discard(self, value: str) -> None:
        with self._database.write() as session:
            rehearsal.unblock(session, value)

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError("only hashes of blocked numbers are kept")

    def __len__(self) -> int:
        raise NotImplementedError("only hashes of blocked numbers are kept")


@dataclass(frozen=True)
class HandsetLine:
    """One text on a simulated phone."""

    is_from_service: bool
    body: str
    at: datetime


@dataclass(frozen=True)
class Moved:
    """Where the clock was moved from and to, and how many texts were handled on the way."""

    started_at: datetime
    now: datetime
    texts: int


@dataclass(frozen=True)
class Stage:
    """What a rehearsal needs to live through time."""

    database: Database
    words: Words
    programme: Programme
    gateway: SmsGateway
    clock: Clock
    wall: Clock


def on_handset(database: Database, number: str) -> list[HandsetLine]:
    """What the phone of `number` (E.164) shows, oldest first."""
    with database.read() as session:
        return [
            HandsetLine(row.is_from_service, row.body, row.at)
            for row in rehearsal.on_handset(session, number)
        ]


def handsets(database: Database) -> list[str]:
    """The numbers used in rehearsal, the latest first."""
    with database.read() as session:
        return rehearsal.handsets(session)


def is_moving(database: Database, wall: datetime) -> bool:
    """True while somebody is moving the clock: then only the mover does what is due."""
    with database.read() as session:
        row = rehearsal.clock(session)
        return row is not None and row.moving_until is not None and row.moving_until > wall


def move_clock(
    stage: Stage, target: datetime, on_step: Callable[[datetime, int], None] = lambda *_: None
) -> Moved:
    """Move the rehearsal's clock ahead to `target` (aware), living through all that is due on the way.

    1. Take the lease, so that jobs stand aside and no two movers overlap.
    2. Jump to the next moment at which anything is due, do everything due there, and again.
    3. Arrive at the target. `on_step` is told each moment and the texts so far.

    Raises BadInput for the past and for more than 400 days, NotAllowed while another move is under way.
    """
    started = stage.clock()
    if target < started:
        raise BadInput("The rehearsal clock only moves ahead.")
    if target - started > FARTHEST:
        raise BadInput(f"Move the clock by at most {FARTHEST.days} days at a time.")
    _take_lease(stage)
    texts = 0
    try:
        now = stage.clock()
        while True:
            texts += _do_what_is_due(stage)
            on_step(now, texts)
            upcoming = _next_moment(stage, now)
            if upcoming is None or upcoming > target:
                break
            now = upcoming
            _set_clock(stage, now)
        _set_clock(stage, max(target, stage.clock()))
        texts += _do_what_is_due(stage)
    finally:
        _drop_lease(stage)
    return Moved(started, stage.clock(), texts)


def move_to_next_text(stage: Stage) -> Moved:
    """Move ahead to the moment at which the next text goes out. BadInput when none will within 400 days."""
    started = stage.clock()
    _take_lease(stage)
    try:
        now = started
        while (texts := _do_what_is_due(stage)) == 0:
            upcoming = _next_moment(stage, now)
            if upcoming is None or upcoming > started + FARTHEST:
                raise BadInput("No text is due: give somebody a schedule first.")
            now = upcoming
            _set_clock(stage, now)
    finally:
        _drop_lease(stage)
    return Moved(started, stage.clock(), texts)


def _do_what_is_due(stage: Stage) -> int:
    """Everything due at this moment; returns how many texts were handled."""
    now = stage.clock()
    rounds.rescue_all(stage.database, stage.gateway, stage.programme, now)
    rounds.plan_all(stage.database, stage.words, stage.programme, now)
    rounds.follow_up_all(stage.database, stage.words, stage.programme, now)
    rounds.page_all(stage.database, stage.words, stage.programme, now)
    # The clock runs on while texts go out; what is due is what was due when the moment came.
    texts = rounds.send_all(stage.database, stage.gateway, stage.programme, lambda: now)
    while rounds.page_all(stage.database, stage.words, stage.programme, now):  # one did not arrive
        texts += rounds.send_all(stage.database, stage.gateway, stage.programme, lambda: now)
    return texts


def _next_moment(stage: Stage, now: datetime) -> datetime | None:
    """The first instant after `now` at which something falls due."""
    with stage.database.read() as session:
        pause = service_state.open_pause(session)
        moments = (
            schedules.next_due_at(session),
            outbox.next_due_at(session, after=now),
            prompts.next_act_at(session),
            paging.next_at(session),
            participants.next_lapse_at(session),
            pause.retry_at if pause else None,
            pace.held_until(session, now),
        )
    return min((moment for moment in moments if moment and moment > now), default=None)


def _set_clock(stage: Stage, to: datetime) -> None:
    wall = stage.wall()
    with stage.database.write() as session:
        row = rehearsal.clock_to_change(session)
        row.offset_seconds = (to - wall).total_seconds()
        row.moving_until = wall + LEASE


def _take_lease(stage: Stage) -> None:
    wall = stage.wall()
    with stage.database.write() as session:
        row = rehearsal.clock_to_change(session)
        if row.moving_until is not None and row.moving_until > wall:
            raise NotAllowed("The clock is being moved already. Wait until it has arrived.")
        row.moving_until = wall + LEASE


def _drop_lease(stage: Stage) -> None:
    with stage.database.write() as session:
        rehearsal.clock_to_change(session).moving_until = None


def parse_moment(text: str, timezone_now: datetime) -> datetime:
    """An ISO-8601 moment; without an offset it is read in the zone of `timezone_now`."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput("Give the time as 2026-12-01T19:00 or 2026-12-01T19:00+00:00.") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone_now.tzinfo)
    return moment.astimezone(UTC)


_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_span(text: str) -> timedelta:
    """30m, 2h, 1d, 2w, or several of them in a row (1d12h)."""
    rest, total = text.strip().lower().replace(" ", ""), timedelta()
    while rest:
        digits = len(rest) - len(rest.lstrip("0123456789"))
        unit = rest[digits : digits + 1]
        if digits == 0 or digits > 6 or unit not in _UNITS:
            raise BadInput("Give the span as 30m, 2h, 1d, 2w or 1d12h.")
        total += timedelta(**{_UNITS[unit]: int(rest[:digits])})
        rest = rest[digits + 1 :]
    if not total:
        raise BadInput("Give the span as 30m, 2h, 1d, 2w or 1d12h.")
    return total
