"""Connections: what breaks before the request left, what breaks after, and what is kept open."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import BinaryIO

import pytest

from service.gateways.base import Accepted, NotAccepted, OutcomeUnknown
from tests.gateways.conftest import gateway_to
from tests.twilio_double import script


def whole_request(lines: BinaryIO) -> bytes:
    """Read one request to the end of its form; b"" when the client has gone."""
    length, line = 0, lines.readline()
    while line.strip():
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
        line = lines.readline()
    return lines.read(length)


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
