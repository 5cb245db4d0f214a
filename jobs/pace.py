"""Keeping to the rate that the sender is allowed."""

import threading
import time


class Pace:
    """Lets one text through every 1/rate seconds; `stop` lets a waiter go at once."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._next = 0.0
        self._stopping = threading.Event()

    def __call__(self) -> None:
        wait = self._next - time.monotonic()
        if wait > 0:
            self._stopping.wait(wait)
        self._next = max(self._next, time.monotonic()) + self._gap

    def stop(self) -> None:
        self._stopping.set()
