"""What the rows stand on: databases, child processes, and what those used of the machine."""

import itertools
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet

from service.bootstrap import Parts, build_parts
from service.config import load_settings
from service.store import marks
from tests.bench.sender import no_door
from tests.rig.databases import migrate
from tests.rig.postgres import DURABLE, PostgresServer
from tests.twilio_double.double import TwilioDouble

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".venv" / "bench-peers"
"""Where `make bench` installs Celery, Redis and what they need, apart from the service's own packages."""
PUBLIC = "https://handrail.test"
MIGRATED = "template_migrated"
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
SYSTEMS = ("postgres", "sqlite")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def gunicorn(port: int, workers: int, app: str) -> list[str]:
    """The command that serves an app, as in the Procfile."""
    flags = f"--bind 127.0.0.1:{port} --workers {workers} --threads 4 --no-control-socket --log-level error"
    return [sys.executable, "-m", "gunicorn", *flags.split(), app]


class Child:
    """A Python module in a process of its own, which says lines of JSON and is told words."""

    def __init__(self, module: str, *words: object, env: dict[str, str] | None = None) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, words)],
            cwd=ROOT,
            env=kept | {"PYTHONPATH": str(ROOT)} | (env or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hear(self) -> dict[str, Any]:
        """The next line. Raises RuntimeError when the process has ended instead."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"a process of the bench ended with {self.process.wait()}")
        heard: dict[str, Any] = json.loads(line)
        return heard

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


class Stub:
    """The light Twilio; see stub.py."""

    def __init__(self) -> None:
        self.child = Child("tests.bench.stub", 0)
        self.port: int = self.child.hear()["port"]
        self.url = f"http://127.0.0.1:{self.port}"

    def reset(self, delay_ms: int = 0) -> None:
        self._ask("POST", f"/-/reset?delay_ms={delay_ms}")

    def count(self) -> dict[str, Any]:
        counted: dict[str, Any] = self._ask("GET", "/-/count")
        return counted

    def arrivals(self) -> list[tuple[str, float]]:
        return [(body, at) for body, at in self._ask("GET", "/-/arrivals")]

    def wait_for(self, number: int, within_s: float = 900.0) -> dict[str, Any]:
        """Wait until so many texts came. Raises TimeoutError."""
        give_up = time.monotonic() + within_s
        while (counted := self.count())["taken"] < number:
            if time.monotonic() > give_up:
                raise TimeoutError(f"{counted['taken']} of {number} texts came within {within_s:.0f} s")
            time.sleep(0.05)
        return counted

    def _ask(self, method: str, path: str) -> Any:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path)
            return json.loads(connection.getresponse().read())


class Ground:
    """Everything a run shares: the scratch folder, PostgreSQL, migrated templates, keys, the stub."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="handrail-bench-"))
        self.key = Fernet.generate_key().decode()
        self.stub = Stub()
        self.server = PostgresServer(f"{DURABLE} -c max_wal_size=4GB")
        self._number = itertools.count(1)
        self._kept: set[tuple[str, str]] = set()
        migrate(self.server.create(MIGRATED))
        self.server.seal(MIGRATED)
        migrate(f"sqlite:///{self.folder / MIGRATED}.db")

    def close(self) -> None:
        self.stub.child.end()
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def database(self, system: str, filled: str = MIGRATED) -> Iterator[str]:
        """The URL of a database of its own, gone when the block ends: migrated, or a copy of what `fill` made."""
        name = f"bench_{next(self._number)}"
        if system == "postgres":
            yield self.server.create(name, filled)
            self.server.drop(name)
        else:
            folder = self.folder / name
            folder.mkdir()
            shutil.copyfile(self.folder / f"{filled}.db", folder / "handrail.db")
            yield f"sqlite:///{folder / 'handrail.db'}"
            shutil.rmtree(folder)

    def fill(self, system: str, name: str, work: Callable[[Parts], object]) -> str:
        """Do some work on an empty database once, and keep the result to be copied; its name."""
        kept = f"filled_{name}"
        if (system, kept) in self._kept:
            return kept
        file = self.folder / f"{kept}.db"
        if system == "postgres":
            url = self.server.create(kept, MIGRATED)
        else:
            shutil.copyfile(self.folder / f"{MIGRATED}.db", file)
            url = f"sqlite:///{file}"
        with self.parts(url) as parts:
            work(parts)
            with parts.database.write() as session:
                marks.clear(session, marks.HOME)  # or a copy would be taken for a restored backup
        if system == "postgres":
            self.server.seal(kept)
        else:
            with closing(sqlite3.connect(file)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._kept.add((system, kept))
        return kept

    def environment(self, url: str, **more: object) -> dict[str, str]:
        """The settings of a process on a database, whose Twilio is the stub."""
        data_dir = Path(url.removeprefix("sqlite:///")).parent if url.startswith("sqlite") else self.folder
        settings = {
            "DATABASE_URL": url,
            "DATA_DIR": data_dir,
            "SECRET_KEY": "a-secret-that-is-only-for-the-bench",
            "FIELD_KEYS": self.key,
            "GATEWAY": "twilio",
            "PUBLIC_BASE_URL": PUBLIC,
            "TWILIO_ACCOUNT_SID": TwilioDouble.account_sid,
            "TWILIO_AUTH_TOKEN": TwilioDouble.auth_token,
            "TWILIO_MESSAGING_SERVICE_SID": TwilioDouble.service_sid,
            "TWILIO_API_BASE_URL": self.stub.url,
            "SENDS_PER_SECOND": 10_000,
            "QUIET_HOURS": far_from_now(),
            "LOG_LEVEL": "ERROR",
        }
        return {name.upper(): str(value) for name, value in (settings | more).items()}

    @contextmanager
    def parts(self, url: str) -> Iterator[Parts]:
        """The service's parts in this process, for filling and looking."""
        settings = load_settings(
            _env_file=None, **{name.lower(): value for name, value in self.environment(url).items()}
        )
        made = build_parts(settings, no_door)
        yield made
        made.database.close()

    def cpu_of_postgres(self) -> float:
        """Seconds of processor time of the server and all the processes it ever had."""
        server = self.server.pid
        total = sum(_stat(server)[13:15]) + sum(_stat(server)[11:13])
        for pid in _pids():
            fields = _stat(pid)
            if fields and fields[1] == server:
                total += sum(fields[11:13])
        return total * TICK_S


def far_from_now() -> str:
    """Quiet hours that do not begin for some hours, whenever the bench is run."""
    hour = datetime.now(ZoneInfo("America/New_York")).hour
    return f"{(hour + 11) % 24:02d}:00-{(hour + 12) % 24:02d}:00"


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _stat(pid: int) -> list[int]:
    """The numbers of /proc/PID/stat from the state on: [1] is the parent, [11:15] the times; [] when gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    state, *numbers = text.rpartition(")")[2].split()
    return [ord(state[0]), *map(int, numbers)]


def family(pid: int) -> list[int]:
    """A process and all below it."""
    parents = {each: fields[1] for each in _pids() if (fields := _stat(each))}
    members = [pid]
    for member in members:
        members += [each for each, parent in parents.items() if parent == member]
    return members


def cpu_of(pid: int) -> float:
    """Seconds of processor time of a process and those below it that are alive."""
    return sum(sum(_stat(each)[11:13]) for each in family(pid)) * TICK_S


def memory_of(pid: int) -> float:
    """Resident megabytes of one process, the most it ever had."""
    return _status(pid, "VmHWM") / 1024


def proportional_memory_of(pid: int) -> float:
    """Megabytes of a process and those below it; what several share is counted once."""
    total = 0
    for each in family(pid):
        for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0


def until(condition: Callable[[], object], what: str, within_s: float = 120.0) -> None:
    """Wait for something. Raises TimeoutError."""
    give_up = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > give_up:
            raise TimeoutError(what)
        time.sleep(0.02)
