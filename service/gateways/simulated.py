"""The built-in phone: a whole conversation on one machine, with no account and no network.

It uses the real door. A text typed on it is signed and posted to our own webhook in the shape
Twilio uses, and what we send is followed by signed receipts, so everything behind the door behaves
as it would with Twilio.

The last four digits of a number pick what becomes of a text to it:

    0190   refused: not a phone number (21211)
    0191   refused: opted out (21610)
    0192   accepted, then undelivered: out of reach (30003)
    0193   accepted, then undelivered: taken for spam (30007)
    0194   accepted and delivered, but the answer to the send is lost: the outcome is unknown
    0195   not accepted: too fast (429), try again in 30 seconds
    other  delivered

Opt-out words: with `opt_out_replies="gateway"` it behaves like Twilio's Advanced Opt-Out. A text
that is one of the words alone gets Twilio's own confirmation and reaches the webhook with its
OptOutType; after STOP nothing is let through to that number until START (21610). A start word means
START only while a stop is in force; otherwise it is a text like any other, so that YES can answer a
question. With "service" none of this happens.
"""

import logging
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, MutableSet
from datetime import datetime, timedelta
from typing import Protocol
from xml.etree import ElementTree

from service.domain.gateway_errors import Reaction, meaning_of
from service.domain.message import MessageStatus
from service.domain.segments import count_segments
from service.gateways.base import (
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
    Withheld,
)
from service.gateways.door import Door
from service.gateways.twilio import TwilioWebhooks
from service.gateways.twilio_forms import storable

ACCOUNT_SID = "AC" + "5" * 32
SERVICE_NUMBER = "+15005550100"
INBOUND_PATH = "/webhooks/sms/inbound"
STOP_WORDS = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})
CONFIRMATIONS: Mapping[str, str] = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages "
    "from this number. Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. Reply HELP "
    "for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}
_UNDELIVERED = {"0192": 30003, "0193": 30007}
_REMEMBERED = 1000  # texts that find_sent can still find
_log = logging.getLogger(__name__)


class Handset(Protocol):
    """The handsets' own memory: what the phone page shows."""

    def show(self, *, number: str, body: str, gateway_sid: str, from_service: bool) -> None:
        """Add one text to the conversation of `number` (E.164). It is kept outside this room.

        `from_service` is True for what arrives on the handset, False for what was typed on it.
        """


class SimulatedGateway:
    """The built-in phone line. Keeps the SmsGateway protocol."""

    def __init__(
        self,
        handset: Handset,
        door: Door,
        auth_token: str,
        *,
        clock: Callable[[], datetime],
        opt_out_replies: str = "gateway",
        blocked: MutableSet[str] | None = None,
    ) -> None:
        """`clock` tells the rehearsal time (aware). `blocked` holds the numbers under a STOP.

        Pass a `blocked` kept in the database when sender and webhook are two processes; the
        default lives as long as this object.
        """
        self._handset = handset
        self._door = door
        self._webhooks = TwilioWebhooks(ACCOUNT_SID, auth_token)
        self._clock = clock
        self._filters_opt_outs = opt_out_replies == "gateway"
        self._blocked: MutableSet[str] = set() if blocked is None else blocked
        self._sent: deque[tuple[str, SentRecord]] = deque(maxlen=_REMEMBERED)

    def send(self, text: OutboundText, gate: Gate = OPEN) -> SendOutcome:
        if not gate.may_leave():
            return Withheld()
        gate.has_left()  # before anything is shown or reported: that takes the database, which the gate holds
        ending = text.to[-4:]
        if ending == "0190":
            return _rejected(21211)
        if ending == "0191" or text.to in self._blocked:
            return _rejected(21610)
        if ending == "0195":
            return NotAccepted("too fast: HTTP 429", timedelta(seconds=30), Reaction.SLOW_DOWN)
        sid = new_sid()
        segments = count_segments(text.body).segments
        self._carry(text.to, text.body, sid, text.status_url)
        if ending == "0194":
            return OutcomeUnknown("no answer: simulated")
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
        """As SmsGateway says, of the last thousand texts that this object carried."""
        return [r for number, r in list(self._sent) if number == to and r.created_at >= since]

    def fetch_inbound_since(self, since: datetime) -> Iterator[ReceivedText]:
        """Nothing: a text that does not reach the webhook is told to whoever typed it."""
        return iter(())

    def redact(self, gateway_sid: str) -> None:
        """Nothing to do: what the handset shows is in our own database, and erased with it."""

    def text_in(self, from_number: str, body: str, public_base_url: str, media_count: int = 0) -> list[str]:
        """Text the service from the handset of `from_number` (E.164), through the webhook.

        Shows the text, what the gateway says by itself, and the service's replies; returns the
        bodies of all answers in that order. Raises GatewayUnavailable when the webhook does not
        take the text, which is then shown as typed but unanswered.
        """
        sid, body = new_sid(), storable(body)
        self._handset.show(number=from_number, body=body, gateway_sid=sid, from_service=False)
        opt_out_type, answers = self._filter(from_number, body)
        form = _inbound_form(sid, from_number, body, media_count)
        if opt_out_type is not None:
            form.append(("OptOutType", opt_out_type))
        twiml = self._post_inbound(public_base_url.rstrip("/") + INBOUND_PATH, form)
        for reply, status_url in _messages_in(twiml):
            reply_sid = new_sid()
            if from_number in self._blocked:
                self._report(status_url, reply_sid, from_number, "failed", 21610)
                continue
            self._carry(from_number, reply, reply_sid, status_url)
            answers.append(reply)
        return answers

    def _filter(self, number: str, body: str) -> tuple[str | None, list[str]]:
        """What Twilio's opt-out filter does with a text: its type, and its own answers, shown."""
        kind = opt_out_type_of(body) if self._filters_opt_outs else None
        was_blocked = number in self._blocked
        if kind == "START" and not was_blocked:
            kind = None
        if kind is None:
            return None, []
        if kind == "STOP":
            self._blocked.add(number)
        elif kind == "START":
            self._blocked.discard(number)
        if was_blocked and kind != "START":  # confirmed once; a blocked number hears nothing more
            return kind, []
        confirmation = CONFIRMATIONS[kind]
        self._handset.show(number=number, body=confirmation, gateway_sid=new_sid(), from_service=True)
        return kind, [confirmation]

    def _carry(self, number: str, body: str, sid: str, status_url: str | None) -> None:
        """Take a text to the handset, or lose it on the way, and report as Twilio does."""
        error_code = _UNDELIVERED.get(number[-4:])
        status = MessageStatus.DELIVERED if error_code is None else MessageStatus.UNDELIVERED
        created_at = self._clock()
        segments = count_segments(body).segments
        record = SentRecord(sid, body, status.value, status, created_at, error_code, segments)
        self._sent.append((number, record))
        if error_code is None:
            self._handset.show(number=number, body=body, gateway_sid=sid, from_service=True)
        self._report(status_url, sid, number, "sent", None)
        self._report(status_url, sid, number, status.value, error_code)

    def _report(
        self, status_url: str | None, sid: str, number: str, status: str, error_code: int | None
    ) -> None:
        """Post one receipt. Best effort, as at Twilio: a door that does not open is logged."""
        if not status_url:
            return
        form = _status_form(sid, number, status)
        if error_code is not None:
            form.append(("ErrorCode", str(error_code)))
        try:
            answer, _ = self._door(status_url, form, self._webhooks.sign(status_url, form))
        except OSError as error:
            problem = type(error).__name__
        else:
            problem = "" if answer < 400 else f"HTTP {answer}"
        if problem:
            _log.warning("A simulated receipt was lost", extra={"gateway_sid": sid, "why": problem})

    def _post_inbound(self, url: str, form: Form) -> str:
        try:
            status, twiml = self._door(url, form, self._webhooks.sign(url, form))
        except OSError as error:
            raise GatewayUnavailable(
                "The service's webhook cannot be reached. Is the web process running?",
                Reaction.RETRY_SPACED,
            ) from error
        if status != 200:
            raise GatewayUnavailable(f"The service's webhook answered {status}.", Reaction.RETRY_SPACED)
        return twiml


def new_sid() -> str:
    """A message sid such as Twilio gives."""
    return f"SM{uuid.uuid4().hex}"


def opt_out_type_of(body: str) -> str | None:
    """STOP, START or HELP when `body` is one of Twilio's words and nothing else; None otherwise."""
    word = body.strip().upper()
    for kind, words in (("STOP", STOP_WORDS), ("START", START_WORDS), ("HELP", HELP_WORDS)):
        if word in words:
            return kind
    return None


def _rejected(code: int) -> Rejected:
    return Rejected(code, 400, meaning_of(code).reaction)


def _inbound_form(sid: str, number: str, body: str, media_count: int) -> list[tuple[str, str]]:
    """The form Twilio posts when a text comes in."""
    return [
        ("ToCountry", "US"),
        ("SmsMessageSid", sid),
        ("NumMedia", str(media_count)),
        ("SmsSid", sid),
        ("SmsStatus", "received"),
        ("Body", body),
        ("FromCountry", "US"),
        ("To", SERVICE_NUMBER),
        ("NumSegments", str(count_segments(body).segments or 1)),
        ("MessageSid", sid),
        ("AccountSid", ACCOUNT_SID),
        ("From", number),
        ("ApiVersion", "2010-04-01"),
    ]


def _status_form(sid: str, number: str, status: str) -> list[tuple[str, str]]:
    """The form Twilio posts when the status of a text changes."""
    return [
        ("SmsSid", sid),
        ("SmsStatus", status),
        ("MessageStatus", status),
        ("To", number),
        ("MessageSid", sid),
        ("AccountSid", ACCOUNT_SID),
        ("From", SERVICE_NUMBER),
        ("ApiVersion", "2010-04-01"),
    ]


def _messages_in(twiml: str) -> list[tuple[str, str | None]]:
    """Body and status callback of every message in our own TwiML."""
    response = ElementTree.fromstring(twiml)  # noqa: S314  # our own answer, over loopback
    return [
        ("".join(message.itertext()), message.get("statusCallback")) for message in response.iter("Message")
    ]
