"""The built-in phone: what its magic numbers do, and that it comes in by the real door."""

import threading
from datetime import UTC, datetime, timedelta
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from service.domain.errors import ConfigurationError
from service.domain.gateway_errors import Reaction
from service.domain.message import MessageStatus
from service.gateways.base import (
    Accepted,
    Form,
    GatewayUnavailable,
    NotAccepted,
    OutcomeUnknown,
    Rejected,
    SmsGateway,
)
from service.gateways.door import http_door
from service.gateways.simulated import ACCOUNT_SID, SERVICE_NUMBER, SimulatedGateway
from service.gateways.twilio import TwilioGateway
from tests.gateways.conftest import ANA

PUBLIC = "https://handrail.test"
STATUS_URL = f"{PUBLIC}/webhooks/sms/0f9c2d/status"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Screens:
    """Handsets that remember what they show, as (number, who, body)."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str, str]] = []

    def show(self, *, number: str, body: str, gateway_sid: str, from_service: bool) -> None:
        assert gateway_sid.startswith("SM")
        assert len(gateway_sid) == 34
        self.shown.append((number, "service" if from_service else "person", body))


class Webhooks:
    """Our own webhooks, in a few lines: checks signatures, says what it was told to say."""

    def __init__(self) -> None:
        self.gateway: SimulatedGateway | None = None
        self.reply: str | None = "Hello back"
        self.status = 200
        self.closed = False
        self.texts: list[str] = []
        self.types: list[str | None] = []
        self.receipts: list[tuple[str, MessageStatus | None, int | None]] = []

    def __call__(self, url: str, form: Form, signature: str) -> tuple[int, str]:
        if self.closed:
            raise ConnectionRefusedError
        gateway = self.gateway
        assert gateway is not None
        assert gateway.verify(url, form, signature)
        assert not gateway.verify(url, [*form, ("More", "1")], signature)
        if url == f"{PUBLIC}/webhooks/sms/inbound":
            text = gateway.parse_inbound(form)
            assert (text.from_number, text.to_number) == (dict(form)["From"], SERVICE_NUMBER)
            self.texts.append(text.body)
            self.types.append(text.opt_out_type)
            return self.status, gateway.render_reply(self.reply, STATUS_URL)
        assert url == STATUS_URL
        receipt = gateway.parse_receipt(form)
        self.receipts.append((receipt.raw_status, receipt.status, receipt.error_code))
        return 204, ""


@pytest.fixture
def screens():
    return Screens()


@pytest.fixture
def webhooks():
    return Webhooks()


@pytest.fixture
def phone(screens, webhooks):
    webhooks.gateway = SimulatedGateway(screens, webhooks, "a-token", clock=lambda: NOW)
    return webhooks.gateway


def test_both_phones_keep_one_protocol(phone):
    lines: list[SmsGateway] = [phone]
    lines.append(TwilioGateway("AC" + "1" * 32, "x", from_number=SERVICE_NUMBER))
    assert len(lines) == 2


def test_a_text_arrives_and_receipts_follow(phone, screens, webhooks, text_to):
    outcome = phone.send(text_to())
    assert isinstance(outcome, Accepted)
    assert outcome.segments == 1
    assert screens.shown == [(ANA, "service", "How was your day, 1 to 5?")]
    assert webhooks.receipts == [
        ("sent", MessageStatus.SENT, None),
        ("delivered", MessageStatus.DELIVERED, None),
    ]


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [
        ("0190", Rejected(21211, 400, Reaction.BAD_NUMBER)),
        ("0191", Rejected(21610, 400, Reaction.OPT_OUT)),
        (
            "0195",
            NotAccepted("too fast: HTTP 429", timedelta(seconds=30), Reaction.SLOW_DOWN),
        ),
    ],
)
def test_numbers_that_are_not_texted(phone, screens, webhooks, text_to, ending, outcome):
    assert phone.send(text_to(to=f"+1500555{ending}")) == outcome
    assert screens.shown == webhooks.receipts == []


@pytest.mark.parametrize(("ending", "code"), [("0192", 30003), ("0193", 30007)])
def test_numbers_that_are_not_reached(phone, screens, webhooks, text_to, ending, code):
    assert isinstance(phone.send(text_to(to=f"+1500555{ending}")), Accepted)
    assert screens.shown == []
    assert webhooks.receipts[-1] == ("undelivered", MessageStatus.UNDELIVERED, code)


def test_the_number_whose_answer_is_lost(phone, screens, webhooks, text_to):
    number = "+15005550194"
    assert isinstance(phone.send(text_to(to=number)), OutcomeUnknown)
    assert len(screens.shown) == 1
    assert webhooks.receipts[-1][0] == "delivered"
    (record,) = phone.find_sent(number, NOW - timedelta(minutes=1))
    assert (record.body, record.status) == ("How was your day, 1 to 5?", MessageStatus.DELIVERED)
    assert phone.find_sent(number, NOW + timedelta(minutes=1)) == []
    assert phone.find_sent(ANA, NOW) == []


def test_a_closed_door_loses_receipts_and_nothing_else(phone, screens, webhooks, text_to, caplog):
    webhooks.closed = True
    with caplog.at_level("WARNING"):  # whatever another test has left
        assert isinstance(phone.send(text_to()), Accepted)
    assert len(screens.shown) == 1
    assert "receipt was lost" in caplog.text
    assert ANA not in caplog.text


def test_a_text_in_is_answered_on_the_screen(phone, screens, webhooks):
    assert phone.text_in(ANA, "hello 😀", PUBLIC) == ["Hello back"]
    assert webhooks.texts == ["hello 😀"]
    assert screens.shown == [(ANA, "person", "hello 😀"), (ANA, "service", "Hello back")]
    assert [receipt[0] for receipt in webhooks.receipts] == ["sent", "delivered"]


def test_a_text_in_without_an_answer(phone, screens, webhooks):
    webhooks.reply = None
    assert phone.text_in(ANA, "", f"{PUBLIC}/", media_count=1) == []
    assert screens.shown == [(ANA, "person", "")]


@pytest.mark.parametrize("trouble", ["closed", "failing"])
def test_a_webhook_that_does_not_take_a_text_is_told_to_whoever_typed_it(phone, screens, webhooks, trouble):
    webhooks.closed, webhooks.status = trouble == "closed", 500
    with pytest.raises(GatewayUnavailable, match=r"webhook"):
        phone.text_in(ANA, "hello", PUBLIC)
    assert screens.shown == [(ANA, "person", "hello")]
    assert list(phone.fetch_inbound_since(NOW)) == []


@pytest.mark.parametrize("word", ["STOP", " stop ", "Cancel", "QUIT", "optout"])
def test_stop_is_confirmed_once_and_blocks_until_start(phone, webhooks, text_to, word):
    webhooks.reply = None
    (confirmation,) = phone.text_in(ANA, word, PUBLIC)
    assert "unsubscribed" in confirmation
    assert phone.text_in(ANA, word, PUBLIC) == []
    assert webhooks.types == ["STOP", "STOP"]
    assert phone.send(text_to()) == Rejected(21610, 400, Reaction.OPT_OUT)
    assert isinstance(phone.send(text_to(to="+15005550124")), Accepted)

    (welcome,) = phone.text_in(ANA, "start", PUBLIC)
    assert "re-subscribed" in welcome
    assert webhooks.types[-1] == "START"
    assert isinstance(phone.send(text_to()), Accepted)


def test_a_reply_to_stop_is_not_delivered(phone, screens, webhooks):
    phone.text_in(ANA, "STOP", PUBLIC)
    assert "Hello back" not in [body for _, _, body in screens.shown]
    assert webhooks.receipts == [("failed", MessageStatus.FAILED, 21610)]


def test_help_is_answered_by_the_gateway(phone, webhooks):
    webhooks.reply = None
    (answer,) = phone.text_in(ANA, "Help", PUBLIC)
    assert answer.startswith("Reply STOP")
    assert webhooks.types == ["HELP"]


@pytest.mark.parametrize("body", ["STOP PLEASE", "please cancel", "opt out", "YES", "start", "4"])
def test_other_words_are_texts_like_any_other(phone, webhooks, body):
    assert phone.text_in(ANA, body, PUBLIC) == ["Hello back"]
    assert webhooks.types == [None]


def test_when_the_service_answers_opt_outs_the_phone_says_nothing_itself(screens, webhooks, text_to):
    phone = SimulatedGateway(screens, webhooks, "a-token", clock=lambda: NOW, opt_out_replies="service")
    webhooks.gateway = phone
    assert phone.text_in(ANA, "STOP", PUBLIC) == ["Hello back"]
    assert webhooks.types == [None]
    assert isinstance(phone.send(text_to()), Accepted)


def test_stops_may_be_kept_outside(screens, webhooks, text_to):
    blocked: set[str] = set()
    web, jobs = (
        SimulatedGateway(screens, webhooks, "a-token", clock=lambda: NOW, blocked=blocked) for _ in range(2)
    )
    webhooks.gateway = web
    web.text_in(ANA, "STOP", PUBLIC)
    assert isinstance(jobs.send(text_to()), Rejected)


def test_words_no_webhook_can_take_are_mended(phone, webhooks):
    phone.text_in(ANA, "a\0b\ud83d", PUBLIC)
    assert webhooks.texts == ["ab\ufffd"]


def test_forms_name_the_simulated_account(phone):
    phone.redact("SM" + "0" * 32)
    form = [("AccountSid", ACCOUNT_SID)]
    assert not phone.verify("https://h.test", form, None)


class Quiet(WSGIRequestHandler):
    def log_message(self, *args) -> None:
        """Say nothing."""


def test_the_door_over_loopback(monkeypatch):
    seen = {}

    def app(environ, start):
        seen.update(environ)
        seen["form"] = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
        start("302 Found", [("Location", "/elsewhere"), ("Content-Type", "text/plain")])
        return ["grüß".encode()]

    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        door = http_door(f"http://127.0.0.1:{server.server_port}")
        answer = door(f"{PUBLIC}/a/b?c=d", [("Body", "é &"), ("Body", "2")], "sig=")
        thread.join()
    assert answer == (302, "grüß")
    assert (seen["PATH_INFO"], seen["QUERY_STRING"]) == ("/a/b", "c=d")
    assert seen["HTTP_X_TWILIO_SIGNATURE"] == "sig="
    assert seen["form"] == "Body=%C3%A9+%26&Body=2"


def test_a_door_nobody_opens_is_an_os_error():
    with pytest.raises(OSError, match=r".+"):
        http_door("http://127.0.0.1:1", timeout_s=0.2)(STATUS_URL, [], "")


@pytest.mark.parametrize("url", ["http://example.com", "https://127.0.0.1", "http://10.0.0.1", ""])
def test_the_door_leads_to_this_machine_only(url):
    with pytest.raises(ConfigurationError):
        http_door(url)
