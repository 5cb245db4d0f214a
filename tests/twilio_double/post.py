"""Webhook posts as Twilio makes them, over HTTP or straight into a WSGI app."""

import http.client
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import Client

from tests.twilio_double.contract import Pairs


@dataclass(frozen=True)
class Posted:
    """What the webhook answered. Status 0: nobody was there."""

    status: int
    body: str
    content_type: str


Poster = Callable[[str, Pairs, dict[str, str]], Posted]
"""Posts a form to a URL with headers. Must not raise when nobody is there."""

FORM = "application/x-www-form-urlencoded"


def always_taken(url: str, form: Pairs, headers: dict[str, str]) -> Posted:
    """A webhook that takes everything and says nothing."""
    return Posted(204, "", "")


def over_http(url: str, form: Pairs, headers: dict[str, str]) -> Posted:
    """Post to a server on this machine. Redirects are not followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=15)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request("POST", target, urlencode(form).encode(), {"Content-Type": FORM, **headers})
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        return Posted(answer.status, body, answer.headers.get_content_type())
    except (OSError, http.client.HTTPException):
        return Posted(0, "", "")
    finally:
        connection.close()


def in_process(app: Any) -> Poster:
    """Post into a WSGI app: no sockets. The app sees the public URL's host and scheme."""

    def post(url: str, form: Pairs, headers: dict[str, str]) -> Posted:
        parts = urlsplit(url)
        answer = Client(app).post(
            parts.path,
            base_url=f"{parts.scheme}://{parts.netloc}",
            query_string=parts.query,
            data=urlencode(form).encode(),
            content_type=FORM,
            headers=headers,
        )
        try:
            return Posted(answer.status_code, answer.get_data(as_text=True), answer.mimetype or "")
        finally:
            answer.close()

    return post


def signed(url: str, form: Pairs, auth_token: str) -> dict[str, str]:
    """The headers Twilio sends along. The fragment of a URL is never signed."""
    bare = urlsplit(url)._replace(fragment="").geturl()
    signature = RequestValidator(auth_token).compute_signature(bare, MultiDict(form))
    return {"X-Twilio-Signature": signature, "User-Agent": "TwilioProxy/1.1"}
