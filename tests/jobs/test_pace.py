"""The rate: reached, never exceeded, and no obstacle to stopping."""

import itertools
import threading
from types import SimpleNamespace

import pytest

from jobs.pace import Pace


class FakeTime:
    """A monotonic clock that only waiting and working move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += max(seconds, 0.0)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr("jobs.pace.time", fake)
    monkeypatch.setattr("jobs.pace.threading", SimpleNamespace(Event=lambda: fake))
    return fake


def starts(fake: FakeTime, pace: Pace, count: int, takes: float) -> list[float]:
    """When each of `count` texts in a row begins, if each takes that long."""
    found = []
    for _ in range(count):
        found.append(fake.now)
        fake.now += takes
        pace()
    return found


@pytest.mark.parametrize("takes", [0.0, 0.05, 0.09])
def test_texts_begin_at_the_rate_however_long_each_takes(fake: FakeTime, takes: float) -> None:
    begun = starts(fake, Pace(10), 21, takes)
    gaps = [later - earlier for earlier, later in itertools.pairwise(begun)]
    assert min(gaps[1:]) == pytest.approx(0.1)
    assert begun[-1] - begun[0] == pytest.approx(2.0, abs=0.1)
    assert min(gaps) >= 0.1 - 1e-9


def test_a_slow_gateway_is_not_made_slower(fake: FakeTime) -> None:
    begun = starts(fake, Pace(10), 11, 0.5)
    assert begun[-1] - begun[0] <= 10 * 0.6 + 1e-9


def test_after_a_long_silence_there_is_no_burst(fake: FakeTime) -> None:
    pace = Pace(2)
    starts(fake, pace, 3, 0.0)
    fake.now += 3600
    begun = starts(fake, pace, 4, 0.0)
    assert [later - earlier for earlier, later in itertools.pairwise(begun)] == pytest.approx([0.5] * 3)


def test_stopping_lets_a_waiter_go_at_once() -> None:
    pace = Pace(0.01)
    threading.Timer(0.1, pace.stop).start()
    waiter = threading.Thread(target=pace, daemon=True)
    waiter.start()
    waiter.join(5)
    assert not waiter.is_alive()
