"""How long the console's pages take with many people: `python -m tests.bench.pages [--people N] [--texts N]`.

Pages are asked for in this process, one at a time, by somebody who is signed in: the time is the service's
own, from the request to the whole page. A gateway, a browser and the network are not part of it.
"""

import argparse
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient

from service.app import create_app
from service.bootstrap import Parts
from service.config import load_settings
from service.domain.staff import Role
from service.store.audit import SYSTEM
from service.workflows.staff import add_coordinator, make_sign_in_link
from tests.bench import crowd
from tests.rig.databases import migrate
from tests.rig.postgres import PostgresServer

PEOPLE, TEXTS, REPEATS = 100_000, 1_000_000, 20
GOAL_MS = 300
REPORT_GOAL_MS = 3_000
"""A report reads every question and text of its period; nobody opens one in a crisis."""
E_MAIL = "bench@example.org"

GETS = {
    "Today": "/",
    "Today, its list alone": "/alerts/fragment",
    "People": "/participants",
    "People, far down": "/participants?after={middle}",
    "People who stopped": "/participants?consent=opted_out",
    "People with Spanish": "/participants?language=es",
    "People with open alerts": "/participants?needs=attention",
    "People who wait for an answer": "/participants?needs=answer",
    "Person": "/participants/{middle}",
    "Person, 5,000 texts": "/participants/1",
    "Person's details": "/participants/{middle}/details",
    "Opt-ins": "/opt-ins",
    "Opt-ins, who stopped": "/opt-ins?state=opted_out&period=90",
    "Opt-ins, none fit": "/opt-ins?state=declined&means=gateway",
    "Opt-ins, far down": "/opt-ins?after={middle}",
    "Invitations that wait": "/opt-ins/waiting",
    "On call": "/on-call",
    "Wording": "/wording",
}
SEARCHES = {
    "Search, how a name begins": "mar",
    "Search, two words": "Garcia maria",
    "Search, nobody": "zzyx",
    "Search, last four digits": "4321",
    "Search, a whole number": crowd.number(4_321),
}
REPORTS = {
    "Report, 7 days": "/reports?period=7",
    "Report, 30 days": "/reports?period=30",
    "Report, 90 days": "/reports?period=90",
    "Report, 30 days, Spanish": "/reports?period=30&group=language:es",
}


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one page: the middle one, and what nineteen of twenty do not exceed."""

    system: str
    page: str
    p50: float
    p95: float
    goal: float

    @property
    def is_met(self) -> bool:
        return self.p95 <= self.goal


def rows(
    people: int = PEOPLE,
    texts: int = TEXTS,
    systems: Sequence[str] = ("sqlite", "postgres"),
    repeats: int = REPEATS,
) -> list[Timing]:
    """Every page on each database system, on a crowd made for it."""
    found = []
    for system in systems:
        folder = Path(tempfile.mkdtemp(prefix="handrail-pages-"))
        server = PostgresServer() if system == "postgres" else None
        try:
            url = server.create("pages") if server else f"sqlite:///{folder / 'pages.db'}"
            migrate(url)
            found += _one_system(system, url, folder, people, texts, repeats)
        finally:
            if server is not None:
                server.stop()
            shutil.rmtree(folder, ignore_errors=True)
    return found


def _one_system(system: str, url: str, folder: Path, people: int, texts: int, repeats: int) -> list[Timing]:
    app = create_app(
        load_settings(
            _env_file=None, database_url=url, data_dir=folder, secret_key="only for the bench, on this machine",
            field_keys=Fernet.generate_key().decode(), gateway="simulated", log_level="ERROR",
        )
    )  # fmt: skip
    parts: Parts = app.extensions["handrail"]
    try:
        started = time.monotonic()
        crowd.gather(parts, people, texts, parts.clock())
        sys.stderr.write(f"{system}: {people:,} people in {time.monotonic() - started:.0f} s\n")
        client, token = _sign_in(app, parts)
        middle = people // 2
        found = []
        for page, path in GETS.items():
            address = path.format(middle=middle)
            found.append(_time(system, page, client, address, None, repeats, GOAL_MS))
        for page, wanted in SEARCHES.items():
            posted = {"search": wanted, "csrf_token": token}
            found.append(_time(system, page, client, "/participants/search", posted, repeats, GOAL_MS))
        for page, path in REPORTS.items():
            found.append(_time(system, page, client, path, None, max(repeats // 4, 3), REPORT_GOAL_MS))
        return found
    finally:
        parts.database.close()


def _sign_in(app: Flask, parts: Parts) -> tuple[FlaskClient, str]:
    add_coordinator(parts.database, E_MAIL, "Bench", Role.COORDINATOR, SYSTEM, parts.wall())
    client = app.test_client()
    link = make_sign_in_link(parts.database, E_MAIL, parts.wall())
    client.post(f"/sign-in/{link}", data={"csrf_token": _token(client, "/sign-in")})
    return client, _token(client, "/participants")


def _token(client: FlaskClient, page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found is not None
    return found[1]


def _time(
    system: str,
    page: str,
    client: FlaskClient,
    address: str,
    posted: dict[str, str] | None,
    repeats: int,
    goal: float,
) -> Timing:
    took = []
    for _ in range(repeats + 1):  # the first warms up
        started = time.perf_counter()
        answer = client.get(address) if posted is None else client.post(address, data=posted)
        took.append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{page} answered {answer.status_code}")
    ordered = sorted(took[1:])
    p95 = ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)]
    return Timing(system, page, statistics.median(ordered), p95, goal)


def table(timings: Sequence[Timing]) -> str:
    lines = ["| database | page | p50 ms | p95 ms | goal | |", "| --- | --- | ---: | ---: | ---: | --- |"]
    lines += [
        f"| {one.system} | {one.page} | {one.p50:.0f} | {one.p95:.0f} | {one.goal:.0f} "
        f"| {'met' if one.is_met else '**missed**'} |"
        for one in timings
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages", description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--texts", type=int, default=TEXTS)
    parser.add_argument("--system", choices=("sqlite", "postgres"), action="append")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    asked = parser.parse_args()
    systems = asked.system or ("sqlite", "postgres")
    sys.stdout.write(table(rows(asked.people, asked.texts, systems, asked.repeats)) + "\n")


if __name__ == "__main__":
    main()
