"""When automation holds back because somebody is talking with the person."""

from datetime import timedelta

from service.domain.message import MessageKind
from service.domain.prompt import ScheduleKind

HOLD = timedelta(minutes=60)
"""How long after the last word of a conversation. Long enough to go on, too short to lose a check-in."""

HELD = frozenset({MessageKind.CHECK_IN, MessageKind.MEETING})
HELD_SCHEDULES = frozenset({ScheduleKind.CHECK_IN, ScheduleKind.MEETING})
"""What would sound deaf in the middle of a talk. Medication and appointments have a time of their own."""

TALKED_TOO_LONG = "somebody was talking with them until it was too late"
