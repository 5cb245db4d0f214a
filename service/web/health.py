"""For load balancers and for whoever watches: alive, fit to serve, and the figures."""

from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from service.bootstrap import Parts
from service.domain.alerts import Urgency
from service.domain.message import MessageStatus
from service.workflows import health

blueprint = Blueprint("health", __name__)


def _check() -> health.Health:
    parts: Parts = current_app.extensions["handrail"]
    return health.check(parts.database, parts.clock(), parts.wall())


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers. Looks at nothing else, so that a slow database does not restart the web."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """Fit to serve, or what is wrong and how to mend it. Holds nothing personal."""
    found = _check()
    body = jsonify(
        status="not ready" if found.problems else "ready",
        problems=found.problems,
        heartbeat_age_seconds={
            job: round(age.total_seconds(), 1) for job, age in found.heartbeat_ages.items()
        },
        oldest_due_seconds=round(found.due_age.total_seconds(), 1),
    )
    return body, 503 if found.problems else 200


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus text. Read from the database at each scrape, so that every process shows the same."""
    found = _check()
    registry = CollectorRegistry()
    Gauge("handrail_due_age_seconds", "Age of the oldest text that is due", registry=registry).set(
        found.due_age.total_seconds()
    )
    Gauge("handrail_sending_paused", "1 while all sending is paused", registry=registry).set(
        1 if found.sending_paused else 0
    )
    Gauge("handrail_problems", "Reasons why /readyz is not ready", registry=registry).set(len(found.problems))
    messages = Gauge("handrail_messages", "Outbound texts by status", ["status"], registry=registry)
    for status in MessageStatus:
        messages.labels(status.value).set(found.messages.get(status.value, 0))
    alerts = Gauge("handrail_open_alerts", "Open alerts by urgency", ["urgency"], registry=registry)
    for urgency in Urgency:
        alerts.labels(urgency.value).set(found.open_alerts.get(urgency.value, 0))
    beats = Gauge(
        "handrail_heartbeat_age_seconds", "Since each job last finished", ["job"], registry=registry
    )
    for job, age in found.heartbeat_ages.items():
        beats.labels(job).set(age.total_seconds())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
