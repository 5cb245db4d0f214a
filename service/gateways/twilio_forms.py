"""Reading what Twilio posts to us and lists for us. Plain functions over plain values.

The forms grow new fields without notice, so what is not known is passed over; what is missing and
needed raises UnreadableForm; what is odd but harmless (a count that is not a number) is taken as
nothing.
"""

import re
from types import MappingProxyType

from service.domain.gateway_errors import Reaction, meaning_of
from service.domain.message import MessageStatus
from service.gateways.base import (
    MAX_INBOUND_CHARS,
    DeliveryReceipt,
    ForeignAccount,
    Form,
    InboundText,
    UnreadableForm,
)

SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
OPT_OUT_TYPES = frozenset({"STOP", "START", "HELP"})
_MAX_ADDRESS_CHARS = 64  # a number, or the longest address of another channel
_MAX_STATUS_CHARS = 32
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

_STATUSES = MappingProxyType(
    {
        # Accepted by Twilio and on its way; a carrier that reports nothing leaves it here for good.
        "accepted": MessageStatus.SENT,
        "scheduled": MessageStatus.SENT,
        "queued": MessageStatus.SENT,
        "sending": MessageStatus.SENT,
        "sent": MessageStatus.SENT,
        "delivered": MessageStatus.DELIVERED,
        "read": MessageStatus.DELIVERED,
        "undelivered": MessageStatus.UNDELIVERED,
        "failed": MessageStatus.FAILED,
        "canceled": MessageStatus.CANCELLED,
    }
)


def storable(text: str, limit: int | None = None) -> str:
    """`text` as every database, log and XML writer takes it, cut to `limit` characters.

    NUL goes, a lone surrogate becomes U+FFFD. Everything else stays as the person wrote it, also
    what cannot be seen (zero-width characters, direction marks).
    """
    return _LONE_SURROGATE.sub("\ufffd", text.replace("\0", ""))[:limit]


def status_of(raw_status: str, error_code: int | None) -> MessageStatus | None:
    """Our status for Twilio's word; None for a word that moves nothing or that we do not know."""
    status = _STATUSES.get(raw_status)
    ended_badly = status in (MessageStatus.FAILED, MessageStatus.UNDELIVERED)
    if ended_badly and meaning_of(error_code).reaction is Reaction.EXPIRED:
        return MessageStatus.EXPIRED
    return status


def whole_number(value: str | int | None) -> int | None:
    """A count or code that may come as text, as a number, or not at all."""
    if isinstance(value, str):
        return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else None
    return value


def counted(segments: str | int | None) -> int | None:
    """A segment count; Twilio's 0 means that it has not counted yet."""
    return whole_number(segments) or None


def read_inbound(form: Form, account_sid: str) -> InboundText:
    """A text somebody sent us. Raises UnreadableForm, ForeignAccount."""
    fields = _fields(form, account_sid)
    opt_out_type = fields.get("OptOutType", "").strip().upper()
    return InboundText(
        gateway_sid=_message_sid(fields),
        from_number=_address(fields, "From"),
        to_number=_address(fields, "To"),
        body=storable(fields.get("Body", ""), MAX_INBOUND_CHARS),
        media_count=whole_number(fields.get("NumMedia")) or 0,
        opt_out_type=opt_out_type if opt_out_type in OPT_OUT_TYPES else None,
    )


def read_receipt(form: Form, account_sid: str) -> DeliveryReceipt:
    """A report about a text of ours. Raises UnreadableForm, ForeignAccount."""
    fields = _fields(form, account_sid)
    raw_status = (fields.get("MessageStatus") or fields.get("SmsStatus") or "").strip().lower()
    if not re.fullmatch(rf"[a-z_-]{{1,{_MAX_STATUS_CHARS}}}", raw_status):
        raise UnreadableForm("The form has no usable MessageStatus.")
    error_code = whole_number(fields.get("ErrorCode")) or None
    return DeliveryReceipt(
        gateway_sid=_message_sid(fields),
        raw_status=raw_status,
        status=status_of(raw_status, error_code),
        error_code=error_code,
        segments=counted(fields.get("NumSegments")),
    )


def is_foreign(form: Form, account_sid: str) -> bool:
    """True when the form names an account that is not ours."""
    return any(name == "AccountSid" and value != account_sid for name, value in form)


def _fields(form: Form, account_sid: str) -> dict[str, str]:
    """The form by name. Of a repeated field the first counts."""
    if is_foreign(form, account_sid):
        raise ForeignAccount("The form belongs to another Twilio account.")
    return dict(reversed(form))


def _message_sid(fields: dict[str, str]) -> str:
    sid = fields.get("MessageSid") or fields.get("SmsSid") or ""
    if not SID.fullmatch(sid):
        raise UnreadableForm("The form has no usable MessageSid.")
    return sid


def _address(fields: dict[str, str], name: str) -> str:
    address = storable(fields.get(name, "")).strip()
    if not 0 < len(address) <= _MAX_ADDRESS_CHARS:
        raise UnreadableForm(f"The form has no usable {name}.")
    return address
