"""Paging staff about an alert until somebody takes it. Each call does one thing in one transaction.

What is due is read from the database, so that a restart loses nothing; a page is a text like any other, under
a key that lets it be written once.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from service.domain.alerts import AlertKind, AlertStatus
from service.domain.gateway_errors import Reaction, meaning_of
from service.domain.message import MessageKind, MessageStatus
from service.domain.paging import (
    EVERYBODY,
    PAGE_LASTS,
    PAGED_FOR,
    ROUND_EVERY,
    STEPS,
    StaffPhoneStatus,
    after_step,
    free_codes,
)
from service.domain.programme import Programme
from service.guide.words import Words
from service.store import alerts, outbox, staff_phones
from service.store import paging as pagings
from service.store import rota as rotas
from service.store.engine import Database
from service.store.schema import Alert, Page, Paging, StaffPhone
from service.workflows.wording import say

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Paged:
    """What was done about one alert: how many were paged, if anybody."""

    alert_id: int
    pages: int


def page_next(database: Database, words: Words, programme: Programme, now: datetime) -> Paged | None:
    """Do the next thing that paging calls for; None when nothing is due.

    1. A page that did not arrive brings the next person's forward.
    2. A new alert that cannot wait gets its code, and is due at once.
    3. A step that is due pages whoever holds its role.
    4. What could reach nobody goes on as soon as there is somebody.
    """
    with database.write() as session:
        failed = pagings.failed_page(session)
        if failed is not None:
            return _move_on(session, failed, now)
        alert = pagings.unpaged_alert(session, now - PAGED_FOR)
        if alert is not None:
            return _take_step(session, words, programme, _begin(session, alert), now)
        paging = pagings.due(session, now)
        if paging is not None:
            return _take_step(session, words, programme, paging, now)
        waiting = pagings.unheard(session, now - PAGED_FOR)
        if waiting is not None and _whom(session, programme, EVERYBODY, now, is_heard=False)[1]:
            return _take_step(session, words, programme, waiting, now)
        return None


def is_anything_to_page(database: Database, now: datetime) -> bool:
    """A look without a lock, so that an idle job does not make writers queue."""
    with database.read() as session:
        return pagings.has_work(session, now, now - PAGED_FOR)


def _begin(session: Session, alert: Alert) -> Paging:
    code = secrets.choice(free_codes(pagings.codes_in_use(session)))
    paging = Paging(alert_id=alert.id, code=code, started_at=alert.opened_at, next_at=alert.opened_at)
    session.add(paging)
    session.flush()
    return paging


def start_again_if_over(
    session: Session, kind: AlertKind, participant_id: int | None, phone_index: bytes, now: datetime
) -> None:
    """Another text in danger, about an alert that paging has fallen silent over: it begins anew."""
    paging = pagings.silent_about(session, kind, participant_id, phone_index)
    if paging is not None:
        paging.times_started += 1
        paging.started_at = paging.next_at = now
        paging.step = 0


def _take_step(session: Session, words: Words, programme: Programme, paging: Paging, now: datetime) -> Paged:
    """Page whoever the next step is for; a role that nobody can be paged for is passed over at once."""
    alert = session.get_one(Alert, paging.alert_id, populate_existing=True)
    if alert.status is not AlertStatus.OPEN:
        pagings.end(session, alert.id, now)
        return Paged(alert.id, 0)
    if now >= paging.started_at + PAGED_FOR:
        paging.next_at, paging.is_unheard = None, False
        log.error("nobody took an alert; paging has ended", extra={"alert_id": alert.id})
        return Paged(alert.id, 0)
    arrived_at = pagings.arrived_at(session, paging)
    step, phones = _whom(session, programme, paging.step, now, is_heard=arrived_at is not None)
    if arrived_at is not None and paging.step < EVERYBODY <= step and now < arrived_at + ROUND_EVERY:
        # No second, no supervisor: whoever has just been paged is given the time of a round to answer.
        paging.step, paging.next_at = EVERYBODY, arrived_at + ROUND_EVERY
        return Paged(alert.id, 0)
    if not phones:
        paging.next_at, paging.is_unheard = None, True
        log.error("nobody can be paged about an alert", extra={"alert_id": alert.id})
        return Paged(alert.id, 0)
    for phone in phones:
        _page(session, words, paging, step, phone, now)
    paging.step = step + 1
    paging.next_at, paging.is_unheard = after_step(step, paging.started_at, now), False
    return Paged(alert.id, len(phones))


def _whom(
    session: Session, programme: Programme, step: int, now: datetime, *, is_heard: bool
) -> tuple[int, list[StaffPhone]]:
    """(the step that is taken, the phones to page); no phones when there is nobody at all.

    While no page has arrived (not `is_heard`), everybody means the admins as well: a gap, or dead phones.
    """
    phones = staff_phones.confirmed(session)
    on_call = rotas.rota(session, programme.default_timezone).on_call(now)
    for later in range(step, EVERYBODY):
        held = [phones[person] for person in on_call[STEPS[later][0]] if person in phones]
        if held:
            return later, held
    everybody = [person for people in on_call.values() for person in people if person in phones]
    if not is_heard or not everybody:
        everybody += staff_phones.confirmed_admins(session)
    return max(step, EVERYBODY), [phones[person] for person in dict.fromkeys(everybody)]


def _page(
    session: Session, words: Words, paging: Paging, step: int, phone: StaffPhone, now: datetime
) -> None:
    key = f"page:{paging.alert_id}:{paging.times_started}:{step}:{phone.coordinator_id}"
    if outbox.is_said(session, key):
        return
    said = say(session, words, "page.alert", "en", code=paging.code)
    message = outbox.add(
        session,
        kind=MessageKind.PAGE,
        body=said.body,
        words=said.words,
        now=now,
        send_after=now,
        expires_at=now + PAGE_LASTS,
        to_unknown=phone.phone,  # never a participant's text, even if the number is one's: no caps, no pause
        is_time_chosen=True,
        priority=0,
        dedupe_key=key,
    )
    session.add(
        Page(
            alert_id=paging.alert_id,
            coordinator_id=phone.coordinator_id,
            message_id=message.id,
            step=step,
            at=now,
        )
    )
    session.flush()


def _move_on(session: Session, page: Page, now: datetime) -> Paged:
    """A page did not arrive, or may not have: the next person is paged at once, and staff are told."""
    paging = pagings.lock(session, page.alert_id)
    page.is_watched = False
    session.flush()
    if page.message.status is not MessageStatus.UNKNOWN:  # of which sending tells staff itself
        _report(session, page, now)
    # Rounds of everybody are not hurried: a phone that is off would have the others paged without end.
    if (
        paging is not None
        and paging.next_at is not None
        and page.step < EVERYBODY
        and paging.step == page.step + 1
        and page.at >= paging.started_at
        and pagings.arrived_at(session, paging, page.step) is None
    ):
        paging.next_at = min(paging.next_at, now)
    return Paged(page.alert_id, 0)


def _report(session: Session, page: Page, now: datetime) -> None:
    code = page.message.error_code
    meaning = meaning_of(code) if code is not None else None
    phone = staff_phones.of_coordinator(session, page.coordinator_id)
    if meaning is not None and meaning.reaction is Reaction.OPT_OUT and phone is not None:
        staff_phones.set_status(phone, StaffPhoneStatus.STOPPED, now)
    alerts.raise_alert(
        session,
        AlertKind.PAGE_FAILED,
        now,
        message_id=page.message_id,
        detail=(meaning.plain if meaning else page.message.reason or "it was not sent in time")[:200],
        dedupe_key=f"page-failed:{page.alert_id}:{page.coordinator_id}",
    )
