"""What a gateway is: a phone line that can send a text, and read what comes back about it.

What sending can end in is a value, not an exception, because every case has to be dealt with:

    Accepted         the gateway has it, under this gateway_sid
    Rejected         definitely not sent, and the gateway says why; `reaction` says what to do
    NotAccepted      definitely not sent, for a reason that passes (no connection, too fast)
    OutcomeUnknown   it may or may not have been sent: never send it again blindly
    Withheld         the gate did not open: the request was never written

Exceptions are left for what is not part of a text's life:

    HandrailError
    ├── BadInput
    │   └── UnreadableForm       a webhook form lacks what makes it a text or a receipt: answer 400
    │       └── ForeignAccount   it is about somebody else's account: answer 403
    └── GatewayUnavailable       a question (find_sent, fetch_inbound_since, redact) got no answer;
                                 asking again later is always safe

No repr in this file shows a phone number or the words of a text, so all of it may be logged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from service.domain.errors import BadInput, HandrailError
from service.domain.gateway_errors import Reaction
from service.domain.message import MessageStatus

Form: TypeAlias = Sequence[tuple[str, str]]
"""The fields of a webhook post in the order they came; a repeated field is there repeatedly."""

MAX_BODY_CHARS = 1600  # what the gateway takes in one text, in characters
MAX_INBOUND_CHARS = 10_000  # what is kept of a text that came in, in characters
MIN_VALIDITY = timedelta(seconds=1)
MAX_VALIDITY = timedelta(hours=10)


class UnreadableForm(BadInput):
    """A webhook form that cannot be used. The message names the field, never its value."""


class ForeignAccount(UnreadableForm):
    """A form that belongs to another account than ours."""


class GatewayUnavailable(HandrailError):
    """The gateway did not answer a question. Nothing has changed; ask again later.

    `reaction` is PAUSE_ALL (the account), SLOW_DOWN, or RETRY_SPACED for everything else.
    """

    def __init__(self, message: str, reaction: Reaction) -> None:
        super().__init__(message)
        self.reaction = reaction


@dataclass(frozen=True)
class OutboundText:
    """One text to send.

    `to` is E.164; `body` has 1 to MAX_BODY_CHARS characters; `status_url` is where receipts go and
    carries `message_id`; `validity` is how long the text is still of use once accepted (held to
    MIN_VALIDITY..MAX_VALIDITY, whole seconds, rounded down).
    """

    message_id: str
    to: str = field(repr=False)
    body: str = field(repr=False)
    status_url: str
    validity: timedelta


@dataclass(frozen=True)
class Accepted:
    """The gateway has taken the text. `segments` is its own count, None when it gives none yet."""

    gateway_sid: str
    segments: int | None


@dataclass(frozen=True)
class Rejected:
    """The gateway refused the text: it was not sent, and the same text would be refused again.

    `code` is the gateway's own error code, `http_status` that of its answer; either may be None.
    A Rejected with PAUSE_ALL, SLOW_DOWN or RESCHEDULE says nothing against this text: keep it due.
    """

    code: int | None
    http_status: int | None
    reaction: Reaction


@dataclass(frozen=True)
class NotAccepted:
    """The text definitely did not get in, for a passing reason: it may be sent again.

    `retry_after` is how long the gateway asked us to wait, None when it did not say.
    """

    reason: str
    retry_after: timedelta | None
    reaction: Reaction


@dataclass(frozen=True)
class OutcomeUnknown:
    """The request may have arrived. Settle it by receipt or `find_sent`, never by sending again."""

    reason: str


@dataclass(frozen=True)
class Withheld:
    """The caller's gate stayed shut. Nothing of the request has left this process."""


SendOutcome: TypeAlias = Accepted | Rejected | NotAccepted | OutcomeUnknown | Withheld


class Gate(Protocol):
    """The last word before a request leaves, so that an opt-out committed until then still wins."""

    def may_leave(self) -> bool:
        """Called when all is ready, the connection too. Waits; False: do not write, return Withheld."""

    def has_left(self) -> None:
        """Called after a `may_leave` that said True, once the request is written or writing it has failed."""


class OpenGate:
    """For texts that nothing can stop any more."""

    def may_leave(self) -> bool:
        return True

    def has_left(self) -> None:
        """Nobody waits for it."""


OPEN: Gate = OpenGate()


@dataclass(frozen=True)
class InboundText:
    """A text somebody sent us.

    Numbers are E.164 (or a short code) as the gateway gives them. `body` is storable anywhere:
    no NUL, no lone surrogate, at most MAX_INBOUND_CHARS; empty when only pictures came
    (`media_count` says how many). `opt_out_type` is "STOP", "START" or "HELP" when the gateway took
    it as such and answers by itself; None otherwise.
    """

    gateway_sid: str
    from_number: str = field(repr=False)
    to_number: str = field(repr=False)
    body: str = field(repr=False)
    media_count: int
    opt_out_type: str | None


@dataclass(frozen=True)
class ReceivedText:
    """A text found in the gateway's own list, with the moment it came there (aware, UTC)."""

    text: InboundText
    received_at: datetime


@dataclass(frozen=True)
class DeliveryReceipt:
    """What the gateway reports about a text of ours.

    `raw_status` is its own word. `status` is ours, or None when there is nothing to move (a word we
    do not know). `error_code` goes through `meaning_of`. `segments` is None when not reported.
    """

    gateway_sid: str
    raw_status: str
    status: MessageStatus | None
    error_code: int | None
    segments: int | None = None


@dataclass(frozen=True)
class SentRecord:
    """One of our texts as the gateway's own list has it. `created_at` is aware, UTC.

    `body` is empty once redacted. `raw_status`, `status`, `error_code`: as in DeliveryReceipt.
    """

    gateway_sid: str
    body: str = field(repr=False)
    raw_status: str
    status: MessageStatus | None
    created_at: datetime
    error_code: int | None
    segments: int | None


class SmsGateway(Protocol):
    """A phone line. Safe to use from several threads at once. No method opens a transaction."""

    def send(self, text: OutboundText, gate: Gate = OPEN) -> SendOutcome:
        """Send one text, once, if `gate` opens. Never retries by itself, never raises for an outcome."""

    def verify(self, url: str, form: Form, signature: str | None) -> bool:
        """True when `signature` proves that the gateway posted this `form` to this public `url`.

        `url` is the whole address as the gateway was given it, with its query. Never raises: what
        cannot be checked is False. A form that names another account is False too.
        """

    def parse_inbound(self, form: Form) -> InboundText:
        """Read a text somebody sent us. Raises UnreadableForm."""

    def parse_receipt(self, form: Form) -> DeliveryReceipt:
        """Read a report about a text of ours. Raises UnreadableForm."""

    def render_reply(self, body: str | None, status_url: str | None) -> str:
        """The TwiML that answers an inbound text; with `body` None it sends nothing.

        Receipts for the reply go to `status_url` when that is given.
        """

    def find_sent(self, to: str, since: datetime) -> list[SentRecord]:
        """Every text the gateway has from us to `to` (E.164) since `since` (aware), oldest first.

        Raises GatewayUnavailable. An empty list is an answer, but the gateway's list may lag behind
        its own acceptance by seconds, so do not ask at once; and `since` is by the gateway's clock,
        in whole seconds, so leave some room. A gateway may alter bodies (a trial account puts a
        line before them, smart encoding replaces quotes): compare with that in mind.
        """

    def fetch_inbound_since(self, since: datetime) -> Iterator[ReceivedText]:
        """Every text that reached our numbers since `since` (aware), in no promised order.

        For texts missed while the webhook was down: includes those already seen, and some from a
        little before `since`. Never says `opt_out_type`, the list does not have it. Lazy; raises
        GatewayUnavailable from within the iteration.
        """

    def redact(self, gateway_sid: str) -> None:
        """Blank the words of one text at the gateway. A text it no longer has is a success.

        Raises GatewayUnavailable, also while the text is still on its way (try again later).
        """
