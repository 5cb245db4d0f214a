"""Who may be texted."""

from enum import StrEnum


class ConsentStatus(StrEnum):
    """Where a person's permission stands. Each member says who moves a person in."""

    INVITED = "invited"  # staff entered the number; one invitation, then nothing until YES
    OPTED_IN = "opted_in"  # JOIN, YES or START by text, or signed consent entered by staff
    DECLINED = "declined"  # answered NO to the invitation
    LAPSED = "lapsed"  # the invitation was never answered
    WRONG_NUMBER = "wrong_number"  # the number belongs to somebody else
    MOVING = "moving"  # their phone is lost or not theirs any more: nothing until a YES from the new one
    OPTED_OUT = "opted_out"  # STOP in any form, or staff entered a spoken wish


class ConsentSource(StrEnum):
    """How a change of permission reached us."""

    TEXT = "text"  # the person texted it
    PAPER = "paper"
    VERBAL = "verbal"
    WEB = "web"
    GATEWAY = "gateway"  # the carrier or Twilio told us the person opted out
    CONSOLE = "console"  # a coordinator acted
    SYSTEM = "system"  # time passed: an invitation lapsed


RE_JOINABLE = frozenset(set(ConsentStatus) - {ConsentStatus.OPTED_IN})
"""From here a person's own JOIN or START opts in. Nobody else's act can after OPTED_OUT."""
