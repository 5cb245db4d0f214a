"""Why a person's check-ins and reminders end."""

from enum import StrEnum

from service.domain.prompt import ScheduleKind


class EndReason(StrEnum):
    """What staff say when they end something; it is never texted."""

    LOSS = "loss"  # a death, a miscarriage, a relationship: cheerful texts would hurt
    MOVED = "moved"  # to another place or programme
    FINISHED = "finished"
    OTHER = "other"


CHEERFUL = frozenset({ScheduleKind.CHECK_IN, ScheduleKind.MEETING})
"""What hurts after a loss. Medication and appointments are ended one by one, by somebody who has thought."""
