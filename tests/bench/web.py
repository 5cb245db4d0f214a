"""Rows: the webhooks against a static Flask view on the same server, and while a burst is being sent."""

import json
import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select

from service.bootstrap import Parts
from service.store.schema import Message
from tests.bench import filling
from tests.bench.dispatch import NAMES, PLAIN_THREADS, Sizes, check, due_now
from tests.bench.figures import Figure, at_least, at_most, median, percentile
from tests.bench.ground import PUBLIC, ROOT, SYSTEMS, Child, Ground, cpu_of, free_port, gunicorn, until
from tests.twilio_double.double import TwilioDouble
from tests.twilio_double.forms import inbound_form, receipt_form
from tests.twilio_double.post import signed
from tests.twilio_double.records import TextRecord

PEOPLE = 2_000
POSTS = 1_500
ALONE = 400
CONNECTIONS = 8
BURST = 10_000
PER_SECOND = 20
STATIC = "tests.bench.static_view:app"
INBOUND = "/webhooks/sms/inbound"
Post = tuple[str, dict[str, str], str]


@dataclass(frozen=True)
class Load:
    """What came of a run of posts: a rate, milliseconds each, milliseconds of the server's CPU a post."""

    rate: float
    took: Sequence[float]
    cpu: float

    @property
    def p99(self) -> float:
        return percentile(self.took, 0.99) * 1000


@contextmanager
def serving(ground: Ground, app: str, env: dict[str, str]) -> Iterator[tuple[int, int]]:
    """gunicorn as the Procfile runs it; its port and process id."""
    port = free_port()
    server = subprocess.Popen(
        gunicorn(port, 2, app),
        cwd=ROOT,
        env=env | {"PYTHONPATH": str(ROOT), "PATH": ""},
    )
    try:
        until(lambda: _is_up(port), "the server answers")
        if app != STATIC:
            warm_up(port, server.pid)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(60)


def warm_up(port: int, pid: int) -> float:
    """Let both workers load what they load with a first text; how long the slowest took, in seconds."""
    return max(load(port, pid, inbound_posts(40, 5_000_000), CONNECTIONS).took)


def _is_up(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status in (200, 404, 405)
    except OSError:
        return False
    finally:
        connection.close()


def load(
    port: int, pid: int, posts: Sequence[Post], connections: int, rate: float = 0.0, expected: str = "2"
) -> Load:
    """Post all of it from a process of its own. Raises RuntimeError on an unexpected answer."""
    with Child("tests.bench.load", port, connections, *([rate] if rate else [])) as client:
        for post in posts:
            client.tell(json.dumps(post))
        client.tell("")
        client.hear()
        before = cpu_of(pid)
        client.tell("go")
        told = client.hear()
        spent = cpu_of(pid) - before
    if any(not status.startswith(expected) for status in told["statuses"]):
        raise RuntimeError(f"unexpected answers: {told['statuses']}")
    return Load(told["rate"], told["took"], spent * 1000 / len(posts))


def inbound_posts(count: int, first: int = 0) -> list[Post]:
    """Signed texts with distinct ids, such as people send: answers, thanks, questions."""
    said = ("3", "yes", "thanks", "I am craving", "4 slept ok", "more")
    posts = []
    for n in range(first, first + count):
        record = TextRecord(
            to=TwilioDouble.number,
            sender=filling.number(n % PEOPLE + 1),
            body=said[n % len(said)],
            status="received",
            direction="inbound",
            created_at=filling.now(),
            account_sid=TwilioDouble.account_sid,
        )
        form = inbound_form(record)
        posts.append((INBOUND, signed(PUBLIC + INBOUND, form, TwilioDouble.auth_token), urlencode(form)))
    return posts


def receipt_posts(ids: Sequence[uuid.UUID]) -> list[Post]:
    """For each text the two receipts that Twilio posts most: sent, delivered."""
    posts = []
    for status in ("sent", "delivered"):
        for message_id in ids:
            record = TextRecord(
                to=TwilioDouble.number,
                sender=TwilioDouble.number,
                body="",
                status=status,
                direction="outbound-api",
                created_at=filling.now(),
                account_sid=TwilioDouble.account_sid,
                service_sid=TwilioDouble.service_sid,
                sid=f"SM{message_id.hex}",
            )
            form, path = receipt_form(record, status, None), f"/webhooks/sms/{message_id}/status"
            posts.append((path, signed(PUBLIC + path, form, TwilioDouble.auth_token), urlencode(form)))
    return posts


def against_static(ground: Ground, sizes: Sizes) -> list[Figure]:
    figures = []
    for system in SYSTEMS:
        kept = ground.fill(system, f"due_{PEOPLE}", due_now(PEOPLE))
        runs: dict[str, list[Load]] = {
            name: [] for name in ("static", "inbound", "receipts", "one", "static one")
        }
        with ground.database(system, kept) as url:
            env = ground.environment(url)
            with ground.parts(url) as parts:
                ids = _mark_sent(parts)
            with (
                serving(ground, STATIC, env) as static,
                serving(ground, "service.app:create_app()", env) as ours,
            ):
                turns = max(sizes.repeats, 1)
                for turn in range(turns):
                    texts = inbound_posts(POSTS, turn * POSTS)
                    some = ids[turn * len(ids) // turns : (turn + 1) * len(ids) // turns]
                    runs["static"].append(load(*static, texts, CONNECTIONS))
                    runs["inbound"].append(load(*ours, texts, CONNECTIONS))
                    runs["receipts"].append(load(*ours, receipt_posts(some), CONNECTIONS))
                    runs["static one"].append(load(*static, texts[:ALONE], 1))
                    runs["one"].append(load(*ours, inbound_posts(ALONE, 1_000_000 + turn * ALONE), 1))
        figures += _compared(NAMES[system], runs)
    return figures


def _compared(name: str, runs: dict[str, list[Load]]) -> list[Figure]:
    rates = {kind: median(run.rate for run in found) for kind, found in runs.items()}
    cpu = {kind: median(run.cpu for run in found) for kind, found in runs.items()}
    p99 = {kind: median(run.p99 for run in found) for kind, found in runs.items()}
    figures = [
        Figure(
            f"{name}: static Flask view, {CONNECTIONS} connections",
            f"{rates['static']:,.0f}/s, {cpu['static']:.2f} ms CPU; one connection: p99 {p99['static one']:.1f} ms",
        )
    ]
    for kind, what, goal in (("inbound", "a text that comes in", 0.20), ("receipts", "a receipt", 0.28)):
        ratio = rates[kind] / rates["static"]
        shown = f"{ratio:.2f} ({rates[kind]:,.0f}/s, {cpu[kind]:.2f} ms CPU)"
        figures.append(at_least(f"{name}: {what}, rate / static", ratio, goal, shown))
    ratio = p99["one"] / p99["static one"]
    figures.append(
        at_most(
            f"{name}: a text that comes in, one connection: p99 / static",
            ratio,
            4,
            shown=f"{ratio:.1f} ({p99['one']:.1f} ms)",
        )
    )
    return figures


def _mark_sent(parts: Parts) -> list[uuid.UUID]:
    """As if all had been sent: what receipts come for."""
    from service.store import outcomes

    with parts.database.write() as session:
        ids = list(session.scalars(select(Message.id)))
        outcomes.accepted(session, {each: f"SM{each.hex}" for each in ids}, filling.now())
    return ids


def during_a_burst(ground: Ground, sizes: Sizes) -> list[Figure]:
    """Texts come in, 20 a second, while nothing is sent and while 10,000 are: flat out, and at a paced 200 a second."""
    figures = []
    for system, goal in (("postgres", 2.5), ("sqlite", 4.0)):
        kept = ground.fill(system, f"due_{BURST}", due_now(BURST))
        with ground.database(system, kept) as url:
            env = ground.environment(url)
            with serving(ground, "service.app:create_app()", env) as ours:
                idle = load(*ours, inbound_posts(PER_SECOND * 8), CONNECTIONS, PER_SECOND)
                ground.stub.reset(50)
                with Child("tests.bench.sender", "handrail", PLAIN_THREADS, env=env) as child:
                    child.hear()
                    child.tell("go")
                    time.sleep(0.5)
                    busy = load(*ours, inbound_posts(PER_SECOND * 15, 10_000), CONNECTIONS, PER_SECOND)
                    during = ground.stub.count()
                    counted = ground.stub.wait_for(BURST)
                check(counted, BURST)
        name = NAMES[system]
        figures.append(
            _beside_idle(f"{name}: a text that comes in while {BURST:,} are sent", idle, busy, goal, during)
        )
    return figures


def _beside_idle(what: str, idle: Load, busy: Load, goal: float, during: dict[str, Any]) -> Figure:
    """Not judged when the machine was busy with something else while nothing was sent."""
    idle_p50, busy_p50 = (percentile(each.took, 0.5) * 1000 for each in (idle, busy))
    shown = (
        f"{busy.p99 / idle.p99:.1f} ({idle.p99:.0f} → {busy.p99:.0f} ms, p50 {idle_p50:.0f} → {busy_p50:.0f} ms; "
        f"{during['taken']:,} sent meanwhile, all answered)"
    )
    name = f"{what} (API 50 ms): p99 / idle"
    if busy_p50 < idle_p50:
        return Figure(name, f"{shown}: the machine was too busy to tell", f"≤ {goal:g}")
    return at_most(name, busy.p99 / idle.p99, goal, shown=shown)
