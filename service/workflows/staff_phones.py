"""The phones that staff are paged on: entered in the console, used only after a YES from the phone itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.domain.consent import ConsentStatus
from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.message import MessageKind
from service.domain.paging import StaffPhoneStatus
from service.domain.phone import mask_phone, parse_phone
from service.domain.staff import Role
from service.guide.words import Words
from service.store import audit, outbox, participants, staff, staff_phones, withdrawals
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import Coordinator, StaffPhone
from service.store.sealing import index_of
from service.workflows.wording import say

ASK_AGAIN_AFTER = timedelta(minutes=10)
MOST_ASKED = 3
ASKING_LASTS = timedelta(hours=24)
NOT_TEXTED = frozenset({ConsentStatus.OPTED_OUT, ConsentStatus.DECLINED, ConsentStatus.WRONG_NUMBER})


@dataclass(frozen=True)
class StaffMember:
    """Somebody of staff, and the phone they are paged on; `masked_phone` is "" when there is none."""

    id: int
    name: str
    role: Role
    phone_status: StaffPhoneStatus | None
    masked_phone: str

    @property
    def can_be_paged(self) -> bool:
        return self.phone_status is StaffPhoneStatus.CONFIRMED


def list_staff(database: Database) -> list[StaffMember]:
    """Everybody whose account is open, viewers too, in the order they came."""
    with database.read() as session:
        return list_staff_in(session)


def find_member(database: Database, email: str) -> int:
    """The id of somebody whose account is open. Raises NotFound."""
    with database.read() as session:
        found = staff.find_by_email(session, email)
        if found is None or found.disabled_at is not None:
            raise NotFound("There is no such coordinator.")
        return found.id


def numbers(database: Database) -> frozenset[str]:
    """Every staff phone, for the simulated phone to tell them from people's. Shown nowhere else."""
    with database.read() as session:
        return frozenset(phone.phone for phone in staff_phones.all_of_staff(session))


def list_staff_in(session: Session) -> list[StaffMember]:
    phones = {phone.coordinator_id: phone for phone in staff_phones.all_of_staff(session)}
    return [
        StaffMember(
            row.id,
            row.name,
            row.role,
            phones[row.id].status if row.id in phones else None,
            mask_phone(phones[row.id].phone) if row.id in phones else "",
        )
        for row in staff.all_coordinators(session)
        if row.disabled_at is None
    ]


def enter_phone(
    database: Database, words: Words, coordinator_id: int, phone: str, by: By, now: datetime
) -> None:
    """Ask a phone by text whether it may be paged. It is used only after its YES.

    The same number again asks once more, at most three times in all. Another number takes the place of the
    old one at once. Raises BadInput, or NotAllowed when the number must not be texted.
    """
    number = parse_phone(phone)
    with database.write() as session:
        coordinator = _member(session, coordinator_id)
        if not coordinator.role.may_edit:
            raise NotAllowed("Somebody who only looks cannot take an alert, so they are not paged.")
        _check_may_be_texted(session, number)
        index = index_of(session, number)
        row = staff_phones.of_coordinator(session, coordinator_id)
        if row is not None and row.phone_index == index:
            _ask_again(row, now)
        else:
            if staff_phones.find_by_index(session, index) is not None:
                raise BadInput("A colleague has this number for pages already. Each needs one of their own.")
            row = staff_phones.put(session, coordinator_id, number, now)
        said = say(session, words, "page.confirm", "en")
        outbox.add(
            session,
            kind=MessageKind.PAGE,
            body=said.body,
            words=said.words,
            now=now,
            send_after=now,
            expires_at=now + ASKING_LASTS,
            to_unknown=number,
            is_time_chosen=True,
            priority=4,
            coordinator_id=by.coordinator_id,
        )
        audit.record(session, by, "pages.asked", now, coordinator_id=coordinator_id)


def _ask_again(row: StaffPhone, now: datetime) -> None:
    if row.status is StaffPhoneStatus.CONFIRMED:
        raise NotAllowed("This phone is confirmed already.")
    if row.status is StaffPhoneStatus.STOPPED:
        raise NotAllowed("This phone has said STOP. Only a text START from it brings pages back.")
    if row.times_asked >= MOST_ASKED:
        raise NotAllowed(f"It was asked {MOST_ASKED} times. Text YES from it, or enter another number.")
    if now < row.asked_at + ASK_AGAIN_AFTER:
        raise NotAllowed("It was asked a moment ago. Wait ten minutes before asking again.")
    row.times_asked += 1
    row.asked_at = now


def _check_may_be_texted(session: Session, number: str) -> None:
    participant = participants.find_by_phone(session, number)
    is_closed = participant is not None and participant.consent in NOT_TEXTED
    if is_closed or withdrawals.suppression_of(session, index_of(session, number)) is not None:
        raise NotAllowed("This number has asked for no texts. Use another, or text START from it first.")


def remove_phone(database: Database, coordinator_id: int, by: By, now: datetime) -> None:
    """Somebody is not paged any more, and their number is not kept. Raises NotFound."""
    with database.write() as session:
        row = staff_phones.of_coordinator(session, coordinator_id)
        if row is None:
            raise NotFound("There is no phone to take away.")
        session.delete(row)
        audit.record(session, by, "pages.removed", now, coordinator_id=coordinator_id)


def _member(session: Session, coordinator_id: int) -> Coordinator:
    coordinator = session.get(Coordinator, coordinator_id)
    if coordinator is None or coordinator.disabled_at is not None:
        raise NotFound("There is no such member of staff.")
    return coordinator
