"""What happens when a person's permission changes. Parts of workflows: they take a session."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.message import MessageKind
from service.domain.moving import NumberChangeStatus
from service.domain.programme import Programme
from service.domain.prompt import PromptStatus
from service.guide.words import Words
from service.store import (
    alerts,
    audit,
    inbox,
    number_changes,
    outbox,
    participants,
    prompts,
    schedules,
    withdrawals,
)
from service.store.audit import By
from service.store.schema import InboundMessage, Message, Participant
from service.workflows.wording import Said, say

NOTICE_LASTS = timedelta(hours=24)
SENDABLE_WITHOUT_OPT_IN = frozenset({MessageKind.INVITATION, MessageKind.REPLY, MessageKind.SAFETY})
"""An invitation asks for permission; a reply answers what the person has just texted."""


def invite(
    session: Session,
    words: Words,
    programme: Programme,
    participant: Participant,
    source: ConsentSource,
    by: By,
    now: datetime,
    note: str | None,
    shown: Said | None = None,
) -> None:
    """Write the one invitation that a number gets.

    `shown` is what the person agreed to elsewhere, if that is what made us ask; else the ledger keeps the
    invitation's own words.
    """
    said = say(session, words, "invitation", participant.language)
    event = participants.record_consent(
        session,
        participant,
        ConsentStatus.INVITED,
        source,
        now,
        wording=shown.body if shown else said.body,
        wording_version=shown.words if shown else said.words,
        coordinator_id=by.coordinator_id,
        note=note,
    )
    participant.invitation_lapses_at = now + programme.invitation_lasts
    outbox.add(
        session,
        kind=MessageKind.INVITATION,
        body=said.body,
        words=said.words,
        now=now,
        send_after=now,
        expires_at=now + programme.invitation_lasts,
        participant_id=participant.id,
        dedupe_key=f"invite:{participant.id}:{event.id}",
        priority=6,
    )
    audit.record(session, by, "participant.invited", now, participant_id=participant.id)


def opt_in(
    session: Session,
    participant: Participant,
    source: ConsentSource,
    said: Said | None,
    by: By,
    now: datetime,
    *,
    inbound_id: int | None = None,
    note: str | None = None,
) -> None:
    """Record permission and let schedules run from now on; nothing from before is made up for.

    `said` is what the person is shown; None when the gateway says it in its own words.
    """
    participants.record_consent(
        session,
        participant,
        ConsentStatus.OPTED_IN,
        source,
        now,
        wording=said.body if said else None,
        wording_version=said.words if said else None,
        inbound_id=inbound_id,
        coordinator_id=by.coordinator_id,
        note=note,
    )
    if source is ConsentSource.TEXT:
        withdrawals.lift(session, participant.phone_index)
    end_number_change(session, participant, now)
    participant.invitation_lapses_at = None
    participant.paused_until = None
    participant.number_problem = None
    outbox.cancel_queued(session, participant.id, now, "answered", kinds=[MessageKind.INVITATION])
    for schedule in schedules.live_of(session, participant.id):
        schedules.wake(schedule, participant.timezone, now)
    audit.record(session, by, "participant.opted_in", now, participant_id=participant.id)


def withdraw(
    session: Session,
    participant: Participant,
    status: ConsentStatus,
    source: ConsentSource,
    by: By,
    now: datetime,
    *,
    inbound_id: int | None = None,
    note: str | None = None,
) -> None:
    """End every text: opted out, declined, lapsed, a wrong or a lost number. Runs before the next send.

    What is queued is cancelled, open questions are withdrawn, schedules rest. A wrong number loses the
    name and the schedules too, so that whoever holds the phone never meets the person's life.
    The wish goes into the journal first, so that a restored backup can be told of it.
    """
    withdrawals.note(session, participant.phone_index, status, now)
    participants.record_consent(
        session,
        participant,
        status,
        source,
        now,
        inbound_id=inbound_id,
        coordinator_id=by.coordinator_id,
        note=note,
    )
    participant.invitation_lapses_at = None
    if status in {ConsentStatus.OPTED_OUT, ConsentStatus.DECLINED}:
        end_number_change(session, participant, now)
    schedules.rest(session, participant.id)
    for prompt in prompts.live_of(session, participant.id):
        prompt.status, prompt.act_at = PromptStatus.WITHDRAWN, None
        prompt.is_awaiting_barrier = False
    outbox.cancel_queued(session, participant.id, now, status.value.replace("_", " "))
    if status is ConsentStatus.WRONG_NUMBER:
        participant.name_sealed = None
        for schedule in schedules.live_of(session, participant.id):
            schedule.ended_at = now
    audit.record(
        session,
        by,
        f"participant.{status.value}",
        now,
        participant_id=participant.id,
        source=source.value,
    )


def end_number_change(session: Session, participant: Participant, now: datetime) -> None:
    """A newer wish of the person's stands: what was asked of a new phone is void."""
    for message_id in number_changes.close_open(session, participant.id, NumberChangeStatus.ENDED, now):
        outbox.cancel(session, message_id, now, "the change of number was ended")


def is_stopped_at_gateway(session: Session, participant: Participant) -> bool:
    """True when the gateway itself took the person's STOP, and so answers their START.

    It knows nothing of an opt-out in the person's own words, which we confirmed, or of staff's entry.
    """
    last = participants.consent_history(session, participant.id)[-1]
    if last.source is ConsentSource.TEXT and last.inbound_id is not None:
        came = session.get_one(InboundMessage, last.inbound_id)
        # One that we found too late to confirm was not answered either, and is not the gateway's for that.
        is_own_words = came.read_late_at is not None and came.label == "optout-freeform"
        return not is_own_words and inbox.reply_to(session, last.inbound_id) is None
    return last.source is ConsentSource.GATEWAY


def tell_staff_of_opt_out(
    session: Session,
    participant: Participant,
    now: datetime,
    inbound_id: int | None,
    detail: str | None = None,
) -> None:
    """Leaving says something: show the last answer beside it."""
    last = prompts.last_answered_check_in(session, participant.id)
    answer = f"last check-in {last.score} of 5" if last else "no check-in answered"
    alerts.raise_alert(
        session,
        AlertKind.OPTED_OUT,
        now,
        participant_id=participant.id,
        inbound_id=inbound_id,
        detail=f"{detail}; {answer}" if detail else answer,
    )


def queue_confirmation(
    session: Session, participant: Participant, said: Said, by: By, now: datetime
) -> Message:
    """The confirmation for somebody whose permission staff entered; a person who texts gets it as a reply."""
    return outbox.add(
        session,
        kind=MessageKind.NOTICE,
        body=said.body,
        words=said.words,
        now=now,
        send_after=now,
        expires_at=now + NOTICE_LASTS,
        participant_id=participant.id,
        coordinator_id=by.coordinator_id,
        priority=4,
    )
