"""The console's words: one plain phrase for each state, so that every page says the same."""

from dataclasses import dataclass

from service.domain.alerts import AlertKind, Urgency
from service.domain.caseload import Caseload
from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.message import MessageKind, MessageStatus
from service.domain.paging import StaffPhoneStatus
from service.domain.prompt import ScheduleKind
from service.domain.reporting import Preset
from service.domain.rota import RotaRole
from service.domain.selection import Needs
from service.domain.staff import Actor, Role


@dataclass(frozen=True)
class AlertWords:
    what: str
    help: str


A = AlertKind
ALERTS: dict[AlertKind, AlertWords] = {
    A.CRISIS: AlertWords(
        "May be thinking of suicide, or in danger from someone",
        "The safety reply with 988 and 911 went back at once. Call them now.",
    ),
    A.OVERDOSE: AlertWords(
        "May be an overdose",
        "The reply said to call 911 and give naloxone. Call them now; send help if you can.",
    ),
    A.MEDICAL: AlertWords(
        "May need a doctor now", "The reply said to call 911 or go to the ER. Call them now."
    ),
    A.NOT_UNDERSTOOD: AlertWords(
        "A text the service could not read", "Read it yourself, and answer by hand."
    ),
    A.SENDING_PAUSED: AlertWords(
        "All sending is paused", "No texts go out to anyone until this is put right."
    ),
    A.POSSIBLE_DANGER: AlertWords(
        "Might be in danger", "The reply gave the 988 line at most. Read it, and ask how they are."
    ),
    A.ROUGH_SCORE: AlertWords("A rough check-in", "A call or a text today would be good."),
    A.SLIP: AlertWords("Has used", "Reach out without blame; ask what would help today."),
    A.MAY_LEAVE: AlertWords(
        "May want no more texts", "Read what they wrote. If they want to leave, stop their texts for them."
    ),
    A.WANTS_PERSON: AlertWords("Wants to talk with a person", "They were told someone would."),
    A.SILENCE: AlertWords(
        "Has not answered lately", "Try a call. Silence can mean a lost phone, or a hard week."
    ),
    A.APPOINTMENT_CHANGE: AlertWords(
        "Cannot make an appointment", "Help to move it, or with what stands in the way."
    ),
    A.OUTCOME_UNKNOWN: AlertWords(
        "A text may or may not have arrived",
        "It is sent again only when Twilio's own list proves that it never left. Look, then decide.",
    ),
    A.PICTURE: AlertWords("Sent a picture or recording", "The service cannot read it. Ask about it."),
    A.READ_LATE: AlertWords(
        "A text was read late",
        "It came while the service could not be reached. They had no answer: reach out.",
    ),
    A.OPTED_OUT: AlertWords(
        "Asked for no more texts", "Done already. Only they can come back, by texting START."
    ),
    A.WRONG_NUMBER: AlertWords(
        "Somebody else has this number", "Nothing more is sent to it. Ask for the right one."
    ),
    A.NUMBER_PROBLEM: AlertWords("The number cannot be texted", "Ask for a number that can."),
    A.REPLY_LIMIT: AlertWords(
        "Too many texts in a short time", "Replies are held back. It may be an automatic answer."
    ),
    A.PAGE_FAILED: AlertWords(
        "A page did not arrive", "The next person was paged at once. See On call: is the number right?"
    ),
    A.PAGES_STOPPED: AlertWords(
        "Wants no more pages",
        "They texted STOP. Only a START from that phone brings pages back; see the rota.",
    ),
    A.UNDELIVERED: AlertWords("Texts are not arriving", "Reach them another way."),
}

URGENCIES: dict[Urgency, str] = {
    Urgency.NOW: "Now",
    Urgency.TODAY: "Today",
    Urgency.WHEN_FREE: "When you have a moment",
}

C = ConsentStatus
CONSENT: dict[ConsentStatus, str] = {
    C.INVITED: "Invited, no answer yet",
    C.OPTED_IN: "Gets texts",
    C.DECLINED: "Said no",
    C.LAPSED: "Invitation never answered",
    C.WRONG_NUMBER: "Wrong number",
    C.MOVING: "Waits for a new number",
    C.OPTED_OUT: "Stopped",
}
CONSENT_HELP: dict[ConsentStatus, str] = {
    C.INVITED: "One invitation went out. Nothing more is sent until they answer YES.",
    C.OPTED_IN: "",
    C.DECLINED: "They answered NO to the invitation. They can still join by texting JOIN.",
    C.LAPSED: "The invitation ran out. They can still join by texting JOIN.",
    C.WRONG_NUMBER: "Somebody else has this number. Nothing is sent to it.",
    C.MOVING: "Their old phone is not to be texted, and no new one has said YES yet. Nothing is sent.",
    C.OPTED_OUT: "Nothing is sent. Only they can come back, by texting START.",
}
CONSENT_EVENTS: dict[ConsentStatus, str] = {
    C.INVITED: "Invited",
    C.OPTED_IN: "Said yes",
    C.DECLINED: "Said no",
    C.LAPSED: "Invitation ran out",
    C.WRONG_NUMBER: "Wrong number",
    C.MOVING: "Texts to the old number stopped",
    C.OPTED_OUT: "Stopped",
}
SOURCES: dict[ConsentSource, str] = {
    ConsentSource.TEXT: "by text",
    ConsentSource.PAPER: "on paper",
    ConsentSource.VERBAL: "in conversation",
    ConsentSource.WEB: "on the web",
    ConsentSource.GATEWAY: "reported by the carrier",
    ConsentSource.CONSOLE: "entered in the console",
    ConsentSource.SYSTEM: "by itself, as time passed",
}

M = MessageStatus
STATUSES: dict[MessageStatus, str] = {
    M.QUEUED: "Waiting to be sent",
    M.SENDING: "On its way",
    M.SENT: "Sent, arrival not confirmed yet",
    M.DELIVERED: "Delivered",
    M.UNDELIVERED: "Did not arrive",
    M.FAILED: "Could not be sent",
    M.UNKNOWN: "May or may not have arrived",
    M.CANCELLED: "Held back",
    M.EXPIRED: "Too late to be of use, so not sent",
}
TROUBLED = frozenset({M.UNDELIVERED, M.FAILED, M.UNKNOWN})
WITHHELD = frozenset({M.CANCELLED, M.EXPIRED})
PAGE_LOST = TROUBLED | {M.EXPIRED}
UNKNOWN_HELP = "It is not sent again by itself, so that nobody gets it twice. Ask, or write anew."

ROLES: dict[RotaRole, str] = {
    RotaRole.FIRST: "First",
    RotaRole.SECOND: "Second",
    RotaRole.SUPERVISOR: "Supervisor",
}
STAFF_PHONES: dict[StaffPhoneStatus, str] = {
    StaffPhoneStatus.ASKED: "Waiting for its YES",
    StaffPhoneStatus.CONFIRMED: "Gets pages",
    StaffPhoneStatus.STOPPED: "Said STOP: only START from it brings pages back",
}
STAFF_ROLES: dict[Role, str] = {
    Role.ADMIN: "Admin",
    Role.COORDINATOR: "Coordinator",
    Role.VIEWER: "Viewer",
}
STAFF_ROLE_HELP: dict[Role, str] = {
    Role.ADMIN: "Everything, staff and the audit trail too. Sees everybody.",
    Role.COORDINATOR: "People, texts, schedules and alerts.",
    Role.VIEWER: "Looks, and changes nothing.",
}
CASELOADS: dict[Caseload, str] = {
    Caseload.OWN: "Their own people",
    Caseload.SHARED: "Their own, and those shared by all",
    Caseload.ALL: "Everybody",
}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

KINDS: dict[MessageKind, str] = {
    MessageKind.CHECK_IN: "Check-in",
    MessageKind.MEDICATION: "Medication",
    MessageKind.MEETING: "Meeting",
    MessageKind.APPOINTMENT: "Appointment",
    MessageKind.INVITATION: "Invitation",
    MessageKind.REPLY: "Reply",
    MessageKind.SAFETY: "Safety reply",
    MessageKind.MANUAL: "By hand",
    MessageKind.PAGE: "Page to staff",
    MessageKind.NOTICE: "Notice",
}
SCHEDULES: dict[ScheduleKind, str] = {
    ScheduleKind.CHECK_IN: "Check-in",
    ScheduleKind.MEDICATION: "Medication",
    ScheduleKind.MEETING: "Meeting",
    ScheduleKind.APPOINTMENT: "Appointment",
}

LABELS = {
    "crisis": "possible crisis",
    "overdose": "possible overdose",
    "medical": "medical emergency",
    "score": "check-in score",
    "done": "done",
    "later": "later",
    "skip": "skip",
    "going": "going",
    "cant": "can't come",
    "ok": "will be there",
    "change": "needs a change",
    "menu": "unclear, so the menu went back",
    "smalltalk": "small talk",
    "human": "wants a person",
    "wrong-number": "wrong number",
    "offtopic": "off topic",
    "optout-freeform": "wants no more texts",
    "optin-freeform": "wants to join",
    "slip": "has used",
    "acknowledgement": "staff taking an alert",
}

READINGS = {
    "crisis": "Suicide, self-harm or violence",
    "overdose": "An overdose, or too much taken",
    "medical": "Another medical emergency",
    "smalltalk": "Small talk",
    "human": "Wants a person",
    "wrong-number": "Wrong number",
    "offtopic": "Off topic",
    "menu": "Too unclear to tell",
    "optout-freeform": "Wants no more texts, in own words",
    "answer": "An answer to what was asked",
}
"""What a coordinator may mark a text as; questions go by the titles of the cards."""

PRESETS: dict[Preset, str] = {
    Preset.WEEK: "Last 7 days",
    Preset.THIRTY: "Last 30 days",
    Preset.NINETY: "Last 90 days",
    Preset.MONTH: "This month",
    Preset.OWN: "Own dates",
}

NEEDS: dict[Needs, str] = {
    Needs.ATTENTION: "Has an open alert",
    Needs.ANSWER: "Waits for an answer",
}

LANGUAGES = {"en": "English", "es": "Spanish"}

ROUTINE_TEXTS = {
    "check_in.ask": "Check-in",
    "check_in.again": "Check-in, asked once more",
    "medication.ask": "Medication",
    "medication.again": "Medication, asked once more",
    "medication.later": "Medication, after LATER",
    "meeting.ask": "Meeting",
    "meeting.again": "Meeting, asked once more",
    "appointment.day_before": "Appointment, the day before",
    "appointment.same_day": "Appointment, the same day",
    "appointment.lead": "Appointment, at a chosen time",
    "appointment.again": "Appointment, asked once more",
}
PLACEHOLDERS = {
    "programme": "the programme's name",
    "name": "the person's name",
    "label": "the nickname",
    "time": "the time, like 7 PM",
    "date": "the date, like Thursday, November 12",
    "day": "today, tomorrow or the date",
}

COMMON_ZONES = {
    "America/New_York": "Eastern (New York)",
    "America/Chicago": "Central (Chicago)",
    "America/Denver": "Mountain (Denver)",
    "America/Phoenix": "Arizona (Phoenix)",
    "America/Los_Angeles": "Pacific (Los Angeles)",
    "America/Anchorage": "Alaska (Anchorage)",
    "Pacific/Honolulu": "Hawaii (Honolulu)",
    "America/Puerto_Rico": "Puerto Rico",
}

ACTORS: dict[Actor, str] = {
    Actor.COORDINATOR: "Staff",
    Actor.PARTICIPANT: "The person",
    Actor.COMMAND_LINE: "The command line",
    Actor.SYSTEM: "The service",
}
ACTIONS: dict[str, str] = {
    "alert.acknowledged": "took an alert",
    "audit.viewed": "read this trail about a person",
    "consents.exported": "exported the consent ledger",
    "marks.exported": "exported marked texts",
    "pages.asked": "asked a staff phone for its YES",
    "pages.confirmed": "confirmed a staff phone",
    "pages.removed": "took a staff phone away",
    "pages.stopped": "stopped pages to a staff phone",
    "participant.declined": "said no to texts",
    "participant.edited": "changed a person's details",
    "participant.erased": "erased a person",
    "participant.handed_over": "handed a person over",
    "participant.hold_extended": "kept check-ins waiting",
    "participant.hold_lifted": "let check-ins go on",
    "participant.invited": "invited a person",
    "participant.moving": "stopped texts to an old number",
    "participant.number_asked": "entered a new number for a person",
    "participant.number_changed": "changed a person's number",
    "participant.number_refused": "said no to being a person's new number",
    "participant.number_taken_back": "took back a new number",
    "participant.opted_in": "signed a person up",
    "participant.opted_out": "stopped texts to a person",
    "participant.paused": "paused texts to a person",
    "participant.resumed": "resumed texts to a person",
    "participant.texted": "texted a person",
    "participant.viewed": "looked at a person",
    "participants.imported": "imported people",
    "saved_reply.removed": "removed a saved reply",
    "saved_reply.saved": "kept a saved reply",
    "schedule.added": "set up a check-in or reminder",
    "schedule.ended": "ended a check-in or reminder",
    "schedule.restarted": "started a check-in or reminder again",
    "staff.added": "added a member of staff",
    "staff.changed": "changed a role or caseload",
    "staff.closed": "closed an account",
    "staff.link_made": "made a sign-in link",
    "staff.password_set": "set their password",
    "staff.proved": "showed that it was them",
    "staff.recovery_code_used": "used a recovery code",
    "staff.recovery_codes_made": "made recovery codes",
    "staff.reopened": "opened an account again",
    "staff.second_factor_off": "took an authenticator app away",
    "staff.second_factor_on": "set up an authenticator app",
    "staff.session_ended": "ended a session",
    "staff.sessions_ended": "ended all sessions of somebody",
    "staff.signed_in": "signed in",
    "staff.signed_out": "signed out",
    "template.saved": "reworded a text",
    "text.marked": "marked how a text should be read",
    "text.unmarked": "took back a mark",
}
"""What each entry of the audit trail says; one that is not here is shown by its own name."""
