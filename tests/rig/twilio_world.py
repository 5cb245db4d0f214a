"""A whole service with GATEWAY=twilio, whose Twilio is the double. Import the fixtures in a conftest.py."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from service.domain.message import MessageStatus
from service.gateways.base import SmsGateway
from service.gateways.twilio import TwilioGateway
from service.store.schema import DeliveryEvent, Message
from service.workflows import enrolment, rounds
from service.workflows.thread import ThreadItem
from tests.rig.world import ANA, STAFF, World, settings_for
from tests.twilio_double.double import TwilioDouble
from tests.twilio_double.fixtures import twilio_double
from tests.twilio_double.post import in_process
from tests.twilio_double.records import TextRecord

__all__ = ["twilio_double", "twilio_world"]

PUBLIC = "https://handrail.test"
INBOUND = f"{PUBLIC}/webhooks/sms/inbound"


class TwilioWorld(World):
    """The service and the double beside it. Nobody is texted but through the real Twilio client."""

    def __init__(self, database_url: str, double: TwilioDouble, start: datetime, **overrides: object) -> None:
        options: dict[str, object] = {
            "gateway": "twilio",
            "public_base_url": PUBLIC,
            "twilio_account_sid": double.account_sid,
            "twilio_auth_token": double.auth_token,
            "twilio_messaging_service_sid": double.service_sid,
            "twilio_api_base_url": double.base_url,
        }
        super().__init__(settings_for(database_url, **(options | overrides)), start)
        self.double = double
        self.gateway: SmsGateway = self.parts.gateway
        double.clock = self.wall
        double.inbound_url = INBOUND
        double.post = in_process(self.app)

    def text(self, number: str, body: str, media_count: int = 0, **more: Any) -> list[str]:
        return self.double.receive(number, body, media_count=media_count, **more).messages

    def jobs(self, after: timedelta = timedelta()) -> None:
        """What the jobs process does, once, after so much time."""
        self.wall.advance(after)
        parts, now = self.parts, self.now
        rounds.rescue_all(parts.database, self.gateway, parts.programme, now)
        rounds.plan_all(parts.database, parts.words, parts.programme, now)
        rounds.follow_up_all(parts.database, parts.words, parts.programme, now)
        rounds.page_all(parts.database, parts.words, parts.programme, now)
        rounds.send_all(parts.database, self.gateway, parts.programme, self.wall)

    def write(self, number: str, body: str = "See you on Thursday.") -> None:
        """A coordinator writes a text, a second later; it waits to be sent."""
        self.wall.advance(timedelta(seconds=1))
        enrolment.text_by_hand(self.parts.database, self.id_of(number), body, STAFF, self.now)

    def send(self, number: str = ANA, body: str = "See you on Thursday.") -> ThreadItem:
        """A coordinator's text, and what became of it when the jobs have run."""
        self.write(number, body)
        self.jobs()
        return self.last(number)

    def last(self, number: str = ANA) -> ThreadItem:
        """The newest text to a person that was not an answer to one of theirs."""
        return [item for item in self.sent(number) if item.kind is not None and item.kind.value != "reply"][
            -1
        ]

    def status(self, number: str = ANA) -> MessageStatus | None:
        return self.last(number).status

    def at_twilio(self, number: str = ANA) -> list[TextRecord]:
        """What Twilio took from our API calls for a number; not the answers in TwiML."""
        return [text for text in self.double.sent_to(number) if text.direction == "outbound-api"]

    @property
    def posts(self) -> int:
        """How often a text was handed to Twilio's API."""
        return sum(call.method == "POST" for call in self.double.calls)

    def events(self, message_id: str) -> list[tuple[str, bool]]:
        """Every receipt kept of a text: Twilio's word, and whether it moved the status."""
        with self.parts.database.read() as session:
            rows = session.scalars(select(DeliveryEvent).order_by(DeliveryEvent.id)).all()
            return [(row.raw_status, row.has_moved) for row in rows if str(row.message_id) == message_id]

    def row(self, message_id: str) -> Message:
        with self.parts.database.read() as session:
            return next(row for row in session.scalars(select(Message)) if str(row.id) == message_id)

    def close(self) -> None:
        if isinstance(self.parts.gateway, TwilioGateway):
            self.parts.gateway.close()
        super().close()


@pytest.fixture
def twilio_world(database_url: str, twilio_double: TwilioDouble, start: datetime) -> Iterator[TwilioWorld]:
    """Ana has joined by text."""
    made = TwilioWorld(database_url, twilio_double, start)
    made.text(ANA, "JOIN")
    yield made
    made.close()
