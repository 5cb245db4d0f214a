"""Whatever happens in whatever order: no text is taken twice, no opt-out loses, nothing final moves."""

import itertools
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from service.domain.consent import ConsentStatus
from service.domain.gateway_errors import Reaction
from service.domain.message import FINAL, MessageKind, MessageStatus
from service.gateways.base import (
    Accepted,
    DeliveryReceipt,
    NotAccepted,
    OutcomeUnknown,
    Rejected,
    SendOutcome,
    SentRecord,
)
from service.store.schema import Message, Participant
from service.workflows import enrolment, rounds, settling
from service.workflows.dispatching import launch
from service.workflows.dispatching.claim import ClaimedText, claim
from service.workflows.dispatching.record import Answered, record
from service.workflows.receipts import record_receipt
from tests.rig.world import STAFF, World

S = MessageStatus
_numbers = itertools.count(2000)
SENDERS = st.sampled_from(["a", "b"])
ENDINGS = st.sampled_from(["taken", "taken, answer lost", "lost", "too fast", "no such number", "failed"])

STEPS = st.one_of(
    st.tuples(st.just("claim"), SENDERS),
    st.tuples(st.just("call"), SENDERS, ENDINGS),
    st.tuples(st.just("record"), SENDERS),
    st.tuples(st.just("give back"), SENDERS),
    st.tuples(st.just("crash"), SENDERS),
    st.tuples(st.just("report"), st.sampled_from(["sent", "delivered", "undelivered", "failed"])),
    st.tuples(st.just("stop")),
    st.tuples(st.just("pause")),
    st.tuples(st.just("wait"), st.sampled_from([0.2, 3, 6, 25, 300])),
    st.tuples(st.just("rescue"), st.booleans()),
)


@dataclass
class Sender:
    """One dispatcher's memory; a crash empties it."""

    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    launched: list[ClaimedText] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)


class Play:
    """A person with three texts, two senders, and a Twilio that remembers what it took."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.number = f"+1202555{next(_numbers)}"
        world.enrol(self.number)
        self.person = world.id_of(self.number)
        for n in range(2):
            enrolment.text_by_hand(world.parts.database, self.person, f"text {n}", STAFF, world.now)
        self.senders = {"a": Sender(), "b": Sender()}
        self.taken: dict[uuid.UUID, list[SentRecord]] = {}
        self.final: dict[uuid.UUID, MessageStatus] = {}

    def do(self, step: tuple[object, ...]) -> None:
        name, *rest = step
        getattr(self, str(name).replace(" ", "_"))(*rest)
        self.look()

    def rows(self) -> list[Message]:
        with self.world.parts.database.read() as session:
            return list(session.scalars(select(Message).where(Message.participant_id == self.person)))

    def look(self) -> None:
        for row in self.rows():
            assert len(self.taken.get(row.id, [])) <= 1, "taken twice"
            if row.id in self.final:
                assert row.status is self.final[row.id], "something final has moved"
            if row.status in FINAL:
                self.final[row.id] = row.status

    # Senders

    def claim(self, who: str) -> None:
        parts, sender = self.world.parts, self.senders[who]
        found = claim(parts.database, parts.programme, None, self.world.now, 2, sender.token)
        sender.launched += [text for text in found.texts if text.participant_id == self.person]

    def call(self, who: str, ending: str) -> None:
        parts, sender = self.world.parts, self.senders[who]
        if not sender.launched:
            return
        text = sender.launched.pop(0)
        with launch.held(parts.database, parts.programme, [text], sender.token, self.world.now) as wave:
            if text.message_id not in wave.may_go:
                return
        with parts.database.read() as session:
            person = session.get_one(Participant, self.person)
            assert person.consent is ConsentStatus.OPTED_IN, "an opt-out has lost"
            message = session.get_one(Message, text.message_id)
            body = message.body
            paused = person.paused_until is not None and person.paused_until > self.world.now
            assert not (paused and message.kind is MessageKind.CHECK_IN), "a pause has lost"
        assert text.expires_at > self.world.now, "sent too late"
        sid = f"SM{uuid.uuid4().hex}"
        if ending.startswith("taken"):
            self.taken.setdefault(text.message_id, []).append(
                SentRecord(sid, body, "sent", S.SENT, self.world.now, None, 1)
            )
        outcomes: dict[str, SendOutcome] = {
            "taken": Accepted(sid, 1),
            "taken, answer lost": OutcomeUnknown("reset"),
            "lost": OutcomeUnknown("timeout"),
            "too fast": NotAccepted("429", timedelta(seconds=20), Reaction.SLOW_DOWN),
            "no such number": Rejected(21211, 400, Reaction.BAD_NUMBER),
            "failed": Rejected(39999, 400, Reaction.FAIL),
        }
        sender.answered.append(Answered(text, outcomes[ending]))

    def record(self, who: str) -> None:
        parts, sender = self.world.parts, self.senders[who]
        record(parts.database, parts.programme, sender.answered, self.world.now)
        sender.answered.clear()

    def give_back(self, who: str) -> None:
        sender = self.senders[who]
        ids = [text.message_id for text in sender.launched]
        launch.give_back(self.world.parts.database, ids, sender.token)
        sender.launched.clear()

    def crash(self, who: str) -> None:
        self.senders[who] = Sender()

    # The world around them

    def report(self, status: str) -> None:
        parts = self.world.parts
        for message_id, (record_, *_) in self.taken.items():
            receipt = DeliveryReceipt(record_.gateway_sid, status, MessageStatus(status), None)
            record_receipt(parts.database, parts.programme, message_id, receipt, self.world.now)

    def stop(self) -> None:
        enrolment.stop(self.world.parts.database, self.person, STAFF, self.world.now, reason="asked")

    def pause(self) -> None:
        until = self.world.now + timedelta(days=1)
        enrolment.pause(self.world.parts.database, self.person, until, STAFF, self.world.now)

    def wait(self, minutes: float) -> None:
        self.world.wall.advance(timedelta(minutes=minutes))

    def rescue(self, readable: bool) -> None:
        parts = self.world.parts
        if readable:
            rounds.rescue_all(parts.database, self, parts.programme, self.world.now)  # type: ignore[arg-type]
        else:
            settling.release_abandoned(parts.database, self.world.now)

    def find_sent(self, to: str, since: object) -> list[SentRecord]:
        return (
            [record_ for records in self.taken.values() for record_ in records] if to == self.number else []
        )

    def end(self) -> None:
        """Everybody comes back to work, and time passes."""
        for who in ("a", "b"):
            self.do(("record", who))
            self.do(("crash", who))
        for minutes in [10] * 5 + [240] * 7:  # longer than any text is of use
            self.do(("rescue", True))
            for _ in range(4):
                self.do(("claim", "a"))
                self.do(("call", "a", "taken"))
                self.do(("call", "a", "taken"))
                self.do(("record", "a"))
            self.do(("wait", minutes))
        statuses = Counter(row.status for row in self.rows())
        assert not statuses.keys() - FINAL - {S.SENT, S.UNKNOWN}, statuses
        for row in self.rows():
            if row.status in (S.SENT, S.DELIVERED):
                assert len(self.taken[row.id]) == 1


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=4, max_size=25))
def test_no_interleaving_breaks_a_promise(world: World, steps: list[tuple[object, ...]]) -> None:
    play = Play(world)
    for step in steps:
        play.do(step)
    play.end()
