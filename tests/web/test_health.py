"""Alive, fit to serve, and the figures: what they say, and that they give nobody away."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from service.domain.message import MessageStatus
from service.workflows import health, planning
from tests.rig.world import ANA, World, check_in

NAME = "Anastasia"


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.app.test_client()


def beat(world: World) -> None:
    for job in ("plan", "send", "follow_up", "rescue"):
        health.beat(world.parts.database, job, world.wall.now)


def figures(client: FlaskClient) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")
    }


def test_alive_says_so_and_looks_at_nothing(world: World, client: FlaskClient) -> None:
    world.parts.database.close()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "alive"})


def test_ready_with_jobs_running(world: World, client: FlaskClient) -> None:
    beat(world)
    world.wall.advance(timedelta(seconds=3))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["status"] == "ready"
    assert answer.json["heartbeat_age_seconds"] == {"plan": 3, "send": 3, "follow_up": 3, "rescue": 3}
    assert answer.json["oldest_due_seconds"] == 0


def test_not_ready_until_the_jobs_have_reported(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "python -m jobs" in answer.text


def test_not_ready_when_the_jobs_have_gone_silent(world: World, client: FlaskClient) -> None:
    beat(world)
    world.wall.advance(timedelta(minutes=3))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "lately" in answer.text


def test_not_ready_while_a_text_is_overdue(world: World, client: FlaskClient) -> None:
    world.schedule(world.enrol(ANA), check_in("10:00"))
    parts = world.parts
    world.wall.advance(timedelta(hours=1))
    planning.plan_next_due(parts.database, parts.words, parts.programme, world.now)
    world.wall.advance(timedelta(minutes=11))
    beat(world)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "waited" in answer.text
    assert figures(client)["handrail_due_age_seconds"] == 71 * 60  # the confirmation of 09:00


def test_not_ready_on_another_migration(world: World, client: FlaskClient) -> None:
    beat(world)
    with world.parts.database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "alembic upgrade head" in answer.text


def test_a_database_that_does_not_answer_is_said_not_raised(world: World, client: FlaskClient) -> None:
    with world.parts.database.write() as session:
        session.execute(text("ALTER TABLE heartbeats RENAME TO lost"))
    for path in ("/readyz", "/metrics"):
        answer = client.get(path)
        assert answer.status_code == (503 if path == "/readyz" else 200)
        assert "heartbeats" not in answer.text  # no SQL
    assert "does not answer" in client.get("/readyz").text


def test_figures_count_texts_alerts_and_beats(world: World, client: FlaskClient) -> None:
    beat(world)
    world.wall.advance(timedelta(seconds=5))
    world.say(ANA, "JOIN")
    world.say(ANA, "i want to kill myself")
    found = figures(client)
    assert found['handrail_messages{status="delivered"}'] == 2
    assert found['handrail_messages{status="unknown"}'] == 0
    assert found['handrail_open_alerts{urgency="1-now"}'] == 1
    assert found['handrail_heartbeat_age_seconds{job="send"}'] == 5
    assert found["handrail_sending_paused"] == 0
    assert found["handrail_problems"] == 0
    assert {f'handrail_messages{{status="{status}"}}' for status in MessageStatus} <= set(found)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_nothing_personal_is_shown(world: World, client: FlaskClient, path: str) -> None:
    world.enrol(ANA, name=NAME)
    world.text(ANA, "i feel rough today")
    shown = client.get(path).text
    for personal in (NAME, ANA, ANA[1:], "rough"):
        assert personal not in shown


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_looking_needs_no_sign_in_and_leaves_no_cookie(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {200, 503}
    assert "Set-Cookie" not in answer.headers
