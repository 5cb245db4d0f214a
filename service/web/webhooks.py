"""What the gateway calls: texts that came in, and receipts for ours."""

import logging
import uuid

from flask import Blueprint, Response, current_app, request

from service.bootstrap import Parts
from service.gateways.base import ForeignAccount, Form, UnreadableForm
from service.web.refusals import Refusals
from service.workflows.receipts import record_receipt
from service.workflows.replies import receive_text

log = logging.getLogger(__name__)

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks/sms")


def _parts() -> Parts:
    parts: Parts = current_app.extensions["handrail"]
    return parts


@blueprint.post("/inbound")
def inbound() -> Response:
    """Record a text and answer it in TwiML. No network call is made on this path."""
    parts = _parts()
    form = _signed_form(parts)
    if isinstance(form, Response):
        return form
    try:
        text = parts.gateway.parse_inbound(form)
    except UnreadableForm as problem:
        return _unreadable(problem)
    reply = receive_text(parts.database, parts.words, parts.programme, text, parts.clock())
    status_url = parts.programme.status_url(reply.message_id) if reply.message_id else None
    return Response(parts.gateway.render_reply(reply.body, status_url), mimetype="text/xml")


@blueprint.post("/<message_id>/status")
def status(message_id: str) -> Response:
    """Record a receipt. An unknown message is answered as if all were well, so that it is not repeated."""
    parts = _parts()
    form = _signed_form(parts)
    if isinstance(form, Response):
        return form
    try:
        receipt = parts.gateway.parse_receipt(form)
    except UnreadableForm as problem:
        return _unreadable(problem)
    recorded = record_receipt(
        parts.database, parts.programme, _message_id(message_id), receipt, parts.clock()
    )
    if not recorded.is_known:
        log.info("a receipt for a message that is not ours or was erased")
    return Response(status=204)


def _signed_form(parts: Parts) -> Form | Response:
    """The posted fields, when the signature proves that the gateway posted them; else the refusal.

    The signature covers the public address: PUBLIC_BASE_URL plus the path and query as they came. Headers
    that a client can set (Host, X-Forwarded-*) play no part.
    """
    url = parts.programme.base_url + request.full_path.removesuffix("?")
    form = list(request.form.items(multi=True))
    if parts.gateway.verify(url, form, request.headers.get("X-Twilio-Signature")):
        return form
    log.warning("a webhook post was refused: its signature does not fit")
    return _refused(
        "signature",
        403,
        "The signature does not fit. Check that PUBLIC_BASE_URL is the address that Twilio calls "
        "and that TWILIO_AUTH_TOKEN is the account's primary token.",
    )


def _unreadable(problem: UnreadableForm) -> Response:
    if isinstance(problem, ForeignAccount):
        return _refused("account", 403, str(problem))
    return _refused("form", 400, str(problem))


def _refused(reason: str, code: int, why: str) -> Response:
    refusals: Refusals = current_app.extensions["handrail_refusals"]
    refusals.note(reason)
    return Response(why + "\n", status=code, mimetype="text/plain")


def _message_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
