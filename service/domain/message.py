"""What an outbound text is, and the only ways its status may move."""

from enum import StrEnum


class MessageKind(StrEnum):
    """Why a text is sent."""

    CHECK_IN = "check_in"
    MEDICATION = "medication"
    MEETING = "meeting"
    APPOINTMENT = "appointment"
    INVITATION = "invitation"  # asks for consent; discloses nothing
    REPLY = "reply"  # an answer to something the person texted
    SAFETY = "safety"  # the fixed reply to a crisis text
    MANUAL = "manual"  # written by a coordinator
    PAGE = "page"  # calls a member of staff to an alert, or asks whether a phone may get such calls
    NOTICE = "notice"  # other words of ours, such as "your coordinator has changed"


class MessageStatus(StrEnum):
    """Where an outbound text stands. Each member says who moves rows in."""

    QUEUED = "queued"  # planning, replies or a coordinator wrote it; also released after a definite no
    SENDING = "sending"  # a sender claimed it; the outcome is not known yet
    SENT = "sent"  # the gateway accepted it
    DELIVERED = "delivered"  # a receipt: the handset has it
    UNDELIVERED = "undelivered"  # a receipt: the carrier could not deliver it
    FAILED = "failed"  # the gateway refused it, or a receipt said so
    UNKNOWN = "unknown"  # the call ended without a clear answer; sent again only if proven not taken, once
    CANCELLED = "cancelled"  # STOP, PAUSE, a coordinator or a changed schedule withdrew it
    EXPIRED = "expired"  # too late to be of use


URGENT_PRIORITY = 1
"""This and lower numbers (safety, replies, pages to staff) are never held by the day's limit."""

S = MessageStatus

FINAL: frozenset[MessageStatus] = frozenset({S.DELIVERED, S.UNDELIVERED, S.FAILED, S.CANCELLED, S.EXPIRED})

ALLOWED_MOVES: dict[MessageStatus, frozenset[MessageStatus]] = {
    # Past `sending` only when a text that was thought lost, and waits to go out again, turns up after all.
    S.QUEUED: frozenset({S.SENDING, S.SENT, S.DELIVERED, S.UNDELIVERED, S.FAILED, S.CANCELLED, S.EXPIRED}),
    S.SENDING: frozenset(
        {S.QUEUED, S.SENT, S.DELIVERED, S.UNDELIVERED, S.FAILED, S.UNKNOWN, S.CANCELLED, S.EXPIRED}
    ),
    S.SENT: frozenset({S.DELIVERED, S.UNDELIVERED, S.FAILED, S.CANCELLED, S.EXPIRED}),
    S.UNKNOWN: frozenset({S.QUEUED, S.SENT, S.DELIVERED, S.UNDELIVERED, S.FAILED, S.CANCELLED, S.EXPIRED}),
    S.DELIVERED: frozenset(),
    S.UNDELIVERED: frozenset(),
    S.FAILED: frozenset(),
    S.CANCELLED: frozenset(),
    S.EXPIRED: frozenset(),
}


def may_move(old: MessageStatus, new: MessageStatus) -> bool:
    """True when a message may go from `old` to `new`. A final status never moves."""
    return new in ALLOWED_MOVES[old]


def sources_of(new: MessageStatus) -> frozenset[MessageStatus]:
    """The statuses from which a message may move to `new`."""
    return frozenset(old for old, targets in ALLOWED_MOVES.items() if new in targets)
