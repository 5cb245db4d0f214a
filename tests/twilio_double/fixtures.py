"""Fixtures around the double. Import them in a conftest.py:

from tests.twilio_double.fixtures import twilio_double, twilio_gateway
"""

from collections.abc import Iterator

import pytest

from service.gateways.twilio import TwilioGateway
from tests.twilio_double.double import TwilioDouble


@pytest.fixture
def twilio_double() -> Iterator[TwilioDouble]:
    """A running double. The test fails if anything broke Twilio's rules.

    A test that breaks them on purpose empties `twilio_double.violations` when it has looked.
    """
    double = TwilioDouble()
    double.start()
    try:
        yield double
    finally:
        double.stop()
    assert double.violations == []


@pytest.fixture
def twilio_gateway(twilio_double: TwilioDouble) -> Iterator[TwilioGateway]:
    """The real gateway, with the real Twilio client, calling the double."""
    gateway = TwilioGateway(
        twilio_double.account_sid,
        twilio_double.auth_token,
        messaging_service_sid=twilio_double.service_sid,
        api_base_url=twilio_double.base_url,
    )
    yield gateway
    gateway.close()
