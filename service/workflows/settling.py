"""Finding out what became of a text whose outcome is unknown, by asking the gateway's own list."""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.programme import Programme
from service.gateways.base import DeliveryReceipt, GatewayUnavailable, SentRecord, SmsGateway
from service.store import outbox
from service.store.engine import Database
from service.store.schema import Message
from service.workflows.receipts import record_receipt

log = logging.getLogger(__name__)

ASK_AFTER = timedelta(minutes=2)
"""The gateway's list lags behind its own acceptance by seconds: an earlier question proves nothing."""
CLOCKS_DIFFER_BY = timedelta(minutes=2)


@dataclass(frozen=True)
class _Unknown:
    message_id: uuid.UUID
    to: str
    body: str
    claimed_at: datetime


def settle_unknown(database: Database, gateway: SmsGateway, programme: Programme, now: datetime) -> int:
    """Look up texts of unknown outcome; returns how many were found at the gateway.

    A text that is found there was sent, and its status is taken over. One that is not found stays
    unknown and shown: it is never sent again from here.
    """
    settled = 0
    for unknown in _unknown_texts(database, now):
        try:
            records = gateway.find_sent(unknown.to, unknown.claimed_at - CLOCKS_DIFFER_BY)
        except GatewayUnavailable:
            log.warning("the gateway's list cannot be read; unknown outcomes wait")
            return settled
        record = _match(database, unknown, records)
        if record is not None:
            receipt = DeliveryReceipt(record.gateway_sid, record.raw_status, record.status, record.error_code)
            record_receipt(database, programme, unknown.message_id, receipt, now)
            settled += 1
    return settled


def _unknown_texts(database: Database, now: datetime) -> list[_Unknown]:
    with database.read() as session:
        return [
            _Unknown(
                message.id,
                message.participant.phone if message.participant else message.to,
                message.body,
                message.claimed_at,
            )
            for message in outbox.unknown_between(session, now - outbox.SETTLED_WITHIN, now - ASK_AFTER)
            if message.claimed_at is not None and message.body_sealed is not None
        ]


def _match(database: Database, unknown: _Unknown, records: list[SentRecord]) -> SentRecord | None:
    """The record with the same words that belongs to no other message of ours."""
    with database.read() as session:
        for record in records:
            if record.body == unknown.body:
                owner: Message | None = outbox.with_sid(session, record.gateway_sid)
                if owner is None or owner.id == unknown.message_id:
                    return record
    return None
