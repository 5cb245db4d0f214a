"""The word to a watcher outside: each minute while all is well, and never at the cost of sending."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from jobs.duties import Duties
from service.gateways.watcher import knock
from service.workflows import health
from tests.rig.world import World

pytestmark = pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)


class Watcher(BaseHTTPRequestHandler):
    """Notes who knocks, and answers as it is told."""

    heard: ClassVar[list[str]] = []
    answers: ClassVar[list[int]] = []

    def do_GET(self) -> None:
        Watcher.heard.append(f"{self.path} {self.headers['User-Agent']}")
        self.send_response(Watcher.answers.pop() if Watcher.answers else 200)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def watcher() -> Iterator[str]:
    Watcher.heard.clear()
    Watcher.answers.clear()
    server = HTTPServer(("127.0.0.1", 0), Watcher)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/ping/sesame?of=handrail"
    server.shutdown()
    thread.join()
    server.server_close()


def duties(world: World, url: str) -> Duties:
    for job in health.HEARTBEAT_OLD:
        health.beat(world.parts.database, job, world.wall.now)
    return Duties(world.parts, threading.Event(), heartbeat_url=url)


def test_the_watcher_hears_that_all_is_well(world: World, watcher: str) -> None:
    duties(world, watcher).pulse()
    assert Watcher.heard == ["/ping/sesame?of=handrail Handrail"]


def test_the_watcher_hears_nothing_while_a_job_is_silent(world: World, watcher: str) -> None:
    ours = duties(world, watcher)
    world.wall.advance(timedelta(minutes=3))
    ours.pulse()
    assert Watcher.heard == []


@pytest.mark.parametrize("answer", [404, 500, 302])
def test_a_watcher_that_answers_oddly_is_logged_without_its_address_and_the_jobs_go_on(
    world: World, watcher: str, answer: int, caplog: pytest.LogCaptureFixture
) -> None:
    Watcher.answers.append(answer)
    ours = duties(world, watcher)
    with caplog.at_level("DEBUG"):
        ours.pulse()
    assert len(Watcher.heard) == 1  # a redirect is not followed
    assert "cannot be told" in caplog.text
    assert "sesame" not in caplog.text + str([vars(record) for record in caplog.records])
    world.wall.advance(timedelta(minutes=1))
    ours.plan()
    assert health.check(world.parts.database, world.now, world.wall.now).heartbeat_ages["plan"] == timedelta()


def test_a_watcher_that_is_not_there_is_no_fault(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        duties(world, "http://127.0.0.1:9/sesame").pulse()
    assert [record.levelname for record in caplog.records if record.name == "jobs.duties"] == ["WARNING"]
    assert "pulse" in health.check(world.parts.database, world.now, world.wall.now).heartbeat_ages


def test_nobody_need_be_told(world: World) -> None:
    duties(world, "").pulse()


def test_a_watcher_that_never_answers_is_given_up(world: World) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/sesame"
        with pytest.raises(OSError, match="no answer") as caught:
            knock(url, timeout_s=0.05)
    assert "sesame" not in str(caught.value)
