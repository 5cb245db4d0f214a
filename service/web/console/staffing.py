"""Staff, for admins: who there is, what each may do and see, and ending what should end."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.caseload import Caseload
from service.domain.errors import BadInput, NotAllowed
from service.domain.staff import Role
from service.web import security
from service.web.context import parts, who
from service.web.errors import status_of
from service.web.forms import Form
from service.workflows import second_factor, staffing

blueprint = Blueprint("staff", __name__, url_prefix="/staff")
security.guard(blueprint)

USUAL = {"role": Role.COORDINATOR.value, "caseload": Caseload.ALL.value}


@blueprint.get("")
@security.open_to(Role.ADMIN)
def listing() -> str:
    return render_template("staff.html", members=staffing.list_members(parts().database))


@blueprint.get("/invite")
@security.open_to(Role.ADMIN)
@security.proved_lately
def ask_invite() -> str:
    return render_template("staff_invite.html", form=Form(USUAL))


@blueprint.post("/invite")
@security.open_to(Role.ADMIN)
@security.proved_lately
def invite() -> ResponseReturnValue:
    """The link is on the answer itself: a redirect would have to carry it in a cookie or an address."""
    ours, form = parts(), Form.of(request.form)
    role, caseload = form.read("role", _role), form.read("caseload", _caseload)
    if role is None or caseload is None:
        return render_template("staff_invite.html", form=form), 422
    try:
        made = staffing.invite(
            ours.database, form.get("email"), form.get("name"), role, caseload, who().by, ours.wall()
        )
    except BadInput as problem:
        form.errors[""] = str(problem)
        return render_template("staff_invite.html", form=form), 422
    return _link_page(made.coordinator_id, made.token, "three days")


@blueprint.get("/<int:coordinator_id>")
@security.open_to(Role.ADMIN)
def show(coordinator_id: int) -> str:
    return _page(coordinator_id)


@blueprint.post("/<int:coordinator_id>/change")
@security.open_to(Role.ADMIN)
@security.proved_lately
def change(coordinator_id: int) -> ResponseReturnValue:
    ours, form = parts(), Form.of(request.form)
    role, caseload = form.read("role", _role), form.read("caseload", _caseload)
    if role is None or caseload is None:
        return _page(coordinator_id, form), 422
    try:
        staffing.change(ours.database, coordinator_id, role, caseload, who().by, ours.wall())
    except NotAllowed as problem:
        form.errors[""] = str(problem)
        return _page(coordinator_id, form), status_of(problem)
    flash("Saved. It counts from their next page on.")
    return _back(coordinator_id)


@blueprint.post("/<int:coordinator_id>/close")
@security.open_to(Role.ADMIN)
@security.proved_lately
def close(coordinator_id: int) -> ResponseReturnValue:
    released = staffing.close(parts().database, coordinator_id, who().by, parts().wall())
    people = f" Their {released} people are shared by all now." if released else ""
    flash(f"The account is closed, and signed out everywhere.{people}")
    return _back(coordinator_id)


@blueprint.post("/<int:coordinator_id>/reopen")
@security.open_to(Role.ADMIN)
@security.proved_lately
def reopen(coordinator_id: int) -> ResponseReturnValue:
    staffing.reopen(parts().database, coordinator_id, who().by, parts().wall())
    flash("The account is open again.")
    return _back(coordinator_id)


@blueprint.post("/<int:coordinator_id>/link")
@security.open_to(Role.ADMIN)
@security.proved_lately
def new_link(coordinator_id: int) -> str:
    token = staffing.new_link(parts().database, coordinator_id, who().by, parts().wall())
    return _link_page(coordinator_id, token, "an hour")


@blueprint.post("/<int:coordinator_id>/second-factor/remove")
@security.open_to(Role.ADMIN)
@security.proved_lately
def remove_second_factor(coordinator_id: int) -> ResponseReturnValue:
    second_factor.remove(parts().database, coordinator_id, who().by, parts().wall())
    flash("Their authenticator app is not asked for any more. They set up another when they sign in.")
    return _back(coordinator_id)


@blueprint.post("/<int:coordinator_id>/sessions/<int:session_id>/end")
@security.open_to(Role.ADMIN)
def end_session(coordinator_id: int, session_id: int) -> ResponseReturnValue:
    staffing.end_session(parts().database, coordinator_id, session_id, who().by, parts().wall())
    flash("That session has ended.")
    return _back(coordinator_id)


@blueprint.post("/<int:coordinator_id>/sessions/end")
@security.open_to(Role.ADMIN)
def end_sessions(coordinator_id: int) -> ResponseReturnValue:
    staffing.end_all_sessions(parts().database, coordinator_id, who().by, parts().wall())
    flash("They are signed out everywhere.")
    return _back(coordinator_id)


def _role(text: str) -> Role:
    if text not in {role.value for role in Role}:
        raise BadInput("Choose a role.")
    return Role(text)


def _caseload(text: str) -> Caseload:
    if text not in {caseload.value for caseload in Caseload}:
        raise BadInput("Choose whose people they see.")
    return Caseload(text)


def _page(coordinator_id: int, form: Form | None = None) -> str:
    ours = parts()
    member = staffing.find(ours.database, coordinator_id)
    return render_template(
        "staff_member.html",
        member=member,
        form=form or Form({"role": member.role.value, "caseload": member.caseload.value}),
        sessions=staffing.list_sessions(ours.database, coordinator_id, ours.wall()),
        wall=ours.wall(),
    )


def _link_page(coordinator_id: int, token: str, lasts: str) -> str:
    ours = parts()
    return render_template(
        "staff_link.html",
        member=staffing.find(ours.database, coordinator_id),
        link=f"{ours.programme.base_url}{url_for('auth.sign_in_by_link', token=token)}",
        lasts=lasts,
    )


def _back(coordinator_id: int) -> ResponseReturnValue:
    return redirect(url_for("staff.show", coordinator_id=coordinator_id), 303)
