"""What becomes of a reminder: when it is sent or why it is not, and what is coming up."""

import itertools
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentStatus
from service.domain.local_time import to_local, to_utc
from service.domain.message import MessageKind, MessageStatus
from service.domain.programme import CLOSE_AFTER, Programme
from service.domain.prompt import ScheduleKind
from service.domain.schedule import Reminder, expires_at, reminders
from service.domain.talking import HELD_SCHEDULES, TALKED_TOO_LONG
from service.guide.words import Words
from service.store import alerts, outbox, schedules
from service.store.engine import Database
from service.store.schema import Message, Participant, Schedule
from service.workflows.wording import prompt_key, say_prompt

KIND_OF_TEXT = {
    ScheduleKind.CHECK_IN: MessageKind.CHECK_IN,
    ScheduleKind.MEDICATION: MessageKind.MEDICATION,
    ScheduleKind.MEETING: MessageKind.MEETING,
    ScheduleKind.APPOINTMENT: MessageKind.APPOINTMENT,
}
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Fate:
    """Whether a reminder will be sent, and when; else why not."""

    status: MessageStatus
    send_after: datetime
    reason: str | None = None


def fate_of(
    participant: Participant,
    schedule: Schedule,
    reminder: Reminder,
    programme: Programme,
    now: datetime,
) -> Fate:
    """What becomes of a reminder by consent, pause, quiet hours and lateness. Changes nothing."""
    useful_until = expires_at(schedules.rule_of(schedule), reminder)
    if participant.consent is not ConsentStatus.OPTED_IN:
        return Fate(MessageStatus.CANCELLED, reminder.due_at, "not opted in")
    if participant.paused_until is not None and reminder.due_at < participant.paused_until:
        return Fate(MessageStatus.CANCELLED, reminder.due_at, "paused")
    if participant.number_problem is not None:
        return Fate(MessageStatus.CANCELLED, reminder.due_at, "the number cannot be reached")
    send_after = reminder.due_at + spread_of(participant.id, reminder.due_at, useful_until, programme.spread)
    held_until = participant.held_until
    if schedule.kind in HELD_SCHEDULES and held_until is not None and send_after < held_until:
        send_after = held_until
        if send_after >= useful_until:
            return Fate(MessageStatus.EXPIRED, send_after, TALKED_TOO_LONG)
    if not reminder.is_time_chosen:
        zone = ZoneInfo(participant.timezone)
        send_after = programme.quiet.next_allowed(send_after, zone)
        if send_after >= useful_until:
            send_after = programme.quiet.next_allowed(reminder.due_at, zone)
        if send_after >= useful_until:
            return Fate(MessageStatus.EXPIRED, send_after, "quiet hours until it was too late")
    if useful_until <= now:
        return Fate(MessageStatus.EXPIRED, send_after, "too late to be of use")
    return Fate(MessageStatus.QUEUED, send_after)


def spread_of(participant_id: int, due_at: datetime, useful_until: datetime, spread: timedelta) -> timedelta:
    """How long after its slot a person's text goes out: always the same, at most half of its use."""
    span = min(spread, (useful_until - due_at) / 2)
    return span * (zlib.crc32(b"%d" % participant_id) / 2**32)


def is_over_daily_cap(
    session: Session, participant: Participant, programme: Programme, now: datetime
) -> bool:
    """True when a person has had the most that anything may send them in one of their days."""
    since = start_of_day(participant, now)
    return outbox.count_since(session, participant.id, since) >= programme.daily_cap


def start_of_day(participant: Participant, now: datetime) -> datetime:
    """When the person's day of `now` began by their own clock, in UTC."""
    zone = ZoneInfo(participant.timezone)
    midnight = datetime.combine(to_local(now, zone).date(), datetime.min.time())
    return to_utc(midnight, zone)


def report_daily_cap(session: Session, participant: Participant, now: datetime) -> None:
    day = to_local(now, ZoneInfo(participant.timezone)).date()
    alerts.raise_alert(
        session,
        AlertKind.REPLY_LIMIT,
        now,
        participant_id=participant.id,
        detail="the day's limit of texts was reached; further ones are withheld",
        dedupe_key=f"cap:{participant.id}:{day}",
    )


def occurrence_key(schedule_id: int, reminder: Reminder) -> str:
    return f"{schedule_id}:{reminder.event_date}:{reminder.slot}"


def next_act_at(programme: Programme, kind: ScheduleKind, asked_at: datetime, times_asked: int) -> datetime:
    """When a question without an answer is looked at again: to ask once more, or to close it."""
    reask_after = programme.reask_after(kind)
    if reask_after is not None and times_asked == 1:
        return asked_at + reask_after
    return asked_at + CLOSE_AFTER[kind]


@dataclass(frozen=True)
class UpcomingText:
    """One text as it will be sent. `withheld` says why it will not be, None when it will."""

    schedule_id: int | None
    kind: str
    send_at: datetime
    send_at_local: datetime
    event_at_local: datetime | None
    body: str
    withheld: str | None


def upcoming(
    database: Database,
    words: Words,
    programme: Programme,
    participant_id: int,
    since: datetime,
    until: datetime,
) -> list[UpcomingText]:
    """The texts of a span exactly as they will be sent, by the planner's own functions. Writes nothing.

    What is queued already is part of it. Second askings are not: they depend on the person's answers.
    """
    with database.read() as session:
        participant = session.get_one(Participant, participant_id)
        zone = ZoneInfo(participant.timezone)
        found = [
            _queued_as_upcoming(message, zone)
            for message in outbox.queued_for(session, participant_id)
            if since <= message.send_after <= until
        ]
        for schedule in schedules.live_of(session, participant_id):
            rule = schedules.rule_of(schedule)
            # From a day before: quiet hours can hold a text that was due earlier until within the span.
            for reminder in itertools.takewhile(
                lambda each: each.due_at <= until,
                reminders(rule, zone, since - timedelta(days=1) - INSTANT),
            ):
                fate = fate_of(participant, schedule, reminder, programme, reminder.due_at)
                if not since <= fate.send_after <= until or outbox.is_said(
                    session, occurrence_key(schedule.id, reminder)
                ):
                    continue
                if reminder.due_at <= schedule.created_at:
                    continue  # was due before the schedule was made, so it never will be
                said = say_prompt(
                    session,
                    words,
                    participant,
                    schedule,
                    prompt_key(schedule.kind, reminder),
                    reminder.event_at,
                    fate.send_after,
                )
                found.append(
                    UpcomingText(
                        schedule_id=schedule.id,
                        kind=schedule.kind.value,
                        send_at=fate.send_after,
                        send_at_local=to_local(fate.send_after, zone),
                        event_at_local=to_local(reminder.event_at, zone),
                        body=said.body,
                        withheld=fate.reason,
                    )
                )
        return sorted(found, key=lambda text: (text.send_at, text.schedule_id or 0))


def _queued_as_upcoming(message: Message, zone: ZoneInfo) -> UpcomingText:
    return UpcomingText(
        schedule_id=message.schedule_id,
        kind=message.kind.value.replace("_", "-"),
        send_at=message.send_after,
        send_at_local=to_local(message.send_after, zone),
        event_at_local=None,
        body=message.body,
        withheld=None,
    )
