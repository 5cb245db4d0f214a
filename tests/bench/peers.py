"""The designs that Handrail is compared with. Each sends by Twilio's own client as it comes, made once.

Run in processes of their own, by settings in the environment: TWILIO_API_BASE_URL, PEER_DATABASE, PEER_BROKER.
"""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from tests.bench.filling import number, words

TWILIO = "https://api.twilio.com"


@cache
def client() -> Any:
    """Twilio's client with its own HTTP client; only the address is another."""
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    stub = os.environ["TWILIO_API_BASE_URL"]

    class Here(TwilioHttpClient):  # type: ignore[misc]  # the SDK ships no types
        def request(self, method: str, url: str, *args: Any, **options: Any) -> Any:
            return super().request(method, url.replace(TWILIO, stub), *args, **options)

    account, token = os.environ["TWILIO_ACCOUNT_SID"], os.environ["TWILIO_AUTH_TOKEN"]
    return Client(account, token, http_client=Here())


def send(n: int) -> None:
    """Text the nth person."""
    client().messages.create(
        to=number(n),
        body=words(n),
        status_callback=f"https://handrail.test/{n:032x}",
        validity_period=14_400,
        messaging_service_sid=os.environ["TWILIO_MESSAGING_SERVICE_SID"],
    )


def scheduler_with(threads: int, count: int) -> Any:
    """APScheduler, paused, with a job for each text that is due now; nothing is too late for it."""
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    client()
    scheduler = BackgroundScheduler(
        timezone=UTC,
        jobstores={"default": SQLAlchemyJobStore(url=os.environ["PEER_DATABASE"])},
        executors={"default": ThreadPoolExecutor(threads)},
        job_defaults={"misfire_grace_time": None, "max_instances": 1},
    )
    scheduler.start(paused=True)
    due_at = datetime.now(UTC)
    for n in range(1, count + 1):
        scheduler.add_job(send, "date", run_date=due_at, args=[n], id=str(n))
    return scheduler


def celery_app() -> Any:
    """Celery on Redis with one task, "text"; a task is acknowledged late, so that a crash does not lose it."""
    from celery import Celery

    app = Celery("peer", broker=os.environ["PEER_BROKER"])
    app.conf.update(task_ignore_result=True, task_acks_late=True, worker_prefetch_multiplier=4)
    app.task(name="text")(send)
    return app
