"""Rows: looking for what is due when nothing is, planning what is, entering people."""

import time
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from datetime import time as wall_time
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import update

from service.bootstrap import Parts
from service.domain.local_time import to_local, to_utc
from service.domain.pace import Rate
from service.domain.prompt import ScheduleKind
from service.domain.staff import Actor
from service.store.audit import By
from service.store.schema import Schedule
from service.workflows import importing, rounds, scheduling
from service.workflows.dispatching.claim import claim
from service.workflows.planning_due import plan_due
from tests.bench import filling
from tests.bench.dispatch import NAMES, Sizes
from tests.bench.figures import Figure, at_least, at_most, median
from tests.bench.ground import SYSTEMS, Ground

FEW = 10_000
DUE = 1_000
LOOKS = 200
NEW_YORK = ZoneInfo("America/New_York")
RATE = Rate(10_000, None, ZoneInfo("UTC"))
STAFF = By(Actor.COMMAND_LINE)


def nothing_due(ground: Ground, sizes: Sizes) -> list[Figure]:
    """A tick of the planner and a look of the sender, with few and many schedules, none of them due."""
    figures = []
    for system in SYSTEMS:
        with ground.database(system) as url, ground.parts(url) as parts:
            filling.people(parts, 1)
            took: dict[str, tuple[float, float]] = {}
            filling.schedules_for_one(parts.database, FEW)
            took["few, without statistics"] = _tick(parts)
            filling.analyse(parts.database)
            took["few"] = _tick(parts)
            filling.schedules_for_one(parts.database, sizes.idle_schedules - FEW)
            took["many, without statistics"] = _tick(parts)
            filling.analyse(parts.database)
            took["many"] = _tick(parts)
        for kind in ("", ", without statistics"):
            for which, what in enumerate(("a tick of the planner", "a look of the sender")):
                few, many = took[f"few{kind}"][which], took[f"many{kind}"][which]
                name = f"{NAMES[system]}, nothing due{kind}: {what}"
                figures += [
                    at_most(
                        f"{name}, {sizes.idle_schedules:,} schedules / {FEW:,}",
                        many / few,
                        1.5,
                        shown=f"{many / few:.2f} ({few:.2f} and {many:.2f} ms)",
                    ),
                    at_most(f"{name}, {sizes.idle_schedules:,} schedules", many, 2, " ms"),
                ]
    return figures


def _tick(parts: Parts) -> tuple[float, float]:
    """Milliseconds that planning and claiming take when there is nothing: medians of many."""

    def plan() -> None:
        ahead = timedelta(seconds=60)
        plan_due(parts.database, parts.words, parts.programme, filling.now(), ahead)

    def look() -> None:
        claim(parts.database, parts.programme, RATE, filling.now(), 40, uuid.uuid4().hex)

    turns = [(_timed(plan) * 1000, _timed(look) * 1000) for _ in range(LOOKS)]
    return median(turn[0] for turn in turns), median(turn[1] for turn in turns)


def some_due(ground: Ground, sizes: Sizes) -> list[Figure]:
    """1,000 schedules fall due at once: writing their texts, and taking those in hand."""
    figures = []
    for system in SYSTEMS:
        planning, claiming = [], []
        kept = ground.fill(system, f"people_{DUE}", lambda parts: filling.people(parts, DUE))
        for _ in range(sizes.repeats):
            with ground.database(system, kept) as url, ground.parts(url) as parts:
                at = _make_due(parts)
                planned = _timed(partial(_plan_all, parts, at))
                planning.append(planned / DUE * 1e6)
                claiming.append(_timed(partial(_claim_all, parts)) / DUE * 1e6)
        name = f"{NAMES[system]}, {DUE:,} due"
        figures += [
            at_most(f"{name}: planning, a row", median(planning), 100, " µs", f"{median(planning):,.0f} µs"),
            at_most(f"{name}: claiming, a row", median(claiming), 100, " µs", f"{median(claiming):,.0f} µs"),
        ]
    return figures


def _make_due(parts: Parts) -> datetime:
    """Move every question to this minute of the day; the moment that it falls due."""
    local = to_local(filling.now(), NEW_YORK).replace(second=0, microsecond=0)
    due_at = to_utc(local.replace(tzinfo=None), NEW_YORK)
    with parts.database.write() as session:
        session.execute(update(Schedule).values(at=local.time(), starting=local.date(), next_due_at=due_at))
    filling.analyse(parts.database)
    return filling.now()


def _plan_all(parts: Parts, at: datetime) -> None:
    rounds.plan_all(parts.database, parts.words, parts.programme, at)


def _claim_all(parts: Parts) -> None:
    token, left = uuid.uuid4().hex, DUE
    while left > 0:
        found = claim(parts.database, parts.programme, None, filling.now(), 500, token)
        if not found.texts and not found.settled:
            raise RuntimeError("fewer texts were planned than were due")
        left -= len(found.texts) + len(found.settled)


def entering(ground: Ground, sizes: Sizes) -> list[Figure]:
    """People from a CSV file, then three schedules each: what the console and the commands do."""
    figures = []
    people = sizes.people
    kinds = (ScheduleKind.CHECK_IN, ScheduleKind.MEDICATION, ScheduleKind.CHECK_IN)
    for system in SYSTEMS:
        with ground.database(system) as url, ground.parts(url) as parts:
            lines = "".join(f"{filling.number(n)},paper,yes\n" for n in range(1, people + 1))
            rows = importing.read_people(f"phone,consent_source,opted_in\n{lines}".encode())
            at = filling.now()
            importing_took = _timed(partial(_import, parts, rows, at))
            some = min(people, 300)

            def give(parts: Parts = parts, some: int = some) -> None:
                for person in range(1, some + 1):
                    for hour, kind in zip((8, 10, 20), kinds, strict=True):
                        entry = scheduling.NewSchedule(kind=kind, at=wall_time(hour))
                        scheduling.add_schedule(parts.database, person, entry, STAFF, filling.now())

            rate = some * 3 / _timed(give)
        name = NAMES[system]
        figures.append(
            Figure(f"{name}: people from a file, {people:,} rows", f"{people / importing_took:,.0f} people/s")
        )
        figures.append(
            at_least(f"{name}: schedules, one by one", rate, 8_000, f"{rate:,.0f}/s")
            if system == "postgres"
            else Figure(f"{name}: schedules, one by one", f"{rate:,.0f}/s")
        )
    return figures


def _import(parts: Parts, rows: Sequence[importing.Row], at: datetime) -> None:
    result = importing.import_people(parts.database, parts.words, parts.programme, rows, STAFF, at)
    if result.problems:
        raise RuntimeError(f"{len(result.problems)} people could not be entered")


def _timed(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before
