"""A person's change of phone number."""

from enum import StrEnum


class NumberChangeStatus(StrEnum):
    """Where the change to one new number stands. Each member says who moves a change in."""

    ASKED = "asked"  # staff entered the new number; one neutral text asks it for a YES
    CONFIRMED = "confirmed"  # the new phone said YES: from then on it is the person's number
    REFUSED = "refused"  # the new phone said NO, STOP or wrong number
    LAPSED = "lapsed"  # no answer in time; found out when the next one is entered
    TAKEN_BACK = "taken_back"  # staff
    ENDED = "ended"  # the person opted out, came back on the old phone, or was erased
