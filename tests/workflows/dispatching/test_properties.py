"""Whatever happens in whatever order: no text is taken twice, no opt-out loses, nothing final moves."""

import itertools
import random
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import HealthCheck, given, note, settings
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
ENDINGS = ("taken", "taken", "taken, answer lost", "lost", "lost", "too fast", "no such number", "failed")
REPORTS = ("sent", "delivered", "undelivered", "failed")
STEPS: list[tuple[object, ...]] = [
    *[("claim", "a")] * 3,
    *[("claim", "b")] * 2,
    *(("call", "a", ending) for ending in ENDINGS),
    *(("call", "b", ending) for ending in ENDINGS),
    *[("record", who) for who in "aab"] * 2,
    ("give back", "b"),
    ("crash", "a"),
    ("crash", "b"),
    *(("report", status) for status in REPORTS),
    ("stop",),
    ("pause",),
    *(("wait", minutes) for minutes in (0.2, 0.5, 3, 3, 6, 6, 25)),
    *[("rescue", True)] * 5,
    ("rescue", False),
]
"""Weighted, so that most plays get somewhere: a text in hand when the person leaves, an answer that is lost."""


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

    def is_idle(self, step: tuple[object, ...]) -> bool:
        """Whether a step would come to nothing: no text to call, no answer to record."""
        name, who = step[0], str(step[1]) if len(step) > 1 else ""
        if name in ("call", "give back"):
            return not self.senders[who].launched
        return name == "record" and not self.senders[who].answered

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
            self.senders[who] = Sender()
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
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**64), length=st.integers(8, 30), stays=st.booleans())
def test_no_interleaving_breaks_a_promise(world: World, seed: int, length: int, stays: bool) -> None:
    """Hypothesis picks the dice; left to pick the steps, it repeats itself and nothing happens."""
    dice, play = random.Random(seed), Play(world)
    for _ in range(length):
        step = dice.choice(
            [step for step in STEPS if not play.is_idle(step) and not (stays and step == ("stop",))]
        )
        note(repr(step))
        play.do(step)
    play.end()
