"""What a text from a staff phone means: an acknowledgement, YES, STOP or HELP. Parts of a workflow.

It is staff's first, and only then a participant's, when the number is one's as well.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentStatus
from service.domain.local_time import to_local
from service.domain.message import MessageKind
from service.domain.paging import Acknowledgement, StaffPhoneStatus, read_acknowledgement
from service.domain.staff import Actor
from service.domain.withdrawals import WithdrawalKind
from service.routing.strangers import asks_who
from service.store import alerts, audit, paging, staff_phones, withdrawals
from service.store.audit import By
from service.store.schema import Alert, Coordinator, Paging, StaffPhone
from service.workflows.alerting import acknowledge_in
from service.workflows.conversation import Conversation, Outcome
from service.workflows.conversing import GATEWAY_STOP_WORDS
from service.workflows.wording import Said, say_time
from service.workflows.yielding import GATEWAY_HELP_WORDS

LANE = "staff"
MOST_CODES = 3
"""So many codes fit into an answer."""


def answer_staff(c: Conversation) -> Outcome | None:
    """The answer to a text from a staff phone; None when it is no such text, or is a participant's after all.

    Danger has been looked for, and staff alerted, before this; its safety reply is not taken away.
    """
    phone = staff_phones.find_by_index(c.session, c.record.phone_index)
    if phone is None:
        return None
    if c.meaning.opt_out is not None or c.inbound.opt_out_type == "STOP":
        return _stop(c, phone, "STOP")
    if phone.status is not StaffPhoneStatus.CONFIRMED:
        return _unconfirmed(c, phone)
    wanted = read_acknowledgement(c.inbound.body)
    outcome = _acknowledge(c, phone, wanted) if wanted is not None else None
    if outcome is not None or _is_participants(c) or c.is_in_danger:
        return outcome
    if c.meaning.keyword == "help":
        if c.is_answered_by_gateway(GATEWAY_HELP_WORDS, "HELP"):
            return _silence(c, "help")
        return _answer(c, "help", c.say("page.help"))
    codes = _codes(paging.open_ones(c.session))
    said = c.say("page.other", codes=codes) if codes else c.say("page.none_open")
    return _answer(c, "other", said, is_owed=False)


def _is_participants(c: Conversation) -> bool:
    """True when the number is somebody's whom we text, or have asked whether we may."""
    asked = {ConsentStatus.OPTED_IN, ConsentStatus.INVITED}
    return c.participant is not None and c.participant.consent in asked


def _stop(c: Conversation, phone: StaffPhone, word: str) -> Outcome | None:
    """No more pages; the others are told, and a restored backup will know."""
    is_news = phone.status is not StaffPhoneStatus.STOPPED
    if is_news:
        staff_phones.set_status(phone, StaffPhoneStatus.STOPPED, c.now)
        alerts.raise_alert(
            c.session, AlertKind.PAGES_STOPPED, c.now, inbound_id=c.record.id, detail=f"texted {word}"
        )
        _record(c, phone, "pages.stopped")
    if c.participant is not None:
        return None  # the participant's texts end too, and that is confirmed
    withdrawals.note_kind(c.session, phone.phone_index, WithdrawalKind.OPTED_OUT, c.now)
    withdrawals.suppress(c.session, phone.phone_index, WithdrawalKind.OPTED_OUT, c.now)
    if not is_news or c.is_answered_by_gateway(GATEWAY_STOP_WORDS, "STOP"):
        return _silence(c, "stop")
    return _answer(c, "stop", c.say("page.stopped"))


def _unconfirmed(c: Conversation, phone: StaffPhone) -> Outcome | None:
    """A phone that is yet to say YES, or that has said STOP."""
    was_asked = phone.status is StaffPhoneStatus.ASKED
    is_start = c.meaning.keyword == "start" or c.inbound.opt_out_type == "START"
    if is_start or c.meaning.keyword == "yes":
        staff_phones.set_status(phone, StaffPhoneStatus.CONFIRMED, c.now)
        withdrawals.lift(c.session, phone.phone_index)
        _record(c, phone, "pages.confirmed")
        if is_start and c.participant is not None:
            return None  # START means the participant's texts as well
        if c.inbound.opt_out_type == "START":
            return _silence(c, "yes")
        return _answer(c, "yes", c.say("page.confirmed"))
    is_wrong_number = c.meaning.label == "wrong-number" and not asks_who(c.inbound.body)
    if was_asked and (c.meaning.keyword == "no" or is_wrong_number):
        return _stop(c, phone, "NO")
    if _is_participants(c) or c.is_in_danger:
        return None
    if not was_asked:
        return _silence(c, "other")
    return _answer(c, "other", c.say("page.unconfirmed"), is_owed=False)


def _acknowledge(c: Conversation, phone: StaffPhone, wanted: Acknowledgement) -> Outcome | None:
    """Take the alert that a text names, or say which there are; None when the text means something else."""
    waiting = paging.open_ones(c.session)
    if wanted.code is not None:
        named = next((each for each in waiting if each.code == wanted.code), None)
        if named is not None:
            return _take(c, phone, named)
        former = paging.newest_with_code(c.session, wanted.code)
        if former is not None:
            return _answer(c, "acknowledgement", _taken(c, former))
        if waiting:
            return _answer(c, "acknowledgement", c.say("page.no_such_code", codes=_codes(waiting)))
        return None
    mine = [each for each in waiting if paging.was_paged(c.session, each.alert_id, phone.coordinator_id)]
    if not mine:
        return None
    # Somebody who is a participant too may be answering a question of ours: no page ends on a guess.
    if len(waiting) == 1 and not (_is_participants(c) and c.asked.open_kinds):
        return _take(c, phone, mine[0])
    return _answer(c, "acknowledgement", c.say("page.which", codes=_codes(waiting)))


def _take(c: Conversation, phone: StaffPhone, taken: Paging) -> Outcome:
    alert = c.session.get_one(Alert, taken.alert_id, with_for_update=True, populate_existing=True)
    by = By(Actor.COORDINATOR, phone.coordinator_id)
    if not acknowledge_in(c.session, alert, by, c.now):
        return _answer(c, "acknowledgement", _taken(c, taken))
    said = c.say("page.acknowledged", code=taken.code)
    return _answer(c, "acknowledgement", said)


def _taken(c: Conversation, former: Paging) -> Said:
    """Who has an alert in hand, and since when."""
    alert = c.session.get_one(Alert, former.alert_id)
    staff = c.session.get(Coordinator, alert.acknowledged_by) if alert.acknowledged_by else None
    at = to_local(alert.acknowledged_at or c.now, ZoneInfo(c.programme.default_timezone))
    who = staff.name if staff is not None else c.words.text("page.somebody", c.language).body
    return c.say("page.taken", code=former.code, who=who, time=say_time(at.time(), c.language))


def _codes(waiting: Sequence[Paging]) -> str:
    return ", ".join(each.code for each in waiting[:MOST_CODES])


def _answer(c: Conversation, label: str, said: Said, *, is_owed: bool = True) -> Outcome:
    """To staff, after the safety reply if there was danger in the text. `is_owed`: no loop holds it back."""
    c.record.lane, c.record.label = LANE, label
    if not c.is_in_danger:
        return Outcome(said.body, said.words, is_consent=is_owed, is_to_staff=True)
    safety = c.say(f"safety.{c.meaning.safety.label or 'crisis'}")
    body = f"{safety.body}\n{said.body}"
    return Outcome(body, safety.words, MessageKind.SAFETY, is_consent=is_owed, is_to_staff=True)


def _silence(c: Conversation, label: str) -> Outcome:
    """Nothing more may be texted, or the gateway has answered; danger is answered all the same."""
    c.record.lane, c.record.label = LANE, label
    if not c.is_in_danger:
        return Outcome(is_to_staff=True)
    safety = c.say(f"safety.{c.meaning.safety.label or 'crisis'}")
    return Outcome(safety.body, safety.words, MessageKind.SAFETY, is_to_staff=True)


def _record(c: Conversation, phone: StaffPhone, action: str) -> None:
    by = By(Actor.COORDINATOR, phone.coordinator_id)
    audit.record(c.session, by, action, c.now, coordinator_id=phone.coordinator_id)
