"""Rows: memory, and how soon the service answers."""

import subprocess
import sys
import time
from http.client import HTTPConnection

from tests.bench.dispatch import NAMES, PLAIN_THREADS, Sizes, handrail
from tests.bench.figures import Figure, at_most, median
from tests.bench.ground import ROOT, SYSTEMS, Ground, free_port, gunicorn, proportional_memory_of, until
from tests.bench.web import CONNECTIONS, POSTS, inbound_posts, load, serving

IMPORTS = "import flask, flask_wtf, sqlalchemy.orm, psycopg, apscheduler, twilio.rest, gunicorn.app.wsgiapp"


def memory(ground: Ground, sizes: Sizes) -> list[Figure]:
    """The sender at its largest, and a whole small installation at work."""
    figures = []
    few, many = sizes.at_once[0], sizes.at_once[-1]
    for system in SYSTEMS:
        runs = {count: handrail(ground, system, count, 0, PLAIN_THREADS).memory for count in (few, many)}
        name = f"{NAMES[system]}: sender"
        figures += [
            at_most(f"{name}, {many:,} due", runs[many], 80, " MB"),
            at_most(f"{name}, {many:,} due / {few:,}", runs[many] / runs[few], 1.10),
        ]
        with ground.database(system) as url:
            env = ground.environment(url)
            with serving(ground, "service.app:create_app()", env) as (port, pid):
                load(port, pid, inbound_posts(POSTS), CONNECTIONS)
                jobs = subprocess.Popen(
                    [sys.executable, "-m", "jobs"], cwd=ROOT, env=env | {"PYTHONPATH": str(ROOT)}
                )
                try:
                    time.sleep(8)
                    used = proportional_memory_of(pid) + proportional_memory_of(jobs.pid)
                finally:
                    jobs.terminate()
                    jobs.wait(60)
        figures.append(
            at_most(
                f"{NAMES[system]}: gunicorn with 2 workers, and jobs, after {POSTS:,} texts", used, 240, " MB"
            )
        )
    return figures


def start(ground: Ground, sizes: Sizes) -> list[Figure]:
    """From starting one worker to the first 200 of /healthz, against importing the libraries it stands on."""
    served, imported, answered = [], [], []
    with ground.database("sqlite") as url:
        env = ground.environment(url)
        for _ in range(max(sizes.repeats, 3)):
            before = time.perf_counter()
            subprocess.run([sys.executable, "-c", IMPORTS], cwd=ROOT, check=True)
            imported.append(time.perf_counter() - before)
            at_healthz, at_text = _first_answers(env)
            served.append(at_healthz)
            answered.append(at_text)
    ratio = median(served) / median(imported)
    shown = f"{ratio:.2f} ({median(served):.2f} s against {median(imported):.2f} s)"
    return [
        at_most("start to the first 200 of /healthz / the bare imports", ratio, 1.5, shown=shown),
        Figure("the first text that comes in after that is answered within", f"{median(answered):.2f} s"),
    ]


def _first_answers(env: dict[str, str]) -> tuple[float, float]:
    """Seconds to the first 200 of /healthz, and that the first text took."""
    port = free_port()
    before = time.perf_counter()
    server = subprocess.Popen(
        gunicorn(port, 1, "service.app:create_app()"),
        cwd=ROOT,
        env=env | {"PYTHONPATH": str(ROOT)},
    )
    try:
        until(lambda: _answers(port), "the first 200")
        took = time.perf_counter() - before
        return took, load(port, server.pid, inbound_posts(1), 1).took[0]
    finally:
        server.terminate()
        server.wait(60)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
