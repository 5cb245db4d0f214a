"""TwilioDouble: Twilio's Messages API on this machine, as tests talk to it."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree

from service.gateways.simulated import opt_out_type_of
from tests.twilio_double.api import create_api
from tests.twilio_double.contract import Pairs
from tests.twilio_double.forms import inbound_form, receipt_form
from tests.twilio_double.post import Posted, Poster, over_http, signed
from tests.twilio_double.records import FINAL, TextRecord
from tests.twilio_double.script import Answer, Receipt
from tests.twilio_double.server import Server


@dataclass(frozen=True)
class Call:
    """One request to the API, as it came, and when by the double's clock."""

    at: datetime
    method: str
    path: str
    query: Pairs
    form: Pairs


@dataclass(frozen=True)
class Reply:
    """What a webhook answered to an inbound text: the whole answer, and the texts in it."""

    posted: Posted
    messages: list[str]


class TwilioDouble:
    """A stateful Twilio account with one number and one messaging service.

    Point a client at `base_url` with `account_sid` and `auth_token`. Every attribute may be changed
    while it runs.
    """

    account_sid = "AC" + "0123456789abcdef" * 2
    service_sid = "MG" + "fedcba9876543210" * 2
    auth_token = "token-of-the-double"
    number = "+15005550006"

    def __init__(self, post: Poster = over_http) -> None:
        """`post` is how webhooks are called: `over_http`, or `in_process(app)` without sockets."""
        self.post = post
        self.judges = True  # by Twilio's file; 8 ms a call, so a test of thousands may do without
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.lifecycle: tuple[Receipt, ...] = ()  # of every text accepted from now on
        self.always: Answer | None = None  # how calls without a script of their own end
        self.reads_fail_with: Answer | None = None  # for everything but sending
        self.advanced_opt_out = True  # tell the webhook OptOutType, as Advanced Opt-Out does
        self.filters_opt_outs = True  # block after STOP
        self.inbound_url = ""  # where inbound texts are posted
        self.blocked: set[str] = set()
        self.violations: list[str] = []  # what broke Twilio's rules; the fixture fails on any
        self.calls: list[Call] = []
        self.receipts: list[tuple[str, str, Posted]] = []  # sid, status, the webhook's answer
        self._texts: dict[str, TextRecord] = {}
        self._inbound: dict[str, tuple[str, Pairs]] = {}
        self._script: deque[tuple[str | None, Answer]] = deque()
        self._lock = threading.RLock()
        self._way: ThreadPoolExecutor = ThreadPoolExecutor(8, "twilio-double")
        self._pending: list[Future[None]] = []
        self._server = Server(create_api(self))

    # Running it

    @property
    def base_url(self) -> str:
        return self._server.url

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        """End hanging calls, post no more receipts, close every socket."""
        self._server.released.set()
        self._way.shutdown(wait=True, cancel_futures=True)
        self._server.stop()

    # What it was asked

    @property
    def texts(self) -> list[TextRecord]:
        """Every text Twilio has, both ways, oldest first."""
        with self._lock:
            return list(self._texts.values())

    @property
    def sent(self) -> list[TextRecord]:
        """Every text it accepted from us, oldest first."""
        return [text for text in self.texts if text.direction != "inbound"]

    def sent_to(self, number: str) -> list[TextRecord]:
        return [text for text in self.sent if text.to == number]

    def find(self, sid: str) -> TextRecord | None:
        with self._lock:
            return self._texts.get(sid)

    def forget(self, sid: str) -> None:
        """Delete a text for good, as a DELETE does."""
        with self._lock:
            del self._texts[sid]

    # What it is told to do

    def script(self, *answers: Answer, to: str | None = None) -> None:
        """End the next calls like this, in turn; with `to`, only calls that text that number."""
        with self._lock:
            self._script.extend((to, answer) for answer in answers)

    def report(self, sid: str, status: str, error_code: int | None = None) -> Posted:
        """Post a receipt now and return the webhook's answer."""
        text = self._texts[sid]
        with self._lock:
            self._advance(text, Receipt(status, error_code))
        if text.status_callback is None:
            return Posted(0, "", "")
        form = receipt_form(text, status, error_code)
        posted = self._post(text.status_callback, form)
        self.receipts.append((sid, status, posted))
        text.reported.append(status)
        return posted

    def settle(self, timeout_s: float = 10.0) -> None:
        """Wait until every receipt of every lifecycle was posted."""
        with self._lock:
            pending, self._pending = self._pending, []
        done, late = wait(pending, timeout_s)
        assert not late, f"{len(late)} texts still have receipts to come"
        for future in done:
            future.result()

    def receive(
        self,
        sender: str,
        body: str,
        *,
        media_count: int = 0,
        heard: bool = True,
        extra: Pairs | None = None,
    ) -> Reply:
        """Text the service's number. Posts it to `inbound_url`, and sends what the TwiML says.

        With `heard` False the webhook is taken to be down: the text is only in Twilio's list.
        `extra` are further form fields.
        """
        text = TextRecord(
            to=self.number,
            sender=sender,
            body=body,
            status="received",
            direction="inbound",
            created_at=self.clock(),
            sent_at=self.clock(),
            account_sid=self.account_sid,
            num_media=media_count,
        )
        form = inbound_form(text) + self._filter(sender, body) + (extra or [])
        with self._lock:
            self._texts[text.sid] = text
            self._inbound[text.sid] = (self.inbound_url, form)
        return self.redeliver(text.sid) if heard else Reply(Posted(0, "", ""), [])

    def redeliver(self, sid: str) -> Reply:
        """Post an inbound text (again), exactly as it was; its TwiML is carried out each time."""
        url, form = self._inbound[sid]
        posted = self._post(url, form)
        if posted.status != 200 or not posted.body:
            return Reply(posted, [])
        if posted.content_type not in ("text/xml", "application/xml"):
            self.violations.append(f"12300: TwiML came as {posted.content_type}")
        return Reply(posted, self._carry_out(posted.body, to=dict(form)["From"]))

    # For the routes

    def note_call(self, method: str, path: str, query: Pairs, form: Pairs) -> None:
        with self._lock:
            self.calls.append(Call(self.clock(), method, path, query, form))

    def next_answer(self, to: str) -> Answer:
        with self._lock:
            for entry in self._script:
                if entry[0] in (None, to):
                    self._script.remove(entry)
                    return entry[1]
        return self.always or Answer()

    def wait(self, seconds: float) -> None:
        if seconds:
            self._server.released.wait(seconds)

    def take(self, fields: dict[str, str]) -> TextRecord:
        """Accept a text, post its early receipts, and start it on its way."""
        service_sid = fields.get("MessagingServiceSid")
        return self._accept(
            TextRecord(
                to=fields["To"],
                sender=None if service_sid else self.number,
                body=fields["Body"],
                status="accepted" if service_sid else "queued",
                direction="outbound-api",
                created_at=self.clock(),
                account_sid=self.account_sid,
                service_sid=service_sid,
                status_callback=fields.get("StatusCallback"),
                form=fields,
            )
        )

    # Within

    def _accept(self, text: TextRecord, lifecycle: tuple[Receipt, ...] | None = None) -> TextRecord:
        steps = self.lifecycle if lifecycle is None else lifecycle
        with self._lock:
            self._texts[text.sid] = text
        for step in steps:
            if step.early:
                self.report(text.sid, step.status, step.error_code)
        rest = [step for step in steps if not step.early]
        if rest:
            with self._lock:
                self._pending.append(self._way.submit(self._go, text.sid, rest))
        return text

    def _go(self, sid: str, steps: list[Receipt]) -> None:
        for step in steps:
            if self._server.released.wait(step.after_s):
                return
            self.report(sid, step.status, step.error_code)

    def _advance(self, text: TextRecord, step: Receipt) -> None:
        if text.status in FINAL:
            return
        text.status, text.error_code = step.status, step.error_code
        text.sender = text.sender or self.number
        if step.status in ("sent", "delivered", "undelivered"):
            text.sent_at = text.sent_at or self.clock()

    def _post(self, url: str, form: Pairs) -> Posted:
        return self.post(url, form, signed(url, form, self.auth_token))

    def _filter(self, sender: str, body: str) -> Pairs:
        """Twilio's opt-out filter: what it adds to the webhook's form."""
        kind = opt_out_type_of(body) if self.filters_opt_outs else None
        if kind == "STOP":
            self.blocked.add(sender)
        elif kind == "START":
            self.blocked.discard(sender)
        return [("OptOutType", kind)] if kind and self.advanced_opt_out else []

    def _carry_out(self, twiml: str, to: str) -> list[str]:
        bodies = []
        response = ElementTree.fromstring(twiml)  # noqa: S314  # made by the service under test
        for message in response.iter("Message"):
            body = "".join(message.itertext())
            text = TextRecord(
                to=to,
                sender=self.number,
                body=body,
                status="queued",
                direction="outbound-reply",
                created_at=self.clock(),
                account_sid=self.account_sid,
                status_callback=message.get("statusCallback"),
            )
            if to in self.blocked:
                self._accept(text, (Receipt("failed", 21610),))
            else:
                self._accept(text)
                bodies.append(body)
        return bodies
