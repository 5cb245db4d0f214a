"""Pages that anybody may read: how to join, privacy, terms. And the form that asks to join."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import TooMany
from service.domain.phone import parse_phone
from service.gateways.simulated import SERVICE_NUMBER
from service.web.context import now, parts, settings
from service.web.forms import Form
from service.web.join_words import JOIN_WORDS
from service.workflows import joining

blueprint = Blueprint("public", __name__)


@blueprint.get("/join")
def join() -> ResponseReturnValue:
    return _join_page(Form(), _language(request.args.get("language")))


@blueprint.post("/join")
def ask_to_join() -> ResponseReturnValue:
    """The answer is the same whoever the number belongs to, so that nobody can try out numbers here."""
    ours, form = parts(), Form.of(request.form)
    language = _language(form.get("language"))
    said = JOIN_WORDS[language]
    for name, check in (("phone", parse_phone), ("name", joining.check_name)):
        if form.read(name, check) is None and language != "en":
            form.errors[name] = said[f"{name}_problem"]
    if form.get("agree") != "yes":
        form.errors["agree"] = said["agree_problem"]
    if form.errors:
        return _join_page(form, language, 422)
    try:
        joining.ask_to_join(
            ours.database,
            ours.words,
            ours.programme,
            form.get("phone"),
            form.get("name"),
            language,
            request.remote_addr or "",
            now(),
            ours.wall(),
        )
    except TooMany:
        form.errors[""] = said["too_many"]
        return _join_page(form, language, 429)
    return redirect(url_for("public.asked_to_join", language=language), 303)


@blueprint.get("/join/sent")
def asked_to_join() -> str:
    language = _language(request.args.get("language"))
    return _page("join_sent.html", said=JOIN_WORDS[language], language=language)


@blueprint.get("/privacy")
def privacy() -> str:
    return _page("privacy.html")


@blueprint.get("/terms")
def terms() -> str:
    return _page("terms.html")


def service_number() -> str:
    """The number to text; "" while there is none."""
    known = settings()
    return SERVICE_NUMBER if known.is_simulated else known.twilio_from_number


def _language(asked: str | None) -> str:
    return asked if asked in JOIN_WORDS else "en"


def _join_page(form: Form, language: str, status: int = 200) -> ResponseReturnValue:
    agreement = joining.agreement(parts().words, language)
    page = _page(
        "join.html", form=form, said=JOIN_WORDS[language], language=language, agreement=agreement.body
    )
    return page, status


def _page(template: str, **more: object) -> str:
    known = settings()
    return render_template(
        template, number=service_number(), contact=known.support_contact, hours=known.staffed_hours, **more
    )
