"""The double with bad days, and the way from it to whichever web process is there."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.twilio_double import script
from tests.twilio_double.contract import Pairs
from tests.twilio_double.double import TwilioDouble
from tests.twilio_double.post import Posted, over_http
from tests.twilio_double.records import TextRecord
from tests.twilio_double.script import Answer, Receipt

SENT, DELIVERED = Receipt("sent"), Receipt("delivered", after_s=0.05)

# How a call ends, and how often in a thousand; what is left over ends well.
BAD_DAYS: tuple[tuple[str, int, Callable[[], Answer]], ...] = (
    ("hang, accepted", 8, lambda: script.hang(accepts=True)),
    ("hang, not accepted", 8, lambda: script.hang(accepts=False)),
    ("reset, accepted", 20, lambda: script.reset(accepts=True)),
    ("reset, not accepted", 20, lambda: script.reset(accepts=False)),
    ("500, accepted", 10, lambda: script.server_error(500, accepts=True)),
    ("500, not accepted", 10, lambda: script.server_error(500)),
    ("503, not accepted", 20, lambda: script.server_error(503)),
    ("201 that cannot be read", 15, lambda: script.unreadable()),
    ("201 without an id", 5, lambda: script.unreadable("no sid")),
    ("429", 6, lambda: script.too_fast("1")),
    ("refused: landline", 2, lambda: script.refuse(21614)),
)
# Which receipts follow an accepted text, and how often in a hundred.
RECEIPTS: tuple[tuple[int, tuple[Receipt, ...]], ...] = (
    (60, (SENT, DELIVERED)),
    (8, (SENT, SENT, DELIVERED, DELIVERED)),
    (8, (DELIVERED, SENT, Receipt("queued"))),
    (6, (Receipt("sent", early=True), DELIVERED)),
    (4, (SENT, Receipt("undelivered", 30003, after_s=0.05))),
    (3, (SENT, DELIVERED, Receipt("undelivered", 30008))),
    (11, ()),
)


def nobody_there(url: str, form: Pairs, headers: dict[str, str]) -> Posted:
    """All web processes have ended."""
    return Posted(0, "", "")


class Road:
    """Posts to the public address reach one of the web processes that are up, as behind a load balancer."""

    def __init__(self, ports: Callable[[], list[int]], dice: random.Random) -> None:
        self._ports = ports
        self._dice = dice

    def __call__(self, url: str, form: Pairs, headers: dict[str, str]) -> Posted:
        parts = urlsplit(url)
        ports = self._ports()
        if not ports:
            return nobody_there(url, form, headers)
        here = parts._replace(scheme="http", netloc=f"127.0.0.1:{self._dice.choice(ports)}")
        return over_http(here.geturl(), form, headers)  # should that one die, the post is lost


class RoughTwilio(TwilioDouble):
    """A double whose calls end as the dice say while `is_rough`, and well afterwards."""

    def __init__(self, road: Road, dice: random.Random) -> None:
        super().__init__(road)
        self._dice = dice
        self._dice_lock = threading.Lock()
        self.is_rough = True
        self.drawn: Counter[str] = Counter()

    def next_answer(self, to: str) -> Answer:
        with self._dice_lock:
            throw, delay_s = self._dice.randrange(1000), self._dice.uniform(0, 0.1)
            if self.is_rough:
                for name, share, make in BAD_DAYS:
                    if throw < share:
                        self.drawn[name] += 1
                        return make()
                    throw -= share
            self.drawn["taken"] += 1
        return script.accept(delay_s if self.is_rough else 0.0)

    def _accept(self, text: TextRecord, lifecycle: tuple[Receipt, ...] | None = None) -> TextRecord:
        return super()._accept(text, self._receipts() if lifecycle is None else lifecycle)

    def _receipts(self) -> tuple[Receipt, ...]:
        if not self.is_rough:
            return (SENT, DELIVERED)
        with self._dice_lock:
            (steps,) = self._dice.choices([steps for _, steps in RECEIPTS], [share for share, _ in RECEIPTS])
        return steps
