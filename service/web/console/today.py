"""Today: who needs somebody, most urgent first."""

from datetime import timedelta
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.alerts import AlertStatus
from service.domain.segments import count_segments
from service.domain.staff import Role
from service.web import security
from service.web.context import now, parts, sight, who
from service.workflows import alerting, health, on_call

blueprint = Blueprint("today", __name__)
security.guard(blueprint)

LONGEST_NOTE = 500
SHOWN_AT_ONCE = 50
"""Of the open alerts. The most urgent come first, so what waits behind them can wait longest."""
TAKEN_SHOWN_FOR = timedelta(hours=24)


@blueprint.get("/")
@security.open_to(Role.VIEWER)
def today() -> str:
    ours = parts()
    return render_template(
        "today.html",
        groups=_open_alerts(),
        taken=_taken(),
        now=now(),
        problems=health.check(ours.database, ours.clock(), ours.wall()).problems,
        on_call_problems=on_call.problems(ours.database, ours.programme, now()),
    )


@blueprint.get("/alerts/fragment")
@security.open_to(Role.VIEWER)
def fragment() -> str:
    """The list alone, for the page to keep itself fresh."""
    return render_template("_alerts.html", groups=_open_alerts(), taken=_taken(), now=now())


@blueprint.post("/alerts/<int:alert_id>/acknowledge")
@security.open_to(Role.COORDINATOR)
def acknowledge(alert_id: int) -> ResponseReturnValue:
    note = request.form.get("note", "")[:LONGEST_NOTE]
    if alerting.acknowledge(parts().database, alert_id, who().by, now(), note):
        flash("Acknowledged. It is in your name.")
    else:
        flash("Somebody had acknowledged this one before you.")
    person_id = request.form.get("person", "")
    if person_id.isascii() and person_id.isdigit():
        return redirect(url_for("person.show", person_id=int(person_id[:12])), 303)
    return redirect(url_for("today.today"), 303)


@blueprint.post("/segments")
@security.reads_only
@security.open_to(Role.VIEWER)
def segments() -> ResponseReturnValue:
    """What a text costs, counted by the same function that sends it."""
    count = count_segments(request.form.get("body", "").strip().replace("\r\n", "\n")[:2000])
    return {
        "segments": count.segments,
        "encoding": count.encoding.value,
        "offenders": list(count.offenders)[:8],
    }


def _open_alerts() -> list[tuple[object, list[alerting.AlertView]]]:
    found = alerting.list_alerts(parts().database, AlertStatus.OPEN, limit=SHOWN_AT_ONCE, sight=sight())
    return [(urgency, list(group)) for urgency, group in groupby(found, lambda each: each.urgency)]


def _taken() -> list[alerting.AlertView]:
    """What could not wait and has been taken, so that everybody sees by whom."""
    return alerting.list_taken(parts().database, now() - TAKEN_SHOWN_FOR, sight())
