"""Rows of the bench's table, and how they are printed and written down."""

import os
import platform
import sqlite3
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import flask
import psycopg
import sqlalchemy
import twilio

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "bench.md"


@dataclass(frozen=True)
class Figure:
    """One line: what was measured, what came out, and the goal. `is_met` None: nothing to meet."""

    what: str
    value: str
    goal: str = ""
    is_met: bool | None = None

    @property
    def verdict(self) -> str:
        return {True: "met", False: "**missed**", None: ""}[self.is_met]


def at_least(what: str, ratio: float, goal: float, shown: str = "") -> Figure:
    return Figure(what, shown or f"{ratio:.2f}", f"≥ {goal:g}", ratio >= goal)


def at_most(what: str, value: float, goal: float, unit: str = "", shown: str = "") -> Figure:
    return Figure(what, shown or f"{value:.3g}{unit}", f"≤ {goal:g}{unit}", value <= goal)


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


HOW_TO_READ = """\
All of this was measured on one machine, one row after the other. Sending against the limit and the peers, and webhooks
against the static view, were run in turns, and the median of the repeats counts; steady traffic, looks when nothing is
due, entering people, bursts, the paced senders and memory are single runs. Client, stub, database and service share the machine's cores, so **read the ratios**:
absolute rates are what this machine gives while it plays all the parts, and differ from one run to the next.

- *The limit* is Handrail's own HTTP transport under Twilio's client, posting from as many threads, with no database.
- *APScheduler*: a job for each reminder in SQLAlchemyJobStore on PostgreSQL, its misfire grace off (with the
  default of one second it drops what it cannot start in time). *Celery*: a task for each reminder, a real Redis
  server, a pool of threads. *Serial*: a loop. All three use Twilio's client as it comes.
- Rates are by the stub's clock, from the first text to the last. Each text carries its own number and words, and
  each run is checked: every text exactly once at the stub, every row `sent` in the database.
- PostgreSQL runs with its own defaults (fsync and synchronous commit on), SQLite with `synchronous = FULL`.
- Processor time is what the operating system charged; that of PostgreSQL is of all its processes together.
- A text of the bench is a question by schedule with its person and its open question, its words and number sealed.
"""


def machine() -> str:
    """What the figures were taken on, in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}; "
        f"Python {platform.python_version()}, SQLAlchemy {sqlalchemy.__version__}, psycopg {psycopg.__version__}, "
        f"SQLite {sqlite3.sqlite_version}, Flask {_version(flask)}, twilio {twilio.__version__}"
    )


def _version(module: object) -> str:
    from importlib.metadata import version

    return version(getattr(module, "__name__", "flask"))


def table(figures: Sequence[Figure]) -> list[str]:
    lines = ["| what | measured | goal | |", "| --- | --- | --- | --- |"]
    return lines + [f"| {each.what} | {each.value} | {each.goal} | {each.verdict} |" for each in figures]


def write(sections: dict[str, list[Figure]], sizes: str, file: Path = FILE) -> None:
    """The document, from what this run measured and nothing else."""
    met = [each.is_met for figures in sections.values() for each in figures if each.is_met is not None]
    lines = [
        "# What it costs",
        "",
        "Written by `make bench`.",
        "",
        f"Machine: {machine()}.",
        f"Run: {sizes}; load of the machine at its end {os.getloadavg()[1]:.1f}. Goals met: {sum(met)} of {len(met)}.",
        "",
        "## How to read it",
        "",
        HOW_TO_READ,
    ]
    for title, figures in sections.items():
        lines += [f"## {title}", "", *table(figures), ""]
    file.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print a section as soon as it is measured."""
    print(f"\n{title}", flush=True)
    for each in figures:
        mark = {True: "met   ", False: "MISSED", None: "      "}[each.is_met]
        print(f"  {mark} {each.what}: {each.value}" + (f"  ({each.goal})" if each.goal else ""))
    sys.stdout.flush()
