"""Check-ins that wait while somebody talks with a person: let them go, or wait longer."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from service.domain.staff import Role
from service.web import security
from service.web.context import now, parts, who
from service.workflows import talking

blueprint = Blueprint("talking", __name__, url_prefix="/participants/<int:person_id>/talking")
security.guard(blueprint)


@blueprint.post("/lift")
@security.open_to(Role.COORDINATOR)
def lift(person_id: int) -> ResponseReturnValue:
    talking.lift(parts().database, person_id, who().by, now())
    flash("Check-ins and meeting texts go on.")
    return redirect(url_for("person.show", person_id=person_id), 303)


@blueprint.post("/extend")
@security.open_to(Role.COORDINATOR)
def extend(person_id: int) -> ResponseReturnValue:
    talking.extend(parts().database, person_id, who().by, now())
    flash("Check-ins and meeting texts wait for an hour from now.")
    return redirect(url_for("person.show", person_id=person_id), 303)
