"""The sender of the jobs process: one pilot for the database, many hands for the calls.

The pilot claims batches, launches them, opens the gates in waves and records outcomes; it alone opens
transactions. The hands prepare requests, wait at their gates, call, and lay the outcome down. An outcome
stays in memory until it is recorded, however long the database is away.
"""

import itertools
import logging
import math
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from datetime import datetime

from service.domain.errors import fault_of
from service.domain.pace import Rate
from service.domain.programme import Programme
from service.gateways.base import Accepted, SmsGateway
from service.store import watch
from service.store.engine import Database
from service.workflows import health
from service.workflows.dispatching import launch
from service.workflows.dispatching.claim import CLAIM_AHEAD, POLL, ClaimedText, claim
from service.workflows.dispatching.gatehouse import LONGEST_WAVE_S
from service.workflows.dispatching.hands import RECORD_AT_ONCE, Hands
from service.workflows.dispatching.record import Answered, record

log = logging.getLogger(__name__)

MOST_CLAIMED = 500
LEAST_CLAIMED_PER_HAND = 2
LAUNCH_AT_ONCE = 200
RECORD_AFTER_S = 0.05
MOST_UNRECORDED = 10
GATHER_S = 0.004
"""How long a first request waits for others to begin with it."""
AFTER_A_FAULT_S = 0.5
BREATH_S = 0.004
"""SQLite has one lock for all writers: so long it is left to others between two waves."""
END_WITHIN_S = 25.0
BEAT_EVERY_S = 5.0


class Dispatcher:
    """Sends what is due until told to stop. `run` blocks; `stop` and `wake` may come from any thread."""

    def __init__(
        self,
        database: Database,
        gateway: SmsGateway,
        programme: Programme,
        rate: Rate,
        clock: Callable[[], datetime],
        *,
        threads: int,
        stands_aside: Callable[[], bool] = lambda: False,
        beat_clock: Callable[[], datetime] | None = None,
    ) -> None:
        """`clock` tells what is due. While `stands_aside` says so, nothing new is claimed.

        `beat_clock` tells the machine's time for the heartbeat; without it there is none.
        """
        self._database = database
        self._gateway = gateway
        self._programme = programme
        self._rate = rate
        self._clock = clock
        self._threads = threads
        self._stands_aside = stands_aside
        self._beat_clock = beat_clock
        self._token = uuid.uuid4().hex
        self._hands = Hands(database.vault, gateway, programme, clock, threads)
        self._claimed: deque[ClaimedText] = deque()  # in hand, not launched
        self._is_woken = True
        self._shares_one_lock = database.engine.dialect.name == "sqlite"
        self._sent_lately = 0.0  # texts a second
        self._recorded_at = time.monotonic()
        self._look_at = 0.0  # when to claim next (monotonic)
        self._next_wave_at = 0.0
        self._next_beat = 0.0

    def run(self) -> None:
        listener = threading.Thread(target=self._listen, name="outbox-watch", daemon=True)
        listener.start()
        self._hands.start()
        try:
            self._fly()
        finally:
            self._hands.end()
        listener.join(1)

    def stop(self) -> None:
        """Let calls that have begun finish, give everything else back, and end `run`. Safe in a signal."""
        self._hands.is_ending = True

    def wake(self) -> None:
        """Something was queued: look now."""
        with self._hands.lock:
            self._is_woken = True
            self._hands.pilot.notify()

    def _listen(self) -> None:
        """Pass on what the database tells; when that ends, start anew."""
        while not self._hands.is_done:
            try:
                heard = watch.watch(self._database.engine)
                try:
                    while not self._hands.is_done:
                        if heard.wait(0.5):
                            self.wake()
                finally:
                    heard.close()
            except Exception as fault:
                log.warning("the outbox cannot be watched", extra=fault_of(fault))
                time.sleep(AFTER_A_FAULT_S)

    # The pilot

    def _fly(self) -> None:
        end_by = math.inf
        while True:
            if self._hands.is_ending and end_by == math.inf:
                end_by = time.monotonic() + END_WITHIN_S
                self._hands.house.close()
            try:
                self._record_outcomes()
                self._give_back_shut_out()
                if self._hands.is_ending:
                    if self._is_all_done() or time.monotonic() > end_by:
                        self._give_back_the_rest()
                        return
                else:
                    self._claim_more()
                    self._launch_more()
                    self._open_gates()
                    self._beat()
            except Exception as fault:
                # The fault's message is left out: a driver may quote a row in it.
                log.error("the sender met a fault and goes on", extra=fault_of(fault))
                if time.monotonic() > end_by:
                    return  # what is in hand is found by the next sender: released or looked up
                time.sleep(AFTER_A_FAULT_S)
                self._look_at = 0.0
            self._rest()

    def _is_all_done(self) -> bool:
        with self._hands.lock:
            return not (self._hands.calling or self._hands.outcomes or self._hands.shut_out)

    def _record_outcomes(self) -> None:
        now = time.monotonic()
        with self._hands.lock:
            waits = self._hands.outcomes and not (
                self._hands.is_ending
                or len(self._hands.outcomes) >= RECORD_AT_ONCE
                or now - self._hands.first_outcome_at >= RECORD_AFTER_S
            )
            if waits or not self._hands.outcomes:
                return
            taken, self._hands.outcomes = self._hands.outcomes, []
        plain = [each for each in taken if isinstance(each.outcome, Accepted) and not each.text.is_probe]
        rare = [each for each in taken if not isinstance(each.outcome, Accepted) or each.text.is_probe]
        failed: list[Answered] = []
        fault: Exception | None = None
        for group in ([plain] if plain else []) + [[each] for each in rare]:
            try:
                record(self._database, self._programme, group, self._clock())
            except Exception as problem:
                failed += group
                fault = problem
        if rare:
            self._look_at = 0.0  # a pause or a hold may have begun or ended
        passed = max(time.monotonic() - self._recorded_at, 0.001)
        self._recorded_at += passed
        self._sent_lately += (len(taken) / passed - self._sent_lately) * min(passed / 0.5, 1.0)
        if fault is not None:
            with self._hands.lock:
                self._hands.outcomes = failed + self._hands.outcomes
                self._hands.first_outcome_at = now + AFTER_A_FAULT_S
            if len(failed) >= MOST_UNRECORDED:
                raise fault  # the database is away: nothing new is begun until it is back
            log.error("an outcome could not be recorded; it will be tried again", extra=fault_of(fault))

    def _give_back_shut_out(self) -> None:
        with self._hands.lock:
            shut_out, self._hands.shut_out = self._hands.shut_out, []
        try:
            if launch.give_back(self._database, [text.message_id for text in shut_out], self._token):
                self._look_at = 0.0
        except Exception:
            with self._hands.lock:
                self._hands.shut_out += shut_out
            raise

    def _give_back_the_rest(self) -> None:
        with self._hands.lock:
            rest = [*self._claimed, *(text for _, text in self._hands.ready)]
            self._claimed.clear()
            self._hands.ready.clear()
        launch.give_back(self._database, [text.message_id for text in rest], self._token)

    def _claim_more(self) -> None:
        now = time.monotonic()
        with self._hands.lock:
            in_hand = len(self._claimed) + len(self._hands.ready)
            if self._is_woken:
                self._look_at, self._is_woken = 0.0, False
        wanted = max(int(self._sent_lately), LEAST_CLAIMED_PER_HAND * self._threads)
        wanted = min(wanted, MOST_CLAIMED)
        if now < self._look_at or in_hand > wanted // 4:
            return
        if self._stands_aside():
            self._look_at = now + POLL.total_seconds()
            return
        at = self._clock()
        found = claim(self._database, self._programme, self._rate, at, wanted, self._token)
        until = (found.look_again_at - at - CLAIM_AHEAD / 2).total_seconds()
        self._look_at = now + min(max(until, 0.0), POLL.total_seconds())
        if found.are_launched:
            self._hands.make_ready(found.texts, at)
        else:
            self._claimed.extend(found.texts)

    def _launch_more(self) -> None:
        if not self._claimed or len(self._hands.ready) > LAUNCH_AT_ONCE // 2:
            return
        batch = [self._claimed.popleft() for _ in range(min(len(self._claimed), LAUNCH_AT_ONCE))]
        at = self._clock()
        try:
            ours = launch.launch(self._database, batch, self._token, at)
        except Exception:
            self._claimed.extendleft(reversed(batch))
            raise
        self._hands.make_ready([text for text in batch if text.message_id in ours], at)

    def _open_gates(self) -> None:
        waiting, since = self._hands.house.waiting()
        now = time.monotonic()
        if not waiting or now < self._next_wave_at:
            return
        with self._hands.lock:
            near = [text for text, gate in self._hands.calling.values() if not gate.has_begun]
            coming = [
                text
                for begin_at, text in itertools.islice(self._hands.ready, self._wave_size())
                if begin_at <= now + LONGEST_WAVE_S
            ]
        is_worth_it = len(waiting) * 2 >= self._threads or now - since >= GATHER_S
        if not is_worth_it and (coming or len(near) > len(waiting)):
            return
        wave = near + coming
        with launch.held(self._database, self._programme, wave, self._token, self._clock()) as held:
            refused = {text.message_id for text in wave} - held.may_go
            self._hands.house.let_through(held.may_go, refused)
        if self._shares_one_lock:
            self._next_wave_at = time.monotonic() + BREATH_S

    def _wave_size(self) -> int:
        """How many texts can begin within a wave, besides those that are at their gates."""
        return max(int(self._sent_lately * LONGEST_WAVE_S * 1.25), self._threads)

    def _beat(self) -> None:
        now = time.monotonic()
        if self._beat_clock is not None and now >= self._next_beat:
            self._next_beat = now + BEAT_EVERY_S
            health.beat(self._database, "send", self._beat_clock())

    def _rest(self) -> None:
        """Wait until there is something for the database to do."""
        waiting, since = self._hands.house.waiting()
        now = time.monotonic()
        with self._hands.lock:
            moments = [now + POLL.total_seconds()]
            if waiting:
                moments.append(max(since + GATHER_S, self._next_wave_at))
            if self._hands.outcomes:
                moments.append(self._hands.first_outcome_at + RECORD_AFTER_S)
            if self._claimed and len(self._hands.ready) <= LAUNCH_AT_ONCE // 2:
                moments.append(now)
            if self._hands.is_ending:
                moments.append(now + 0.02)
            elif len(self._claimed) + len(self._hands.ready) <= LEAST_CLAIMED_PER_HAND * self._threads // 2:
                moments.append(self._look_at)
            wait = min(moments) - now
            if wait > 0 and not (self._is_woken or self._hands.shut_out):
                self._hands.pilot.wait(wait)
