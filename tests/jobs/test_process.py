"""`python -m jobs` as it is run: it texts what is due, and ends cleanly when it is told to."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.bootstrap import wall_clock
from service.domain.message import MessageStatus
from service.workflows import enrolment, health
from tests.rig.world import ANA, KEY, STAFF, World, settings_for

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)


def environment(database_url: str, tmp_path: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return (
        kept
        | {
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": database_url,
            "DATA_DIR": str(tmp_path / "var"),
            "SECRET_KEY": "a-secret-that-is-only-for-tests",
            "FIELD_KEYS": KEY,
            "PORT": "9",  # nobody listens there: receipts get lost, as they may
            "SENDS_PER_SECOND": "50",
        }
        | more
    )


@pytest.fixture
def live(database_url: str) -> Iterator[World]:
    """A service by the machine's real clock."""
    world = World(settings_for(database_url), wall_clock())
    world.wall.now = wall_clock()
    yield world
    world.close()


def start(database_url: str, tmp_path: Path, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "jobs"],
        cwd=tmp_path,
        env=environment(database_url, tmp_path, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def reported(live: World) -> set[str]:
    """The jobs that have finished a round."""
    return set(health.check(live.parts.database, live.now, wall_clock()).heartbeat_ages)


@pytest.mark.parametrize("asked_by", [signal.SIGTERM, signal.SIGINT])
def test_the_process_texts_what_is_due_and_ends_within_seconds(
    live: World, database_url: str, tmp_path: Path, asked_by: signal.Signals
) -> None:
    live.say(ANA, "JOIN")
    enrolment.text_by_hand(live.parts.database, live.id_of(ANA), "See you on Thursday.", STAFF, live.now)
    process = start(database_url, tmp_path)
    try:
        until = time.monotonic() + 30
        while not (live.with_status(ANA, MessageStatus.SENT) and reported(live) >= {"plan", "send"}):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < until, "the text was not sent, or the jobs did not report"
            time.sleep(0.1)
        process.send_signal(asked_by)
        output, log = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, log
    assert output == ""
    assert "jobs stopped" in log
    assert "Traceback" not in log
    assert ANA not in log
    assert "Thursday" not in log
    assert live.shown(ANA).count("See you on Thursday.") == 1


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"GATEWAY": "twilio"}, "TWILIO_AUTH_TOKEN"),
        ({"FIELD_KEYS": "8ZtB4p3X0Z8mE0dH2m3kq2Jm0m7lq4X9t4o8cJ0yq3E="}, "FIELD_KEYS does not fit"),
        ({"DATABASE_URL": "sqlite:////nowhere/at/all.db"}, "cannot be reached"),
    ],
)
def test_the_process_does_not_start_on_settings_that_cannot_work(
    live: World, database_url: str, tmp_path: Path, more: dict[str, str], why: str
) -> None:
    process = start(database_url, tmp_path, **more)
    _, log = process.communicate(timeout=30)
    assert process.returncode == 1
    assert why in log
    assert "Traceback" not in log
