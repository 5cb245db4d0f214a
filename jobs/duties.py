"""What each job does. Each calls one round of workflows, logs counts, and survives any fault.

A fault is logged and the next tick tries again: this is the one boundary where that is right.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from service.bootstrap import Parts
from service.domain.errors import fault_of
from service.gateways.watcher import knock
from service.workflows import (
    auditing,
    catching_up,
    finding,
    health,
    rehearsal,
    restoring,
    retention,
    rounds,
)

log = logging.getLogger(__name__)

PLAN_AHEAD = timedelta(seconds=60)
"""How early an occurrence becomes a text that waits: planning a slot of thousands takes its time."""


@dataclass(frozen=True)
class Duties:
    """`wake` tells the sender that something was queued."""

    parts: Parts
    stopping: threading.Event
    wake: Callable[[], None] = lambda: None
    heartbeat_url: str = ""

    def plan(self) -> None:
        parts = self.parts

        def work() -> int:
            planned = rounds.plan_all(
                parts.database,
                parts.words,
                parts.programme,
                parts.clock(),
                PLAN_AHEAD,
                self.stopping.is_set,
            )
            return self._told(planned)

        self._do("plan", work)

    def page(self) -> None:
        parts = self.parts
        self._do(
            "page",
            lambda: self._told(rounds.page_all(parts.database, parts.words, parts.programme, parts.clock())),
        )

    def follow_up(self) -> None:
        parts = self.parts
        self._do(
            "follow_up",
            lambda: self._told(
                rounds.follow_up_all(parts.database, parts.words, parts.programme, parts.clock())
            ),
        )

    def rescue(self) -> None:
        parts = self.parts
        self._do(
            "rescue",
            lambda: self._told(
                rounds.rescue_all(parts.database, parts.gateway, parts.programme, parts.clock())
            ),
        )

    def catch_up(self) -> None:
        """Hear the texts that the webhook missed while it was down."""
        parts = self.parts
        self._do(
            "catch_up",
            lambda: self._told(
                catching_up.catch_up(
                    parts.database,
                    parts.gateway,
                    parts.words,
                    parts.programme,
                    parts.clock(),
                    self.stopping.is_set,
                ).heard
            ),
        )

    def pulse(self) -> None:
        """Tell the watcher outside that all is well; when it is not, say nothing, so that they ask."""
        self._do("pulse", self._tell_the_watcher)

    def retain(self) -> None:
        """Let go of old words, here and at the gateway, and keep the journal and the index of names whole."""
        parts = self.parts

        def work() -> int:
            mended = restoring.mend_journal(parts.database)
            retained = retention.run(
                parts.database,
                parts.gateway,
                parts.programme.texts_kept,
                parts.clock(),
                self.stopping.is_set,
            )
            indexed = finding.complete_index(parts.database, self.stopping.is_set)
            return mended + retained.done + indexed

        self._do("retain", work)

    def seal(self) -> None:
        """Seal the newest entries of the audit trail."""
        self._do("seal", lambda: auditing.seal(self.parts.database, self.stopping.is_set))

    def _told(self, done: int) -> int:
        if done:
            self.wake()
        return done

    def _tell_the_watcher(self) -> int:
        parts = self.parts
        if not self.heartbeat_url:
            return 0
        found = health.check(parts.database, parts.clock(), parts.wall())
        if found.problems:
            log.warning("the watcher outside is not told, because of problems", extra={"why": found.problems})
            return 0
        try:
            knock(self.heartbeat_url)
        except OSError as problem:
            log.warning("the watcher outside cannot be told", extra={"why": str(problem)})
        return 0

    def _do(self, name: str, work: Callable[[], int]) -> None:
        try:
            if self.parts.phone is not None and rehearsal.is_moving(self.parts.database, self.parts.wall()):
                return  # whoever moves the clock does what is due
            done = work()
            health.beat(self.parts.database, name, self.parts.wall())
            if done:
                log.info("round done", extra={"job": name, "done": done})
        except Exception as problem:
            # The fault's message is left out: a driver may quote a row in it.
            log.error("round failed", extra={"job": name, **fault_of(problem)})
