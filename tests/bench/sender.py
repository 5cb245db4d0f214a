"""`python -m tests.bench.sender KIND ...`: Handrail's sender, the limit, or a peer, in a process of its own.

It gets ready, says so, and waits for a word; told to report it says what it used. Kinds:

    handrail THREADS            the dispatcher of `python -m jobs`, by the settings of its environment
    limit THREADS COUNT         the transport alone: COUNT texts by THREADS threads, no database
    serial COUNT                Twilio's own client in a loop
    apscheduler THREADS COUNT   a job for each text, in a job store at PEER_DATABASE
"""

import json
import resource
import sys
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from service.gateways.base import Form


def say(**what: object) -> None:
    print(json.dumps(what), flush=True)


def heard() -> str:
    return sys.stdin.readline().strip()


def used() -> float:
    """Seconds of processor time of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def serve(start: Callable[[], object], stop: Callable[[], object], **counts: Callable[[], object]) -> None:
    """Say that all is ready; start when told; report when asked; stop when told or left alone."""
    say(ready=True)
    before = 0.0
    while word := heard():
        if word == "go":
            before = used()
            start()
        elif word == "report":
            say(cpu=used() - before, **{name: count() for name, count in counts.items()})
        else:
            break
    stop()


def no_door(url: str, form: Form, signature: str) -> tuple[int, str]:
    """There is no simulated phone here that would call it."""
    raise OSError("nobody opens")


def handrail(threads: int) -> None:
    from service.bootstrap import build_dispatcher, build_parts
    from service.config import load_settings
    from service.logs import set_up_logs

    settings = load_settings(_env_file=None, send_threads=threads)
    set_up_logs(settings.log_level)
    parts = build_parts(settings, no_door)
    statements = 0

    def count(*_: Any) -> None:
        nonlocal statements
        statements += 1

    event.listen(parts.database.engine, "before_cursor_execute", count)
    dispatcher = build_dispatcher(settings, parts)
    thread = threading.Thread(target=dispatcher.run)

    def stop() -> None:
        dispatcher.stop()
        if thread.is_alive():
            thread.join(30)

    serve(thread.start, stop, statements=lambda: statements)


def limit(threads: int, count: int) -> None:
    from datetime import timedelta

    from service.bootstrap import build_gateway
    from service.config import load_settings
    from service.gateways.base import Accepted, OutboundText
    from tests.bench.filling import number, words

    gateway = build_gateway(load_settings(_env_file=None, send_threads=threads))
    numbers = iter(range(1, count + 1))
    taken = 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal taken
        while True:
            with lock:
                n = next(numbers, None)
            if n is None:
                return
            text = OutboundText(
                f"{n:032x}", number(n), words(n), f"https://handrail.test/{n:032x}", timedelta(hours=4)
            )
            if isinstance(gateway.send(text), Accepted):
                with lock:
                    taken += 1

    hands = [threading.Thread(target=work) for _ in range(threads)]

    def start() -> None:
        for hand in hands:
            hand.start()

    def stop() -> None:
        for hand in hands:
            hand.join()

    serve(start, stop, taken=lambda: taken)


def serial(count: int) -> None:
    from tests.bench.peers import send

    def loop() -> None:
        for n in range(1, count + 1):
            send(n)

    thread = threading.Thread(target=loop)
    serve(thread.start, thread.join)


def apscheduler(threads: int, count: int) -> None:
    from tests.bench.peers import scheduler_with

    scheduler = scheduler_with(threads, count)
    serve(scheduler.resume, lambda: scheduler.shutdown(wait=False))


if __name__ == "__main__":
    kinds: dict[str, Callable[..., None]] = {
        "handrail": handrail,
        "limit": limit,
        "serial": serial,
        "apscheduler": apscheduler,
    }
    kinds[sys.argv[1]](*map(int, sys.argv[2:]))
