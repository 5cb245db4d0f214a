"""What is known when a text is answered, and what an answer is."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind
from service.domain.message import MessageKind
from service.domain.programme import Programme
from service.gateways.base import InboundText
from service.guide.words import Words
from service.routing.router import Understanding
from service.routing.safety import SafetyLevel
from service.store import alerts
from service.store.schema import InboundMessage, Participant
from service.workflows.answering import Asked
from service.workflows.wording import Said, say


@dataclass(frozen=True)
class Outcome:
    """The answer to a text; `body` None means silence. `is_consent` answers are never held back as a loop.

    `is_to_staff`: it goes to a member of staff, and is no part of a participant's conversation.
    """

    body: str | None = None
    words: str | None = None
    kind: MessageKind = MessageKind.REPLY
    topic: str | None = None
    part: int | None = None
    is_consent: bool = False
    is_to_staff: bool = False


@dataclass(frozen=True)
class Conversation:
    """Everything that is known when a text is answered."""

    session: Session
    words: Words
    programme: Programme
    participant: Participant | None
    record: InboundMessage
    inbound: InboundText
    meaning: Understanding
    asked: Asked
    now: datetime
    spoken: str | None = None

    @property
    def language(self) -> str:
        """The one this text is answered in: `spoken` where it is clear, else the person's own.

        For a stranger, the one they wrote in.
        """
        if self.participant is None:
            return self.meaning.language or "en"
        return self.spoken or self.participant.language

    def speaking(self, language: str) -> "Conversation":
        """The same, answered in this language."""
        return replace(self, spoken=language)

    @property
    def person(self) -> Participant:
        """The participant, for steps that only an enrolled person gets to."""
        if self.participant is None:
            raise LookupError("this text is from a number that is not enrolled")
        return self.participant

    @property
    def is_in_danger(self) -> bool:
        return self.meaning.safety.level is SafetyLevel.CERTAIN

    def say(self, key: str, **values: object) -> Said:
        return say(self.session, self.words, key, self.language, **values)

    def reply(self, key: str, **values: object) -> Outcome:
        return outcome_of(self.say(key, **values))

    def alert(self, kind: AlertKind, detail: str | None = None) -> None:
        """Bring the text to staff, unless an alert of this kind is open for the person already."""
        participant_id = self.participant.id if self.participant else None
        if participant_id is None or not alerts.has_open(self.session, kind, participant_id):
            alerts.raise_alert(
                self.session,
                kind,
                self.now,
                participant_id=participant_id,
                inbound_id=self.record.id,
                detail=detail,
            )

    def is_answered_by_gateway(self, keywords: frozenset[str], opt_out_type: str) -> bool:
        """True when Twilio itself has answered this word, so that we must not answer it again."""
        if not self.programme.gateway_confirms_opt_out:
            return False
        if self.inbound.opt_out_type is not None:
            return self.inbound.opt_out_type == opt_out_type
        return self.inbound.body.strip().lower() in keywords


def outcome_of(said: Said, kind: MessageKind = MessageKind.REPLY) -> Outcome:
    return Outcome(said.body, said.words, kind)
