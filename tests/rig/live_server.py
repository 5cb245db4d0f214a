"""Handrail itself on a free port of this machine, for the browser: no jobs process, the simulated phone.

Texts go out when the rehearsal clock is moved, as that does everything that is due.
"""

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from werkzeug.serving import make_server

from service.app import create_app
from service.bootstrap import Parts
from service.config import load_settings
from service.domain.staff import Role
from service.store.audit import SYSTEM
from service.workflows.staff import add_coordinator

FIELD_KEY = Fernet.generate_key().decode()
EMAIL, PASSWORD = "dana@example.org", "a long and quiet password"


@dataclass(frozen=True)
class LiveServer:
    url: str
    app: Flask
    parts: Parts


def build_app(file: Path, port: int = 8000, **settings: object) -> Flask:
    """The application on the migrated SQLite database in `file`."""
    return create_app(
        load_settings(
            _env_file=None,
            database_url=f"sqlite:///{file}",
            data_dir=file.parent,
            secret_key="only for tests and screenshots",
            field_keys=FIELD_KEY,
            port=port,
            gateway="simulated",
            programme_name="Handrail",
            support_contact="555-0100",
            **settings,
        )
    )


@contextmanager
def serving(file: Path) -> Iterator[LiveServer]:
    """Serve the database in `file` until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    app = build_app(file, port)
    server = make_server("127.0.0.1", port, app, threaded=True, fd=listening.fileno())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield LiveServer(f"http://127.0.0.1:{port}", app, app.extensions["handrail"])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        listening.close()
        app.extensions["handrail"].database.engine.dispose()


def add_staff(parts: Parts, email: str = EMAIL, role: Role = Role.COORDINATOR) -> None:
    name = "Dana Reyes" if role is Role.COORDINATOR else f"A {role.value}"
    add_coordinator(parts.database, email, name, role, SYSTEM, parts.wall(), PASSWORD)


def set_clock(parts: Parts, to: datetime) -> None:
    """Put the rehearsal clock to a time, past ones too: for a screenshot that is the same each day."""
    from service.store import rehearsal

    wall = datetime.now(UTC)
    with parts.database.write() as session:
        rehearsal.clock_to_change(session).offset_seconds = (to - wall) / timedelta(seconds=1)


@pytest.fixture
def live_server(sqlite_template: Path, tmp_path: Path) -> Iterator[LiveServer]:
    """A server with one coordinator (EMAIL, PASSWORD) and nobody to text yet."""
    file = tmp_path / "live.db"
    shutil.copyfile(sqlite_template, file)
    with serving(file) as server:
        add_staff(server.parts)
        yield server
