"""For load balancers and for whoever watches: alive, fit to serve, and the figures."""

import hmac
from collections.abc import Iterator

from flask import Blueprint, Response, current_app, jsonify, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from service.bootstrap import Parts
from service.domain.alerts import Urgency
from service.domain.message import MessageStatus
from service.web.context import settings
from service.web.refusals import Refusals
from service.workflows import health
from service.workflows.health import Figures, Health

blueprint = Blueprint("health", __name__)


def _check() -> Health:
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
    token = settings().metrics_token_text
    given = request.headers.get("Authorization", "").encode()
    if token and not hmac.compare_digest(given, f"Bearer {token}".encode()):
        return Response("METRICS_TOKEN is wanted.\n", 401, {"WWW-Authenticate": "Bearer"}, "text/plain")
    parts: Parts = current_app.extensions["handrail"]
    refusals: Refusals = current_app.extensions["handrail_refusals"]
    refusals.write_down()
    registry = CollectorRegistry()
    found = health.figures_of(parts.database, parts.clock())
    registry.register(_Shown(_check(), found, settings().sends_per_second))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Shown(Collector):
    """Health and figures in Prometheus' own words. docs/monitoring.md says what each is for."""

    def __init__(self, found: Health, figures: Figures | None, sends_per_second: float) -> None:
        self._health, self._figures, self._rate = found, figures, sends_per_second

    def collect(self) -> Iterator[Metric]:
        found = self._health
        yield _gauge("due_age_seconds", "Age of the oldest text that is due", found.due_age.total_seconds())
        yield _gauge("sending_paused", "1 while all sending is paused", float(bool(found.sending_paused)))
        yield _gauge("problems", "Reasons why /readyz is not ready", len(found.problems))
        ages = {job: age.total_seconds() for job, age in found.heartbeat_ages.items()}
        yield _gauges("heartbeat_age_seconds", "Since each job last finished a round", "job", ages)
        if self._figures is not None:
            yield from self._counted(self._figures)

    def _counted(self, figures: Figures) -> Iterator[Metric]:
        yield _gauges("queue", "Texts whose way is not over, by status", "status", figures.queue)
        by_status = {status.value: figures.last_hour.get(status.value, 0) for status in MessageStatus}
        yield _gauges("messages_last_hour", "Texts written in the last hour, by status", "status", by_status)
        rate = figures.sent.texts_last_minute / 60
        yield _gauge("send_rate", "Texts sent a second, over the last minute", rate)
        yield _gauge("send_rate_limit", "SENDS_PER_SECOND", self._rate)
        segments = figures.sent.segments_last_hour
        yield _gauge("segments_last_hour", "Segments sent in the last hour, as carriers bill them", segments)
        missing = "Texts sent an hour to three days ago without any receipt since"
        yield _gauge("receipts_missing", missing, figures.receipts_missing)
        alerts = {urgency.value: figures.alerts.get(urgency.value) for urgency in Urgency}
        counts = {urgency: found.count if found else 0 for urgency, found in alerts.items()}
        yield _gauges("open_alerts", "Alerts that nobody has acknowledged", "urgency", counts)
        ages = {urgency: found.oldest.total_seconds() if found else 0 for urgency, found in alerts.items()}
        yield _gauges("oldest_alert_age_seconds", "Age of the oldest of them", "urgency", ages)
        if figures.list_age is not None:
            about = "Since the gateway's list was last searched for texts that the webhook missed"
            yield _gauge("missed_texts_search_age_seconds", about, figures.list_age.total_seconds())
        yield from _tallied(figures.tallies)


def _tallied(tallies: dict[str, int]) -> Iterator[Metric]:
    refused = CounterMetricFamily(
        "handrail_webhook_refusals", "Webhook posts that were refused", labels=["reason"]
    )
    begins = "webhook_refused:"
    for reason in REASONS:
        refused.add_metric([reason], tallies.get(begins + reason, 0))
    yield refused
    for name, about in TALLIES.items():
        yield CounterMetricFamily(f"handrail_{name}", about, value=tallies.get(name, 0))


REASONS = ("signature", "account", "form")
TALLIES = {
    "receipts_misfit": "Receipts whose gateway id and text do not belong together",
    "receipts_unknown": "Receipts for a text that is not ours, or not any more",
    "texts_read_late": "Texts found in the gateway's list, because the webhook had missed them",
}


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"handrail_{name}", about, value=value)


def _gauges(name: str, about: str, label: str, values: dict[str, int] | dict[str, float]) -> Metric:
    gauge = GaugeMetricFamily(f"handrail_{name}", about, labels=[label])
    for each, value in values.items():
        gauge.add_metric([each], value)
    return gauge
