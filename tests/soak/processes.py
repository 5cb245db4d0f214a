"""Web and jobs, several of each, as they are run; killed and started again by chance."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path

from tests.bench.ground import free_port, gunicorn
from tests.rig.postgres import PostgresServer

ROOT = Path(__file__).parents[2]
TROUBLES = ("kill jobs", "kill jobs", "kill jobs", "end jobs", "kill web", "database")
"""Dealt like cards, so that even a short run meets each of them."""
APP = "service.app:create_app()"


class Process:
    """One gunicorn with its workers, or one jobs process; in a group of its own, so that all of it can be killed."""

    def __init__(self, name: str, env: dict[str, str], log: Path) -> None:
        self.name = name
        self.port = free_port() if name.startswith("web") else 0
        self._command = gunicorn(self.port, 1, APP) if self.port else [sys.executable, "-m", "jobs"]
        self._env = env
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.starts_at = 0.0

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._env, stdout=log, stderr=log, start_new_session=True
            )

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def end(self, how: signal.Signals, *, waits: bool = True) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            if how is signal.SIGKILL:
                os.killpg(self._process.pid, how)
            else:
                self._process.send_signal(how)
        if waits:
            self._process.wait(60)

    def is_serving(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()


class Crew:
    """All processes of an installation, and chance."""

    def __init__(
        self, server: PostgresServer, env: dict[str, str], folder: Path, webs: int, jobs: int
    ) -> None:
        self._server = server
        names = [f"web-{n}" for n in range(webs)] + [f"jobs-{n}" for n in range(jobs)]
        self.all = [Process(name, env, folder / f"{name}.log") for name in names]
        self._deck: list[str] = []
        self.done: Counter[str] = Counter()

    def start(self) -> None:
        for process in self.all:
            process.start()
        give_up = time.monotonic() + 120
        for web in (process for process in self.all if process.port):
            while not web.is_serving():
                if time.monotonic() > give_up:
                    raise TimeoutError("the web processes do not come up")
                time.sleep(0.1)

    def ports(self) -> list[int]:
        return [process.port for process in self.all if process.port and process.is_running]

    def disturb(self, dice: random.Random) -> None:
        """Let one bad thing happen."""
        if not self._deck:
            self._deck = dice.sample(TROUBLES, len(TROUBLES))
        what = self._deck.pop()
        if what == "database":
            killed = dice.random() < 0.5
            self._server.restart(killed=killed)
            self.done["PostgreSQL killed" if killed else "PostgreSQL restarted"] += 1
            return
        running = [each for each in self.all if each.is_running and each.name.startswith(what.split()[1])]
        if not running:
            return
        victim = dice.choice(running)
        how = signal.SIGKILL if what.startswith("kill") else signal.SIGTERM
        victim.end(how, waits=how is signal.SIGKILL)
        victim.starts_at = time.monotonic() + dice.uniform(0, 3)
        kind = victim.name.partition("-")[0]
        self.done[f"{kind} {'killed with -9' if how is signal.SIGKILL else 'told to end'}"] += 1

    def revive(self) -> None:
        """Start again whoever is down, when their time has come."""
        for process in self.all:
            if not process.is_running and time.monotonic() >= process.starts_at:
                process.start()

    def end(self) -> None:
        for process in self.all:
            with suppress(subprocess.TimeoutExpired):
                process.end(signal.SIGTERM)
        for process in self.all:
            process.end(signal.SIGKILL)
