"""The way from the simulated phone into our own webhooks."""

from http.client import HTTPConnection, HTTPException
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from service.domain.errors import ConfigurationError
from service.gateways.base import Form
from service.gateways.transport import LOOPBACK_HOSTS


class Door(Protocol):
    """Posts to our own webhooks: within this process, or over loopback."""

    def __call__(self, url: str, form: Form, signature: str) -> tuple[int, str]:
        """Post `form` as if to the public `url`, with `signature` as X-Twilio-Signature.

        Only path and query of `url` say where it goes. Returns HTTP status and body. Raises OSError
        when nobody opens.
        """


def http_door(base_url: str, timeout_s: float = 5.0) -> Door:
    """A door over loopback, to the web process at `base_url` (http, this machine only).

    Knows no proxies and follows no redirects. Do not use it within a web process that has one
    thread: it would wait for itself. Raises ConfigurationError for any other address.
    """
    parts = urlsplit(base_url)
    host, port = parts.hostname, parts.port
    if parts.scheme != "http" or host not in LOOPBACK_HOSTS:
        raise ConfigurationError("The simulated phone only reaches a service on this machine.")

    def post(url: str, form: Form, signature: str) -> tuple[int, str]:
        target = urlsplit(url)
        path = f"{target.path}?{target.query}" if target.query else target.path
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature,
        }
        connection = HTTPConnection(host, port, timeout=timeout_s)
        try:
            connection.request("POST", path, urlencode(form).encode("ascii"), headers)
            response = connection.getresponse()
            return response.status, response.read().decode("utf-8", "replace")
        except HTTPException as error:
            raise OSError(f"broken answer: {type(error).__name__}") from error
        finally:
            connection.close()

    return post
