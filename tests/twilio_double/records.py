"""A text as Twilio keeps it."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from service.domain.segments import count_segments

FINAL = frozenset({"delivered", "undelivered", "failed", "canceled", "received", "read"})


def new_sid() -> str:
    return f"SM{uuid.uuid4().hex}"


@dataclass
class TextRecord:
    """One row of Twilio's list. Times are aware, UTC; `form` is what the client sent."""

    to: str
    sender: str | None
    body: str
    status: str
    direction: str
    created_at: datetime
    account_sid: str
    service_sid: str | None = None
    status_callback: str | None = None
    error_code: int | None = None
    sent_at: datetime | None = None
    num_media: int = 0
    form: dict[str, str] = field(default_factory=dict)
    sid: str = field(default_factory=new_sid)
    reported: list[str] = field(default_factory=list)  # the statuses of receipts posted so far

    @property
    def validity_period(self) -> int | None:
        """Seconds, as the client asked."""
        asked = self.form.get("ValidityPeriod")
        return None if asked is None else int(asked)

    def as_json(self) -> dict[str, Any]:
        uri = f"/2010-04-01/Accounts/{self.account_sid}/Messages/{self.sid}"
        not_counted_yet = self.status == "accepted"
        segments = 0 if not_counted_yet else max(count_segments(self.body).segments, 1)
        return {
            "account_sid": self.account_sid,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": _rfc2822(self.created_at),
            "date_sent": _rfc2822(self.sent_at),
            "date_updated": _rfc2822(self.sent_at or self.created_at),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": None,
            "from": self.sender,
            "messaging_service_sid": self.service_sid,
            "num_media": str(self.num_media),
            "num_segments": str(segments),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


def _rfc2822(at: datetime | None) -> str | None:
    return None if at is None else format_datetime(at)
