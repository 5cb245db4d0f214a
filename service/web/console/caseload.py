"""Who is responsible for a person."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import BadInput, NotFound
from service.domain.staff import Role
from service.web import security
from service.web.context import now, parts, sight, who
from service.web.forms import Form
from service.workflows import caseloads, console

blueprint = Blueprint("caseload", __name__, url_prefix="/participants/<int:person_id>/responsible")
security.guard(blueprint)


@blueprint.get("")
@security.open_to(Role.VIEWER)
def ask(person_id: int) -> str:
    return _page(person_id, {})


@blueprint.post("")
@security.open_to(Role.COORDINATOR)
def hand_over(person_id: int) -> ResponseReturnValue:
    ours, chosen = parts(), request.form.get("to", "")
    try:
        if chosen and not (chosen.isascii() and chosen.isdigit()):
            raise BadInput("Choose a colleague, or nobody.")
        to = int(chosen[:12]) if chosen else None
        caseloads.hand_over(ours.database, person_id, to, who().by, now())
    except BadInput as problem:
        return _page(person_id, {"to": str(problem)}), 422
    flash("Handed over." if to else "Shared by all now.")
    try:
        caseloads.check(ours.database, sight(), {"person_id": person_id})
    except NotFound:  # they are a colleague's now, and out of one's own sight
        return redirect(url_for("people.listing"), 303)
    return redirect(url_for("person.show", person_id=person_id), 303)


def _page(person_id: int, errors: dict[str, str]) -> str:
    ours = parts()
    found = caseloads.responsible_for(ours.database, person_id)
    people = {"": "Nobody: shared by all", **{str(one): name for one, name in found.colleagues}}
    return render_template(
        "person_responsible.html",
        person=console.show_participant(ours.database, person_id, who().by, now(), texts=0),
        form=Form({"to": str(found.coordinator_id or "")}, errors),
        people=people,
    )
