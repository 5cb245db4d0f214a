"""Alive, fit to serve, and the figures: what they say, and that they give nobody away."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from jobs.timetable import EVERY_SECONDS
from service.bootstrap import webhook_token
from service.domain.message import MessageKind, MessageStatus
from service.gateways.simulated import ACCOUNT_SID
from service.gateways.twilio import TwilioWebhooks
from service.store import outbox, service_state
from service.store.schema import Message
from service.web.refusals import Refusals
from service.workflows import health, planning_due
from tests.rig.world import ANA, World, check_in, settings_for

NAME = "Anastasia"


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.app.test_client()


def beat(world: World, *but: str) -> None:
    for job in set(health.HEARTBEAT_OLD) - set(but):
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
    assert answer.json["heartbeat_age_seconds"] == dict.fromkeys(health.HEARTBEAT_OLD, 3)
    assert answer.json["oldest_due_seconds"] == 0


def test_not_ready_until_the_jobs_have_reported(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "python -m jobs" in answer.text


def test_not_ready_when_the_jobs_have_gone_silent(world: World, client: FlaskClient) -> None:
    beat(world)
    world.wall.advance(timedelta(hours=4))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "lately" in answer.text


@pytest.mark.parametrize("job", sorted(health.HEARTBEAT_OLD))
def test_one_silent_job_is_named_though_the_others_report(
    world: World, client: FlaskClient, job: str
) -> None:
    beat(world)
    world.wall.advance(health.HEARTBEAT_OLD[job] + timedelta(seconds=1))
    beat(world, job)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert [job in problem for problem in answer.json["problems"]] == [True]


@pytest.mark.parametrize("job", sorted(health.HEARTBEAT_OLD))
def test_a_job_that_has_never_reported_is_named(world: World, client: FlaskClient, job: str) -> None:
    beat(world, job)
    assert f"`{job}`" in client.get("/readyz").text


def test_the_sender_and_every_job_are_watched_but_the_one_that_watches() -> None:
    assert set(health.HEARTBEAT_OLD) == set(EVERY_SECONDS) - {"pulse"} | {"send"}  # the sender's own thread
    for job in set(health.HEARTBEAT_OLD) & set(EVERY_SECONDS):
        assert health.HEARTBEAT_OLD[job] >= timedelta(seconds=3 * EVERY_SECONDS[job])


def test_a_job_that_is_in_the_middle_of_sending_a_lot_is_not_silent(
    world: World, client: FlaskClient
) -> None:
    beat(world)
    world.wall.advance(timedelta(minutes=3))
    beat(world, "send")
    assert client.get("/readyz").status_code == 503
    world.say(ANA, "JOIN")
    assert client.get("/readyz").status_code == 200


def test_not_ready_while_a_text_is_overdue(world: World, client: FlaskClient) -> None:
    world.schedule(world.enrol(ANA), check_in("10:00"))
    parts = world.parts
    world.wall.advance(timedelta(hours=1))
    planning_due.plan_due(parts.database, parts.words, parts.programme, world.now)
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
    world.wall.advance(timedelta(seconds=55))
    found = figures(client)
    assert found['handrail_messages_last_hour{status="delivered"}'] == 2
    assert found['handrail_queue{status="unknown"}'] == 0
    assert found["handrail_send_rate"] == pytest.approx(2 / 60)
    assert found["handrail_send_rate_limit"] == world.settings.sends_per_second
    assert found["handrail_segments_last_hour"] == sum(item.segments for item in world.sent(ANA))
    assert found['handrail_oldest_alert_age_seconds{urgency="1-now"}'] == 55
    assert found['handrail_open_alerts{urgency="1-now"}'] == 1
    assert found['handrail_heartbeat_age_seconds{job="send"}'] == 60
    assert found["handrail_sending_paused"] == 0
    assert found["handrail_problems"] == 0
    assert {f'handrail_messages_last_hour{{status="{status}"}}' for status in MessageStatus} <= set(found)


def test_figures_of_an_outage(world: World, client: FlaskClient) -> None:
    participant_id = world.enrol(ANA)
    with world.parts.database.write() as session:
        for hours, status in (
            (2, MessageStatus.SENT),
            (2, MessageStatus.DELIVERED),
            (80, MessageStatus.SENT),
        ):
            outbox.add(
                session,
                kind=MessageKind.NOTICE,
                body="Hello.",
                now=world.now,
                send_after=world.now,
                expires_at=world.now,
                participant_id=participant_id,
                status=status,
                sent_at=world.now - timedelta(hours=hours),
            )
        session.scalars(
            select(Message).where(Message.status == MessageStatus.QUEUED)
        ).one().status = MessageStatus.UNKNOWN
        service_state.pause_sending(session, world.now, world.now, 20003, "the account is refused")
    found = figures(client)
    assert found["handrail_receipts_missing"] == 1
    assert found['handrail_queue{status="unknown"}'] == 1
    assert found["handrail_sending_paused"] == 1


def test_refused_posts_are_counted_by_reason_across_processes(world: World, client: FlaskClient) -> None:
    other = World(world.settings, world.wall.now)
    path = "/webhooks/sms/inbound"
    form = {"MessageSid": "no sid", "From": ANA, "To": "+15005550006", "Body": "my secret"}
    signer = TwilioWebhooks(ACCOUNT_SID, webhook_token(world.settings))
    signed = {"X-Twilio-Signature": signer.sign(world.settings.base_url + path, list(form.items()))}
    for each in (client, other.app.test_client()):
        for _ in range(7):
            assert each.post(path, data=form).status_code == 403
        assert each.post(path, data=form, headers=signed).status_code == 400
    figures(other.app.test_client())  # each process writes its own down
    found = figures(client)
    other.close()
    assert found['handrail_webhook_refusals_total{reason="signature"}'] == 14
    assert found['handrail_webhook_refusals_total{reason="form"}'] == 2
    assert found['handrail_webhook_refusals_total{reason="account"}'] == 0


def test_a_flood_of_refused_posts_is_no_flood_of_transactions(world: World, client: FlaskClient) -> None:
    written: list[dict[str, int]] = []
    refusals = Refusals(written.append)
    for _ in range(1000):
        refusals.note("signature")
    assert len(written) <= 2
    refusals.write_down()
    assert sum(counts["signature"] for counts in written) == 1000


def test_a_count_that_cannot_be_written_is_kept() -> None:
    written: list[dict[str, int]] = []
    faults: list[Exception] = [OSError("the disk is full")]

    def write(counts: dict[str, int]) -> None:
        if faults:
            raise faults.pop()
        written.append(counts)

    refusals = Refusals(write)
    refusals.note("form")
    refusals.write_down()
    assert written == [{"form": 1}]


def test_figures_may_want_a_token(database_url: str, world: World) -> None:
    made = World(settings_for(database_url, metrics_token="a-token-of-good-length"), world.wall.now)
    client = made.app.test_client()
    wrong = ["", "Bearer ", "Bearer a-token", "Basic a-token-of-good-length", "Bearer \u00fcber" * 9]
    for given in wrong:
        answer = client.get("/metrics", headers={"Authorization": given})
        assert answer.status_code == 401
        assert "handrail_" not in answer.text
    assert client.get("/metrics").status_code == 401
    right = {"Authorization": "Bearer a-token-of-good-length"}
    assert "handrail_problems" in client.get("/metrics", headers=right).text
    assert client.get("/readyz").status_code == 503  # for load balancers, which have none
    made.close()


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
