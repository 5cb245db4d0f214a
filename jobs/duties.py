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
from service.workflows import catching_up, health, rehearsal, restoring, retention, rounds

log = logging.getLogger(__name__)

PLAN_AHEAD = timedelta(seconds=60)
"""How early an occurrence becomes a text that waits: planning a slot of thousands takes its time."""


@dataclass(frozen=True)
class Duties:
    """`wake` tells the sender that something was queued."""

    parts: Parts
    stopping: threading.Event
    wake: Callable[[], None] = lambda: None

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

    def retain(self) -> None:
        """Let go of old words, here and at the gateway, and keep the journal of withdrawals whole."""
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
            return mended + retained.done

        self._do("retain", work)

    def _told(self, done: int) -> int:
        if done:
            self.wake()
        return done

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
