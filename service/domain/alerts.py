"""What is brought to a coordinator, and how loudly."""

from enum import StrEnum


class Urgency(StrEnum):
    """The values sort from most to least urgent."""

    NOW = "1-now"  # someone may be in danger
    TODAY = "2-today"  # someone needs a person
    WHEN_FREE = "3-when-free"  # something to put right


class AlertStatus(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"


class AlertKind(StrEnum):
    CRISIS = "crisis"
    OVERDOSE = "overdose"
    MEDICAL = "medical"
    POSSIBLE_DANGER = "possible-danger"  # the text might be a crisis; the reply opened with the safety line
    ROUGH_SCORE = "rough-score"
    SLIP = "slip"
    WANTS_PERSON = "wants-person"
    SILENCE = "silence"
    APPOINTMENT_CHANGE = "appointment-change"
    OPTED_OUT = "opted-out"
    MAY_LEAVE = "may-leave"  # perhaps wants no more texts; the reply said how to end them
    WRONG_NUMBER = "wrong-number"
    NUMBER_PROBLEM = "number-problem"
    OUTCOME_UNKNOWN = "outcome-unknown"
    SENDING_PAUSED = "sending-paused"
    NOT_UNDERSTOOD = "not-understood"  # our own fault while reading a text
    REPLY_LIMIT = "reply-limit"
    UNDELIVERED = "undelivered"
    READ_LATE = "read-late"  # the webhook missed the text, and it was too old to be answered when we found it
    PICTURE = "picture"  # a picture or recording that nobody has read
    PAGE_FAILED = "page-failed"  # a page to staff did not arrive
    PAGES_STOPPED = "pages-stopped"  # a member of staff texted STOP


URGENCY: dict[AlertKind, Urgency] = {
    AlertKind.CRISIS: Urgency.NOW,
    AlertKind.OVERDOSE: Urgency.NOW,
    AlertKind.MEDICAL: Urgency.NOW,
    AlertKind.NOT_UNDERSTOOD: Urgency.NOW,
    AlertKind.SENDING_PAUSED: Urgency.NOW,
    AlertKind.POSSIBLE_DANGER: Urgency.TODAY,
    AlertKind.ROUGH_SCORE: Urgency.TODAY,
    AlertKind.SLIP: Urgency.TODAY,
    AlertKind.WANTS_PERSON: Urgency.TODAY,
    AlertKind.SILENCE: Urgency.TODAY,
    AlertKind.APPOINTMENT_CHANGE: Urgency.TODAY,
    AlertKind.OUTCOME_UNKNOWN: Urgency.TODAY,
    AlertKind.READ_LATE: Urgency.TODAY,
    AlertKind.PICTURE: Urgency.TODAY,
    AlertKind.PAGE_FAILED: Urgency.TODAY,
    AlertKind.PAGES_STOPPED: Urgency.TODAY,
    AlertKind.MAY_LEAVE: Urgency.TODAY,
    AlertKind.OPTED_OUT: Urgency.WHEN_FREE,
    AlertKind.WRONG_NUMBER: Urgency.WHEN_FREE,
    AlertKind.NUMBER_PROBLEM: Urgency.WHEN_FREE,
    AlertKind.REPLY_LIMIT: Urgency.WHEN_FREE,
    AlertKind.UNDELIVERED: Urgency.WHEN_FREE,
}
