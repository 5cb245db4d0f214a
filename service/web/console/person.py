"""One person: the thread, what comes next, and every way to change it."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.alerts import AlertStatus
from service.domain.consent import ConsentStatus
from service.domain.ending import CHEERFUL
from service.domain.errors import BadInput, NotAllowed
from service.domain.prompt import ROUGH_SCORE, ScheduleKind
from service.domain.staff import Role
from service.web import security, trend
from service.web.context import now, parts, who
from service.web.errors import status_of
from service.web.forms import Form, read_details, read_pause, read_reason
from service.web.vocabulary import COMMON_ZONES
from service.workflows import (
    alerting,
    caseloads,
    console,
    enrolment,
    marking,
    number_history,
    planning,
    saved_replies,
    timeline,
)
from service.workflows.marking import Raised

blueprint = Blueprint("person", __name__, url_prefix="/participants/<int:person_id>")
security.guard(blueprint)

UPCOMING = timedelta(days=14)
EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""Seen until then: nothing by hand yet."""
MARKABLE_AT_ONCE = 20
"""Each form to mark a text is forty choices long; older texts link to a page that has theirs."""

MARKED_AS_DANGER = {
    Raised.NOW: "Marked as danger. Nobody had been told, so an alert is open now. Please call.",
    Raised.OPEN: "Marked as danger. An alert about this text is open. Please call.",
    Raised.BEFORE: "Marked as danger. Its alert has been looked after before; no new one is open.",
}


@blueprint.get("")
@security.open_to(Role.VIEWER)
def show(person_id: int) -> str:
    form, chosen = Form(), request.args.get("reply", type=int)
    if chosen is not None:  # a saved reply, inserted without script
        form = Form({"body": saved_replies.find(parts().database, chosen).body})
    before = _moment(request.args.get("before", ""))
    return _page(person_id, form, request.args.get("text", type=int), before)


@blueprint.get("/thread")
@security.open_to(Role.VIEWER)
def fragment(person_id: int) -> ResponseReturnValue:
    """The time line alone, for the page to keep itself fresh. Nothing new: nothing shown, none recorded."""
    shown = _thread(person_id, None, None)
    if request.headers.get("If-None-Match") == shown["mark"]:
        return "", 304
    person = _person(person_id)
    return render_template("_thread_live.html", **_around(person), **shown), {"ETag": shown["mark"]}


@blueprint.post("/texts")
@security.open_to(Role.COORDINATOR)
def text(person_id: int) -> ResponseReturnValue:
    body = request.form.get("body", "").replace("\r\n", "\n")
    try:
        seen = _moment(request.form.get("seen", "")) or EVER
        enrolment.text_by_hand(parts().database, person_id, body, who().by, now(), seen_until=seen)
    except (BadInput, NotAllowed) as problem:
        return _page(person_id, Form({"body": body}, {"body": str(problem)})), status_of(problem)
    flash("Your text is on its way.")
    return _back(person_id)


@blueprint.post("/texts/<int:text_id>/reading")
@security.open_to(Role.COORDINATOR)
def mark(person_id: int, text_id: int) -> ResponseReturnValue:
    """How a text should have been read, by whoever is signed in."""
    ours = parts()
    if request.form.get("take_back"):
        is_gone = marking.take_back(ours.database, person_id, text_id, who().by, now())
        flash("The mark is taken back." if is_gone else "There was no mark.")
        return _back(person_id, text_id)
    label = request.form.get("reading", "")
    try:
        made = marking.mark(ours.database, person_id, text_id, label, who().by, now())
    except (BadInput, NotAllowed) as problem:
        flash(str(problem))
        return _page(person_id, Form(), text_id), status_of(problem)
    if made.raised is None:
        flash("Marked. Nothing that was sent has changed.")
        return _back(person_id, text_id)
    flash(MARKED_AS_DANGER[made.raised])
    return _back(person_id)  # its top, where the alerts are


@blueprint.get("/details")
@security.open_to(Role.VIEWER)
def details(person_id: int) -> str:
    person = _person(person_id)
    form = Form({"name": person.name, "language": person.language, "timezone": person.timezone})
    return _details_page(person, form)


@blueprint.post("/details")
@security.open_to(Role.COORDINATOR)
def save_details(person_id: int) -> ResponseReturnValue:
    form = Form.of(request.form)
    entry = read_details(form)
    try:
        if entry is not None:
            enrolment.set_details(parts().database, person_id, who().by, now(), **entry)
            flash("Saved.")
            return _back(person_id)
    except BadInput as problem:
        form.errors[""] = str(problem)
    return _details_page(_person(person_id), form), 422


@blueprint.get("/pause")
@security.open_to(Role.VIEWER)
def ask_pause(person_id: int) -> str:
    return _step_page("pause", person_id, Form())


@blueprint.post("/pause")
@security.open_to(Role.COORDINATOR)
def pause(person_id: int) -> ResponseReturnValue:
    form = Form.of(request.form)
    until = read_pause(form, _person(person_id).timezone)
    try:
        if until is not None:
            enrolment.pause(parts().database, person_id, until, who().by, now())
            flash("Paused. What they text is still answered.")
            return _back(person_id)
    except BadInput as problem:
        form.errors["until"] = str(problem)
    return _step_page("pause", person_id, form), 422


@blueprint.post("/resume")
@security.open_to(Role.COORDINATOR)
def resume(person_id: int) -> ResponseReturnValue:
    enrolment.resume(parts().database, person_id, who().by, now())
    flash("Texts are on again.")
    return _back(person_id)


@blueprint.get("/stop")
@security.open_to(Role.VIEWER)
def ask_stop(person_id: int) -> str:
    return _step_page("stop", person_id, Form())


@blueprint.post("/stop")
@security.open_to(Role.COORDINATOR)
def stop(person_id: int) -> ResponseReturnValue:
    return _withdraw(person_id, "stop", "Stopped. Nothing more is sent.", is_wrong_number=False)


@blueprint.get("/wrong-number")
@security.open_to(Role.VIEWER)
def ask_wrong_number(person_id: int) -> str:
    return _step_page("wrong_number", person_id, Form())


@blueprint.post("/wrong-number")
@security.open_to(Role.COORDINATOR)
def wrong_number(person_id: int) -> ResponseReturnValue:
    return _withdraw(
        person_id, "wrong_number", "Noted. Nothing more goes to this number.", is_wrong_number=True
    )


def _withdraw(person_id: int, step: str, done: str, *, is_wrong_number: bool) -> ResponseReturnValue:
    form = Form.of(request.form)
    reason = read_reason(form)
    if reason is None:
        return _step_page(step, person_id, form), 422
    try:
        enrolment.stop(
            parts().database, person_id, who().by, now(),
            reason=reason, is_wrong_number=is_wrong_number,
        )  # fmt: skip
    except (BadInput, NotAllowed) as problem:
        form.errors[""] = str(problem)
        return _step_page(step, person_id, form), status_of(problem)
    flash(done)
    return _back(person_id)


def _person(person_id: int) -> console.Person:
    """Without the thread: for the small pages around a person."""
    return console.show_participant(parts().database, person_id, who().by, now(), texts=0)


def _page(person_id: int, form: Form, text_id: int | None = None, before: datetime | None = None) -> str:
    """The person's page; `text_id` is a text whose reading is being questioned, `before` where to go on."""
    ours, at = parts(), now()
    person = console.show_participant(ours.database, person_id, who().by, at, texts=0)
    return render_template(
        "person.html",
        **_around(person),
        **_thread(person_id, text_id, before),
        responsible=caseloads.responsible_for(ours.database, person_id).name,
        form=form,
        now=at,
        upcoming=planning.upcoming(ours.database, ours.words, ours.programme, person_id, at, at + UPCOMING),
        new_number=number_history.look(ours.database, person_id, at),
        saved=saved_replies.list_for(ours.database, person.language),
        trend=trend.draw(person.scores, ROUGH_SCORE),
        may_schedule=not person.is_erased
        and person.consent not in {ConsentStatus.WRONG_NUMBER, ConsentStatus.DECLINED},
        kinds=ScheduleKind,
        cheerful=CHEERFUL,
    )


def _around(person: console.Person) -> dict[str, Any]:
    return {"person": person, "is_opted_in": person.consent is ConsentStatus.OPTED_IN}


def _thread(person_id: int, text_id: int | None, before: datetime | None) -> dict[str, Any]:
    """What the time line shows, and a `mark` that changes when any of it does."""
    database = parts().database
    line = timeline.page(database, person_id, now(), before=before, text_id=text_id)
    alerts = alerting.list_alerts(database, AlertStatus.OPEN, person_id)
    asked_about = str(text_id) if text_id is not None else None
    came = [item.id for item in line.texts if item.direction == "in"]
    known = repr((line, [alert.id for alert in alerts]))
    return {
        "line": line,
        "alerts": alerts,
        "alerted": {str(alert.inbound_id) for alert in alerts},
        "asked_about": asked_about,
        "markable": {*came[-MARKABLE_AT_ONCE:], asked_about},
        "mark": f'"{hashlib.sha256(known.encode()).hexdigest()[:24]}"',
    }


def _moment(text: str) -> datetime | None:
    """An instant out of an address; None for anything else."""
    try:
        found = datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _details_page(person: console.Person, form: Form) -> str:
    others = sorted(zone for zone in available_timezones() if "/" in zone and zone[0].isupper())
    return render_template(
        "person_details.html", person=person, form=form, zones=COMMON_ZONES, other_zones=others
    )


def _step_page(step: str, person_id: int, form: Form) -> str:
    return render_template(f"person_{step}.html", person=_person(person_id), form=form, now=now())


def _back(person_id: int, text_id: int | None = None) -> ResponseReturnValue:
    anchor = f"text-{text_id}" if text_id is not None else None
    return redirect(url_for("person.show", person_id=person_id, _anchor=anchor), 303)
