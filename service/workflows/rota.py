"""The rota: entering it, and what it comes to."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from service.domain.errors import BadInput, NotFound
from service.domain.local_time import to_local
from service.domain.programme import Programme
from service.domain.rota import RotaRole, Shift, Span
from service.store import audit, rota
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import Coordinator, RotaCover, RotaShift, RotaSwap
from service.workflows.staff_phones import StaffMember, list_staff_in

AHEAD = timedelta(days=7)
FARTHEST = timedelta(days=366)


@dataclass(frozen=True)
class CoverView:
    id: int
    absent: int
    instead: int
    starts_at: datetime  # aware, on the programme's clock
    ends_at: datetime


@dataclass(frozen=True)
class SwapView:
    id: int
    shift: Shift
    day: date
    instead: int


@dataclass(frozen=True)
class RotaView:
    """Everything about the rota at one moment. `staff` is by id; people elsewhere are ids.

    `gaps` are those of the next seven days in which nobody is first on call.
    """

    zone: ZoneInfo
    staff: dict[int, StaffMember]
    now: dict[RotaRole, tuple[int, ...]]
    spans: list[Span]
    gaps: list[tuple[datetime, datetime]]
    shifts: tuple[Shift, ...]
    covers: list[CoverView]
    swaps: list[SwapView]

    def names(self, people: Iterable[int]) -> str:
        return ", ".join(self.staff[person].name for person in people if person in self.staff)


def show(database: Database, programme: Programme, now: datetime, ahead: timedelta = AHEAD) -> RotaView:
    """The rota from now on; spans and gaps of the time `ahead`. Only what is not over is listed."""
    zone = ZoneInfo(programme.default_timezone)
    today = to_local(now, zone).date()
    with database.read() as session:
        found = rota.rota(session, programme.default_timezone)
        shifts = {shift.id: shift for shift in found.shifts}
        return RotaView(
            zone=zone,
            staff={member.id: member for member in list_staff_in(session)},
            now=found.on_call(now),
            spans=found.spans(now, now + ahead),
            gaps=found.gaps(now, now + ahead),
            shifts=found.shifts,
            covers=[
                CoverView(
                    row.id,
                    row.absent_id,
                    row.instead_id,
                    to_local(row.starts_at, zone),
                    to_local(row.ends_at, zone),
                )
                for row in rota.covers(session, since=now)
            ],
            swaps=[
                SwapView(row.id, shifts[row.shift_id], row.day, row.instead_id)
                for row in rota.swaps(session)
                if row.day >= today - timedelta(days=1) and row.shift_id in shifts
            ],
        )


def add_shifts(
    database: Database,
    coordinator_id: int,
    role: RotaRole,
    weekdays: Collection[int],
    starts: time,
    ends: time,
    by: By,
    now: datetime,
) -> int:
    """Enter one weekly shift for each of the days; how many. One with the same start gets the new end."""
    with database.write() as session:
        _check_can_be_on_call(session, coordinator_id)
        for weekday in sorted(weekdays):
            shift = Shift(0, coordinator_id, role, weekday, starts, ends)
            row = rota.shift_like(session, shift)
            if row is not None:
                row.ends = ends
            else:
                row = RotaShift(
                    coordinator_id=coordinator_id,
                    role=role,
                    weekday=weekday,
                    starts=starts,
                    ends=ends,
                    created_at=now,
                )
                session.add(row)
            session.flush()
            audit.record(
                session,
                by,
                "rota.shift_entered",
                now,
                shift_id=row.id,
                coordinator_id=coordinator_id,
                role=role.value,
                weekday=weekday,
                hours=f"{starts:%H:%M}-{ends:%H:%M}",
            )
    return len(weekdays)


def end_shift(database: Database, shift_id: int, by: By, now: datetime) -> None:
    """Take a weekly shift off the rota, from now on. Raises NotFound."""
    with database.write() as session:
        row = session.get(RotaShift, shift_id)
        if row is None or row.ended_at is not None:
            raise NotFound("There is no such shift.")
        row.ended_at = now
        audit.record(session, by, "rota.shift_ended", now, shift_id=shift_id)


def end_shifts(
    database: Database,
    coordinator_id: int,
    role: RotaRole,
    weekdays: Collection[int],
    starts: time,
    by: By,
    now: datetime,
) -> int:
    """Take somebody's shifts of a role that begin at a time off the rota; how many there were."""
    with database.write() as session:
        ended = 0
        for weekday in sorted(weekdays):
            row = rota.shift_like(session, Shift(0, coordinator_id, role, weekday, starts, starts))
            if row is not None:
                row.ended_at = now
                audit.record(session, by, "rota.shift_ended", now, shift_id=row.id)
                ended += 1
        return ended


def add_cover(
    database: Database,
    absent: int,
    instead: int,
    starts_at: datetime,
    ends_at: datetime,
    by: By,
    now: datetime,
) -> None:
    """Somebody is away; whatever is theirs in that time is another's. Raises BadInput, NotFound."""
    if absent == instead:
        raise BadInput("Choose somebody else to stand in.")
    if ends_at <= starts_at:
        raise BadInput("The end must be after the beginning.")
    if ends_at <= now:
        raise BadInput("That time is over.")
    if ends_at - starts_at > FARTHEST:
        raise BadInput("That is more than a year: change the shifts instead.")
    with database.write() as session:
        _check_can_be_on_call(session, absent)
        _check_can_be_on_call(session, instead)
        row = RotaCover(
            absent_id=absent, instead_id=instead, starts_at=starts_at, ends_at=ends_at, created_at=now
        )
        session.add(row)
        session.flush()
        audit.record(session, by, "rota.cover_entered", now, cover_id=row.id, absent=absent, instead=instead)


def end_cover(database: Database, cover_id: int, by: By, now: datetime) -> None:
    with database.write() as session:
        row = session.get(RotaCover, cover_id)
        if row is None or row.ended_at is not None:
            raise NotFound("There is no such cover.")
        row.ended_at = now
        audit.record(session, by, "rota.cover_ended", now, cover_id=cover_id)


def add_swap(
    database: Database, programme: Programme, shift_id: int, day: date, instead: int, by: By, now: datetime
) -> None:
    """One shift is somebody else's, this once; a second entry for it replaces the first."""
    with database.write() as session:
        shift = session.get(RotaShift, shift_id)
        if shift is None or shift.ended_at is not None:
            raise NotFound("There is no such shift.")
        _check_can_be_on_call(session, instead)
        if shift.weekday != day.weekday():
            raise BadInput("This shift does not begin on that day of the week.")
        _, ends_at = _as_shift(shift).on(day, ZoneInfo(programme.default_timezone))
        if ends_at <= now or ends_at - now > FARTHEST:
            raise BadInput("Choose a day from now on, within a year.")
        row = rota.swap_on(session, shift_id, day)
        if row is None:
            session.add(RotaSwap(shift_id=shift_id, day=day, instead_id=instead, created_at=now))
        else:
            row.instead_id = instead
        audit.record(session, by, "rota.swap_entered", now, shift_id=shift_id, day=str(day), instead=instead)


def end_swap(database: Database, swap_id: int, by: By, now: datetime) -> None:
    with database.write() as session:
        row = session.get(RotaSwap, swap_id)
        if row is None:
            raise NotFound("There is no such swap.")
        session.delete(row)
        audit.record(session, by, "rota.swap_ended", now, shift_id=row.shift_id, day=str(row.day))


def _as_shift(row: RotaShift) -> Shift:
    return Shift(row.id, row.coordinator_id, row.role, row.weekday, row.starts, row.ends)


def _check_can_be_on_call(session: Session, coordinator_id: int) -> None:
    row = session.get(Coordinator, coordinator_id)
    if row is None or row.disabled_at is not None:
        raise NotFound("There is no such member of staff.")
    if not row.role.may_edit:
        raise BadInput("Somebody who only looks cannot take an alert, and so cannot be on call.")
