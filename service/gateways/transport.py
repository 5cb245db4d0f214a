"""How bytes get to the gateway's API: once, with a timeout, and never anywhere else.

It takes the place of the HTTP client in Twilio's SDK (which knows no timeout by default, reads
proxy variables from the environment on every call, and keeps few connections) and is built straight
on urllib3, which the SDK brings along. What it adds is an exact answer to the one question that
matters after a failure: may the request have arrived?

    NotConnected   no: the connection was never made, not a byte of the request was written
    NotBegun       no: the caller's gate stayed shut
    NoAnswer       it may have: something broke after that
    Answered       an answer that is not a success came back; `status` and `code` tell

This file knows nothing of Twilio but the shape of its error answers.
"""

import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPException
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ClosedPoolError, HTTPError
from urllib3.response import HTTPResponse

from service.domain.errors import ConfigurationError
from service.gateways.base import OPEN, Gate

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
MAX_IDLE_S = 30.0  # a connection unused for longer may have been dropped without a word
MAX_RETRY_AFTER_S = 3600


class TransportFailure(Exception):
    """Its message names the kind of failure only; it never holds a URL, a header or a form."""


class NotConnected(TransportFailure):
    """No connection: nothing of the request was sent."""


class NotBegun(TransportFailure):
    """The gate stayed shut: nothing of the request was sent."""


class NoAnswer(TransportFailure):
    """The request may have arrived, but no usable answer came back."""


class Answered(TransportFailure):
    """The API answered, but not with a success.

    `status` is the HTTP status; `code` is the API's own error code, None when there is none;
    `retry_after` is how long it asked us to wait, None when it did not say.
    """

    def __init__(self, status: int, code: int | None, retry_after: timedelta | None) -> None:
        super().__init__(f"HTTP {status}" if code is None else f"HTTP {status}, error {code}")
        self.status = status
        self.code = code
        self.retry_after = retry_after


@dataclass(frozen=True)
class Answer:
    """A success, in the shape that Twilio's SDK reads. Headers are not read by anyone."""

    status_code: int
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def content(self) -> str:
        return self.text


class _AtTheGate(threading.local):
    """The gate of the request that this thread is making. Twilio's SDK hands no argument through."""

    gate: Gate = OPEN


_here = _AtTheGate()


class _PlainConnection(HTTPConnection):
    """Tells a connection that was never made from one that broke, and does not trust an old one."""

    _used_at = 0.0

    def connect(self) -> None:
        try:
            super().connect()
        except (HTTPError, HTTPException, OSError) as error:
            raise NotConnected(_kind(error)) from error

    def request(self, *args: Any, **options: Any) -> None:
        """Send the request when the gate opens, on a new connection if this one was idle for MAX_IDLE_S.

        A router on the way may have forgotten an idle connection: what is written to it is lost or
        not, nobody knows. On a fresh one that cannot happen.
        """
        if self.sock is not None and 0 < self._used_at < time.monotonic() - MAX_IDLE_S:
            self.close()
        if self.sock is None:
            self.connect()
        gate = _here.gate
        if not gate.may_leave():
            raise NotBegun("withheld")
        try:
            super().request(*args, **options)
        finally:
            gate.has_left()

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 itself does
        response = super().getresponse()
        self._used_at = time.monotonic()
        return response


class _TlsConnection(_PlainConnection, HTTPSConnection):
    """The same over TLS: `super()` above leads here to HTTPSConnection."""


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class Transport:
    """One pool of connections to one host. Safe to use from many threads at once."""

    is_async = False  # read by Twilio's SDK

    def __init__(self, base_url: str, *, timeout_s: float, connections: int) -> None:
        """`base_url` takes the place of scheme, host and port of every URL asked for.

        `timeout_s` bounds connecting and waiting together. `connections` are kept open. Raises
        ConfigurationError for a base URL to which credentials must not be sent.
        """
        parts = _checked(base_url)
        self._prefix = parts.path.rstrip("/")
        self._timeout = urllib3.Timeout(total=timeout_s)
        host, port = parts.hostname or "", parts.port
        self._pool: urllib3.HTTPConnectionPool
        if parts.scheme == "https":
            self._pool = _TlsPool(
                host,
                port,
                maxsize=connections,
                cert_reqs="CERT_REQUIRED",
                ca_certs=certifi.where(),
            )
        else:
            self._pool = _PlainPool(host, port, maxsize=connections)

    def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Answer:
        """Ask once; redirects are not followed. The signature is the one Twilio's SDK calls.

        `timeout` and `allow_redirects` are ignored: both are fixed for all requests. Raises
        NotConnected, NotBegun, NoAnswer or Answered.
        """
        parts = urlsplit(url)
        target = self._prefix + parts.path
        query = "&".join(part for part in (parts.query, urlencode(params or {}, True)) if part)
        sent_headers = {**(headers or {})}
        if auth is not None:
            sent_headers |= urllib3.make_headers(basic_auth=":".join(auth))
        body = urlencode(data, True).encode("ascii") if data is not None else None
        try:
            response = self._pool.urlopen(
                method,
                f"{target}?{query}" if query else target,
                body=body,
                headers=sent_headers,
                retries=False,
                redirect=False,
                timeout=self._timeout,
            )
            text = response.data.decode("utf-8", "replace")
        except ClosedPoolError as error:
            raise NotConnected(_kind(error)) from error
        except (HTTPError, HTTPException, OSError) as error:
            raise NoAnswer(_kind(error)) from error
        if not 200 <= response.status < 300:
            raise Answered(response.status, _error_code(text), _wait(response.headers.get("Retry-After")))
        return Answer(response.status, text)

    @contextmanager
    def gated(self, gate: Gate) -> Iterator[None]:
        """Requests of this thread within the block are written when `gate` opens."""
        _here.gate = gate
        try:
            yield
        finally:
            _here.gate = OPEN

    def close(self) -> None:
        """Close the idle connections, and those in use when they come back. No request after it."""
        self._pool.close()


def _checked(base_url: str) -> SplitResult:
    """Split a base URL. Only https, or http to this machine: the account's token goes there."""
    parts = urlsplit(base_url)
    local = parts.hostname in LOOPBACK_HOSTS
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and local)):
        return parts
    raise ConfigurationError(
        "TWILIO_API_BASE_URL must begin with https:// (http:// only for this machine itself)."
    )


def _kind(error: BaseException) -> str:
    """The names of an error and its cause, such as "ProtocolError/ConnectionResetError"."""
    inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
    names = [type(e).__name__ for e in (error, inner or error.__cause__) if e is not None]
    return "/".join(dict.fromkeys(names))


def _error_code(text: str) -> int | None:
    """The API's own code from an error answer, None when the answer holds none."""
    try:
        code = json.loads(text)["code"]
    except (ValueError, TypeError, KeyError):
        return None
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _wait(retry_after: str | None) -> timedelta | None:
    """A Retry-After header in seconds, held to MAX_RETRY_AFTER_S; the date form is not read."""
    if retry_after is None or not re.fullmatch(r"[0-9]{1,9}", retry_after.strip()):
        return None
    return timedelta(seconds=min(int(retry_after), MAX_RETRY_AFTER_S))
