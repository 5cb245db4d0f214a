"""Keeping to the rate that the sender is allowed."""

import math
import threading
import time


class Pace:
    """Called after each text, waits until the next may go; `stop` lets a waiter go at once.

    There is one turn every 1/rate seconds. The time a text itself took counts, so that the rate is
    reached; turns that nobody used are not made up for, so that it is never exceeded.
    """

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._turn = -math.inf
        self._stopping = threading.Event()

    def __call__(self) -> None:
        now = time.monotonic()
        began = self._turn if now - self._turn < self._gap else now
        self._turn = began + self._gap
        self._stopping.wait(self._turn - now)

    def stop(self) -> None:
        self._stopping.set()
