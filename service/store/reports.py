"""Counting for the reports. Each is one statement that an index narrows to the period.

Days are handed to the database as pairs of instants (`Bucket`), because SQLite knows no time zones. How
many people stand behind a number is always counted too, for what must not be shown.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Float,
    FunctionElement,
    Integer,
    Select,
    String,
    and_,
    case,
    column,
    func,
    literal,
    or_,
    select,
    text,
    type_coerce,
    values,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, aliased

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentStatus
from service.domain.message import MessageKind
from service.domain.prompt import Answer, PromptStatus
from service.domain.reporting import Bucket, Group, Line, Period
from service.store.schema import Alert, ConsentEvent, Message, Participant, Prompt
from service.store.schema.conversation import TROUBLED
from service.store.types import UtcDateTime

_Query = Select[*tuple[Any, ...]]

DAY_S = 86_400
BANDS = (("same-day", 1), ("week", 7), ("month", 30), ("quarter", 90))
"""Days after joining, each up to but not including its number; what is longer is "longer"."""
ASKED = (PromptStatus.ANSWERED, PromptStatus.SILENT)
DONE = (Answer.DONE, Answer.GOING, Answer.OK, Answer.SCORE)


class seconds_between(FunctionElement[float]):
    """From one instant to a later one."""

    type = Float()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    earlier, later = (compiler.process(one, **more) for one in element.clauses)
    return f"((julianday({later}) - julianday({earlier})) * 86400.0)"


@compiles(seconds_between, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    earlier, later = (compiler.process(one, **more) for one in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM ({later} - {earlier})) AS double precision)"


def people_in(session: Session, group: Group) -> int:
    query = select(func.count()).select_from(Participant).where(Participant.erased_at.is_(None))
    if group.language is not None:
        query = query.where(Participant.language == group.language)
    return session.scalar(query) or 0


def questions_by_bucket(
    session: Session, buckets: Sequence[Bucket], group: Group
) -> tuple[list[Line], list[Line]]:
    """For each bucket: (asked, answered), and (mean check-in score, answers). Asked means that it arrived."""
    days = _days(buckets)
    each = _of(
        select(
            days.c.n,
            Prompt.participant_id,
            func.count().label("asked"),
            _count(Prompt.status == PromptStatus.ANSWERED).label("answered"),
            func.sum(Prompt.score).label("score"),
            func.count(Prompt.score).label("scored"),
        ).join(Prompt, and_(Prompt.event_at >= days.c.start, Prompt.event_at < days.c.end)),
        Prompt.participant_id,
        group,
    )
    each = each.where(Prompt.status.in_(ASKED)).group_by(days.c.n, Prompt.participant_id)
    one = each.subquery()
    rows = session.execute(
        select(
            one.c.n,
            func.sum(one.c.asked),
            func.sum(one.c.answered),
            func.count(),
            func.sum(one.c.score),
            func.sum(one.c.scored),
            _count(one.c.scored > 0),
        ).group_by(one.c.n)
    ).all()
    replies = {
        n: Line(str(n), (int(asked), int(answered)), people) for n, asked, answered, people, *_ in rows
    }
    scores = {
        n: Line(str(n), (float(score) / float(scored), int(scored)), scorers)
        for n, _, _, _, score, scored, scorers in rows
        if scored
    }
    return _all(replies, buckets, (0, 0)), _all(scores, buckets, (None, 0))


def questions_by_kind(session: Session, period: Period, group: Group) -> list[Line]:
    """(asked, answered, done) for each kind of question; done is what one hopes for: taken, going, rated."""
    each = _of(
        select(
            Prompt.kind.label("kind"),
            func.count().label("asked"),
            _count(Prompt.status == PromptStatus.ANSWERED).label("answered"),
            _count(Prompt.answer.in_(DONE)).label("done"),
        ),
        Prompt.participant_id,
        group,
    )
    each = each.where(Prompt.event_at >= period.start, Prompt.event_at < period.end, Prompt.status.in_(ASKED))
    one = each.group_by(Prompt.kind, Prompt.participant_id).subquery()
    sums = (func.sum(one.c.asked), func.sum(one.c.answered), func.sum(one.c.done), func.count())
    return [
        Line(kind.value, (int(asked), int(answered), int(done)), people)
        for kind, asked, answered, done, people in session.execute(
            select(one.c.kind, *sums).group_by(one.c.kind).order_by(one.c.kind)
        )
    ]


def human_answers(
    session: Session, period: Period, group: Group, kinds: Collection[AlertKind]
) -> tuple[Line, Line]:
    """(texts, of them answered) that opened an alert, and the median seconds to a person's answer.

    Answered is: taken in the console or by text, or followed by a text by hand; whichever came first.
    """
    by_hand = (
        select(func.min(Message.created_at))
        .where(
            Message.participant_id == Alert.participant_id,
            Message.kind == MessageKind.MANUAL,
            text("messages.kind = 'manual'"),  # in these words the index is used on SQLite
            Message.created_at >= Alert.opened_at,
        )
        .scalar_subquery()
    )
    found = _of(
        select(
            Alert.participant_id.label("who"),
            Alert.opened_at.label("opened_at"),
            Alert.acknowledged_at.label("taken_at"),
            by_hand.label("by_hand_at"),
        ),
        Alert.participant_id,
        group,
    ).where(
        Alert.opened_at >= period.start,
        Alert.opened_at < period.end,
        Alert.inbound_id.is_not(None),
        Alert.participant_id.is_not(None),
        Alert.kind.in_(kinds),
    )
    one = found.subquery()
    is_by_hand = or_(one.c.taken_at.is_(None), one.c.by_hand_at < one.c.taken_at)
    first = case((and_(one.c.by_hand_at.is_not(None), is_by_hand), one.c.by_hand_at), else_=one.c.taken_at)
    waits = select(one.c.who, seconds_between(one.c.opened_at, first).label("seconds")).subquery()
    texts, answered, people, answered_people = session.execute(
        select(
            func.count(),
            func.count(waits.c.seconds),
            func.count(waits.c.who.distinct()),
            func.count(case((waits.c.seconds.is_not(None), waits.c.who)).distinct()),
        )
    ).one()
    middle: list[float] = []
    if answered:
        query = select(waits.c.seconds).where(waits.c.seconds.is_not(None)).order_by(waits.c.seconds)
        middle = list(session.scalars(query.offset((answered - 1) // 2).limit(2 - answered % 2)))
    median = sum(middle) / len(middle) if middle else None
    return Line("texts", (texts, answered), people), Line("median", (median,), answered_people)


def consents_by_bucket(
    session: Session, buckets: Sequence[Bucket], group: Group, status: ConsentStatus
) -> list[Line]:
    """How many people came to a status in each bucket."""
    days = _days(buckets)
    query = select(days.c.n, func.count(ConsentEvent.participant_id.distinct())).join(
        ConsentEvent, and_(ConsentEvent.at >= days.c.start, ConsentEvent.at < days.c.end)
    )
    query = _of(query, ConsentEvent.participant_id, group).where(ConsentEvent.status == status)
    rows = session.execute(query.group_by(days.c.n))
    return _all({n: Line(str(n), (people,), people) for n, people in rows}, buckets, (0,))


def consents(session: Session, period: Period, group: Group) -> list[Line]:
    """How many people came to each status."""
    query = _of(
        select(ConsentEvent.status, func.count(ConsentEvent.participant_id.distinct())),
        ConsentEvent.participant_id,
        group,
    ).where(ConsentEvent.at >= period.start, ConsentEvent.at < period.end)
    rows: dict[ConsentStatus, int] = dict(session.execute(query.group_by(ConsentEvent.status)).all())
    return [Line(each.value, (rows.get(each, 0),), rows.get(each, 0)) for each in ConsentStatus]


def leaving_after(session: Session, period: Period, group: Group) -> list[Line]:
    """How long after joining people opted out, in bands."""
    joined = aliased(ConsentEvent)
    joined_at = (
        select(func.max(joined.at))
        .where(
            joined.participant_id == ConsentEvent.participant_id,
            joined.status == ConsentStatus.OPTED_IN,
            joined.at <= ConsentEvent.at,
        )
        .scalar_subquery()
    )
    stayed = seconds_between(joined_at, ConsentEvent.at) / DAY_S
    band = case(
        *((stayed < days, name) for name, days in BANDS), (stayed.is_not(None), "longer"), else_="never"
    )
    found = _leavers(select(ConsentEvent.participant_id.label("who"), band.label("band")), period, group)
    return _people_by(session, found, "band")


def leaving_behind(session: Session, period: Period, group: Group) -> list[Line]:
    """The kind of the last text before people opted out."""
    last = (
        select(type_coerce(Message.kind, String))
        .where(
            Message.participant_id == ConsentEvent.participant_id,
            Message.created_at < ConsentEvent.at,
            Message.sent_at.is_not(None),
        )
        .order_by(Message.created_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = _leavers(
        select(ConsentEvent.participant_id.label("who"), func.coalesce(last, "none").label("kind")),
        period,
        group,
    )
    return _people_by(session, found, "kind")


def failures(
    session: Session, period: Period, group: Group
) -> list[tuple[str, int | None, str | None, Line]]:
    """(status, error code, reason, (texts)) of texts that did not arrive, or may not have."""
    query = _of(
        select(
            Message.status,
            Message.error_code,
            Message.reason,
            func.count(),
            func.count(Message.participant_id.distinct()),
        ),
        Message.participant_id,
        group,
    ).where(text(f"messages.{TROUBLED}"), Message.created_at >= period.start, Message.created_at < period.end)
    rows = session.execute(query.group_by(Message.status, Message.error_code, Message.reason))
    return [
        (status.value, code, reason, Line(f"{status.value}-{code}-{reason}", (texts,), people))
        for status, code, reason, texts, people in rows
    ]


def sent_by_kind(session: Session, period: Period, group: Group) -> list[Line]:
    """(texts, segments) for each kind of text that the gateway took."""
    each = _of(
        select(
            Message.kind.label("kind"),
            Message.participant_id.label("who"),
            func.count().label("texts"),
            func.sum(Message.segments).label("segments"),
        ),
        Message.participant_id,
        group,
    ).where(Message.sent_at.is_not(None), Message.sent_at >= period.start, Message.sent_at < period.end)
    one = each.group_by(Message.kind, Message.participant_id).subquery()
    rows = session.execute(
        select(one.c.kind, func.sum(one.c.texts), func.sum(one.c.segments), func.count(one.c.who))
        .group_by(one.c.kind)
        .order_by(func.sum(one.c.segments).desc())
    )
    return [Line(kind.value, (int(texts), int(segments)), people) for kind, texts, segments, people in rows]


def segments_by_bucket(session: Session, buckets: Sequence[Bucket], group: Group) -> list[Line]:
    days = _days(buckets)
    each = _of(
        select(
            days.c.n, Message.participant_id.label("who"), func.sum(Message.segments).label("segments")
        ).join(Message, and_(Message.sent_at >= days.c.start, Message.sent_at < days.c.end)),
        Message.participant_id,
        group,
    ).where(Message.sent_at.is_not(None))
    one = each.group_by(days.c.n, Message.participant_id).subquery()
    rows = session.execute(select(one.c.n, func.sum(one.c.segments), func.count(one.c.who)).group_by(one.c.n))
    return _all({n: Line(str(n), (int(segments),), people) for n, segments, people in rows}, buckets, (0,))


def _days(buckets: Sequence[Bucket]) -> CTE:
    columns = (column("n", Integer), column("start", UtcDateTime), column("end", UtcDateTime))
    rows = [(n, bucket.start, bucket.end) for n, bucket in enumerate(buckets)]
    return values(*columns, name="days").data(rows).cte("days")


def _of(query: _Query, participant_id: Any, group: Group) -> _Query:
    """Only about the people of a group. Every figure passes here: the place for further kinds of groups."""
    if group.language is not None:
        query = query.join(Participant, Participant.id == participant_id)
        query = query.where(Participant.language == group.language)
    return query


def _leavers(query: _Query, period: Period, group: Group) -> _Query:
    return _of(query, ConsentEvent.participant_id, group).where(
        ConsentEvent.status == ConsentStatus.OPTED_OUT,
        ConsentEvent.at >= period.start,
        ConsentEvent.at < period.end,
    )


def _people_by(session: Session, found: _Query, name: str) -> list[Line]:
    one = found.subquery()
    rows = session.execute(select(one.c[name], func.count(one.c.who.distinct())).group_by(one.c[name]))
    return [Line(str(getattr(key, "value", key)), (people,), people) for key, people in rows]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, literal(1))))


def _all(lines: dict[int, Line], buckets: Sequence[Bucket], none: tuple[float | None, ...]) -> list[Line]:
    return [lines.get(n, Line(str(n), none, 0)) for n in range(len(buckets))]
