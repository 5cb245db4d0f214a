"""A person's new number: entered by staff, proved by its YES."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import BadInput, NotAllowed
from service.domain.staff import Role
from service.web import security
from service.web.context import now, parts, who
from service.web.errors import status_of
from service.web.forms import LONGEST_NOTE, Form
from service.workflows import console, moving, number_history

blueprint = Blueprint("number", __name__, url_prefix="/participants/<int:person_id>/new-number")
security.guard(blueprint)


@blueprint.get("")
@security.open_to(Role.VIEWER)
def ask(person_id: int) -> str:
    return _page(person_id, Form())


@blueprint.post("")
@security.open_to(Role.COORDINATOR)
def enter(person_id: int) -> ResponseReturnValue:
    ours, form = parts(), Form.of(request.form)
    old = form.get("old")
    try:
        if old not in {"stop", "go_on"}:
            raise BadInput("Say what becomes of texts to the old number.")
        moving.ask(
            ours.database, ours.words, ours.programme, person_id, form.get("phone"), who().by, now(),
            note=form.get("note")[:LONGEST_NOTE], stops_old=old == "stop",
        )  # fmt: skip
    except (BadInput, NotAllowed) as problem:
        form.errors[""] = str(problem)
        return _page(person_id, form), status_of(problem)
    flash("The new number is asked for its YES.")
    return _back(person_id)


@blueprint.post("/stop-old")
@security.open_to(Role.COORDINATOR)
def stop_old(person_id: int) -> ResponseReturnValue:
    moving.stop_old(parts().database, person_id, who().by, now())
    flash("Nothing more goes to the old number.")
    return _back(person_id)


@blueprint.post("/take-back")
@security.open_to(Role.COORDINATOR)
def take_back(person_id: int) -> ResponseReturnValue:
    form = Form.of(request.form)
    is_theirs = form.get("old_is_theirs") == "yes"
    try:
        moving.take_back(
            parts().database, person_id, who().by, now(),
            old_is_theirs=is_theirs, note=form.get("why")[:LONGEST_NOTE],
        )  # fmt: skip
    except (BadInput, NotAllowed) as problem:
        form.errors["why" if isinstance(problem, BadInput) else ""] = str(problem)
        return _page(person_id, form), status_of(problem)
    flash(
        "Texts to the old number are on again." if is_theirs else "Taken back. The new number gets nothing."
    )
    return _back(person_id)


def _page(person_id: int, form: Form) -> str:
    database, at = parts().database, now()
    return render_template(
        "person_number.html",
        person=console.show_participant(database, person_id, who().by, at, texts=0),
        waiting=number_history.look(database, person_id, at),
        form=form,
    )


def _back(person_id: int) -> ResponseReturnValue:
    return redirect(url_for("person.show", person_id=person_id), 303)
