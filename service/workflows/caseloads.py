"""Whose people are whose: handing them over, and refusing what is not one's to see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from service.domain.caseload import Caseload, Sight
from service.domain.errors import BadInput, NotFound
from service.store import access, audit, caseloads, participants, staff
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import Coordinator, Participant

OBJECTS = frozenset(caseloads.OWNERS)
"""Arguments of addresses that `check` knows the owner of."""

NOT_THERE = "There is no such person, or they are not among yours."
"""Said of both, so that nobody learns who is enrolled by trying numbers in addresses."""


@dataclass(frozen=True)
class Responsible:
    """Who may be made responsible for somebody, and who is. `colleagues` are (id, name)."""

    coordinator_id: int | None
    name: str | None
    colleagues: tuple[tuple[int, str], ...]


def check(database: Database, sight: Sight, ids: Mapping[str, int]) -> None:
    """Refuse an address that names what somebody may not see, or things of different people.

    `ids` by the name of their argument, each one of OBJECTS. Raises NotFound for both, and for what is
    not there.
    """
    with database.read() as session:
        people: set[int | None] = set()
        for name, row_id in ids.items():
            is_there, owner = caseloads.OWNERS[name](session, row_id)
            if not is_there:
                raise NotFound(NOT_THERE)
            people.add(owner)
        if len(people) > 1:
            raise NotFound(NOT_THERE)
        for owner in people:
            if owner is not None and not caseloads.sees(session, sight, owner):
                raise NotFound(NOT_THERE)


def responsible_for(database: Database, participant_id: int) -> Responsible:
    with database.read() as session:
        person = session.get(Participant, participant_id)
        if person is None:
            raise NotFound(NOT_THERE)
        open_ones = [each for each in staff.all_coordinators(session) if each.disabled_at is None]
        names = {each.id: each.name for each in open_ones}
        may = tuple((each.id, each.name) for each in open_ones if each.role.may_edit)
        chosen = person.responsible_id
        return Responsible(chosen, names.get(chosen) if chosen else None, may)


def hand_over(
    database: Database, participant_id: int, coordinator_id: int | None, by: By, now: datetime
) -> None:
    """Make somebody responsible for a person; None: shared by all. Raises NotFound or BadInput."""
    with database.write() as session:
        person = participants.lock(session, participant_id)
        if person is None:
            raise NotFound(NOT_THERE)
        if coordinator_id is not None:
            _able(session, coordinator_id)
        if person.responsible_id == coordinator_id:
            return
        person.responsible_id = coordinator_id
        audit.record(session, by, "participant.handed_over", now, participant_id=person.id, to=coordinator_id)


def keep_in_sight(session: Session, person: Participant, by: By, now: datetime) -> None:
    """Whoever sees only their own people is responsible for those they enter: else they would be gone."""
    if by.coordinator_id is None or person.responsible_id is not None:
        return
    adder = session.get(Coordinator, by.coordinator_id)
    if adder is None or adder.role.may_administer:
        return
    if access.caseload_of(session, adder.id) is Caseload.OWN:
        person.responsible_id = adder.id
        audit.record(session, by, "participant.handed_over", now, participant_id=person.id, to=adder.id)


def _able(session: Session, coordinator_id: int) -> None:
    chosen = session.get(Coordinator, coordinator_id)
    if chosen is None or chosen.disabled_at is not None or not chosen.role.may_edit:
        raise BadInput("Choose a colleague who may change things and whose account is open.")
