"""Whose people a member of staff sees."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.domain.staff import Role


class Caseload(StrEnum):
    OWN = "own"  # those they are responsible for
    SHARED = "shared"  # those, and everybody whom nobody is responsible for
    ALL = "all"


@dataclass(frozen=True)
class Sight:
    """What somebody may see at an instant.

    Whoever was paged about a person sees that person too, for a time, whatever the caseload.
    """

    coordinator_id: int
    caseload: Caseload
    at: datetime


def caseload_of(role: Role, chosen: Caseload | None) -> Caseload:
    """An admin sees everybody, so that nobody can be out of everyone's sight."""
    return Caseload.ALL if role.may_administer else chosen or Caseload.ALL
