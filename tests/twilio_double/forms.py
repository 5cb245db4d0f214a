"""The forms Twilio posts to webhooks, field for field."""

from service.domain.segments import count_segments
from tests.twilio_double.contract import Pairs
from tests.twilio_double.records import TextRecord


def inbound_form(text: TextRecord) -> Pairs:
    form = [
        ("ToCountry", "US"),
        ("ToState", "NY"),
        ("SmsMessageSid", text.sid),
        ("NumMedia", str(text.num_media)),
        ("ToCity", ""),
        ("FromZip", "10001"),
        ("SmsSid", text.sid),
        ("FromState", "NY"),
        ("SmsStatus", "received"),
        ("FromCity", "NEW YORK"),
        ("Body", text.body),
        ("FromCountry", "US"),
        ("To", text.to),
        ("ToZip", ""),
        ("NumSegments", str(max(count_segments(text.body).segments, 1))),
        ("MessageSid", text.sid),
        ("AccountSid", text.account_sid),
        ("From", text.sender or ""),
        ("ApiVersion", "2010-04-01"),
    ]
    for n in range(text.num_media):
        form += [(f"MediaContentType{n}", "image/jpeg"), (f"MediaUrl{n}", f"https://x.test/{n}")]
    return form


def receipt_form(text: TextRecord, status: str, error_code: int | None) -> Pairs:
    form = [
        ("SmsSid", text.sid),
        ("SmsStatus", status),
        ("MessageStatus", status),
        ("To", text.to),
        ("MessageSid", text.sid),
        ("AccountSid", text.account_sid),
        ("From", text.sender or ""),
        ("ApiVersion", "2010-04-01"),
    ]
    if text.service_sid:
        form.append(("MessagingServiceSid", text.service_sid))
    if error_code is not None:
        form.append(("ErrorCode", str(error_code)))
    if status == "delivered":
        form.append(("RawDlrDoneDate", f"{text.created_at:%y%m%d%H%M}"))
    return form
