"""Whose people a member of staff sees."""

from dataclasses import dataclass
from enum import StrEnum

from service.domain.staff import Role


class Caseload(StrEnum):
    OWN = "own"  # those they are responsible for
    SHARED = "shared"  # those, and everybody whom nobody is responsible for
    ALL = "all"


@dataclass(frozen=True)
class Sight:
    """What somebody may see. Whoever was paged about a person sees that person too, whatever this says."""

    coordinator_id: int
    caseload: Caseload


def sight_of(coordinator_id: int, role: Role, chosen: Caseload | None) -> Sight:
    """An admin sees everybody, so that nobody can be out of everyone's sight."""
    if role.may_administer:
        return Sight(coordinator_id, Caseload.ALL)
    return Sight(coordinator_id, chosen or Caseload.ALL)
