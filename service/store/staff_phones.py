"""The phones that staff are paged on."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from service.domain.paging import StaffPhoneStatus
from service.domain.staff import Role
from service.store.schema import Coordinator, StaffPhone
from service.store.sealing import index_of, seal


def all_of_staff(session: Session) -> Sequence[StaffPhone]:
    return session.scalars(_of_staff().order_by(StaffPhone.coordinator_id)).all()


def find_by_index(session: Session, phone_index: bytes) -> StaffPhone | None:
    return session.scalar(_of_staff().where(StaffPhone.phone_index == phone_index))


def of_coordinator(session: Session, coordinator_id: int) -> StaffPhone | None:
    return session.scalar(select(StaffPhone).where(StaffPhone.coordinator_id == coordinator_id))


def confirmed(session: Session) -> dict[int, StaffPhone]:
    """Who can be paged, by the id of the member of staff."""
    rows = session.scalars(_of_staff().where(StaffPhone.status == StaffPhoneStatus.CONFIRMED))
    return {row.coordinator_id: row for row in rows}


def confirmed_admins(session: Session) -> tuple[int, ...]:
    """Whom to page when nobody on call can be."""
    return tuple(
        session.scalars(
            select(StaffPhone.coordinator_id)
            .join(StaffPhone.coordinator)
            .where(
                StaffPhone.status == StaffPhoneStatus.CONFIRMED,
                Coordinator.role == Role.ADMIN,
                Coordinator.disabled_at.is_(None),
            )
            .order_by(StaffPhone.coordinator_id)
        )
    )


def put(session: Session, coordinator_id: int, phone_number: str, now: datetime) -> StaffPhone:
    """Enter a number that has yet to be confirmed, in place of an earlier one and of a former colleague's."""
    index = index_of(session, phone_number)
    in_the_way = or_(StaffPhone.coordinator_id == coordinator_id, StaffPhone.phone_index == index)
    for old in session.scalars(select(StaffPhone).where(in_the_way)):
        session.delete(old)
    session.flush()
    row = StaffPhone(
        coordinator_id=coordinator_id,
        phone_index=index,
        phone_sealed=seal(session, phone_number),
        status=StaffPhoneStatus.ASKED,
        times_asked=1,
        asked_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    return row


def set_status(phone: StaffPhone, status: StaffPhoneStatus, now: datetime) -> None:
    phone.status, phone.changed_at = status, now


def stop_since(session: Session, phone_index: bytes, at: datetime) -> None:
    """A STOP of an earlier time becomes known; what the phone has said since stands."""
    phone = find_by_index(session, phone_index)
    if phone is not None and phone.changed_at < at:
        set_status(phone, StaffPhoneStatus.STOPPED, at)


def _of_staff() -> Select[StaffPhone]:
    """Those whose accounts are open."""
    return select(StaffPhone).join(StaffPhone.coordinator).where(Coordinator.disabled_at.is_(None))
