"""Taking due texts in hand."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentStatus
from service.domain.message import URGENT_PRIORITY, MessageStatus
from service.domain.pace import Rate
from service.domain.programme import Programme
from service.domain.talking import HELD, TALKED_TOO_LONG
from service.gateways.base import OutboundText
from service.store import alerts, claims, marks, outbox, pace, prompts, service_state
from service.store.claims import TextRow
from service.store.engine import Database
from service.store.schema import SendingPace
from service.store.vault import Vault
from service.workflows.consent_steps import SENDABLE_WITHOUT_OPT_IN
from service.workflows.enrolment import ROUTINE

PROBE_EVERY = timedelta(minutes=5)
POLL = timedelta(seconds=1)
"""How long the sender rests at most: what nobody told it of is seen after so long."""
CLAIM_AHEAD = timedelta(milliseconds=100)
"""Texts that fall due so soon are taken in hand together, and each begins when it is due."""
LAUNCHED_WITH_THE_CLAIM = 100
"""A batch of up to so many is launched in the statement that claims it; a larger one bit by bit."""
TOO_LATE = "too late to be of use"


@dataclass(frozen=True)
class ClaimedText:
    """A text in a sender's hands. `begin_at` is the slot that the rate gave it."""

    message_id: uuid.UUID
    to_sealed: bytes = field(repr=False)
    body_sealed: bytes = field(repr=False)
    expires_at: datetime
    begin_at: datetime
    prompt_id: int | None
    participant_id: int | None
    is_probe: bool  # sending is paused, and this one finds out whether it works again
    follows_trouble: bool  # the gateway took no text the last time

    def opened(self, vault: Vault, programme: Programme, now: datetime) -> OutboundText:
        """What the gateway gets; its validity is what is left of the text's use now."""
        return OutboundText(
            message_id=str(self.message_id),
            to=vault.open(self.to_sealed),
            body=vault.open(self.body_sealed),
            status_url=programme.status_url(self.message_id),
            validity=self.expires_at - now,
        )


@dataclass(frozen=True)
class SendResult:
    """What became of one text, for whoever counts."""

    message_id: uuid.UUID
    status: MessageStatus
    reason: str | None = None


@dataclass(frozen=True)
class Claims:
    """What a look into the queue came to.

    `texts` are in hand, `are_launched` when they may be called; `settled` must not go out and were ended
    or put off. With `is_more` there was more due than was taken; else nothing is due before `look_again_at`.
    """

    look_again_at: datetime
    texts: list[ClaimedText] = field(default_factory=list)
    settled: list[SendResult] = field(default_factory=list)
    are_launched: bool = True
    is_more: bool = False


def claim(
    database: Database, programme: Programme, rate: Rate | None, now: datetime, limit: int, token: str
) -> Claims:
    """Take up to `limit` due texts in hand, the most urgent first, as many as the rate allows.

    One transaction: look at pauses and the sender's pace, lock a batch, settle what must not go, move the
    rest to `sending` under `token`, and move the pace on. Without a `rate` only pauses and holds count.
    """
    with database.write() as session:
        if marks.is_set(session, marks.AWAITING_REPLAY):
            return Claims(now + POLL)
        row = pace.lock(session, now)
        if row.held_until is not None and row.held_until > now:
            return Claims(row.held_until)
        pause = service_state.open_pause(session)
        if pause is not None and now < pause.retry_at <= now + PROBE_EVERY:
            return Claims(pause.retry_at)
        if pause is not None:
            limit = 1  # the probe; the others wait
        if rate is not None:
            limit = min(limit, rate.slots(row.next_at, now))
            if limit == 0:
                return Claims(rate.first_slot(row.next_at, now))
        is_capped = rate is not None and _is_day_full(session, rate, row, now)
        until = now if rate is None else now + CLAIM_AHEAD
        due = claims.due(session, until, limit, only_urgent=is_capped)
        going, settled = sort_out(session, due, programme, now)
        begins = [now] * len(going)
        if rate is not None:
            begins, row.next_at = rate.assign(row.next_at, now, (each.segments for each in going))
            going = _within_the_day(rate, row, going[: len(begins)])
            row.segments_in_day += sum(max(each.segments, 1) for each in going)
        are_launched = len(going) <= LAUNCHED_WITH_THE_CLAIM
        if going:
            claims.take(session, [each.id for each in going], token, now, launched=are_launched)
        if going and pause is not None:
            pause.retry_at = now + PROBE_EVERY
        is_more = len(due) == limit and pause is None
        return Claims(
            look_again_at=now if is_more else (outbox.next_due_at(session, until) or now + POLL),
            texts=[
                ClaimedText(
                    message_id=each.id,
                    to_sealed=each.phone_sealed or each.to_sealed or b"",
                    body_sealed=each.body_sealed or b"",
                    expires_at=each.expires_at,
                    begin_at=max(begin_at, each.send_after),
                    prompt_id=each.prompt_id,
                    participant_id=each.participant_id,
                    is_probe=pause is not None,
                    follows_trouble=row.strikes > 0,
                )
                for each, begin_at in zip(going, begins, strict=False)
            ],
            settled=settled,
            are_launched=are_launched,
            is_more=is_more,
        )


def _is_day_full(session: Session, rate: Rate, row: SendingPace, now: datetime) -> bool:
    """Whether the day's limit is used up; told to staff once a day. Starts a new day's count."""
    today = rate.day_of(now)
    if row.day != today:
        row.day, row.segments_in_day = today, 0
    if rate.per_day is None or row.segments_in_day < rate.per_day:
        return False
    alerts.raise_alert(
        session,
        AlertKind.SENDING_PAUSED,
        now,
        detail=f"The day's limit of {rate.per_day} segments (SENDS_PER_DAY) is used up. "
        "Replies still go out; the rest waits while it is of use.",
        dedupe_key=f"day-limit:{today}",
    )
    return True


def _within_the_day(rate: Rate, row: SendingPace, going: list[TextRow]) -> list[TextRow]:
    """The texts that the day's limit lets through; what is urgent passes in any case."""
    if rate.per_day is None:
        return going
    left, passed = rate.per_day - row.segments_in_day, []
    for each in going:
        if each.priority <= URGENT_PRIORITY or left > 0:
            passed.append(each)
            left -= max(each.segments, 1)
    return passed


def refusal(row: TextRow, programme: Programme, now: datetime) -> datetime | tuple[MessageStatus, str] | None:
    """Why a text must not go out now: a later time to try, or a final status. None: it may."""
    if row.withdrawn is not None:
        return MessageStatus.CANCELLED, row.withdrawn
    if row.expires_at <= now:
        return MessageStatus.EXPIRED, TOO_LATE
    if row.body_sealed is None or not (row.phone_sealed or row.to_sealed):
        return MessageStatus.CANCELLED, "its words were erased"  # on its way when that happened, and put back
    if row.participant_id is None:
        return None
    is_routine = row.kind in ROUTINE
    if row.kind not in SENDABLE_WITHOUT_OPT_IN:
        if row.consent is not ConsentStatus.OPTED_IN:
            return MessageStatus.CANCELLED, row.consent.value.replace("_", " ")
        if is_routine and row.paused_until is not None and row.paused_until > now:
            return MessageStatus.CANCELLED, "paused"
    if row.number_problem is not None and is_routine:
        return MessageStatus.CANCELLED, "the number cannot be reached"
    if row.kind in HELD and row.held_until is not None and row.held_until > now:
        is_of_use = row.held_until < row.expires_at
        return row.held_until if is_of_use else (MessageStatus.EXPIRED, TALKED_TOO_LONG)
    if not row.is_time_chosen:
        allowed = programme.quiet.next_allowed(now, ZoneInfo(row.timezone))
        if allowed >= row.expires_at:
            return MessageStatus.EXPIRED, "quiet hours until it was too late"
        if allowed > now:
            return allowed
    return None


def sort_out(
    session: Session, rows: Iterable[TextRow], programme: Programme, now: datetime
) -> tuple[list[TextRow], list[SendResult]]:
    """The texts that may go, and what became of the others: ended, or put off (quiet hours, a talk)."""
    going: list[TextRow] = []
    settled: list[SendResult] = []
    ended: dict[tuple[MessageStatus, str], list[TextRow]] = defaultdict(list)
    later: dict[datetime, list[uuid.UUID]] = defaultdict(list)
    for row in rows:
        why_not = refusal(row, programme, now)
        if why_not is None:
            going.append(row)
        elif isinstance(why_not, datetime):
            later[why_not].append(row.id)
            settled.append(SendResult(row.id, MessageStatus.QUEUED, "put off"))
        else:
            ended[why_not].append(row)
            settled.append(SendResult(row.id, *why_not))
    for until, ids in later.items():
        claims.put_off(session, ids, until)
    for (status, reason), texts in ended.items():
        claims.end(session, [each.id for each in texts], status, reason, now)
        for prompt_id in sorted({each.prompt_id for each in texts if each.prompt_id is not None}):
            prompts.withdraw_unreached(session, prompt_id)
    return going, settled
