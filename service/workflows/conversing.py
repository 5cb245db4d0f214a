"""What a text leads to, by who sent it. Parts of a workflow: they take a session.

    unknown number, declined, lapsed, wrong number   neutral words only; JOIN signs up
    invited                                          YES, NO, or one gentle repeat; nothing revealed
    moving: the phone is lost                        nothing but the end of a STOP, and danger
    opted out                                        only START and HELP are answered, and danger
    opted in                                         everything

Whoever it is: danger is answered first, and a wish to stop is honoured.
"""

from collections.abc import Callable

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.message import MessageKind
from service.routing.safety import SafetyLevel
from service.routing.strangers import asks_who
from service.store import participants
from service.store.audit import PARTICIPANT
from service.store.schema import Participant
from service.workflows import consent_steps, moving
from service.workflows.conversation import Conversation, Outcome, outcome_of
from service.workflows.guiding import answer_participant
from service.workflows.wording import Said
from service.workflows.yielding import help_reply, wrong_number

JOINING = frozenset({"start", "join", "optin-freeform"})
GATEWAY_STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
)
GATEWAY_START_WORDS = frozenset({"start", "yes", "unstop"})


def converse(c: Conversation) -> Outcome:
    """Act on a text and say what to answer."""
    if c.meaning.opt_out is not None or c.inbound.opt_out_type == "STOP":
        return _opt_out(c)
    answer = _by_state(c)
    if not c.is_in_danger:
        return answer
    # Danger is answered before and instead of anything else; what else the text did stays done.
    return safety_reply(c)


def _by_state(c: Conversation) -> Outcome:
    state = c.participant.consent if c.participant else None
    change = moving.awaited(c) if state is None else None
    if change is not None:
        return moving.answer(c, change, wants_it=_wants_to_join(c, also_yes=True))
    act: Callable[[Conversation], Outcome] = _ACTS.get(state, _stranger)
    return act(c)


def safety_reply(c: Conversation) -> Outcome:
    label = c.meaning.safety.label or "crisis"
    return outcome_of(c.say(f"safety.{label}"), MessageKind.SAFETY)


def _opt_out(c: Conversation) -> Outcome:
    """STOP in any form: effective before anything else is sent, confirmed at most once."""
    was = c.participant.consent if c.participant else None
    change = moving.awaited(c) if c.participant is None else None
    if change is not None:
        moving.refuse(c, change)
    participant = c.participant or _enter(c, ConsentStatus.OPTED_OUT)
    is_news = was is not ConsentStatus.OPTED_OUT
    if is_news:
        consent_steps.withdraw(
            c.session,
            participant,
            ConsentStatus.OPTED_OUT,
            ConsentSource.TEXT,
            PARTICIPANT,
            c.now,
            inbound_id=c.record.id,
        )
        if was in {ConsentStatus.OPTED_IN, ConsentStatus.MOVING}:
            consent_steps.tell_staff_of_opt_out(c.session, participant, c.now, c.record.id)
    is_confirmed = c.is_answered_by_gateway(GATEWAY_STOP_WORDS, "STOP")
    confirmation = None if is_confirmed or not is_news else c.say(_goodbye(was))
    # It is the last text they get, so here a mere sign of danger is answered in full as well.
    is_sign = is_news and c.meaning.safety.level is not SafetyLevel.NONE
    if (c.is_in_danger or is_sign) and not is_confirmed:
        safety = safety_reply(c)
        body = f"{safety.body}\n{confirmation.body}" if confirmation else safety.body
        return Outcome(body, safety.words, MessageKind.SAFETY, is_consent=True)
    if confirmation is None:
        return Outcome()
    return Outcome(confirmation.body, confirmation.words, is_consent=True)


def _goodbye(was: ConsentStatus | None) -> str:
    """Which words confirm a STOP. A lost phone is in unknown hands: it gets those that say nothing."""
    return "declined" if was is ConsentStatus.MOVING else "opted_out"


def _enter(c: Conversation, consent: ConsentStatus) -> Participant:
    """A person who texted us first."""
    participant = participants.add(
        c.session,
        phone_number=c.inbound.from_number,
        name="",
        language=c.language,
        timezone=c.programme.default_timezone,
        consent=consent,
        now=c.now,
    )
    c.record.participant_id = participant.id
    return participant


def join(c: Conversation) -> Outcome:
    """The person's own wish to get texts: recorded with the words they are shown, confirmed once."""
    came_back = c.participant is not None and c.participant.consent is ConsentStatus.OPTED_OUT
    participant = c.participant or _enter(c, ConsentStatus.OPTED_IN)
    said: Said | None = c.say("welcome_back" if came_back else "joined")
    if came_back and _is_welcomed_by_gateway(c, participant):
        said = None
    consent_steps.opt_in(
        c.session,
        participant,
        ConsentSource.TEXT,
        said,
        PARTICIPANT,
        c.now,
        inbound_id=c.record.id,
    )
    return Outcome(said.body, said.words, is_consent=True) if said else Outcome()


def _is_welcomed_by_gateway(c: Conversation, participant: Participant) -> bool:
    if not c.is_answered_by_gateway(GATEWAY_START_WORDS, "START"):
        return False
    return c.inbound.opt_out_type is not None or consent_steps.is_stopped_at_gateway(c.session, participant)


def _wants_to_join(c: Conversation, *, also_yes: bool) -> bool:
    if c.inbound.opt_out_type == "START":
        return True
    word = c.meaning.keyword or c.meaning.label
    return word in JOINING or c.meaning.label in JOINING or (also_yes and word == "yes")


def _stranger(c: Conversation) -> Outcome:
    """Nobody we text: an unknown number, or one that declined, never answered, or was a wrong number."""
    if _wants_to_join(c, also_yes=c.participant is not None):
        return join(c)
    if c.meaning.keyword == "help":
        return help_reply(c, "help_unknown")
    if c.meaning.keyword == "no":
        return Outcome()
    if c.meaning.label == "wrong-number":
        return c.reply("who_is_this" if asks_who(c.inbound.body) else "wrong_number")
    return c.reply("unknown_number")


def _invited(c: Conversation) -> Outcome:
    if _wants_to_join(c, also_yes=True):
        return join(c)
    if c.meaning.keyword == "no":
        consent_steps.withdraw(
            c.session,
            c.person,
            ConsentStatus.DECLINED,
            ConsentSource.TEXT,
            PARTICIPANT,
            c.now,
            inbound_id=c.record.id,
        )
        said = c.say("declined")
        return Outcome(said.body, said.words, is_consent=True)
    if c.meaning.keyword == "help":
        return help_reply(c, "help_unknown")
    if c.meaning.label == "wrong-number":
        return c.reply("who_is_this") if asks_who(c.inbound.body) else wrong_number(c)
    return c.reply("not_joined")


def _opted_out(c: Conversation) -> Outcome:
    if moving.is_old_phone_lost(c.session, c.person):
        return _moving(c)
    if _wants_to_join(c, also_yes=True):
        return join(c)
    if c.meaning.keyword == "help":
        return help_reply(c, "help")
    # No text may go back after STOP, but a person who writes may want one: let staff call.
    if not c.is_in_danger:  # which has an alert of its own, and is answered
        c.alert(AlertKind.WANTS_PERSON, "texted after opting out; no reply was sent")
    return Outcome()


def _moving(c: Conversation) -> Outcome:
    """Whoever has the old phone learns nothing and cannot bring the texts back to it; staff should look."""
    if not c.is_in_danger:
        c.alert(AlertKind.WANTS_PERSON, "texted from the number whose texts are stopped; no reply was sent")
    return Outcome()


_ACTS: dict[ConsentStatus | None, Callable[[Conversation], Outcome]] = {
    ConsentStatus.INVITED: _invited,
    ConsentStatus.OPTED_OUT: _opted_out,
    ConsentStatus.MOVING: _moving,
    ConsentStatus.OPTED_IN: answer_participant,
}
