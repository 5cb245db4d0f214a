"""`python -m jobs` against the double, killed with -9 in the middle: nothing is sent twice or lost unseen."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.bootstrap import wall_clock
from service.domain.message import MessageKind, MessageStatus
from service.workflows import enrolment
from tests.rig.twilio_world import PUBLIC, TwilioWorld, twilio_double
from tests.rig.world import KEY, STAFF
from tests.twilio_double import script
from tests.twilio_double.double import TwilioDouble

__all__ = ["twilio_double"]
ROOT = Path(__file__).parents[2]
S = MessageStatus


@pytest.fixture
def world(database_url: str, twilio_double: TwilioDouble) -> Iterator[TwilioWorld]:
    """By the machine's real clock."""
    made = TwilioWorld(database_url, twilio_double, wall_clock())
    twilio_double.judges = False
    yield made
    made.close()


def start(world: TwilioWorld, folder: Path) -> subprocess.Popen[bytes]:
    double = world.double
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    settings = {
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": world.settings.database_url,
        "DATA_DIR": str(folder),
        "SECRET_KEY": "a-secret-that-is-only-for-tests",
        "FIELD_KEYS": KEY,
        "GATEWAY": "twilio",
        "PUBLIC_BASE_URL": PUBLIC,
        "TWILIO_ACCOUNT_SID": double.account_sid,
        "TWILIO_AUTH_TOKEN": double.auth_token,
        "TWILIO_MESSAGING_SERVICE_SID": double.service_sid,
        "TWILIO_API_BASE_URL": double.base_url,
        "SENDS_PER_SECOND": "100",
        "SEND_THREADS": "4",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "jobs"],
        cwd=folder,
        env=kept | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("answer", [script.hang(accepts=True), script.hang(accepts=False)])
def test_killed_with_requests_in_flight_nothing_is_sent_twice_and_all_is_settled(
    world: TwilioWorld, tmp_path: Path, answer: script.Answer
) -> None:
    numbers = [f"+12025554{n:03d}" for n in range(12)]
    for number in numbers:
        person = world.enrol(number)
        enrolment.text_by_hand(world.parts.database, person, "See you on Thursday.", STAFF, world.now)
    world.double.script(script.accept(), script.accept())
    world.double.always = answer
    process = start(world, tmp_path)
    try:
        until = time.monotonic() + 60
        while world.posts < 6:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    world.double.always = None
    world.wall.now = wall_clock()
    for _ in range(12):
        world.jobs(timedelta(minutes=3))
    texts = [text.status_callback for text in world.double.sent]
    assert len(texts) == len(set(texts))
    for number in numbers:
        manual = [item for item in world.sent(number) if item.kind is MessageKind.MANUAL]
        assert [item.status for item in manual] == [S.SENT]
        assert [text.body for text in world.double.sent_to(number)].count("See you on Thursday.") == 1
