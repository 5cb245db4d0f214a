"""The list of saved replies, kept by coordinators for each other."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import BadInput
from service.domain.staff import Role
from service.web import security
from service.web.context import now, parts, who
from service.web.forms import Form
from service.workflows import saved_replies

blueprint = Blueprint("saved_replies", __name__, url_prefix="/saved-replies")
security.guard(blueprint)


@blueprint.get("")
@security.open_to(Role.VIEWER)
def listing() -> str:
    return render_template("saved_replies.html", replies=saved_replies.list_for(parts().database))


@blueprint.get("/new")
@security.open_to(Role.VIEWER)
def new() -> str:
    return render_template("saved_reply_edit.html", form=Form({"language": "en"}), reply=None)


@blueprint.post("/new")
@security.open_to(Role.COORDINATOR)
def add() -> ResponseReturnValue:
    return _save(None)


@blueprint.get("/<int:reply_id>")
@security.open_to(Role.VIEWER)
def edit(reply_id: int) -> str:
    reply = saved_replies.find(parts().database, reply_id)
    form = Form({"language": reply.language, "title": reply.title, "body": reply.body})
    return render_template("saved_reply_edit.html", form=form, reply=reply)


@blueprint.post("/<int:reply_id>")
@security.open_to(Role.COORDINATOR)
def save(reply_id: int) -> ResponseReturnValue:
    return _save(reply_id)


@blueprint.post("/<int:reply_id>/remove")
@security.open_to(Role.COORDINATOR)
def remove(reply_id: int) -> ResponseReturnValue:
    saved_replies.remove(parts().database, reply_id, who().by, now())
    flash("Removed. Nothing that was sent changes.")
    return redirect(url_for("saved_replies.listing"), 303)


def _save(reply_id: int | None) -> ResponseReturnValue:
    database, form = parts().database, Form.of(request.form)
    body = form.get("body").replace("\r\n", "\n")
    try:
        saved_replies.save(database, reply_id, form.get("language"), form.get("title"), body, who().by, now())
    except BadInput as problem:
        form.errors[""] = str(problem)
        reply = saved_replies.find(database, reply_id) if reply_id is not None else None
        return render_template("saved_reply_edit.html", form=form, reply=reply), 422
    flash("Kept.")
    return redirect(url_for("saved_replies.listing"), 303)
