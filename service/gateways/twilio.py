"""Twilio. The only file that knows its SDK.

Sending is one POST, made once. What became of it is worked out here, as exactly as can be:

    the gate stayed shut                        Withheld
    no connection, 429                          NotAccepted
    any other 4xx                               Rejected, with what the error code calls for
    2xx with a message sid                      Accepted
    timeout, reset, 3xx, 408, any 5xx, 2xx that cannot be read    OutcomeUnknown

A 503 with Retry-After is said by some to mean "nothing sent"; Twilio's own pages do not promise it,
so it counts as unknown like every 5xx.

Twilio's list is only ever read. It is ordered by its own sending time, newest first, which texts
still waiting at Twilio do not have; so `find_sent` filters by our own rule and not by that date.
"""

import hmac
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlparse

from twilio.request_validator import RequestValidator, add_port, remove_port
from twilio.twiml.messaging_response import MessagingResponse

from service.domain.errors import ConfigurationError
from service.domain.gateway_errors import NOT_AGAINST_THE_TEXT, Reaction, meaning_of
from service.gateways.base import (
    MAX_VALIDITY,
    MIN_VALIDITY,
    OPEN,
    Accepted,
    DeliveryReceipt,
    Form,
    Gate,
    GatewayUnavailable,
    InboundText,
    NotAccepted,
    OutboundText,
    OutcomeUnknown,
    ReceivedText,
    Rejected,
    SendOutcome,
    SentRecord,
    UnreadableForm,
    Withheld,
)
from service.gateways.transport import Answered, NoAnswer, NotBegun, NotConnected, Transport, TransportFailure
from service.gateways.twilio_forms import (
    SID,
    counted,
    is_foreign,
    read_inbound,
    read_receipt,
    status_of,
    storable,
    whole_number,
)

TWILIO_API = "https://api.twilio.com"
MAX_SIGNATURE_CHARS = 100  # a true one has 28
PAGE_SIZE = 200
MAX_CLOCK_SKEW = timedelta(minutes=5)  # Twilio's clock against ours, when reading its list
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_log = logging.getLogger(__name__)

# Both write addresses with phone numbers in them: the SDK at INFO, urllib3 at DEBUG.
logging.getLogger("twilio.http_client").setLevel(logging.WARNING)
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)


class TwilioWebhooks:
    """What Twilio posts to us, and what we answer: no network. Shared with the simulated phone."""

    def __init__(self, account_sid: str, auth_token: str) -> None:
        """Raises ConfigurationError without a token: an empty one would let anyone sign."""
        if not account_sid or not auth_token:
            raise ConfigurationError("TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN must be set.")
        self.account_sid = account_sid
        self._validator = RequestValidator(auth_token)

    def sign(self, url: str, form: Form) -> str:
        """The X-Twilio-Signature for posting `form` to `url` exactly as written."""
        signature: str = self._validator.compute_signature(url, _Fields(form))
        return signature

    def verify(self, url: str, form: Form, signature: str | None) -> bool:
        """See SmsGateway.verify. Like the SDK, takes a port written out or left away as equal."""
        if not signature or len(signature) > MAX_SIGNATURE_CHARS or not signature.isascii():
            return False
        if is_foreign(form, self.account_sid):
            return False
        try:
            parts = urlparse(url)
            fields = _Fields(form)
            return any(
                hmac.compare_digest(self._validator.compute_signature(written, fields), signature)
                for written in dict.fromkeys((remove_port(parts), add_port(parts)))
            )
        except ValueError:  # a port that is no number, a character that cannot be encoded
            return False

    def parse_inbound(self, form: Form) -> InboundText:
        return read_inbound(form, self.account_sid)

    def parse_receipt(self, form: Form) -> DeliveryReceipt:
        return read_receipt(form, self.account_sid)

    def render_reply(self, body: str | None, status_url: str | None) -> str:
        """See SmsGateway.render_reply. Characters that XML cannot hold are left out."""
        response = MessagingResponse()
        if body:
            response.message(_NOT_XML.sub("", body), status_callback=status_url)
        return str(response)


class TwilioGateway:
    """The real phone line. One instance serves all threads; `close` it when done."""

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        messaging_service_sid: str | None = None,
        from_number: str | None = None,
        api_base_url: str | None = None,
        timeout: timedelta = timedelta(seconds=10),
        connections: int = 32,
    ) -> None:
        """`connections` is how many are kept open: at least the number of sending threads.

        Raises ConfigurationError when there is nothing to send from, or for an unsafe base URL.
        """
        self._webhooks = TwilioWebhooks(account_sid, auth_token)
        if messaging_service_sid:
            self._sender = {"messaging_service_sid": messaging_service_sid}
        elif from_number:
            self._sender = {"from_": from_number}
        else:
            raise ConfigurationError(
                "Nothing to send from: set TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM_NUMBER."
            )
        # With a service the numbers are Twilio's to choose: then texts to all of them are ours.
        self._own_number = None if messaging_service_sid else from_number
        self._transport = Transport(
            api_base_url or TWILIO_API, timeout_s=timeout.total_seconds(), connections=connections
        )
        # Here, because it takes long to load and the simulated phone, which needs the rest, does not.
        from twilio.rest import Client

        client = Client(account_sid, auth_token, http_client=self._transport)
        self._messages: Any = client.messages

    def close(self) -> None:
        """Close all connections. Nothing can be sent afterwards."""
        self._transport.close()

    def send(self, text: OutboundText, gate: Gate = OPEN) -> SendOutcome:
        validity = min(max(text.validity, MIN_VALIDITY), MAX_VALIDITY)
        try:
            with self._transport.gated(gate):
                message = self._messages.create(
                    to=text.to,
                    body=storable(text.body),
                    status_callback=text.status_url,
                    validity_period=int(validity.total_seconds()),
                    **self._sender,
                )
            sid, segments = message.sid, counted(message.num_segments)
        except NotBegun:
            return Withheld()
        except NotConnected as error:
            return NotAccepted(f"no connection: {error}", None, Reaction.SLOW_DOWN)
        except NoAnswer as error:
            return OutcomeUnknown(f"no answer: {error}")
        except Answered as error:
            return _refusal(error)
        except Exception as error:  # whatever it was, it came after an answer that said "taken"
            return OutcomeUnknown(f"unreadable answer: {type(error).__name__}")
        if not isinstance(sid, str) or not SID.fullmatch(sid):
            return OutcomeUnknown("unreadable answer: no message sid")
        return Accepted(sid, segments)

    def verify(self, url: str, form: Form, signature: str | None) -> bool:
        return self._webhooks.verify(url, form, signature)

    def parse_inbound(self, form: Form) -> InboundText:
        return self._webhooks.parse_inbound(form)

    def parse_receipt(self, form: Form) -> DeliveryReceipt:
        return self._webhooks.parse_receipt(form)

    def render_reply(self, body: str | None, status_url: str | None) -> str:
        return self._webhooks.render_reply(body, status_url)

    def find_sent(self, to: str, since: datetime) -> list[SentRecord]:
        found = []
        since = since.replace(microsecond=0)  # Twilio's list is in whole seconds
        try:
            page = self._messages.page(to=to, page_size=PAGE_SIZE)
            while page is not None:
                texts = list(page)
                found += [t for t in texts if t.date_created and t.date_created >= since]
                still_new = any((t.date_sent or t.date_created or since) >= since for t in texts)
                page = page.next_page() if still_new else None
            records = [_sent_record(t) for t in found if t.direction != "inbound"]
        except Exception as error:
            raise _unavailable(error) from error
        return sorted(records, key=lambda record: record.created_at)

    def fetch_inbound_since(self, since: datetime) -> Iterator[ReceivedText]:
        # The SDK writes any datetime as if it were UTC.
        after = since.astimezone(UTC) - MAX_CLOCK_SKEW
        narrowed = {"to": self._own_number} if self._own_number else {}
        try:
            page = self._messages.page(date_sent_after=after, page_size=PAGE_SIZE, **narrowed)
            while page is not None:
                for text in page:
                    received_at = text.date_created or text.date_sent
                    inbound = text.direction == "inbound" and _listed_inbound(text)
                    if inbound and received_at and received_at >= after:
                        yield ReceivedText(inbound, received_at)
                page = page.next_page()
        except Exception as error:
            raise _unavailable(error) from error

    def redact(self, gateway_sid: str) -> None:
        try:
            self._messages(gateway_sid).update(body="")
        except Answered as error:
            if error.status != 404:
                raise _unavailable(error) from error
        except Exception as error:
            raise _unavailable(error) from error


class _Fields(dict[str, list[str]]):
    """A form as RequestValidator reads one: every value of every name."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        for name, value in form:
            self.setdefault(name, []).append(value)

    def getlist(self, name: str) -> list[str]:
        return self[name]


def _refusal(error: Answered) -> SendOutcome:
    """What an answer other than a success means for a text."""
    if error.status >= 500 or error.status < 400 or error.status == 408:
        return OutcomeUnknown(f"unclear answer: {error}")
    reaction = meaning_of(error.code, error.status).reaction
    if error.status == 429:
        return NotAccepted(f"too fast: {error}", error.retry_after, reaction)
    return Rejected(error.code, error.status, reaction)


def _unavailable(error: Exception) -> GatewayUnavailable:
    """A question without an answer. Holds no word of Twilio's: those quote phone numbers."""
    if isinstance(error, Answered):
        reaction = meaning_of(error.code, error.status).reaction
        if reaction not in NOT_AGAINST_THE_TEXT:
            reaction = Reaction.RETRY_SPACED
        return GatewayUnavailable(f"Twilio did not answer the question: {error}", reaction)
    what = str(error) if isinstance(error, TransportFailure) else type(error).__name__
    return GatewayUnavailable(f"Twilio could not be asked: {what}", Reaction.RETRY_SPACED)


def _sent_record(text: Any) -> SentRecord:
    raw_status = str(text.status or "")
    error_code = whole_number(text.error_code) or None
    return SentRecord(
        gateway_sid=text.sid,
        body=storable(text.body or ""),
        raw_status=raw_status,
        status=status_of(raw_status, error_code),
        created_at=text.date_created,
        error_code=error_code,
        segments=counted(text.num_segments),
    )


def _listed_inbound(text: Any) -> InboundText | None:
    """A text from the list, read by the rules of the webhook; None, and logged, if it cannot be."""
    form = [
        ("MessageSid", text.sid or ""),
        ("From", text.from_ or ""),
        ("To", text.to or ""),
        ("Body", text.body or ""),
        ("NumMedia", str(text.num_media or 0)),
    ]
    try:
        return read_inbound(form, text.account_sid)
    except UnreadableForm:
        _log.warning("Skipped an unreadable text in Twilio's list", extra={"gateway_sid": text.sid})
        return None
