"""The tables. No behaviour.

people.py         participants, what they are found by, their consent events, their schedules
moving.py         changes of people's numbers
conversation.py   prompts, messages (out), inbound messages (in), delivery events
on_call.py        the rota, the phones of staff, and what was paged
staff.py          coordinators, their sessions and sign-in links, alerts, the audit trail
access.py         caseloads, second factors, the seals of the audit trail
queue.py          notes of staff on a person, what they have looked after and snoozed
upkeep.py         numbers never to be texted, words still to be blanked at the gateway, marks
service.py        data keys, heartbeats, tallies, the sender's pace and pauses, reworded texts, saved
                  replies, the rehearsal
"""

from service.store.schema.access import AuditSeal, HalfSignIn, RecoveryCode, SecondFactor, StaffCaseload
from service.store.schema.conversation import DeliveryEvent, InboundMessage, Message, Prompt
from service.store.schema.moving import NumberChange
from service.store.schema.on_call import Page, Paging, RotaCover, RotaShift, RotaSwap, StaffPhone
from service.store.schema.people import ConsentEvent, NameToken, Participant, Schedule
from service.store.schema.queue import QueueMark, StaffNote
from service.store.schema.service import (
    AskCount,
    DataKey,
    HandsetBlock,
    HandsetText,
    Heartbeat,
    RehearsalClock,
    SavedReply,
    SendingPace,
    SendingPause,
    Tally,
    TextTemplate,
)
from service.store.schema.staff import (
    Alert,
    AuditEntry,
    ConsoleSession,
    Coordinator,
    SignInAttempt,
    SignInLink,
)
from service.store.schema.upkeep import Redaction, ServiceMark, Suppression
from service.store.types import Base

SCHEMA_VERSION = "0011"
"""The migration that this code is written for; a test holds it to the newest one."""

__all__ = [
    "SCHEMA_VERSION",
    "Alert",
    "AskCount",
    "AuditEntry",
    "AuditSeal",
    "Base",
    "ConsentEvent",
    "ConsoleSession",
    "Coordinator",
    "DataKey",
    "DeliveryEvent",
    "HalfSignIn",
    "HandsetBlock",
    "HandsetText",
    "Heartbeat",
    "InboundMessage",
    "Message",
    "NameToken",
    "NumberChange",
    "Page",
    "Paging",
    "Participant",
    "Prompt",
    "QueueMark",
    "RecoveryCode",
    "Redaction",
    "RehearsalClock",
    "RotaCover",
    "RotaShift",
    "RotaSwap",
    "SavedReply",
    "Schedule",
    "SecondFactor",
    "SendingPace",
    "SendingPause",
    "ServiceMark",
    "SignInAttempt",
    "SignInLink",
    "StaffCaseload",
    "StaffNote",
    "StaffPhone",
    "Suppression",
    "Tally",
    "TextTemplate",
]
