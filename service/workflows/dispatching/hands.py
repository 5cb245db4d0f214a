"""The threads that call the gateway, and what lies between them and the pilot."""

import logging
import math
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Collection
from datetime import datetime

from service.domain.errors import fault_of
from service.domain.programme import Programme
from service.gateways.base import OutcomeUnknown, SendOutcome, SmsGateway, Withheld
from service.store.vault import Vault
from service.workflows.dispatching.claim import ClaimedText
from service.workflows.dispatching.gatehouse import Gatehouse, HandGate
from service.workflows.dispatching.record import Answered

log = logging.getLogger(__name__)

RECORD_AT_ONCE = 100
EARLY_S = 0.002
"""A slot so close by is as good as reached."""


class Hands:
    """Texts to call, texts being called, outcomes. Everything public is read and changed under `lock`."""

    def __init__(
        self,
        vault: Vault,
        gateway: SmsGateway,
        programme: Programme,
        clock: Callable[[], datetime],
        threads: int,
    ) -> None:
        self._vault = vault
        self._gateway = gateway
        self._programme = programme
        self._clock = clock
        self.lock = threading.Lock()
        self.work = threading.Condition(self.lock)  # for hands: texts to call
        self.pilot = threading.Condition(self.lock)  # for the pilot: anything that needs the database
        self.ready: deque[tuple[float, ClaimedText]] = deque()  # launched; when each may begin (monotonic)
        self.calling: dict[uuid.UUID, tuple[ClaimedText, HandGate]] = {}
        self.outcomes: list[Answered] = []
        self.first_outcome_at = 0.0
        self.shut_out: list[ClaimedText] = []  # came back from the gate without having begun
        self.is_ending = False
        self.is_done = False
        self.house = Gatehouse(self._on_arrival, enough=max(threads // 2, 1))
        self._timekeeper: object | None = None  # the one hand that waits for the next slot
        self._threads = [
            threading.Thread(target=self._serve, name=f"hand-{n}", daemon=True) for n in range(threads)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Let every hand go that is not in a call."""
        with self.lock:
            self.is_ending = self.is_done = True
            self.work.notify_all()
        self.house.close()
        for thread in self._threads:
            thread.join(0.1)

    def make_ready(self, texts: Collection[ClaimedText], at: datetime) -> None:
        """Hand out launched texts, each for its slot; `at` is now by the clock of the slots."""
        now = time.monotonic()
        with self.lock:
            for text in sorted(texts, key=lambda text: text.begin_at):
                self.ready.append((now + max((text.begin_at - at).total_seconds(), 0.0), text))
            self.work.notify(len(texts))

    def _serve(self) -> None:
        while (taken := self._next_text()) is not None:
            text, gate = taken
            outcome: SendOutcome
            try:
                outbound = text.opened(self._vault, self._programme, self._clock())
                outcome = self._gateway.send(outbound, gate)
            except Exception as fault:  # not an outcome: our own mistake, or the clock's database is away
                log.error("a call failed", extra=fault_of(fault))
                outcome = OutcomeUnknown(f"fault: {type(fault).__name__}") if gate.has_begun else Withheld()
            self._lay_down(text, outcome)

    def _next_text(self) -> tuple[ClaimedText, HandGate] | None:
        me = object()
        with self.lock:
            while not self.is_done:
                until = self.ready[0][0] - time.monotonic() if self.ready else math.inf
                if until <= EARLY_S and not self.is_ending:
                    _, text = self.ready.popleft()
                    gate = self.house.gate_for(text.message_id)
                    self.calling[text.message_id] = text, gate
                    if self.ready:
                        self.work.notify()
                    return text, gate
                keeps_time = self._timekeeper is None and until < math.inf
                if keeps_time:
                    self._timekeeper = me
                self.work.wait(min(max(until, 0.001), 0.5) if keeps_time else 0.5)
                if self._timekeeper is me:
                    self._timekeeper = None
            return None

    def _lay_down(self, text: ClaimedText, outcome: SendOutcome) -> None:
        with self.lock:
            del self.calling[text.message_id]
            if isinstance(outcome, Withheld):
                self.shut_out.append(text)
                self.pilot.notify()
                return
            if not self.outcomes:
                self.first_outcome_at = time.monotonic()
            self.outcomes.append(Answered(text, outcome))
            if len(self.outcomes) in (1, RECORD_AT_ONCE) or not (self.ready or self.calling):
                self.pilot.notify()

    def _on_arrival(self) -> None:
        """Called by a thread at its gate, under the gatehouse's lock: never take that one under ours."""
        with self.lock:
            self.pilot.notify()
