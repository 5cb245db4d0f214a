"""Reports on a period and a group: how people are doing with the texts, and the texts with people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentStatus
from service.domain.message import MessageKind
from service.domain.reporting import FEWEST_PEOPLE, Bucket, Group, Line, Period, hide_small
from service.store import audit, reports
from service.store.audit import By
from service.store.engine import Database

WAITS_FOR_A_PERSON = frozenset(AlertKind) - {
    AlertKind.OPTED_OUT,
    AlertKind.WRONG_NUMBER,
    AlertKind.REPLY_LIMIT,
    AlertKind.PAGES_STOPPED,
}
"""Texts that opened one of these want a person to answer."""


@dataclass(frozen=True)
class Failure:
    """Texts that did not arrive: the status they ended in, the gateway's code, our own reason."""

    status: str
    code: int | None
    reason: str | None
    line: Line


@dataclass(frozen=True)
class Report:
    """Numbers with the small ones hidden (`Line.is_hidden`). Lists by bucket are in the order of `buckets`.

    Numbers of the lines: `replies` and its total (asked, answered) · `scores` (mean, answers) ·
    `kinds` (asked, answered, done) · `waiting` (texts, answered) · `median` (seconds) · `joined`, `left`,
    `consents`, `left_after`, `left_behind` (people) · `sent` and its total (texts, segments) ·
    `segments` (segments).
    """

    buckets: Sequence[Bucket]
    asked: Line
    replies: Sequence[Line]
    scores: Sequence[Line]
    kinds: Sequence[Line]
    waiting: Line
    median: Line
    joined: Sequence[Line]
    left: Sequence[Line]
    consents: Sequence[Line]
    left_after: Sequence[Line]
    left_behind: Sequence[Line]
    failures: Sequence[Failure]
    sent_in_all: Line
    sent: Sequence[Line]
    segments: Sequence[Line]


def make_report(database: Database, period: Period, group: Group) -> Report | None:
    """None when the group is so small that any number would be about somebody."""
    buckets = period.buckets()
    with database.read() as session:
        if reports.people_in(session, group) < FEWEST_PEOPLE:
            return None
        replies, scores = reports.questions_by_bucket(session, buckets, group)
        kinds = reports.questions_by_kind(session, period, group)
        waiting, median = reports.human_answers(session, period, group, WAITS_FOR_A_PERSON)
        joined, left = (
            reports.consents_by_bucket(session, buckets, group, status)
            for status in (ConsentStatus.OPTED_IN, ConsentStatus.OPTED_OUT)
        )
        sent = reports.sent_by_kind(session, period, group)
        failed = [Failure(*each) for each in reports.failures(session, period, group)]
        hidden = hide_small([each.line for each in failed])
        return Report(
            buckets=buckets,
            asked=_one(_total(replies, (0, 0))),
            replies=hide_small(replies),
            scores=hide_small(scores, is_sum=False),
            kinds=hide_small(kinds),
            waiting=_one(waiting),
            median=_one(median),
            joined=hide_small(joined),
            left=hide_small(left),
            consents=hide_small(reports.consents(session, period, group), is_sum=False),
            left_after=hide_small(reports.leaving_after(session, period, group)),
            left_behind=hide_small(reports.leaving_behind(session, period, group)),
            failures=[
                Failure(each.status, each.code, each.reason, line)
                for each, line in zip(failed, hidden, strict=True)
            ],
            sent_in_all=_one(_total(sent, (0, 0))),
            sent=_without_pages(sent),
            segments=hide_small(reports.segments_by_bucket(session, buckets, group)),
        )


def record_export(database: Database, period: Period, group: Group, by: By, now: datetime) -> None:
    """That figures left the house: who took them, about when and whom."""
    with database.write() as session:
        audit.record(
            session, by, "report.exported", now,
            first=period.first.isoformat(), last=period.last.isoformat(), language=group.language,
        )  # fmt: skip


def _one(line: Line) -> Line:
    return hide_small([line])[0]


def _total(lines: Sequence[Line], none: tuple[float, ...]) -> Line:
    """As many people as behind the largest of them at least, which is all that hiding must know."""
    sums = tuple(sum(numbers) for numbers in zip(*(line.numbers for line in lines), strict=True))
    return Line("total", sums or none, max((line.people for line in lines), default=0))


def _without_pages(lines: Sequence[Line]) -> list[Line]:
    """Small numbers hidden; pages to staff are about no participant and may be shown as they are."""
    pages = [line for line in lines if line.key == MessageKind.PAGE.value]
    return hide_small([line for line in lines if line not in pages]) + pages
