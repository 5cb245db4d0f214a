"""A person's change of number, handed over so that nothing of theirs reaches a wrong phone.

Staff enter the new number. One neutral text asks it for a YES, and until that comes nothing else goes
there. Meanwhile texts to the old number go on, or stop at once when that phone is lost or stolen. The YES
is proof of possession and consent of its own: the person's row gets the new number in the same transaction,
and the old one is never texted again, not even about this.

`awaited`, `answer` and `refuse` are parts of a workflow: they act on a text from the new phone.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.message import MessageKind
from service.domain.moving import NumberChangeStatus
from service.domain.phone import mask_phone, parse_phone
from service.domain.programme import Programme
from service.domain.withdrawals import WithdrawalKind
from service.guide.words import Words
from service.routing.strangers import asks_who
from service.store import (
    alerts,
    audit,
    number_changes,
    outbox,
    participants,
    staff_phones,
    withdrawals,
)
from service.store.audit import PARTICIPANT, By
from service.store.engine import Database
from service.store.schema import Message, NumberChange, Participant
from service.store.sealing import index_of
from service.workflows import consent_steps
from service.workflows.conversation import Conversation, Outcome
from service.workflows.wording import say
from service.workflows.yielding import help_reply

ASKING_AT_MOST = timedelta(hours=12)
ASKING_AT_LEAST = timedelta(minutes=15)
"""How long the question may wait to be sent: neither into quiet hours, nor with no time to get out."""
MOVABLE = frozenset({ConsentStatus.OPTED_IN, ConsentStatus.MOVING, ConsentStatus.WRONG_NUMBER})
WHY_NOT = {
    ConsentStatus.INVITED: "They have not said yes yet. Mark the number as wrong, then enter the new one.",
    ConsentStatus.LAPSED: "They never answered the invitation. Add them anew, with the new number.",
}
ONLY_THEY = "They asked for no texts. Only they can come back, by texting JOIN from the new phone."
NOT_THIS_ONE = (
    "This number cannot be used: it is somebody else's here, or it asked for no texts. Check it with them."
)
"""One sentence for all of these, so that nobody learns by trying numbers whose they are."""


def ask(
    database: Database,
    words: Words,
    programme: Programme,
    participant_id: int,
    phone: str,
    by: By,
    now: datetime,
    *,
    note: str,
    stops_old: bool,
) -> None:
    """Ask a new number for its YES; with `stops_old` nothing goes to the old one from now on.

    Raises BadInput for no number, the same number or no note; NotAllowed for a number that is another
    person's or staff's, that asked for no texts or has said no to this, for a second one at a time, and for
    somebody who is not to be texted at all.
    """
    number = parse_phone(phone)
    if not note.strip():
        raise BadInput("Say how you learnt of the new number.")
    with database.write() as session:
        person = _get(session, participant_id)
        _check(session, person, number, now)
        zone = ZoneInfo(person.timezone)
        said = say(session, words, "new_number.ask", person.language)
        send_after = programme.quiet.next_allowed(now, zone)
        quiet_at = programme.quiet.next_quiet(send_after, zone)
        if quiet_at is not None and quiet_at - send_after < ASKING_AT_LEAST:
            send_after = programme.quiet.next_allowed(quiet_at, zone)
            quiet_at = programme.quiet.next_quiet(send_after, zone)
        question = outbox.add(
            session,
            kind=MessageKind.INVITATION,
            body=said.body,
            words=said.words,
            now=now,
            send_after=send_after,
            expires_at=min(send_after + ASKING_AT_MOST, quiet_at or send_after + ASKING_AT_MOST),
            to_unknown=number,
            coordinator_id=by.coordinator_id,
            priority=2,
            is_time_chosen=True,  # its span is outside quiet hours already; it has no person to tell them by
        )
        change = number_changes.add(
            session,
            person,
            number,
            now,
            lapses_at=now + programme.invitation_lasts,
            message_id=question.id,
            wording=said.body,
            wording_version=said.words,
            asked_by=by.coordinator_id,
            note=note.strip(),
        )
        audit.record(
            session, by, "participant.number_asked", now, participant_id=person.id, stops_old=stops_old
        )
        if stops_old:
            _stop_old(session, person, change, by, now)


def stop_old(database: Database, participant_id: int, by: By, now: datetime) -> None:
    """Send nothing more to the old number while the new one is awaited. NotAllowed when none is."""
    with database.write() as session:
        person = _get(session, participant_id)
        change = number_changes.open_of(session, person.id, now)
        if change is None:
            raise NotAllowed("No new number is waiting for its YES any more.")
        _stop_old(session, person, change, by, now)


def take_back(
    database: Database, participant_id: int, by: By, now: datetime, *, old_is_theirs: bool, note: str = ""
) -> None:
    """Ask the new number no more. With `old_is_theirs` texts to the old one go on, if they were stopped.

    That is staff's word that the old phone is in the person's own hands again: it wants a note (BadInput),
    and stands in the ledger.
    """
    with database.write() as session:
        person = _get(session, participant_id)
        newest = number_changes.newest(session, person.id)
        if old_is_theirs and not note.strip():
            raise BadInput("Say how you know that the old phone is in their hands.")
        asked = number_changes.close_open(
            session, person.id, NumberChangeStatus.TAKEN_BACK, now, by.coordinator_id
        )
        for message_id in asked:
            outbox.cancel(session, message_id, now, "the new number was taken back")
        if newest is None or not (asked or old_is_theirs):
            raise NotAllowed("No new number is waiting for its YES any more.")
        audit.record(session, by, "participant.number_taken_back", now, participant_id=person.id)
        if old_is_theirs and person.consent is ConsentStatus.MOVING:
            paused_until = person.paused_until
            consent_steps.opt_in(session, person, ConsentSource.VERBAL, None, by, now, note=note.strip())
            person.paused_until = paused_until


def awaited(c: Conversation) -> NumberChange | None:
    """The change that waits for the YES of the number that wrote, which is nobody's yet."""
    return number_changes.awaited_from(c.session, c.record.phone_index, c.now)


def answer(c: Conversation, change: NumberChange, *, wants_it: bool) -> Outcome:
    """Act on what the new phone says. Until its YES it is told nothing about anybody."""
    if wants_it:
        return _confirm(c, change)
    if c.meaning.keyword == "no":
        refuse(c, change)
        said = c.say("declined")
        return Outcome(said.body, said.words, is_consent=True)
    if c.meaning.keyword == "help":
        return help_reply(c, "help_unknown")
    if c.meaning.label == "wrong-number":
        if asks_who(c.inbound.body):
            return c.reply("who_is_this")
        refuse(c, change)
        said = c.say("wrong_number")
        return Outcome(said.body, said.words, is_consent=True)
    return c.reply("not_joined")


def refuse(c: Conversation, change: NumberChange) -> None:
    """The new phone is not theirs, or wants nothing: it is not asked again, and staff are told."""
    person = participants.lock(c.session, change.participant_id)
    closed = number_changes.close_open(c.session, change.participant_id, NumberChangeStatus.REFUSED, c.now)
    if person is None or not closed:
        return  # staff took it back in this very moment
    change.inbound_id = c.record.id
    for message_id in closed:
        outbox.cancel(c.session, message_id, c.now, "the new number said no")
    audit.record(c.session, PARTICIPANT, "participant.number_refused", c.now, participant_id=person.id)
    alerts.raise_alert(
        c.session,
        AlertKind.NUMBER_PROBLEM,
        c.now,
        participant_id=person.id,
        detail="The new number says that it is not theirs. It has been told nothing.",
    )


def _confirm(c: Conversation, change: NumberChange) -> Outcome:
    """YES from the new phone: from here on it is the person's number.

    A text that is in a sender's hands for the old number, or of unknown outcome there, is not sent again.
    What merely waits goes to the new one.
    """
    person = participants.lock(c.session, change.participant_id)
    c.session.refresh(change)
    if (
        person is None
        or person.erased_at is not None
        or person.consent not in MOVABLE
        or change.status is not NumberChangeStatus.ASKED
    ):
        return c.reply("unknown_number")  # taken back, or void, in this very moment
    c = c.speaking(person.language)
    said = c.say("new_number.done")
    change.status, change.settled_at, change.inbound_id = NumberChangeStatus.CONFIRMED, c.now, c.record.id
    c.record.participant_id = person.id
    question = c.session.get_one(Message, change.message_id)
    question.participant_id, question.to_sealed = person.id, None
    outbox.keep_from_going_again(c.session, person.id, "the number changed")
    withdrawals.note_kind(c.session, person.phone_index, WithdrawalKind.MOVED, c.now)
    person.phone_index, person.phone_sealed = change.new_index, change.new_sealed
    person.number_since, person.number_problem = c.now, None
    was, paused_until = person.consent, person.paused_until
    note = f"from a new number, {mask_phone(change.new_number)}"
    if was is ConsentStatus.OPTED_IN:
        # Schedules go on as they are: what is due in this minute is not lost.
        participants.record_consent(
            c.session, person, ConsentStatus.OPTED_IN, ConsentSource.TEXT, c.now,
            wording=said.body, wording_version=said.words, inbound_id=c.record.id, note=note,
        )  # fmt: skip
    else:
        consent_steps.opt_in(
            c.session, person, ConsentSource.TEXT, said, PARTICIPANT, c.now,
            inbound_id=c.record.id, note=note,
        )  # fmt: skip
        person.paused_until = paused_until
    audit.record(c.session, PARTICIPANT, "participant.number_changed", c.now, participant_id=person.id)
    return Outcome(said.body, said.words, is_consent=True)


def is_old_phone_lost(session: Session, person: Participant) -> bool:
    """True when staff stopped texts to the number a person still has, and nobody has vouched for it since."""
    newest = number_changes.newest(session, person.id)
    if newest is None or newest.old_stopped_at is None or newest.status is NumberChangeStatus.CONFIRMED:
        return False
    stopped_at = newest.old_stopped_at
    return not any(
        event.status is ConsentStatus.OPTED_IN and event.at > stopped_at
        for event in participants.consent_history(session, person.id)
    )


def _get(session: Session, participant_id: int) -> Participant:
    person = participants.lock(session, participant_id)
    if person is None:
        raise NotFound("There is no such participant.")
    if person.erased_at is not None:
        raise NotAllowed("This person has been erased, so nothing about them can be changed.")
    return person


def _check(session: Session, person: Participant, number: str, now: datetime) -> None:
    if person.consent not in MOVABLE:
        raise NotAllowed(WHY_NOT.get(person.consent, ONLY_THEY))
    index = index_of(session, number)
    if index == person.phone_index:
        raise BadInput("This is the number they have already.")
    number_changes.settle_lapsed(session, person.id, index, now)
    if number_changes.open_of(session, person.id, now) is not None:
        raise NotAllowed("Another new number is waiting for its YES. Take that one back first.")
    if (
        participants.find_by_index(session, index) is not None
        or withdrawals.suppression_of(session, index) is not None
        or staff_phones.find_by_index(session, index) is not None
        or number_changes.awaited_from(session, index, now) is not None
        or number_changes.has_refused(session, index)
    ):
        raise NotAllowed(NOT_THIS_ONE)


def _stop_old(session: Session, person: Participant, change: NumberChange, by: By, now: datetime) -> None:
    change.old_stopped_at = change.old_stopped_at or now
    if person.consent is ConsentStatus.OPTED_IN:
        consent_steps.withdraw(
            session, person, ConsentStatus.MOVING, ConsentSource.CONSOLE, by, now,
            note="The old phone is not to be texted; waits for the new number's YES.",
        )  # fmt: skip
