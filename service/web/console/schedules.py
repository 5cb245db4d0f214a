"""Giving a person check-ins and reminders, and ending them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.ending import EndReason
from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.prompt import ScheduleKind
from service.domain.staff import Role
from service.web import security
from service.web.context import now, parts, who
from service.web.errors import status_of
from service.web.forms import Form, read_schedule
from service.workflows import console, ending, scheduling

blueprint = Blueprint("schedules", __name__, url_prefix="/participants/<int:person_id>/schedules")
security.guard(blueprint)

USUAL: dict[ScheduleKind, dict[str, object]] = {
    ScheduleKind.CHECK_IN: {"repeat": "weekdays", "at": "10:00"},
    ScheduleKind.MEDICATION: {"repeat": "days", "at": "08:00"},
    ScheduleKind.MEETING: {"repeat": "weekdays", "at": "19:00", "lead": "60"},
    ScheduleKind.APPOINTMENT: {"repeat": "once"},
}
"""What a new one mostly is."""

MEETING_LEADS = {
    "0": "At the start", "15": "15 minutes before", "30": "30 minutes before",
    "60": "1 hour before", "120": "2 hours before", "1440": "1 day before",
}  # fmt: skip
APPOINTMENT_LEADS = {
    "": "The day before, and the same morning", "60": "1 hour before", "120": "2 hours before",
    "180": "3 hours before", "1440": "1 day before", "2880": "2 days before",
}  # fmt: skip
LEADS: dict[ScheduleKind, dict[str, str]] = {
    ScheduleKind.MEETING: MEETING_LEADS,
    ScheduleKind.APPOINTMENT: APPOINTMENT_LEADS,
}


@blueprint.get("/new/<kind>")
@security.open_to(Role.VIEWER)
def new(person_id: int, kind: str) -> str:
    chosen = _kind(kind)
    return _page(person_id, chosen, Form(USUAL[chosen]))


@blueprint.post("/new/<kind>")
@security.open_to(Role.COORDINATOR)
def add(person_id: int, kind: str) -> ResponseReturnValue:
    chosen, form = _kind(kind), Form.of(request.form)
    entry = read_schedule(form, chosen)
    if entry is None:
        return _page(person_id, chosen, form), 422
    try:
        made = scheduling.add_schedule(parts().database, person_id, entry, who().by, now())
    except (BadInput, NotAllowed) as problem:
        form.errors[""] = str(problem)
        return _page(person_id, chosen, form), status_of(problem)
    flash(f"Added: {made.description}.")
    return redirect(url_for("person.show", person_id=person_id, _anchor="schedules"), 303)


@blueprint.get("/<int:schedule_id>/end")
@security.open_to(Role.VIEWER)
def ask_end(person_id: int, schedule_id: int) -> str:
    person, schedule = _schedule(person_id, schedule_id)
    return render_template("schedule_end.html", person=person, schedule=schedule)


@blueprint.post("/<int:schedule_id>/end")
@security.open_to(Role.COORDINATOR)
def end(person_id: int, schedule_id: int) -> ResponseReturnValue:
    _schedule(person_id, schedule_id)
    because = _reason(request.form.get("because", ""))
    ending.end_schedule(parts().database, schedule_id, who().by, now(), because)
    flash("Ended. Nothing more of it is sent, and no text says so. A mistake? Start it again below.")
    return redirect(url_for("person.show", person_id=person_id, _anchor="schedules"), 303)


@blueprint.post("/end")
@security.open_to(Role.COORDINATOR)
def end_all(person_id: int) -> ResponseReturnValue:
    """Everything of the ticked kinds: after a loss, or a move."""
    kinds = {ScheduleKind(kind) for kind in request.form.getlist("kind") if kind in set(ScheduleKind)}
    try:
        because = _reason(request.form.get("because", ""))
        count = ending.end_all(parts().database, person_id, kinds, because, who().by, now())
        flash(f"Ended: {count}. Nothing more of it is sent, and no text says so.")
    except BadInput as problem:
        flash(str(problem))
    return redirect(url_for("person.show", person_id=person_id, _anchor="schedules"), 303)


@blueprint.post("/<int:schedule_id>/restart")
@security.open_to(Role.COORDINATOR)
def restart(person_id: int, schedule_id: int) -> ResponseReturnValue:
    try:
        ending.restart(parts().database, schedule_id, who().by, now())
        flash("It goes on, with the next date.")
    except BadInput as problem:
        flash(str(problem))
    return redirect(url_for("person.show", person_id=person_id, _anchor="schedules"), 303)


def _reason(text: str) -> EndReason:
    return EndReason(text) if text in set(EndReason) else EndReason.OTHER


def _kind(text: str) -> ScheduleKind:
    if text not in {kind.value for kind in ScheduleKind}:
        raise NotFound("There is no such kind of reminder.")
    return ScheduleKind(text)


def _schedule(person_id: int, schedule_id: int) -> tuple[console.Person, console.ScheduleView]:
    """The schedule, if it is this person's."""
    person = console.show_participant(parts().database, person_id, who().by, now(), texts=0)
    for schedule in person.schedules:
        if schedule.id == schedule_id:
            return person, schedule
    raise NotFound("There is no such schedule.")


def _page(person_id: int, kind: ScheduleKind, form: Form) -> str:
    person = console.show_participant(parts().database, person_id, who().by, now(), texts=0)
    return render_template("schedule_new.html", person=person, kind=kind, form=form, leads=LEADS.get(kind))
