"""Rewording the routine texts."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import NotFound
from service.domain.staff import Role
from service.web import security
from service.web.context import now, parts, who
from service.workflows import templates

blueprint = Blueprint("wording", __name__, url_prefix="/wording")
security.guard(blueprint)

LONGEST = 1600


@blueprint.get("")
@security.open_to(Role.VIEWER)
def listing() -> str:
    ours = parts()
    return render_template("wording.html", texts=templates.list_templates(ours.database, ours.words))


@blueprint.get("/<key>/<language>")
@security.open_to(Role.VIEWER)
def edit(key: str, language: str) -> str:
    text = _text(key, language)
    return _page(text, text.body)


@blueprint.post("/<key>/<language>")
@security.open_to(Role.COORDINATOR)
def save(key: str, language: str) -> ResponseReturnValue:
    ours, text = parts(), _text(key, language)
    body = request.form.get("body", "")[:LONGEST]
    if request.form.get("do") == "built-in":
        return _page(text, text.built_in)
    preview = templates.preview_template(ours.words, key, language, body)
    if preview.problems:
        return _page(text, body), 422
    if request.form.get("do") == "preview":
        return _page(text, body)
    templates.save_template(ours.database, key, language, body, who().by, now())
    flash("Saved. It is used from the next text on.")
    return redirect(url_for("wording.listing"), 303)


@blueprint.post("/<key>/<language>/preview")
@security.reads_only
@security.open_to(Role.VIEWER)
def preview(key: str, language: str) -> ResponseReturnValue:
    found = templates.preview_template(parts().words, key, language, request.form.get("body", "")[:LONGEST])
    return {
        "sample": found.sample,
        "segments": found.count.segments if found.count else None,
        "problems": list(found.problems),
    }


def _text(key: str, language: str) -> templates.TemplateView:
    ours = parts()
    for text in templates.list_templates(ours.database, ours.words):
        if (text.key, text.language) == (key, language):
            return text
    raise NotFound("There is no such routine text.")


def _page(text: templates.TemplateView, body: str) -> str:
    needed, offered = templates.placeholders_of(text.key)
    return render_template(
        "wording_edit.html", text=text, body=body, needed=needed, offered=offered,
        preview=templates.preview_template(parts().words, text.key, text.language, body),
    )  # fmt: skip
