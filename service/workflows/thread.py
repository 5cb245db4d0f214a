"""The conversation with one person, both ways, as staff read it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.domain.errors import NotFound
from service.domain.gateway_errors import meaning_of
from service.domain.local_time import to_local
from service.domain.message import MessageKind, MessageStatus
from service.domain.phone import parse_phone
from service.store import participants
from service.store.engine import Database
from service.store.schema import Coordinator, InboundMessage, Message, Participant
from service.store.sealing import index_of


@dataclass(frozen=True)
class ThreadItem:
    """One text of the conversation, either way. Times are aware and local to the person.

    `status` and `what_to_do` are None for a text that came in. `lane`/`label` say how it was
    read, `marked_label` how a coordinator says it should have been.
    """

    direction: str  # "in" | "out"
    id: str
    at: datetime
    written_at: datetime  # when its row was written: what pages of the time line are cut by
    body: str | None  # None once erased
    kind: MessageKind | None
    status: MessageStatus | None
    reason: str | None
    error_code: int | None
    what_to_do: str | None
    segments: int
    topic: str | None
    words: str | None
    written_by: str | None
    lane: str | None
    label: str | None
    marked_label: str | None  # how staff say it should have been read
    marked_by: str | None
    marked_at: datetime | None
    media_count: int
    sent_at: datetime | None
    send_after: datetime | None
    expires_at: datetime | None


def conversation(database: Database, phone: str) -> list[ThreadItem]:
    """The whole conversation with a number, oldest first, whether it is enrolled or not."""
    number = parse_phone(phone)
    with database.read() as session:
        person = participants.find_by_phone(session, number)
        if person is not None:
            return thread_of(session, person, None)
        return _thread_of_stranger(session, index_of(session, number))


def _thread_of_stranger(session: Session, phone_index: bytes) -> list[ThreadItem]:
    came = session.scalars(
        select(InboundMessage).where(InboundMessage.phone_index == phone_index).order_by(InboundMessage.id)
    ).all()
    went = session.scalars(
        select(Message).where(Message.in_reply_to.in_([inbound.id for inbound in came]))
    ).all()
    zone = ZoneInfo("UTC")
    items = [_came_in(inbound, zone, {}) for inbound in came]
    items += [_went_out(message, zone, {}) for message in went]
    if not items:
        raise NotFound("Nothing was ever texted to or from this number.")
    return sorted(items, key=lambda item: (item.at, item.direction != "in"))


def thread_of(
    session: Session, person: Participant, limit: int | None, before: datetime | None = None
) -> list[ThreadItem]:
    """Texts both ways, oldest first: the newest `limit` of those written before an instant."""
    zone = ZoneInfo(person.timezone)
    out = select(Message).where(Message.participant_id == person.id)
    came = select(InboundMessage).where(InboundMessage.participant_id == person.id)
    if before is not None:
        out = out.where(Message.created_at < before)
        came = came.where(InboundMessage.received_at < before)
    out = out.order_by(Message.created_at.desc(), Message.id.desc())
    came = came.order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
    if limit is not None:
        out, came = out.limit(limit), came.limit(limit)
    names = {row.id: row.name for row in session.scalars(select(Coordinator))}
    # Oldest first before sorting, so that texts of the same instant keep their order.
    items = [_went_out(message, zone, names) for message in reversed(session.scalars(out).all())]
    items += [_came_in(inbound, zone, names) for inbound in reversed(session.scalars(came).all())]
    # A reply is written in the same instant as the text it answers: the text goes first.
    items.sort(key=lambda item: (item.at, item.direction != "in"))
    return items if limit is None else items[-limit:]


def _went_out(message: Message, zone: ZoneInfo, names: dict[int, str]) -> ThreadItem:
    meaning = meaning_of(message.error_code) if message.error_code is not None else None
    return ThreadItem(
        direction="out",
        id=str(message.id),
        at=to_local(message.sent_at or message.send_after, zone),
        written_at=message.created_at,
        body=message.body if message.body_sealed is not None else None,
        kind=message.kind,
        status=message.status,
        reason=message.reason,
        error_code=message.error_code,
        what_to_do=meaning.mend if meaning else None,
        segments=message.segments,
        topic=message.topic,
        words=message.words,
        written_by=names.get(message.coordinator_id) if message.coordinator_id else None,
        lane=None,
        label=None,
        marked_label=None,
        marked_by=None,
        marked_at=None,
        media_count=0,
        sent_at=message.sent_at,
        send_after=message.send_after,
        expires_at=message.expires_at,
    )


def _came_in(inbound: InboundMessage, zone: ZoneInfo, names: dict[int, str]) -> ThreadItem:
    return ThreadItem(
        direction="in",
        id=str(inbound.id),
        at=to_local(inbound.received_at, zone),
        written_at=inbound.received_at,
        body=inbound.body if inbound.body_sealed is not None else None,
        kind=None,
        status=None,
        reason=None,
        error_code=None,
        what_to_do=None,
        segments=0,
        topic=None,
        words=None,
        written_by=None,
        lane=inbound.lane,
        label=inbound.label,
        marked_label=inbound.marked_label,
        marked_by=names.get(inbound.marked_by) if inbound.marked_by else None,
        marked_at=to_local(inbound.marked_at, zone) if inbound.marked_at else None,
        media_count=inbound.media_count,
        sent_at=None,
        send_after=None,
        expires_at=None,
    )
