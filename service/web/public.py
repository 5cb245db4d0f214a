"""Pages that anybody may read: how to join, privacy, terms."""

from flask import Blueprint, render_template

from service.gateways.simulated import SERVICE_NUMBER
from service.web.context import settings

blueprint = Blueprint("public", __name__)


@blueprint.get("/join")
def join() -> str:
    return _page("join.html")


@blueprint.get("/privacy")
def privacy() -> str:
    return _page("privacy.html")


@blueprint.get("/terms")
def terms() -> str:
    return _page("terms.html")


def _page(template: str) -> str:
    known = settings()
    number = SERVICE_NUMBER if known.is_simulated else known.twilio_from_number
    return render_template(template, number=number, contact=known.support_contact, hours=known.staffed_hours)
