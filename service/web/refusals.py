"""Counting webhook posts that were refused, without a write to the database for each.

Whoever likes may post nonsense to a public address; a flood of it must not become a flood of transactions.
A process writes its counts down at most every ten seconds, and before it shows the figures.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable

from service.domain.errors import fault_of

log = logging.getLogger(__name__)

WRITTEN_EVERY_S = 10.0


class Refusals:
    """The counts of this process that are not written down yet. `write` takes them by reason."""

    def __init__(self, write: Callable[[dict[str, int]], None]) -> None:
        self._write = write
        self._waiting: Counter[str] = Counter()
        self._written_at = -WRITTEN_EVERY_S
        self._lock = threading.Lock()

    def note(self, reason: str) -> None:
        with self._lock:
            self._waiting[reason] += 1
        if time.monotonic() - self._written_at >= WRITTEN_EVERY_S:
            self.write_down()

    def write_down(self) -> None:
        """Write what waits. Never raises: a count is not worth failing a request for."""
        with self._lock:
            counts, self._waiting = dict(self._waiting), Counter()
            self._written_at = time.monotonic()
        if not counts:
            return
        try:
            self._write(counts)
        except Exception as problem:
            log.warning("refusals could not be counted yet", extra=fault_of(problem))
            with self._lock:
                self._waiting.update(counts)
