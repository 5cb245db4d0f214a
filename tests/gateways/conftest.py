"""Fixtures of the phones: the double, the real gateway against it, and a text to send."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from service.gateways.base import OutboundText
from service.gateways.twilio import TwilioGateway
from tests.twilio_double.double import TwilioDouble
from tests.twilio_double.fixtures import twilio_double, twilio_gateway

__all__ = ["twilio_double", "twilio_gateway"]

ANA = "+15005550123"


def gateway_to(url: str, **options) -> TwilioGateway:
    """A gateway of the double's account that calls `url`, with little patience. Close it."""
    options.setdefault("from_number", TwilioDouble.number)
    options.setdefault("timeout", timedelta(seconds=2))
    return TwilioGateway(TwilioDouble.account_sid, TwilioDouble.auth_token, api_base_url=url, **options)


@pytest.fixture
def text_to() -> Callable[..., OutboundText]:
    """Makes a text; every part may be given by name."""

    def make(
        to: str = ANA,
        body: str = "How was your day, 1 to 5?",
        message_id: str = "0f9c2d",
        status_url: str = "https://handrail.test/webhooks/sms/0f9c2d/status",
        validity: timedelta = timedelta(hours=1),
    ) -> OutboundText:
        return OutboundText(message_id, to, body, status_url, validity)

    return make
