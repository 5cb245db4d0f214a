"""Erasing a person who asks for it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import BadInput, NotAllowed
from service.domain.staff import Role
from service.web import security
from service.web.context import now, parts, who
from service.web.errors import status_of
from service.web.forms import Form
from service.workflows import console, erasing

blueprint = Blueprint("erasing", __name__, url_prefix="/participants/<int:person_id>/erase")
security.guard(blueprint)


@blueprint.get("")
@security.open_to(Role.VIEWER)
@security.proved_lately
def ask(person_id: int) -> str:
    return _page(person_id, Form())


@blueprint.post("")
@security.open_to(Role.COORDINATOR)
@security.proved_lately
def erase(person_id: int) -> ResponseReturnValue:
    form = Form.of(request.form)
    try:
        erasing.erase_confirmed(
            parts().database, person_id, form.get("typed"), form.get("reason")[:500], who().by, now()
        )
    except (BadInput, NotAllowed) as problem:
        form.errors[""] = str(problem)
        return _page(person_id, form), status_of(problem)
    flash("Erased. Nothing here says any more who they were.")
    return redirect(url_for("people.listing"), 303)


def _page(person_id: int, form: Form) -> str:
    database = parts().database
    return render_template(
        "person_erase.html",
        confirmation=erasing.what_confirms(database, person_id),
        person=console.show_participant(database, person_id, who().by, now(), texts=0),
        form=form,
    )
