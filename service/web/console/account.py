"""One's own account: password, authenticator app, sessions, and showing once more that it is oneself."""

import io

import segno
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.staff import Role
from service.web import security
from service.web.context import parts, settings, who
from service.web.forms import Form
from service.workflows import second_factor, staffing

blueprint = Blueprint("account", __name__, url_prefix="/account")
security.guard(blueprint)

LONGEST_PASSWORD = 1000


@blueprint.get("")
@security.open_to(Role.VIEWER)
def show() -> str:
    return _page(Form())


@blueprint.post("/password")
@security.open_to(Role.VIEWER)
@security.proved_lately
def set_password() -> ResponseReturnValue:
    ours = parts()
    wanted = request.form.get("password", "")[:LONGEST_PASSWORD]
    try:
        if wanted != request.form.get("again", ""):
            raise BadInput("The two are not the same.")
        staffing.set_password(ours.database, who(), wanted, ours.wall())
    except BadInput as problem:
        return _page(Form(errors={"password": str(problem)})), 422
    flash("Your password is set. Your other sessions have ended.")
    return redirect(url_for("account.show"), 303)


@blueprint.get("/second-factor")
@security.open_to(Role.VIEWER)
def show_second_factor() -> ResponseReturnValue:
    return _factor_page(Form())


@blueprint.post("/second-factor")
@security.open_to(Role.VIEWER)
@security.proved_lately
def begin() -> ResponseReturnValue:
    second_factor.set_up(parts().database, who(), parts().wall())
    return redirect(url_for("account.show_second_factor"), 303)


@blueprint.get("/second-factor/code.svg")
@security.open_to(Role.VIEWER)
def picture() -> Response:
    """The secret for the app's camera. A response of its own, never stored; gone once it is confirmed."""
    found = second_factor.setup_of(parts().database, who(), settings().programme_name)
    if found is None:
        raise NotFound("There is no app to set up.")
    drawn = io.BytesIO()
    segno.make(found.address, error="m").save(drawn, kind="svg", scale=5, border=4, light="#fff", dark="#000")
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


@blueprint.post("/second-factor/confirm")
@security.open_to(Role.VIEWER)
def confirm() -> ResponseReturnValue:
    ours = parts()
    try:
        codes = second_factor.confirm(ours.database, who(), request.form.get("code", ""), ours.wall())
    except BadInput as problem:
        return _factor_page(Form(errors={"code": str(problem)})), 422
    return render_template("recovery_codes.html", codes=codes)


@blueprint.post("/second-factor/codes")
@security.open_to(Role.VIEWER)
@security.proved_lately
def new_codes() -> str:
    codes = second_factor.new_codes(parts().database, who(), parts().wall())
    return render_template("recovery_codes.html", codes=codes)


@blueprint.post("/second-factor/remove")
@security.open_to(Role.VIEWER)
@security.proved_lately
def remove() -> ResponseReturnValue:
    second_factor.remove(parts().database, who().coordinator_id, who().by, parts().wall())
    flash("No code is asked for any more.")
    return redirect(url_for("account.show"), 303)


@blueprint.post("/sessions/<int:session_id>/end")
@security.open_to(Role.VIEWER)
def end_session(session_id: int) -> ResponseReturnValue:
    me = who()
    staffing.end_session(parts().database, me.coordinator_id, session_id, me.by, parts().wall())
    flash("That session has ended.")
    return redirect(url_for("account.show", _anchor="sessions"), 303)


@blueprint.post("/sessions/end-others")
@security.open_to(Role.VIEWER)
def end_others() -> ResponseReturnValue:
    me = who()
    staffing.end_all_sessions(
        parts().database, me.coordinator_id, me.by, parts().wall(), but=me.session_id
    )  # fmt: skip
    flash("All your other sessions have ended.")
    return redirect(url_for("account.show", _anchor="sessions"), 303)


@blueprint.get("/proof")
@security.open_to(Role.VIEWER)
def ask_proof() -> str:
    return render_template("proof.html", form=Form(), onward=_onward(request.args.get("next", "")))


@blueprint.post("/proof")
@security.open_to(Role.VIEWER)
def prove() -> ResponseReturnValue:
    ours, onward = parts(), _onward(request.form.get("next", ""))
    given = request.form.get("proof", "")[:LONGEST_PASSWORD]
    try:
        second_factor.prove(ours.database, who(), given, request.remote_addr or "", ours.wall())
    except NotAllowed as problem:
        return render_template("proof.html", form=Form(errors={"": str(problem)}), onward=onward), 403
    return redirect(onward, 303)


def _onward(path: str) -> str:
    """Only ever a page of our own."""
    return path if security.is_page(path) else url_for("today.today")


def _page(form: Form) -> str:
    ours, me = parts(), who()
    return render_template(
        "account.html",
        form=form,
        factor=second_factor.state(ours.database, me.coordinator_id),
        is_required=settings().require_second_factor,
        sessions=staffing.list_sessions(ours.database, me.coordinator_id, ours.wall()),
        member=staffing.find(ours.database, me.coordinator_id),
        wall=ours.wall(),
    )


def _factor_page(form: Form) -> str:
    ours, me = parts(), who()
    return render_template(
        "second_factor.html",
        form=form,
        factor=second_factor.state(ours.database, me.coordinator_id),
        is_required=settings().require_second_factor,
        setup=second_factor.setup_of(ours.database, me, settings().programme_name),
    )
