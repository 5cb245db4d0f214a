"""Members of staff and what each may do; who can act at all."""

from enum import StrEnum


class Role(StrEnum):
    ADMIN = "admin"  # everything, including staff
    COORDINATOR = "coordinator"  # participants, schedules, replies, alerts
    VIEWER = "viewer"  # looks, changes nothing

    @property
    def may_edit(self) -> bool:
        return self is not Role.VIEWER

    @property
    def may_administer(self) -> bool:
        return self is Role.ADMIN

    def covers(self, least: "Role") -> bool:
        """True when this role may do whatever `least` may."""
        rising = (Role.VIEWER, Role.COORDINATOR, Role.ADMIN)
        return rising.index(self) >= rising.index(least)


class Actor(StrEnum):
    """Who did something that the audit trail records."""

    COORDINATOR = "coordinator"
    PARTICIPANT = "participant"
    COMMAND_LINE = "command line"
    SYSTEM = "system"
