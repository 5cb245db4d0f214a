"""Finding out what became of texts whose outcome is unknown, and what a dead sender left behind.

The gateway's own list decides. A text that is found there was sent. One that is provably not there (the
list was read to its end, late enough, twice, some minutes apart) is sent again, once, if it is still of use.
"""

import logging
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.message import MessageKind, MessageStatus
from service.domain.programme import Programme
from service.gateways.base import DeliveryReceipt, GatewayUnavailable, SentRecord, SmsGateway
from service.store import alerts, claims, marks, outbox, participants, prompts
from service.store.engine import Database
from service.store.schema import Message
from service.workflows.dispatching.claim import TOO_LATE, SendResult, refusal
from service.workflows.dispatching.reactions import ASK_AFTER, alert_key, make_unknown
from service.workflows.receipts import record_receipt

log = logging.getLogger(__name__)

CLOCKS_DIFFER_BY = timedelta(minutes=2)
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
ASK_AGAIN_AFTER = timedelta(minutes=1)
"""When the list could not be read."""
LOOKS_THAT_PROVE = 2
"""So many complete lists without a text, FIRST_WAIT apart, prove that the gateway never had it."""
ABANDONED_AFTER = timedelta(minutes=2)
STUCK_AFTER = timedelta(minutes=5)
CLOCK_SET_BACK = timedelta(minutes=5)
"""A claim so far in the future was made before the clock was set back."""
_PLAINER = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})


@dataclass(frozen=True)
class _Unknown:
    message_id: uuid.UUID
    to: str
    body: str
    claimed_at: datetime


def settle_unknown(database: Database, gateway: SmsGateway, programme: Programme, now: datetime) -> int:
    """Look up texts of unknown outcome whose turn has come; returns how many were settled.

    Those that are looked up without success come later each time, so that none hides the others.
    """
    settled = 0
    for unknown in _due(database, now):
        try:
            records = gateway.find_sent(unknown.to, unknown.claimed_at - CLOCKS_DIFFER_BY)
        except GatewayUnavailable:
            log.warning("the gateway's list cannot be read; unknown outcomes wait")
            _look_up_later(database, unknown.message_id, now)
            return settled
        ours = _without_others(database, unknown.message_id, records)
        record = _match(unknown, ours)
        if record is not None:
            receipt = DeliveryReceipt(record.gateway_sid, record.raw_status, record.status, record.error_code)
            record_receipt(database, programme, unknown.message_id, receipt, now)
            settled += 1
        elif any(not each.body for each in ours):
            _look_up_later(database, unknown.message_id, now)  # blanked: it may be this one
        else:
            settled += _note_missing(database, programme, unknown.message_id, now)
    return settled


def _due(database: Database, now: datetime) -> list[_Unknown]:
    with database.read() as session:
        return [
            _Unknown(
                message.id,
                message.participant.phone if message.participant else message.to,
                message.body,
                message.claimed_at,
            )
            for message in outbox.unknown_to_look_up(session, now - outbox.SETTLED_WITHIN, now)
            if message.claimed_at is not None and message.body_sealed is not None
        ]


def _without_others(
    database: Database, message_id: uuid.UUID, records: Sequence[SentRecord]
) -> list[SentRecord]:
    """The records that belong to no other message of ours."""
    with database.read() as session:
        return [
            record
            for record in records
            if (owner := outbox.with_sid(session, record.gateway_sid)) is None or owner.id == message_id
        ]


def _match(unknown: _Unknown, records: Sequence[SentRecord]) -> SentRecord | None:
    """The record with the same words. The gateway may have put a line before them, or plainer characters."""
    words = _plain(unknown.body)
    for record in records:
        if record.body and _plain(record.body).endswith(words):
            return record
    return None


def _plain(body: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", body).translate(_PLAINER).split())


def _look_up_later(database: Database, message_id: uuid.UUID, now: datetime) -> None:
    with database.write() as session:
        session.get_one(Message, message_id).look_up_at = now + ASK_AGAIN_AFTER


def _note_missing(database: Database, programme: Programme, message_id: uuid.UUID, now: datetime) -> int:
    """The list did not have it. After the second time it is proven, and may go out once more: then 1."""
    with database.write() as session:
        message = session.get_one(Message, message_id)
        if message.participant_id is not None:
            participants.lock(session, message.participant_id)  # before the text's row, as everywhere
        session.refresh(message, with_for_update=True)
        if message.status is not MessageStatus.UNKNOWN:
            return 0  # a receipt was faster
        message.times_missing += 1
        message.look_up_at = now + min(FIRST_WAIT * 2 ** (message.times_missing - 1), LONGEST_WAIT)
        if message.times_missing < LOOKS_THAT_PROVE or message.resent_at or message.gateway_sid:
            return 0
        if message.kind is MessageKind.REPLY:
            return 0  # minutes later it would answer nothing; the person has asked again
        rows = claims.look(session, [message_id], MessageStatus.UNKNOWN)
        if any(isinstance(refusal(row, programme, now), tuple) for row in rows):
            return 0
        session.flush()
        outbox.move(
            session,
            message_id,
            MessageStatus.QUEUED,
            only_from=MessageStatus.UNKNOWN,
            reason="Twilio never had it; it is sent again, once",
            resent_at=now,
            send_after=now,
            claim=None,
            launched_at=None,
        )
        alerts.set_detail(
            session,
            alert_key(message_id),
            "It was not known whether a text arrived. Twilio's list shows that it never had it, so it was "
            "sent again, once.",
        )
        return 1


def rescue_stuck(database: Database, now: datetime) -> SendResult | None:
    """A text whose sender died in the middle has an unknown outcome; one a call. None: there is none."""
    with database.write() as session:
        message = outbox.stuck_since(session, now - STUCK_AFTER, now + CLOCK_SET_BACK)
        if message is None:
            return None
        claimed_at = message.claimed_at
        if claimed_at is None or claimed_at > now:
            message.claimed_at = now  # by a clock that was set back since: count from here
        look_up_at = min(claimed_at or now, now) + ASK_AFTER
        make_unknown(session, message, "no answer was recorded", max(look_up_at, now), now)
        return SendResult(message.id, MessageStatus.UNKNOWN, "no answer was recorded")


def release_abandoned(database: Database, now: datetime) -> int:
    """Put back what a sender claimed, and then died before it launched it: it never left."""
    with database.write() as session:
        if marks.is_set(session, marks.AWAITING_REPLAY):
            return 0  # a restored copy: the sender may have launched them after the copy was made
        return claims.release_abandoned(session, now - ABANDONED_AFTER, now + CLOCK_SET_BACK)


def expire_overdue(database: Database, now: datetime) -> int:
    """Expire what waits and is of no more use, also while sending is paused; how many."""
    with database.write() as session:
        expired = claims.expire_overdue(session, now, TOO_LATE, 500)
        for prompt_id in sorted({each for each in expired if each is not None}):
            prompts.withdraw_unreached(session, prompt_id)
        return len(expired)
