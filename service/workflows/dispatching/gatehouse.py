"""Letting the calls of many threads begin, in waves.

Each thread prepares its request to the last step, connection included, and waits at its gate. The pilot
opens the gates of a wave while it holds the rows of that wave locked (`launch.held`), and shuts them before
it lets go. What is written through an open gate is written under the lock; what is not, has not begun.
"""

import threading
import time
import uuid
from collections.abc import Callable, Collection

PATIENCE_S = 3.0
"""A request is not kept ready for longer than this: its connection and its validity get stale."""
SETTLES_S = 0.002
LONGEST_WAVE_S = 0.025
"""How long opt-outs can be kept waiting by a wave, as long as the sockets take what is written."""


class Gatehouse:
    """All gates of one dispatcher. Threads come through `gate_for`; everything else is the pilot's."""

    def __init__(self, on_arrival: Callable[[], None], enough: int) -> None:
        """`on_arrival` is called when a first request waits, and when `enough` of them do."""
        self._on_arrival = on_arrival
        self._enough = enough
        self._lock = threading.Lock()
        self._opened = threading.Condition(self._lock)  # for the threads at their gates
        self._moved = threading.Condition(self._lock)  # for the pilot
        self._open: frozenset[uuid.UUID] = frozenset()
        self._refused: set[uuid.UUID] = set()
        self._writing = 0
        self._begun = 0
        self._arrived: dict[uuid.UUID, float] = {}  # who waits, and since when
        self._is_closed_for_good = False

    def gate_for(self, message_id: uuid.UUID) -> "HandGate":
        return HandGate(self, message_id)

    def waiting(self) -> tuple[list[uuid.UUID], float]:
        """Whose requests are ready, and since when the first one is (monotonic; inf when there is none)."""
        with self._lock:
            return list(self._arrived), min(self._arrived.values(), default=float("inf"))

    def let_through(self, may_go: Collection[uuid.UUID], refused: Collection[uuid.UUID]) -> int:
        """Open the gates of a wave, and shut them when it is through; returns how many calls began.

        It is through when all have begun, when no more come, or after LONGEST_WAVE_S; and never before
        everything that has begun is written.
        """
        wave = frozenset(may_go)
        until = time.monotonic() + LONGEST_WAVE_S
        with self._lock:
            self._begun = 0
            self._open = wave
            self._refused.update(refused)
            self._opened.notify_all()
            while wave or self._writing:
                seen = self._begun
                left = until - time.monotonic()
                if left <= 0 or seen >= len(wave):
                    break
                self._moved.wait(min(left, SETTLES_S))
                if self._begun == seen and not (self._arrived.keys() & wave):
                    break
            self._open = frozenset()
            self._moved.wait_for(lambda: self._writing == 0)
            return self._begun

    def close(self) -> None:
        """Let nobody through any more: the process ends."""
        with self._lock:
            self._is_closed_for_good = True
            self._opened.notify_all()

    # For the gates

    def may_leave(self, message_id: uuid.UUID) -> bool:
        until = time.monotonic() + PATIENCE_S
        with self._lock:
            if message_id not in self._open:
                self._arrived[message_id] = time.monotonic()
                if len(self._arrived) in (1, self._enough):
                    self._on_arrival()
                self._opened.wait_for(
                    lambda: (
                        message_id in self._open or message_id in self._refused or self._is_closed_for_good
                    ),
                    until - time.monotonic(),
                )
                del self._arrived[message_id]
            if message_id not in self._open:
                self._refused.discard(message_id)
                return False
            self._writing += 1
            self._begun += 1
            return True

    def has_left(self) -> None:
        with self._lock:
            self._writing -= 1
            if self._writing == 0:
                self._moved.notify()


class HandGate:
    """The gate of one call; see `gateways.base.Gate`. `has_begun` tells afterwards whether it opened."""

    def __init__(self, house: Gatehouse, message_id: uuid.UUID) -> None:
        self._house = house
        self._message_id = message_id
        self.has_begun = False

    def may_leave(self) -> bool:
        self.has_begun = self._house.may_leave(self._message_id)
        return self.has_begun

    def has_left(self) -> None:
        self._house.has_left()
