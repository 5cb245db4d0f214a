"""What must hold at the end: every text in one place, counted against the double's own records."""

import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select

from service.bootstrap import Parts
from service.domain.alerts import AlertKind
from service.domain.consent import ConsentStatus
from service.domain.message import MessageKind, MessageStatus
from service.store.schema import Alert, InboundMessage, Message, Participant
from tests.soak.faults import RoughTwilio
from tests.soak.town import Told

S = MessageStatus
WITH_TWILIO = frozenset({S.SENT, S.DELIVERED, S.UNDELIVERED})
NOT_WITH_TWILIO = frozenset({S.CANCELLED, S.EXPIRED})
ANSWERS = frozenset({MessageKind.REPLY, MessageKind.SAFETY})
# A safety reply needs no opt-in (SENDABLE_WITHOUT_OPT_IN): whoever texts that they are in danger is answered, also
# after a STOP. One that was written before the STOP is no answer to a later text, and counts as any other.
SEEN_LATE = timedelta(seconds=2)
"""A request that was written before an opt-out committed may be read by the busy double so much later."""


@dataclass
class Ledger:
    """`lines` tell what was counted, `faults` what does not balance: none, or the run has failed."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def line(self, what: str, count: object) -> None:
        self.lines.append((what, str(count)))

    def must(self, holds: bool, fault: str) -> None:
        if not holds:
            self.faults.append(fault)


def balance(parts: Parts, twilio: RoughTwilio, told: Told) -> Ledger:
    """Compare the database, the double and what the town was told."""
    ledger = Ledger()
    with parts.database.read() as session:
        rows = list(session.scalars(select(Message)))
        people = {each.id: each for each in session.scalars(select(Participant))}
        number_of = {each.id: each.phone for each in people.values()}
        body_of = {row.id: row.body for row in rows}
        inbound = Counter(session.scalars(select(InboundMessage.gateway_sid)))
        alerts = list(session.scalars(select(Alert)))
    texts = [row for row in rows if row.kind not in ANSWERS]
    _every_text_is_written_once(ledger, texts, body_of, told)
    _each_is_in_one_place(ledger, rows, texts, alerts)
    _nothing_was_taken_twice(ledger, rows, twilio)
    _opt_outs_won(ledger, rows, people, number_of, twilio, told)
    _nobody_was_overheard(ledger, inbound, alerts, number_of, twilio, told)
    ledger.must(not twilio.violations, f"Twilio's rules were broken: {twilio.violations[:3]}")
    return ledger


def _every_text_is_written_once(
    ledger: Ledger, texts: list[Message], body_of: dict[uuid.UUID, str], told: Told
) -> None:
    firsts = [row for row in texts if not (row.dedupe_key or "").startswith("retry:")]
    by_words = Counter(body_of[row.id] for row in firsts if row.kind is MessageKind.MANUAL)
    by_schedule = Counter(row.schedule_id for row in firsts if _is_first_asking(row))
    ledger.line("texts that staff wrote", len(told.written))
    ledger.line("… whose commit broke off, written or not", len(told.perhaps_written))
    ledger.line("reminders that fell due", sum(by_schedule.values()))
    ledger.line("second tries after an error of the carrier", len(texts) - len(firsts))
    lost = [words for words in told.written if by_words[words] != 1]
    ledger.must(not lost, f"{len(lost)} texts of staff are not there exactly once")
    doubled = [words for words in told.perhaps_written if by_words[words] > 1]
    ledger.must(not doubled, f"{len(doubled)} texts of staff are there more than once")
    often = [each for each, count in by_schedule.items() if count != 1]
    ledger.must(not often, f"{len(often)} reminders were planned more than once")
    gone = [
        each
        for each, number in told.scheduled.items()
        if by_schedule[each] == 0 and number not in told.stopping
    ]
    ledger.must(not gone, f"{len(gone)} reminders of people who stayed were never planned")


def _is_first_asking(row: Message) -> bool:
    """Not the second asking, nor one that a person asked for with LATER."""
    key = row.dedupe_key or ""
    return key.startswith(f"{row.schedule_id}:") and not key.endswith(":again")


def _each_is_in_one_place(
    ledger: Ledger, rows: list[Message], texts: list[Message], alerts: list[Alert]
) -> None:
    for status, count in sorted(Counter(row.status.value for row in texts).items()):
        ledger.line(f"… ended as {status}", count)
    waiting = [row for row in rows if row.status in (S.QUEUED, S.SENDING)]
    ledger.must(not waiting, f"{len(waiting)} texts are in no final or shown state")
    shown = {alert.message_id for alert in alerts if alert.kind is AlertKind.OUTCOME_UNKNOWN}
    hidden = [row for row in texts if row.status is S.UNKNOWN and row.id not in shown]
    ledger.must(not hidden, f"{len(hidden)} unknown outcomes are shown to nobody")
    ledger.line("answers in TwiML and safety replies", len(rows) - len(texts))


def _nothing_was_taken_twice(ledger: Ledger, rows: list[Message], twilio: RoughTwilio) -> None:
    by_id = {row.id: row for row in rows}
    taken: Counter[uuid.UUID] = Counter()
    for text in twilio.sent:
        if text.direction == "outbound-api":
            taken[uuid.UUID((text.status_callback or "").split("/")[-2])] += 1
    calls = sum(call.method == "POST" for call in twilio.calls)
    ledger.line("calls that Twilio saw", calls)
    ledger.line("texts that Twilio took", sum(taken.values()))
    ledger.line(
        "sent again after proof that Twilio never had them", sum(row.resent_at is not None for row in rows)
    )
    twice = [each for each, count in taken.items() if count > 1]
    ledger.line("texts that Twilio took twice", len(twice))
    ledger.must(not twice, f"{len(twice)} texts were taken twice")
    unknown = [each for each in taken if each not in by_id]
    ledger.must(not unknown, f"{len(unknown)} texts at Twilio are in no row")
    for row in rows:
        if row.kind in ANSWERS and row.attempts <= 1:
            continue  # it went in the webhook's answer
        if row.status in WITH_TWILIO:
            ledger.must(taken[row.id] == 1, f"a text is {row.status}, and Twilio never took it")
        if row.status in NOT_WITH_TWILIO:
            ledger.must(taken[row.id] == 0, f"a text is {row.status}, and Twilio took it")


def _opt_outs_won(
    ledger: Ledger,
    rows: list[Message],
    people: dict[int, Participant],
    number_of: dict[int, str],
    twilio: RoughTwilio,
    told: Told,
) -> None:
    by_id = {row.id: row for row in rows}
    close, owed = 0, 0
    after: list[str] = []
    for call in twilio.calls:
        number = dict(call.form).get("To", "")
        stopped_at = told.stopped.get(number) if call.method == "POST" else None
        if stopped_at is not None and call.at > stopped_at:
            close += call.at <= stopped_at + SEEN_LATE
            if call.at <= stopped_at + SEEN_LATE:
                continue
            row = by_id[uuid.UUID(dict(call.form)["StatusCallback"].split("/")[-2])]
            if row.kind is MessageKind.SAFETY and row.created_at > stopped_at:
                owed += 1
                continue
            after.append(
                f"{row.kind}, called {(call.at - stopped_at).total_seconds():.1f} s and written "
                f"{(row.created_at - stopped_at).total_seconds():.1f} s after it, now {row.status}"
            )
    ledger.line("people who texted STOP", len(told.stopping))
    ledger.line(f"calls read within {SEEN_LATE.seconds} s after their STOP was answered", close)
    ledger.line("… safety replies to what somebody in danger texted after their STOP, read late", owed)
    ledger.line("calls after that", len(after))
    ledger.must(not after, f"{len(after)} texts were sent after an opt-out had committed: {after[:5]}")
    still_in = [
        each
        for each in people.values()
        if number_of[each.id] in told.stopping and each.consent is not ConsentStatus.OPTED_OUT
    ]
    ledger.must(not still_in, f"{len(still_in)} people texted STOP and are still opted in")


def _nobody_was_overheard(
    ledger: Ledger,
    inbound: Counter[str],
    alerts: list[Alert],
    number_of: dict[int, str],
    twilio: RoughTwilio,
    told: Told,
) -> None:
    said = {text.sid for text in twilio.texts if text.direction == "inbound"}
    ledger.line("texts that came in", len(said))
    ledger.line("… stored", sum(inbound.values()))
    ledger.must(said == set(inbound), f"{len(said - set(inbound))} texts that came in are not stored")
    ledger.must(max(inbound.values(), default=1) == 1, "a text that came in is stored twice")
    warned = {number_of.get(alert.participant_id or 0) for alert in alerts if alert.kind is AlertKind.CRISIS}
    unseen = told.in_danger - warned
    ledger.line("people in danger, each with an alert", len(told.in_danger))
    ledger.must(not unseen, f"{len(unseen)} people in danger have no alert")
