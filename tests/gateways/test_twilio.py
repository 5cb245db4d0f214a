"""Sending: the real Twilio client against the double, one test for each way it can end."""

import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import BinaryIO

import pytest

from service.domain.errors import ConfigurationError
from service.domain.gateway_errors import REACTIONS, Reaction
from service.gateways.base import Accepted, NotAccepted, OutcomeUnknown, Rejected
from service.gateways.twilio import TwilioGateway
from tests.gateways.conftest import ANA
from tests.twilio_double import script
from tests.twilio_double.double import TwilioDouble


def gateway_to(url: str, double: TwilioDouble | None = None, **options) -> TwilioGateway:
    own = double or TwilioDouble
    options.setdefault("from_number", own.number)
    options.setdefault("timeout", timedelta(seconds=2))
    return TwilioGateway(own.account_sid, own.auth_token, api_base_url=url, **options)


def whole_request(lines: BinaryIO) -> bytes:
    """Read one request to the end of its form; b"" when the client has gone."""
    length, line = 0, lines.readline()
    while line.strip():
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
        line = lines.readline()
    return lines.read(length)


def test_an_accepted_text_carries_everything_twilio_needs(twilio_double, twilio_gateway, text_to):
    outcome = twilio_gateway.send(text_to(body="Two words 😀", validity=timedelta(minutes=20.99)))

    (kept,) = twilio_double.sent
    assert outcome == Accepted(kept.sid, None)  # with a service, Twilio counts segments later
    assert kept.form == {
        "To": ANA,
        "Body": "Two words 😀",
        "MessagingServiceSid": twilio_double.service_sid,
        "StatusCallback": "https://handrail.test/webhooks/sms/0f9c2d/status",
        "ValidityPeriod": "1259",
    }


def test_without_a_service_the_number_is_the_sender(twilio_double, text_to):
    gateway = gateway_to(twilio_double.base_url)
    outcome = gateway.send(text_to(body="x" * 161))
    gateway.close()

    (kept,) = twilio_double.sent
    assert outcome == Accepted(kept.sid, 2)
    assert kept.form["From"] == twilio_double.number
    assert "MessagingServiceSid" not in kept.form


@pytest.mark.parametrize(
    ("validity", "sent"),
    [
        (timedelta(milliseconds=400), 1),
        (timedelta(seconds=-5), 1),
        (timedelta(seconds=1.9), 1),
        (timedelta(hours=10), 36_000),
        (timedelta(days=3), 36_000),
    ],
)
def test_validity_is_held_to_what_twilio_takes(twilio_double, twilio_gateway, text_to, validity, sent):
    assert isinstance(twilio_gateway.send(text_to(validity=validity)), Accepted)
    assert twilio_double.sent[0].validity_period == sent


def test_a_body_that_cannot_be_encoded_is_mended_before_it_leaves(twilio_double, twilio_gateway, text_to):
    assert isinstance(twilio_gateway.send(text_to(body="a\0b\ud83dc")), Accepted)
    assert twilio_double.sent[0].body == "ab\ufffdc"


@pytest.mark.parametrize("code", sorted(REACTIONS))
def test_each_known_error_calls_for_its_reaction(twilio_double, twilio_gateway, text_to, code):
    twilio_double.script(script.refuse(code))
    assert twilio_gateway.send(text_to()) == Rejected(code, 400, REACTIONS[code].reaction)
    assert twilio_double.sent == []


@pytest.mark.parametrize(
    ("status", "code", "reaction"),
    [
        (400, 29999, Reaction.FAIL),
        (400, None, Reaction.FAIL),
        (401, None, Reaction.PAUSE_ALL),
        (403, None, Reaction.PAUSE_ALL),
        (403, 29999, Reaction.PAUSE_ALL),
        (404, None, Reaction.PAUSE_ALL),
    ],
)
def test_an_unknown_refusal_is_shown_and_not_retried(
    twilio_double, twilio_gateway, text_to, status, code, reaction
):
    twilio_double.script(script.refuse(code, status))
    assert twilio_gateway.send(text_to()) == Rejected(code, status, reaction)


def test_a_wrong_token_pauses_everything(twilio_double, text_to):
    gateway = TwilioGateway(
        twilio_double.account_sid,
        "wrong",
        from_number=twilio_double.number,
        api_base_url=twilio_double.base_url,
    )
    assert gateway.send(text_to()) == Rejected(20003, 401, Reaction.PAUSE_ALL)
    gateway.close()


def test_another_account_pauses_everything(twilio_double, text_to):
    gateway = TwilioGateway(
        "AC" + "9" * 32,
        twilio_double.auth_token,
        from_number=twilio_double.number,
        api_base_url=twilio_double.base_url,
    )
    assert gateway.send(text_to()) == Rejected(20003, 401, Reaction.PAUSE_ALL)
    gateway.close()


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("7", timedelta(seconds=7)),
        ("999999", timedelta(hours=1)),
        (None, None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("²", None),
        ("-3", None),
    ],
)
def test_too_fast_is_not_accepted_and_says_how_long_to_wait(
    twilio_double, twilio_gateway, text_to, header, wait
):
    twilio_double.script(script.too_fast(header and header.encode().decode("latin-1")))
    outcome = twilio_gateway.send(text_to())
    assert outcome == NotAccepted("too fast: HTTP 429, error 20429", wait, Reaction.SLOW_DOWN)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 302, 307])
@pytest.mark.parametrize("accepts", [True, False])
def test_an_answer_that_is_neither_yes_nor_no_is_unknown(
    twilio_double, twilio_gateway, text_to, status, accepts
):
    twilio_double.script(script.server_error(status, accepts=accepts, retry_after="1"))
    assert isinstance(twilio_gateway.send(text_to()), OutcomeUnknown)
    assert len(twilio_double.sent) == accepts
    assert len(twilio_double.calls) == 1  # never retried


@pytest.mark.parametrize("ending", ["garbled", "no sid", "not json"])
def test_an_acceptance_that_cannot_be_read_is_unknown(twilio_double, twilio_gateway, text_to, ending):
    twilio_double.script(script.unreadable(ending))
    assert isinstance(twilio_gateway.send(text_to()), OutcomeUnknown)
    assert len(twilio_double.sent) == len(twilio_double.calls) == 1


@pytest.mark.parametrize("accepts", [True, False])
@pytest.mark.parametrize("fault", [script.reset, script.hang])
def test_a_connection_that_breaks_after_the_request_is_unknown(twilio_double, text_to, fault, accepts):
    gateway = gateway_to(twilio_double.base_url, timeout=timedelta(seconds=0.2))
    twilio_double.script(fault(accepts=accepts))
    assert isinstance(gateway.send(text_to()), OutcomeUnknown)
    assert len(twilio_double.sent) == accepts
    assert len(twilio_double.calls) == 1
    assert isinstance(gateway.send(text_to()), Accepted)  # and the gateway works on
    gateway.close()


def test_a_slow_answer_in_time_is_an_answer(twilio_double, twilio_gateway, text_to):
    twilio_double.script(script.accept(delay_s=0.1))
    assert isinstance(twilio_gateway.send(text_to()), Accepted)


def test_a_refused_connection_was_not_sent(text_to):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        gateway = gateway_to(f"http://127.0.0.1:{taken.getsockname()[1]}")
        outcome = gateway.send(text_to())
        gateway.close()
    assert isinstance(outcome, NotAccepted)
    assert outcome.retry_after is None
    assert "NewConnectionError" in outcome.reason


def test_a_name_that_is_not_found_was_not_sent(text_to, monkeypatch):
    def not_found(*args, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", not_found)
    gateway = gateway_to("https://api.twilio.test")
    outcome = gateway.send(text_to())
    gateway.close()
    assert isinstance(outcome, NotAccepted)
    assert "NameResolutionError" in outcome.reason


def test_a_failed_tls_handshake_was_not_sent(text_to):
    """The server speaks plain HTTP: the handshake fails before the form is written."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_plainly() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer_plainly)
        thread.start()
        gateway = gateway_to(f"https://127.0.0.1:{server.getsockname()[1]}")
        outcome = gateway.send(text_to())
        gateway.close()
        thread.join()
    assert isinstance(outcome, NotAccepted)
    assert "SSLError" in outcome.reason


def test_a_handshake_that_hangs_was_not_sent(text_to):
    with socket.create_server(("127.0.0.1", 0)) as server:
        gateway = gateway_to(f"https://127.0.0.1:{server.getsockname()[1]}", timeout=timedelta(seconds=0.1))
        assert isinstance(gateway.send(text_to()), NotAccepted)
        gateway.close()


def test_a_closed_gateway_sends_nothing(twilio_double, text_to):
    gateway = gateway_to(twilio_double.base_url)
    gateway.close()
    assert isinstance(gateway.send(text_to()), NotAccepted)
    assert twilio_double.calls == []


def test_an_answer_in_trickles_is_read_whole_and_the_connection_kept(text_to):
    """A kept-alive connection serves the next text, unless it was idle for long."""
    sid = "SM" + "a" * 32
    body = f'{{"sid": "{sid}", "num_segments": "1"}}'.encode()
    head = b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(body)
    opened = []

    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for _ in range(2):
                connection, _ = server.accept()
                opened.append(connection)
                with connection, connection.makefile("rb") as lines:
                    while whole_request(lines):
                        for piece in (head, body[:9], body[9:]):
                            connection.sendall(piece)

        thread = threading.Thread(target=serve)
        thread.start()
        gateway = gateway_to(f"http://127.0.0.1:{server.getsockname()[1]}")
        assert [gateway.send(text_to()) for _ in range(3)] == [Accepted(sid, 1)] * 3
        assert len(opened) == 1
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("service.gateways.transport.MAX_IDLE_S", 0.0)
            assert gateway.send(text_to()) == Accepted(sid, 1)
        assert len(opened) == 2
        gateway.close()
        thread.join()


def test_proxy_settings_of_the_environment_are_not_used(twilio_double, twilio_gateway, text_to, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert isinstance(twilio_gateway.send(text_to()), Accepted)


def test_edge_and_region_of_the_environment_do_not_move_it(twilio_double, text_to, monkeypatch):
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_REGION", "au1")
    gateway = gateway_to(twilio_double.base_url)
    assert isinstance(gateway.send(text_to()), Accepted)
    gateway.close()


def test_twenty_threads_share_one_gateway(twilio_double, twilio_gateway, text_to):
    numbers = [f"+1500555{n:04d}" for n in range(60)]
    with ThreadPoolExecutor(20) as threads:
        outcomes = list(threads.map(lambda to: twilio_gateway.send(text_to(to=to)), numbers))
    assert len({outcome.gateway_sid for outcome in outcomes}) == 60
    assert sorted(text.to for text in twilio_double.sent) == numbers


def test_neither_numbers_nor_words_reach_the_log(twilio_double, text_to, caplog):
    caplog.set_level(logging.DEBUG)
    gateway = gateway_to(twilio_double.base_url, timeout=timedelta(seconds=0.2))
    twilio_double.script(
        script.accept(), script.refuse(21211), script.hang(accepts=True), script.reset(accepts=True)
    )
    outcomes = [gateway.send(text_to()) for _ in range(4)]
    gateway.find_sent(ANA, twilio_double.sent[0].created_at)
    gateway.close()

    seen = [record for record in caplog.records if record.name.split(".")[0] != "werkzeug"]
    told = " ".join([repr(outcomes), repr(text_to()), *(record.getMessage() for record in seen)])
    assert ANA[-7:] not in told
    assert "How was your day" not in told
    assert twilio_double.auth_token not in told


@pytest.mark.parametrize(
    "url",
    [
        "http://api.twilio.com",
        "http://10.0.0.1:8080",
        "http://localhost.evil.example",
        "ftp://127.0.0.1",
        "127.0.0.1:5000",
        "https://",
    ],
)
def test_the_token_goes_only_over_https_or_to_this_machine(url):
    with pytest.raises(ConfigurationError):
        gateway_to(url)


def test_a_base_url_may_have_a_path(twilio_double, text_to):
    gateway = gateway_to(f"{twilio_double.base_url}/proxy/twilio/")
    gateway.send(text_to())
    gateway.close()
    (call,) = twilio_double.calls
    assert call.path.startswith("/proxy/twilio/2010-04-01/Accounts/")
    twilio_double.violations.clear()


@pytest.mark.parametrize(("sid", "token"), [("", "x"), ("AC" + "1" * 32, "")])
def test_it_does_not_start_without_credentials(sid, token):
    with pytest.raises(ConfigurationError):
        TwilioGateway(sid, token, from_number="+15005550006")


def test_it_does_not_start_with_nothing_to_send_from():
    with pytest.raises(ConfigurationError, match="TWILIO_FROM_NUMBER"):
        TwilioGateway("AC" + "1" * 32, "x")
