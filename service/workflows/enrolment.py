"""Inviting, opting in on paper, stopping and pausing people, by staff."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.local_time import zone_named
from service.domain.message import MessageKind
from service.domain.phone import parse_phone
from service.domain.programme import Programme
from service.guide.languages import LANGUAGES
from service.guide.words import Words
from service.store import audit, number_changes, outbox, participants, prompts, schedules, withdrawals
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import Coordinator, Participant
from service.store.sealing import index_of
from service.workflows import caseloads, consent_steps, talking
from service.workflows.wording import say

STAFF_SOURCES = frozenset({ConsentSource.PAPER, ConsentSource.VERBAL, ConsentSource.WEB})
LONGEST_NAME = 40
PAUSE_AT_MOST = timedelta(days=90)

ONLY_THEY_CAN_COME_BACK = "This person asked for no texts. Only they can come back, by texting START or JOIN."
"""Said of an erased person too: staff need not learn which of the two it was."""


class OptedOut(NotAllowed):
    """The number is of somebody who asked for no texts, or said no to them."""

    def __init__(self) -> None:
        super().__init__(ONLY_THEY_CAN_COME_BACK)


MANUAL_TEXT_LASTS = timedelta(hours=12)
ROUTINE = (
    MessageKind.CHECK_IN,
    MessageKind.MEDICATION,
    MessageKind.MEETING,
    MessageKind.APPOINTMENT,
)


@dataclass(frozen=True)
class NewParticipant:
    """What staff enter. `is_opted_in` claims consent that was given on paper, aloud or on the web."""

    phone: str
    name: str = ""
    timezone: str = ""
    language: str = "en"
    source: ConsentSource = ConsentSource.VERBAL
    note: str = ""
    is_opted_in: bool = False


@dataclass(frozen=True)
class Enrolled:
    participant_id: int
    consent: ConsentStatus
    is_new: bool


def check_new(entry: NewParticipant, programme: Programme) -> NewParticipant:
    """The entry in its stored form. Raises BadInput, which says what to mend."""
    name = " ".join(entry.name.split())
    if len(name) > LONGEST_NAME:
        raise BadInput(f"The name is longer than {LONGEST_NAME} characters: shorten it.")
    if entry.language not in LANGUAGES:
        raise BadInput(f"The language must be one of {', '.join(LANGUAGES)}.")
    if entry.source not in STAFF_SOURCES:
        raise BadInput("The consent source must be paper, verbal or web.")
    timezone = entry.timezone or programme.default_timezone
    zone_named(timezone)
    return NewParticipant(
        phone=parse_phone(entry.phone),
        name=name,
        timezone=timezone,
        language=entry.language,
        source=entry.source,
        note=entry.note.strip(),
        is_opted_in=entry.is_opted_in,
    )


def enrol(
    database: Database,
    words: Words,
    programme: Programme,
    entry: NewParticipant,
    by: By,
    now: datetime,
) -> Enrolled:
    """Enter a person: invite them, or record the consent they signed.

    Somebody who opted out stays out: only their own text brings them back (NotAllowed).
    """
    entry = check_new(entry, programme)
    with database.write() as session:
        return enrol_checked(session, words, programme, entry, by, now)


def enrol_checked(
    session: Session,
    words: Words,
    programme: Programme,
    entry: NewParticipant,
    by: By,
    now: datetime,
) -> Enrolled:
    participant = participants.find_by_phone(session, entry.phone)
    is_new = participant is None
    is_suppressed = is_new and (
        withdrawals.suppression_of(session, index_of(session, entry.phone)) is not None
    )
    refuse_to_enrol(participant.consent if participant else None, entry, is_suppressed=is_suppressed)
    if participant is None:
        if number_changes.awaited_from(session, index_of(session, entry.phone), now) is not None:
            raise NotAllowed("This number is being asked for a YES already. Wait for its answer.")
        participant = participants.add(
            session,
            phone_number=entry.phone,
            name=entry.name,
            language=entry.language,
            timezone=entry.timezone,
            consent=ConsentStatus.INVITED,
            now=now,
        )
        caseloads.keep_in_sight(session, participant, by, now)
    elif entry.name:
        participant.name_sealed = session.info["vault"].seal(entry.name)
    if entry.is_opted_in:
        said = say(session, words, "joined", participant.language)
        consent_steps.opt_in(session, participant, entry.source, said, by, now, note=entry.note or None)
        consent_steps.queue_confirmation(session, participant, said, by, now)
    else:
        consent_steps.invite(
            session, words, programme, participant, entry.source, by, now, entry.note or None
        )
    return Enrolled(participant.id, participant.consent, is_new)


def refuse_to_enrol(known: ConsentStatus | None, entry: NewParticipant, *, is_suppressed: bool) -> None:
    """Raise NotAllowed when a number in this state cannot be entered; `known` is None for a new one."""
    if known is None:
        if is_suppressed:
            raise OptedOut
    elif known is ConsentStatus.OPTED_IN:
        raise NotAllowed("This number is enrolled already: open the participant instead.")
    elif known in {ConsentStatus.OPTED_OUT, ConsentStatus.DECLINED}:
        raise OptedOut
    elif known is ConsentStatus.MOVING:
        raise NotAllowed("Texts to this number are stopped until the person's new number says yes.")
    elif known is ConsentStatus.WRONG_NUMBER:
        raise NotAllowed("Somebody else answered from this number. Ask the person for their own number.")
    elif known is ConsentStatus.INVITED and not entry.is_opted_in:
        raise NotAllowed("This number has been invited already; one invitation is all it gets.")


def stop(
    database: Database,
    participant_id: int,
    by: By,
    now: datetime,
    *,
    reason: str,
    is_wrong_number: bool = False,
) -> None:
    """Enter a wish to stop that reached staff another way (by phone, in person). No text is sent."""
    with database.write() as session:
        participant = _get(session, participant_id)
        status = ConsentStatus.WRONG_NUMBER if is_wrong_number else ConsentStatus.OPTED_OUT
        consent_steps.withdraw(session, participant, status, ConsentSource.CONSOLE, by, now, note=reason)


def pause(database: Database, participant_id: int, until: datetime, by: By, now: datetime) -> datetime:
    """Withhold scheduled texts until an instant; what the person texts is still answered."""
    if not now < until <= now + PAUSE_AT_MOST:
        raise BadInput(f"A pause lasts up to {PAUSE_AT_MOST.days} days from now.")
    with database.write() as session:
        participant = _get(session, participant_id)
        pause_in(session, participant, until, by, now)
    return until


def pause_in(session: Session, participant: Participant, until: datetime, by: By, now: datetime) -> None:
    participant.paused_until = until
    outbox.cancel_queued(session, participant.id, now, "paused", kinds=ROUTINE)
    for prompt in prompts.live_of(session, participant.id):  # also what was asked for during another pause
        outbox.cancel_prompt(session, prompt.id, now, "paused")
    audit.record(session, by, "participant.paused", now, participant_id=participant.id)


def resume(database: Database, participant_id: int, by: By, now: datetime) -> None:
    with database.write() as session:
        participant = _get(session, participant_id)
        resume_in(session, participant, by, now)


def resume_in(session: Session, participant: Participant, by: By, now: datetime) -> None:
    participant.paused_until = None
    audit.record(session, by, "participant.resumed", now, participant_id=participant.id)


def set_details(
    database: Database,
    participant_id: int,
    by: By,
    now: datetime,
    *,
    name: str,
    language: str,
    timezone: str,
) -> None:
    """Change name, language or zone. A new zone moves every schedule to the new wall clock from now on."""
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME:
        raise BadInput(f"The name is longer than {LONGEST_NAME} characters: shorten it.")
    if language not in LANGUAGES:
        raise BadInput(f"The language must be one of {', '.join(LANGUAGES)}.")
    zone_named(timezone)
    with database.write() as session:
        participant = _get(session, participant_id)
        participant.name_sealed = session.info["vault"].seal(name) if name else None
        participant.language = language
        if participant.timezone != timezone:
            participant.timezone = timezone
            if participant.consent is ConsentStatus.OPTED_IN:
                for schedule in schedules.live_of(session, participant.id):
                    schedules.wake(schedule, timezone, now)
        audit.record(session, by, "participant.edited", now, participant_id=participant.id)


class Meanwhile(NotAllowed):
    """A colleague wrote to the person after the page was shown on which this text was written."""


def text_by_hand(
    database: Database,
    participant_id: int,
    body: str,
    by: By,
    now: datetime,
    *,
    seen_until: datetime | None = None,
) -> None:
    """Queue a text that a coordinator wrote. Only to people who opted in.

    `seen_until` is when the newest text by hand was written that they have seen. Raises Meanwhile when a
    colleague has written since; their own same words since then are a second press of the button, and are
    not sent twice.
    """
    body = body.strip()
    if not body:
        raise BadInput("The text is empty.")
    if len(body) > 1600:
        raise BadInput("The text is longer than 1,600 characters: shorten it or send two.")
    with database.write() as session:
        participant = _get(session, participant_id)
        if participant.consent is not ConsentStatus.OPTED_IN:
            raise NotAllowed("This person has not opted in, so nothing can be sent.")
        if seen_until is not None:
            since = outbox.by_hand_since(session, participant.id, seen_until)
            if any(each.coordinator_id == by.coordinator_id and each.body == body for each in since):
                return
            others = [each.coordinator_id for each in since if each.coordinator_id != by.coordinator_id]
            if others:
                colleague = session.get(Coordinator, others[0]) if others[0] else None
                name = colleague.name if colleague else "A colleague"
                raise Meanwhile(
                    f"{name} has written to them meanwhile. Read it first, then send yours if it still fits."
                )
        outbox.add(
            session,
            kind=MessageKind.MANUAL,
            body=body,
            now=now,
            send_after=now,
            expires_at=now + MANUAL_TEXT_LASTS,
            participant_id=participant.id,
            coordinator_id=by.coordinator_id,
            priority=2,
            is_time_chosen=True,
        )
        talking.begin(participant, now)
        audit.record(session, by, "participant.texted", now, participant_id=participant.id)


def find_participant_id(database: Database, phone: str) -> int:
    """Raises NotFound, whose message does not repeat the number."""
    phone = parse_phone(phone)
    with database.read() as session:
        participant = participants.find_by_phone(session, phone)
        if participant is None:
            raise NotFound("No participant has this number.")
        return participant.id


def _get(session: Session, participant_id: int) -> Participant:
    participant = participants.lock(session, participant_id)
    if participant is None:
        raise NotFound("There is no such participant.")
    if participant.erased_at is not None:
        raise NotAllowed("This person has been erased, so nothing about them can be changed.")
    return participant
