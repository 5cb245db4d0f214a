"""Signing in and out."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import NotAllowed
from service.domain.staff import Role
from service.web import security
from service.web.context import parts, who
from service.web.devices import device_of
from service.web.forms import Form
from service.workflows import second_factor, staff

blueprint = Blueprint("auth", __name__)
leaving = Blueprint("leaving", __name__)
KEPT_WHEN_SIGNING_IN = ("handset",)


@blueprint.get("/sign-in")
def sign_in() -> str:
    return render_template("sign_in.html", form=Form())


@blueprint.post("/sign-in")
def use_password() -> ResponseReturnValue:
    ours = parts()
    try:
        found = staff.sign_in(
            ours.database,
            request.form.get("email", ""),
            request.form.get("password", "")[:1000],
            request.remote_addr or "",
            ours.wall(),
            device_of(request.headers.get("User-Agent", "")),
        )
    except NotAllowed as problem:
        form = Form({"email": request.form.get("email", "")}, {"": str(problem)})
        return render_template("sign_in.html", form=form), 403
    return _welcome(found)


@blueprint.get("/sign-in/<token>")
def sign_in_by_link(token: str) -> str:
    """A button, not the sign-in itself: programs that look at links must not use them up."""
    return render_template("sign_in_link.html", token=token)


@blueprint.post("/sign-in/<token>")
def use_link(token: str) -> ResponseReturnValue:
    ours = parts()
    device = device_of(request.headers.get("User-Agent", ""))
    try:
        return _welcome(staff.use_sign_in_link(ours.database, token, ours.wall(), device))
    except NotAllowed as problem:
        return render_template("sign_in.html", form=Form(errors={"": str(problem)})), 403


@blueprint.get("/sign-in/code")
def ask_code() -> ResponseReturnValue:
    if not isinstance(session.get("half"), str):
        return redirect(url_for("auth.sign_in"), 303)
    return render_template("sign_in_code.html", form=Form())


@blueprint.post("/sign-in/code")
def use_code() -> ResponseReturnValue:
    """The second half. What is wrong is said the same of a wrong code and of one used before."""
    ours, half = parts(), session.get("half")
    if not isinstance(half, str):
        return redirect(url_for("auth.sign_in"), 303)
    try:
        found = second_factor.finish_sign_in(
            ours.database,
            half,
            request.form.get("code", ""),
            request.remote_addr or "",
            ours.wall(),
            device_of(request.headers.get("User-Agent", "")),
        )
    except NotAllowed as problem:
        return render_template("sign_in_code.html", form=Form(errors={"": str(problem)})), 403
    return _welcome(found)


@leaving.post("/sign-out")
@security.reads_only
@security.open_to(Role.VIEWER)
def sign_out() -> ResponseReturnValue:
    ours = parts()
    staff.sign_out(ours.database, who(), ours.wall())
    _empty_session()
    return redirect(url_for("auth.sign_in"), 303)


def _welcome(found: staff.SignedIn | staff.HalfSignedIn) -> ResponseReturnValue:
    _empty_session()  # with the old CSRF token: nothing from before sign-in stays of use
    if isinstance(found, staff.HalfSignedIn):
        session["half"] = found.token
        return redirect(url_for("auth.ask_code"), 303)
    session["token"] = found.token
    return redirect(url_for("today.today"), 303)


def _empty_session() -> None:
    kept = {name: session[name] for name in KEPT_WHEN_SIGNING_IN if name in session}
    session.clear()
    session.update(kept)


security.guard(leaving)
