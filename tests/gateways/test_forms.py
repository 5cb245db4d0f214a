"""Reading webhook forms, and writing TwiML."""

from xml.etree.ElementTree import Element, fromstring

import pytest

from service.domain.message import MessageStatus
from service.gateways.base import (
    MAX_INBOUND_CHARS,
    DeliveryReceipt,
    ForeignAccount,
    InboundText,
    UnreadableForm,
)
from service.gateways.twilio import TwilioWebhooks

ACCOUNT = "AC" + "1" * 32
SID = "SM" + "a" * 32
WEBHOOKS = TwilioWebhooks(ACCOUNT, "12345")
TEXT = {"MessageSid": SID, "AccountSid": ACCOUNT, "From": "+15005550123", "To": "+15005550006"}


def inbound(**fields: str | None) -> InboundText:
    merged = {**TEXT, "Body": "hello", "NumMedia": "0", **fields}
    return WEBHOOKS.parse_inbound([(n, v) for n, v in merged.items() if v is not None])


def receipt(status: str | None = "sent", **fields: str | None) -> DeliveryReceipt:
    merged = {**TEXT, "MessageStatus": status, **fields}
    return WEBHOOKS.parse_receipt([(n, v) for n, v in merged.items() if v is not None])


def test_a_text_is_read():
    assert inbound(NumSegments="1", Unheard="of") == InboundText(
        SID, "+15005550123", "+15005550006", "hello", 0, None
    )


@pytest.mark.parametrize(
    ("posted", "kept"),
    [
        ("", ""),
        ("a\0b", "ab"),
        ("a\ud83d b", "a\ufffd b"),
        ("\u202eevil\u202c zero\u200bwidth", "\u202eevil\u202c zero\u200bwidth"),
        ("  spaces stay  ", "  spaces stay  "),
        ("👍🏽 ñ\r\nline", "👍🏽 ñ\r\nline"),
        ("é" * 5_000, "é" * 5_000),
        ("x" * 50_000, "x" * MAX_INBOUND_CHARS),
    ],
)
def test_any_body_can_be_stored(posted, kept):
    body = inbound(Body=posted).body
    assert body == kept
    body.encode()


def test_pictures_without_words():
    text = inbound(Body=None, NumMedia="2", MediaUrl0="https://x.test/0")
    assert (text.body, text.media_count) == ("", 2)


@pytest.mark.parametrize("count", ["", "two", "-1", "1e3", "٣", "9" * 30, None])
def test_an_odd_media_count_is_none_at_all(count):
    assert inbound(NumMedia=count).media_count == 0


@pytest.mark.parametrize(
    ("posted", "read"),
    [("STOP", "STOP"), ("help", "HELP"), ("START", "START"), ("PAUSE", None), ("", None)],
)
def test_the_opt_out_type(posted, read):
    assert inbound(OptOutType=posted).opt_out_type == read


def test_older_names_of_the_sid_are_taken():
    assert inbound(MessageSid=None, SmsSid=SID).gateway_sid == SID


@pytest.mark.parametrize(
    "fields",
    [
        {"MessageSid": None},
        {"MessageSid": ""},
        {"MessageSid": "SM123"},
        {"MessageSid": f"{SID}\n"},
        {"MessageSid": "'; drop table"},
        {"From": None},
        {"From": "  "},
        {"From": "+" + "1" * 100},
        {"To": None},
    ],
)
def test_a_form_without_what_makes_it_a_text_is_refused_in_words(fields):
    with pytest.raises(UnreadableForm, match=r"MessageSid|From|To") as refused:
        inbound(**fields)
    assert "drop" not in str(refused.value)


def test_a_form_of_another_account_is_refused():
    for read in (inbound, receipt):
        with pytest.raises(ForeignAccount):
            read(AccountSid="AC" + "2" * 32)


def test_of_a_repeated_field_the_first_counts():
    form = [*TEXT.items(), ("Body", "one"), ("Body", "two")]
    assert WEBHOOKS.parse_inbound(form).body == "one"


S = MessageStatus


@pytest.mark.parametrize(
    ("raw", "code", "status"),
    [
        ("accepted", None, S.SENT),
        ("scheduled", None, S.SENT),
        ("queued", None, S.SENT),
        ("sending", None, S.SENT),
        ("sent", None, S.SENT),
        ("delivered", None, S.DELIVERED),
        ("read", None, S.DELIVERED),
        ("undelivered", "30003", S.UNDELIVERED),
        ("undelivered", None, S.UNDELIVERED),
        ("failed", "30001", S.FAILED),
        ("failed", "30036", S.EXPIRED),
        ("undelivered", "30036", S.EXPIRED),
        ("delivered", "30036", S.DELIVERED),
        ("canceled", None, S.CANCELLED),
        ("partially_delivered", None, None),
        ("received", None, None),
        ("teleported", None, None),
    ],
)
def test_each_status_of_twilio_has_one_of_ours_or_none(raw, code, status):
    read = receipt(raw, ErrorCode=code)
    assert (read.raw_status, read.status) == (raw, status)
    assert read.error_code == (int(code) if code else None)


@pytest.mark.parametrize("code", ["", "0", "none", "30003.5", "-1"])
def test_an_odd_error_code_is_none(code):
    assert receipt("failed", ErrorCode=code).error_code is None


def test_segments_are_read_when_reported():
    assert receipt(NumSegments="2").segments == 2
    assert receipt(NumSegments="0").segments is None
    assert receipt().segments is None


@pytest.mark.parametrize("status", [None, "", "<script>", "x" * 100])
def test_a_receipt_without_a_status_is_refused(status):
    with pytest.raises(UnreadableForm, match="MessageStatus"):
        receipt(status)


def test_nothing_read_shows_numbers_or_words_in_its_repr():
    shown = repr([inbound(Body="secret words"), receipt()])
    assert "secret" not in shown
    assert "5550123" not in shown
    assert SID in shown


def messages_in(twiml: str) -> list[Element]:
    return list(fromstring(twiml))  # noqa: S314  # our own


def test_twiml_with_a_reply():
    url = "https://h.test/webhooks/sms/1/status?a=1&b=2"
    twiml = WEBHOOKS.render_reply("Ja & <b>ok</b> 😀 \"'\nnext", url)
    (message,) = messages_in(twiml)
    assert message.text == "Ja & <b>ok</b> 😀 \"'\nnext"
    assert message.attrib == {"statusCallback": url}


@pytest.mark.parametrize("body", [None, ""])
def test_twiml_without_a_reply_sends_nothing(body):
    assert messages_in(WEBHOOKS.render_reply(body, "https://h.test/s")) == []


def test_twiml_is_whole_whatever_the_words():
    words = "".join(map(chr, range(0x300))) + "\ud800\udfff\ufffe\uffff\u2028ok"
    (message,) = messages_in(WEBHOOKS.render_reply(words, None))
    assert (message.text or "").endswith("\u2028ok")
