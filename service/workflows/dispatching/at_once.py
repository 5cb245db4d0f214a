"""Sending one text at a time, in this thread: by the same steps as the dispatcher, without its pace.

For the rehearsal's clock, which stands still while everything due at a moment is done, and for tests.
"""

import uuid
from contextlib import ExitStack
from datetime import datetime

from service.domain.message import MessageStatus
from service.domain.programme import Programme
from service.gateways.base import SmsGateway, Withheld
from service.store.engine import Database
from service.workflows.dispatching import launch
from service.workflows.dispatching.claim import ClaimedText, SendResult, claim
from service.workflows.dispatching.record import Answered, record


def send_next(
    database: Database, gateway: SmsGateway, programme: Programme, now: datetime
) -> SendResult | None:
    """Send the most urgent text that is due, or settle one that must not go; None when nothing is due."""
    token = uuid.uuid4().hex
    claims = claim(database, programme, None, now, 1, token)
    if claims.settled:
        return claims.settled[0]
    if not claims.texts:
        return None
    text = claims.texts[0]
    gate = _Gate(database, programme, text, token, now)
    outcome = gateway.send(text.opened(database.vault, programme, now), gate)
    if isinstance(outcome, Withheld):
        return gate.settled or SendResult(text.message_id, MessageStatus.CANCELLED, "taken by somebody else")
    return record(database, programme, [Answered(text, outcome)], now)[0]


class _Gate:
    """Holds a wave of one text from the last look until its request is written."""

    def __init__(
        self, database: Database, programme: Programme, text: ClaimedText, token: str, now: datetime
    ) -> None:
        self._wave = launch.held(database, programme, [text], token, now)
        self._text = text
        self._held = ExitStack()
        self.settled: SendResult | None = None

    def may_leave(self) -> bool:
        wave = self._held.enter_context(self._wave)
        if self._text.message_id in wave.may_go:
            return True
        self._held.close()
        self.settled = wave.settled[0] if wave.settled else None
        return False

    def has_left(self) -> None:
        self._held.close()
