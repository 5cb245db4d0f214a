"""Lists of people: all of them, those with something in common, those of a name or number."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from service.domain.alerts import AlertStatus
from service.domain.caseload import Sight
from service.domain.consent import ConsentStatus
from service.domain.errors import BadInput
from service.domain.naming import sought_words
from service.domain.phone import mask_phone, parse_phone
from service.domain.selection import Selection
from service.store import caseloads, finding, participants
from service.store.engine import Database
from service.store.schema import Alert, InboundMessage, Participant, Prompt

PAGE = 50
INDEXED_AT_ONCE = 200
EVERYBODY = Selection()

_Stage = Callable[..., Select[Any]]
"""Takes `after_id`, the last person of the page before, or None."""
_DIGITS_ALONE = re.compile(r"[\d\s.()+\-\u2010-\u2015]+")


@dataclass(frozen=True)
class ParticipantRow:
    """One line of the list."""

    id: int
    name: str
    masked_phone: str
    consent: ConsentStatus
    paused_until: datetime | None
    number_problem: str | None
    open_alerts: int
    last_inbound_at: datetime | None
    last_score: int | None


@dataclass(frozen=True)
class ParticipantPage:
    """At most PAGE people. `next` is where the page after begins, None at the end."""

    rows: Sequence[ParticipantRow]
    next: str | None = None


def list_participants(
    database: Database,
    selection: Selection = EVERYBODY,
    *,
    after_id: int | None = None,
    sight: Sight | None = None,
) -> ParticipantPage:
    """A page of the people that `sight` may see, newest first, after the person `after_id`."""
    with database.read() as session:
        query = participants.chosen(selection).where(caseloads.may_see(sight))
        query = query.order_by(Participant.id.desc())
        if after_id is not None:
            query = query.where(Participant.id < after_id)
        found = session.scalars(query.limit(PAGE + 1)).all()
        return _page(session, found, lambda last: str(last.id))


def search(
    database: Database, wanted: str, *, after: str = "", sight: Sight | None = None
) -> ParticipantPage:
    """People that `sight` may see, by a whole number, its last four digits, or words of the name.

    Those who have every word whole come first, then those whose words begin so; each newest first.
    `after` is a page's `next`. Raises BadInput when there is too little, or no number, to look for.
    """
    with database.read() as session:
        digits = "".join(char for char in wanted if char.isdecimal())
        if _DIGITS_ALONE.fullmatch(wanted):
            if len(digits) != finding.LAST_DIGITS:
                person = participants.find_by_phone(session, parse_phone(wanted))
                is_seen = person is not None and caseloads.sees(session, sight, person.id)
                return ParticipantPage(_rows(session, [person] if person is not None and is_seen else []))
            return _read(session, [partial(finding.by_last_digits, session, digits)], after, sight)
        words = sought_words(wanted)
        if not words:
            raise BadInput("Type two letters of the name or more.")
        stages = [partial(finding.by_words, session, words, is_whole=each) for each in (True, False)]
        return _read(session, stages, after, sight)


def is_complete(database: Database) -> bool:
    """False while some people, who were there before the index of names was, are not in it yet."""
    with database.read() as session:
        return not finding.without_tokens(session, 1)


def complete_index(
    database: Database, is_stopping: Callable[[], bool] = lambda: False, *, anew: bool = False
) -> int:
    """Put those into the index of names who are not in it; how many. Some at a time, so nobody waits.

    May be ended at any moment and run again. `anew` begins by doubting everything in it.
    """
    if anew:
        with database.write() as session:
            finding.forget_tokens(session)
    done = 0
    while not is_stopping():
        with database.write() as session:
            ids = finding.without_tokens(session, INDEXED_AT_ONCE)
            if not ids:
                break
            finding.make_tokens(session, ids)
        done += len(ids)
    return done


def _read(session: Session, stages: Sequence[_Stage], after: str, sight: Sight | None) -> ParticipantPage:
    """A page that may begin in one stage and end in the next. A place is "STAGE-ID"."""
    stage, after_id = _place(after, len(stages))
    found: list[Participant] = []
    where: dict[int, int] = {}
    for number in range(stage, len(stages)):
        query = stages[number](after_id=after_id).where(
            Participant.erased_at.is_(None), caseloads.may_see(sight)
        )
        after_id = None
        for person in session.scalars(query.limit(PAGE + 1 - len(found))):
            where[person.id] = number
            found.append(person)
        if len(found) > PAGE:
            break
    return _page(session, found, lambda last: f"{where[last.id]}-{last.id}")


def _place(after: str, stages: int) -> tuple[int, int | None]:
    if not after:
        return 0, None
    match = re.fullmatch(r"(\d)-(\d{1,18})", after, re.ASCII)
    if match is None or int(match[1]) >= stages:
        raise BadInput("That page is not there any more. Search again.")
    return int(match[1]), int(match[2])


def _page(
    session: Session, found: Sequence[Participant], place: Callable[[Participant], str]
) -> ParticipantPage:
    shown = found[:PAGE]
    return ParticipantPage(_rows(session, shown), place(shown[-1]) if len(found) > PAGE else None)


def _rows(session: Session, people: Sequence[Participant]) -> list[ParticipantRow]:
    """Three set-based look-ups for the page, not one a person."""
    ids = [person.id for person in people]
    open_alerts = dict(
        session.execute(
            select(Alert.participant_id, func.count())
            .where(Alert.participant_id.in_(ids), Alert.status == AlertStatus.OPEN)
            .group_by(Alert.participant_id)
        ).all()
    )
    last_inbound = dict(
        session.execute(
            select(InboundMessage.participant_id, func.max(InboundMessage.received_at))
            .where(InboundMessage.participant_id.in_(ids))
            .group_by(InboundMessage.participant_id)
        ).all()
    )
    newest = (
        select(func.max(Prompt.id))
        .where(Prompt.participant_id.in_(ids), Prompt.score.is_not(None))
        .group_by(Prompt.participant_id)
    )
    scores = dict(
        session.execute(select(Prompt.participant_id, Prompt.score).where(Prompt.id.in_(newest))).all()
    )
    return [
        ParticipantRow(
            id=person.id,
            name=person.name,
            masked_phone=mask_phone(person.phone),
            consent=person.consent,
            paused_until=person.paused_until,
            number_problem=person.number_problem,
            open_alerts=open_alerts.get(person.id, 0),
            last_inbound_at=last_inbound.get(person.id),
            last_score=scores.get(person.id),
        )
        for person in people
    ]
