"""Sending: the real Twilio client against the double, one test for each way it can end."""

import logging
from datetime import timedelta

import pytest

from service.domain.errors import ConfigurationError
from service.domain.gateway_errors import REACTIONS, Reaction
from service.gateways.base import Accepted, NotAccepted, OutcomeUnknown, Rejected
from service.gateways.twilio import TwilioGateway
from tests.gateways.conftest import ANA, gateway_to
from tests.twilio_double import script


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
