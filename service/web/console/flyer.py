"""A sheet to print: a picture for the camera that opens a ready text, and what carriers ask for."""

import io

import segno
from flask import Blueprint, render_template
from markupsafe import Markup

from service.domain.staff import Role
from service.web import security
from service.web.context import settings
from service.web.join_words import FLYER_WORDS
from service.web.public import service_number

blueprint = Blueprint("flyer", __name__, url_prefix="/opt-ins/flyer")
security.guard(blueprint)


@blueprint.get("")
@security.open_to(Role.VIEWER)
def show() -> str:
    number = service_number()
    return render_template(
        "flyer.html",
        number=number,
        picture=picture(number) if number else "",
        flyers=FLYER_WORDS,
        contact=settings().support_contact,
        address=settings().base_url.partition("://")[2],
    )


def picture(number: str) -> Markup:
    """A QR code that opens a new text to `number` that says JOIN, as SVG. The person still has to send it.

    SMSTO and not a sms: address: cameras of both iPhones and Android phones read it with its words, while
    for sms: the two disagree on how the words are joined on ("&body=" here, "?body=" there), and older
    Android phones drop them. Error correction Q: a quarter of a worn or creased sheet may be lost.
    """
    drawn = io.BytesIO()
    segno.make(f"SMSTO:{number}:JOIN", error="q", micro=False).save(
        drawn, kind="svg", border=4, dark="#000", light="#fff", xmldecl=False, omitsize=True, svgns=False,
        svgclass=None, lineclass=None,
    )  # fmt: skip
    return Markup(drawn.getvalue().decode())  # noqa: S704  (drawn by us, of a number of ours)
