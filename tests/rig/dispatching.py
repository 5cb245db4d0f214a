"""Running real dispatchers in tests: threads, waves and all, on a clock that tests set."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from service.domain.message import MessageKind, MessageStatus
from service.domain.pace import Rate
from service.gateways.base import SmsGateway
from service.workflows import enrolment
from service.workflows.dispatching.dispatcher import Dispatcher
from tests.rig.twilio_world import TwilioWorld
from tests.rig.world import STAFF, World

FAST = Rate(10_000, None, ZoneInfo("UTC"))


@contextmanager
def dispatching(
    world: World, gateway: SmsGateway | None = None, *, threads: int = 8, rate: Rate = FAST
) -> Iterator[Dispatcher]:
    """A dispatcher at work until the block ends; then it is stopped and must be through in time."""
    parts = world.parts
    dispatcher = Dispatcher(
        parts.database, gateway or parts.gateway, parts.programme, rate, parts.clock, threads=threads
    )
    thread = threading.Thread(target=dispatcher.run)
    thread.start()
    try:
        yield dispatcher
    finally:
        dispatcher.stop()
        thread.join(40)
    assert not thread.is_alive(), "the dispatcher does not end"


def until(condition: Callable[[], object], what: str = "it", within_s: float = 60.0) -> None:
    give_up = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up, f"{what} did not happen"
        time.sleep(0.02)


def enrolled(world: TwilioWorld, people: int, texts_each: int = 1) -> list[str]:
    """People who have opted in, with texts that wait; their confirmations wait too."""
    numbers = [f"+1202555{n:04d}" for n in range(3000, 3000 + people)]
    for number in numbers:
        participant_id = world.enrol(number)
        for n in range(texts_each):
            enrolment.text_by_hand(world.parts.database, participant_id, f"text {n}", STAFF, world.now)
    return numbers


def statuses(world: World, numbers: list[str]) -> set[MessageStatus | None]:
    """Of their texts, without answers in TwiML: those wait for a receipt."""
    items = [item for number in numbers for item in world.sent(number)]
    return {item.status for item in items if item.kind is not MessageKind.REPLY}


def is_through(world: World, numbers: list[str]) -> bool:
    return not statuses(world, numbers) & {MessageStatus.QUEUED, MessageStatus.SENDING}


def taken(world: TwilioWorld) -> list[str]:
    """The address for receipts of every text that Twilio took: it names our message."""
    return [text.status_callback or "" for text in world.double.sent if text.direction == "outbound-api"]
