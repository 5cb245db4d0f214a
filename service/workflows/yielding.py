"""Two answers that anybody may need: HELP, and the end of a wrong number. Parts of a workflow."""

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentSource, ConsentStatus
from service.store.audit import PARTICIPANT
from service.workflows import consent_steps
from service.workflows.conversation import Conversation, Outcome

GATEWAY_HELP_WORDS = frozenset({"help", "info"})


def help_reply(c: Conversation, key: str) -> Outcome:
    if c.is_answered_by_gateway(GATEWAY_HELP_WORDS, "HELP"):
        return Outcome()
    return c.reply(key)


def wrong_number(c: Conversation) -> Outcome:
    """Somebody else holds this phone: everything ends, and nothing is revealed."""
    consent_steps.withdraw(
        c.session,
        c.person,
        ConsentStatus.WRONG_NUMBER,
        ConsentSource.TEXT,
        PARTICIPANT,
        c.now,
        inbound_id=c.record.id,
    )
    c.alert(AlertKind.WRONG_NUMBER, "somebody else answers from this number")
    said = c.say("wrong_number")
    return Outcome(said.body, said.words, is_consent=True)
