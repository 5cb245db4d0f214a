"""The simulated phone and the rehearsal clock. Registered only with GATEWAY=simulated."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import BadInput, HandrailError, NotFound
from service.domain.local_time import to_local
from service.domain.phone import parse_phone
from service.gateways.simulated import SERVICE_NUMBER
from service.web.context import house_zone, now, parts
from service.web.errors import status_of
from service.web.security import is_script
from service.workflows import console, enrolment, rehearsal, staff_phones

blueprint = Blueprint("phone", __name__, url_prefix="/phone")

DEFAULT_NUMBER = "+15555550123"
LONGEST_TEXT = 1600
SPANS = {"1h": timedelta(hours=1), "1d": timedelta(days=1), "1w": timedelta(weeks=1)}
CHIPS = ("JOIN", "YES", "4", "2", "DONE", "LATER", "GOING", "OK", "MENU", "MORE", "HELP", "STOP")


@blueprint.get("")
def show() -> str:
    return _page()


@blueprint.get("/fragment")
def fragment() -> str:
    """Thread and clock alone, for the page to keep itself fresh."""
    return render_template("_phone_live.html", **_state())


@blueprint.post("/number")
def choose_number() -> ResponseReturnValue:
    try:
        session["handset"] = parse_phone(request.form.get("number", ""))
    except BadInput as problem:
        return _page(number_problem=str(problem)), 422
    return redirect(url_for("phone.show"), 303)


@blueprint.post("/text")
def text() -> ResponseReturnValue:
    body = request.form.get("body", "").replace("\r\n", "\n").strip()[:LONGEST_TEXT]
    ours = parts()
    try:
        if not body:
            raise BadInput("Type something first.")
        assert ours.phone is not None  # noqa: S101  # this blueprint is not there without it
        ours.phone.text_in(_number(), body, ours.programme.base_url)
    except HandrailError as problem:
        return _answer(str(problem), status_of(problem))
    return _answer("", 200)


@blueprint.post("/clock")
def move() -> ResponseReturnValue:
    """Move the clock; answers once it has arrived."""
    try:
        moved = _move(request.form.get("to", ""), request.form.get("moment", ""))
    except HandrailError as problem:
        return _answer(str(problem), status_of(problem))
    arrived = to_local(moved.now, _zone())
    count = {0: "No texts", 1: "One text"}.get(moved.texts, f"{moved.texts} texts")
    where = f"{arrived:%A}, {arrived:%B} {arrived.day}"
    return _answer(f"{count} on the way. It is now {where}.", 200)


def _move(to: str, moment: str) -> rehearsal.Moved:
    stage = parts().stage
    if to == "next":
        return rehearsal.move_to_next_text(stage)
    if to in SPANS:
        return rehearsal.move_clock(stage, stage.clock() + SPANS[to])
    return rehearsal.move_clock(stage, rehearsal.parse_moment(moment, to_local(stage.clock(), _zone())))


def _answer(message: str, status: int) -> ResponseReturnValue:
    """For a script, the message; for a form, the page again."""
    if is_script():
        return jsonify(message=message, ok=status < 400), status
    if status >= 400:
        return _page(problem=message), status
    if message:
        flash(message)
    return redirect(url_for("phone.show"), 303)


def _number() -> str:
    chosen: str = session.get("handset", DEFAULT_NUMBER)
    return chosen


def _zone() -> ZoneInfo:
    """The person's zone once they have joined, else the programme's."""
    ours = parts()
    try:
        return console.zone_of(ours.database, enrolment.find_participant_id(ours.database, _number()))
    except NotFound:
        return house_zone()


def _state() -> dict[str, object]:
    ours, zone = parts(), _zone()
    lines = rehearsal.on_handset(ours.database, _number())
    local: datetime = to_local(now(), zone)
    return {
        "number": _number(),
        "lines": [(line, to_local(line.at, zone)) for line in lines],
        "local_now": local,
        "timezone": zone.key,
        "is_moving": rehearsal.is_moving(ours.database, ours.wall()),
    }


def _page(problem: str | None = None, number_problem: str | None = None) -> str:
    others = [number for number in rehearsal.handsets(parts().database)[:20] if number != _number()]
    return render_template(
        "phone.html", **_state(), others=others, chips=CHIPS, problem=problem,
        of_staff=staff_phones.numbers(parts().database), number_problem=number_problem,
        service_number=SERVICE_NUMBER,
    )  # fmt: skip
