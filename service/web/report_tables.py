"""A report as tables in plain words: what the page shows and what the file holds are the same."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from service.domain.consent import ConsentStatus
from service.domain.gateway_errors import meaning_of
from service.domain.message import MessageKind, MessageStatus
from service.domain.prompt import ScheduleKind
from service.domain.reporting import FEWEST_PEOPLE, Bucket, Line, SegmentPrice
from service.web import charts
from service.web.charts import Chart, Series
from service.web.spreadsheet import Cell
from service.web.vocabulary import CONSENT_EVENTS, KINDS, SCHEDULES, STATUSES, UNKNOWN_HELP
from service.workflows.reports import Failure, Report

HIDDEN = f"under {FEWEST_PEOPLE} people"
LEFT_AFTER = {
    "same-day": "Within a day of joining",
    "week": "1 to 6 days after joining",
    "month": "7 to 29 days after joining",
    "quarter": "30 to 89 days after joining",
    "longer": "90 days or more after joining",
    "never": "Had not joined here",
}


@dataclass(frozen=True)
class Table:
    """`rows` begin with their label. `charts` show the same."""

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    charts: Sequence[Chart] = ()
    hint: str = ""


@dataclass(frozen=True)
class Sheet:
    """A whole report: the few numbers one asks for first, then the tables."""

    heads: Sequence[tuple[str, str]] = field(default_factory=list)
    tables: Sequence[Table] = field(default_factory=list)


def sheet_of(report: Report, price: SegmentPrice | None) -> Sheet:
    labels = [_label(bucket) for bucket in report.buckets]
    failures = _failures(report.failures)
    asked, waiting = report.asked, report.waiting
    segments = report.sent_in_all.numbers[1]
    heads = [
        ("Questions answered", _percent(asked, 1, 0)),
        ("Median time to a person's answer", _duration(report.median)),
        ("Texts that waited for a person", _said(waiting, 0)),
        ("Joined", _said(_of(report.consents, ConsentStatus.OPTED_IN.value), 0)),
        ("Opted out", _said(_of(report.consents, ConsentStatus.OPTED_OUT.value), 0)),
        ("Segments sent", _said(report.sent_in_all, 1)),
    ]
    if price is not None and segments is not None:
        heads.append(("Cost of those segments", price.of(segments)))
    return Sheet(heads, [
        _replies(labels, report.replies),
        _scores(labels, report.scores),
        _kinds(report.kinds),
        Table(
            "answers", "Answers by a person",
            ("What", "Number"),
            [
                ("Texts that waited for a person", _cell(waiting, 0)),
                ("Of them taken or answered", _cell(waiting, 1)),
                ("Median minutes to that", _minutes(report.median)),
            ],
            hint="A text waits for a person when it opened an alert. It is answered when somebody takes the "
            "alert or texts back by hand, whichever comes first.",
        ),
        _consents(labels, report),
        Table(
            "left-after", "How long after joining people opted out", ("When", "People"),
            [(LEFT_AFTER[line.key], _cell(line, 0)) for line in _in_order(report.left_after)],
        ),
        Table(
            "left-behind", "The last text before people opted out", ("Text", "People"),
            [(_kind(line.key), _cell(line, 0)) for line in report.left_behind],
        ),
        Table(
            "failures", "Texts that did not arrive", ("Why", "Texts", "What helps"), failures,
        ),
        _sent(report.sent, price),
        _segments(labels, report.segments),
    ])  # fmt: skip


def flat(sheet: Sheet) -> list[tuple[Cell, ...]]:
    """One row a number: table, row, column, value. Words that help staff read the page are left out."""
    return [
        (table.title, row[0], name, value)
        for table in sheet.tables
        for row in table.rows
        for name, value in zip(table.columns[1:], row[1:], strict=True)
        if name != "What helps"
    ]


def _replies(labels: Sequence[str], lines: Sequence[Line]) -> Table:
    rates = [_rate(line) for line in lines]
    return Table(
        "replies", "Reply rate", ("When", "Asked", "Answered", "Percent"),
        [(label, _cell(line, 0), _cell(line, 1), _number(line, rate))
         for label, line, rate in zip(labels, lines, rates, strict=True)],
        [charts.bars("Reply rate in percent", labels, [Series("Percent answered", rates)], highest=100)],
        "Questions that reached somebody and were answered, of all that did.",
    )  # fmt: skip


def _scores(labels: Sequence[str], lines: Sequence[Line]) -> Table:
    means = [line.numbers[0] for line in lines]
    return Table(
        "scores", "Check-in scores", ("When", "Mean of 1 to 5", "Answers"),
        [(label, _number(line, None if mean is None else round(mean, 2)), _cell(line, 1))
         for label, line, mean in zip(labels, lines, means, strict=True)],
        [charts.line("Mean check-in score", labels, Series("Mean score", means), 1, 5)],
        "1 is very rough, 5 very good.",
    )  # fmt: skip


def _kinds(lines: Sequence[Line]) -> Table:
    names = [SCHEDULES[ScheduleKind(line.key)] for line in lines]
    done = Series("Percent done", [_rate(line, 2) for line in lines])
    return Table(
        "kinds", "Done, by kind", ("Kind", "Asked", "Answered", "Done", "Percent done"),
        [(name, *(_cell(line, n) for n in range(3)), _number(line, share))
         for name, line, share in zip(names, lines, done.numbers, strict=True)],
        [charts.bars("Percent done, by kind", names, [done], highest=100)] if lines else [],
        "Done: rated, taken, going, or will be there.",
    )  # fmt: skip


def _consents(labels: Sequence[str], report: Report) -> Table:
    joined, left = report.joined, report.left
    rows: list[Sequence[Cell]] = [
        (label, _cell(came, 0), _cell(went, 0))
        for label, came, went in zip(labels, joined, left, strict=True)
    ]
    others = (ConsentStatus.INVITED, ConsentStatus.DECLINED, ConsentStatus.LAPSED, ConsentStatus.WRONG_NUMBER)
    counts = ((CONSENT_EVENTS[status], _of(report.consents, status.value)) for status in others)
    said = ", ".join(f"{words.lower()} {_said(line, 0)}" for words, line in counts)
    pair = [
        Series("Joined", [line.numbers[0] for line in joined]),
        Series("Opted out", [line.numbers[0] for line in left]),
    ]
    return Table(
        "consents", "Joined and opted out", ("When", "Joined", "Opted out"), rows,
        [charts.bars("People who joined and who opted out", labels, pair)],
        f"People, each counted once a day or week. Besides: {said}.",
    )  # fmt: skip


def _sent(lines: Sequence[Line], price: SegmentPrice | None) -> Table:
    columns = ("Kind", "Texts", "Segments") + (("Cost",) if price else ())
    rows: list[Sequence[Cell]] = []
    for line in lines:
        segments = line.numbers[1]
        cost = (_number(line, None if segments is None else price.of(segments)),) if price else ()
        rows.append((_kind(line.key), _cell(line, 0), _cell(line, 1), *cost))
    hint = "" if price else "Set SEGMENT_PRICE to see what they cost."
    return Table(
        "sent", "Texts sent, by kind", columns, rows, hint=f"Texts of ours that the gateway took. {hint}"
    )


def _segments(labels: Sequence[str], lines: Sequence[Line]) -> Table:
    return Table(
        "segments", "Segments sent", ("When", "Segments"),
        [(label, _cell(line, 0)) for label, line in zip(labels, lines, strict=True)],
        [charts.bars("Segments sent", labels, [Series("Segments", [line.numbers[0] for line in lines])])],
        "What carriers bill: a text of up to 160 plain letters is one segment.",
    )  # fmt: skip


def _failures(failures: Sequence[Failure]) -> list[Sequence[Cell]]:
    """Reasons that read the same are one row; as few people stand behind it as behind the largest of them."""
    found: dict[str, tuple[str, Line]] = {}
    for each in failures:
        why, helps = _why(each)
        before = found[why][1] if why in found else Line(why, (0,), 0)
        is_hidden = before.is_hidden or each.line.is_hidden
        texts = None if is_hidden else (before.numbers[0] or 0) + (each.line.numbers[0] or 0)
        found[why] = helps, Line(why, (texts,), max(before.people, each.line.people), is_hidden)
    ordered = sorted(found.items(), key=lambda item: -(item[1][1].numbers[0] or 0))
    return [(why, _cell(line, 0), helps) for why, (helps, line) in ordered]


def _why(failure: Failure) -> tuple[str, str]:
    if failure.code is not None:
        meaning = meaning_of(failure.code)
        return meaning.plain, meaning.mend
    if failure.status == MessageStatus.UNKNOWN.value:
        return STATUSES[MessageStatus.UNKNOWN] + ".", UNKNOWN_HELP
    words = failure.reason or STATUSES[MessageStatus(failure.status)]
    return f"{words[:1].upper()}{words[1:]}.".replace("..", "."), ""


def _label(bucket: Bucket) -> str:
    return (
        _day(bucket.first) if bucket.first == bucket.last else f"{_day(bucket.first)} to {_day(bucket.last)}"
    )


def _day(day: date) -> str:
    return f"{day:%b} {day.day}"


def _kind(key: str) -> str:
    return KINDS[MessageKind(key)] if key in {kind.value for kind in MessageKind} else "None"


def _of(lines: Sequence[Line], key: str) -> Line:
    return next(line for line in lines if line.key == key)


def _in_order(lines: Sequence[Line]) -> list[Line]:
    keys = list(LEFT_AFTER)
    return sorted(lines, key=lambda line: keys.index(line.key))


def _cell(line: Line, place: int) -> Cell:
    number = line.numbers[place]
    return _number(line, int(number) if number is not None else None)


def _number(line: Line, number: Cell) -> Cell:
    return HIDDEN if line.is_hidden else number


def _said(line: Line, place: int) -> str:
    cell = _cell(line, place)
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _rate(line: Line, part: int = 1) -> float | None:
    whole, some = line.numbers[0], line.numbers[part]
    return round(100 * some / whole, 1) if whole and some is not None else None


def _percent(line: Line, part: int, whole: int) -> str:
    if line.is_hidden:
        return HIDDEN
    of, some = line.numbers[whole], line.numbers[part]
    return f"{100 * (some or 0) / of:.0f} % of {of:,.0f}" if of else "None asked"


def _minutes(line: Line) -> Cell:
    seconds = line.numbers[0]
    return _number(line, None if seconds is None else round(seconds / 60, 1))


def _duration(line: Line) -> str:
    if line.is_hidden:
        return HIDDEN
    seconds = line.numbers[0]
    if seconds is None:
        return "None yet"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"
