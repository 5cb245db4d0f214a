"""What the gateway's error codes mean, and the one thing each calls for.

A code reaches us in two ways: in the answer to a send, or later in a delivery receipt. Both look it
up here. A code that is not in the table is shown to staff and never retried.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Reaction(StrEnum):
    """What to do about an error. Each member says what becomes of the text and of the person."""

    OPT_OUT = "opt_out"  # text fails; record the opt-out, cancel what is queued, never work around
    BAD_NUMBER = "bad_number"  # text fails; stop texting the number, a coordinator's task
    PAUSE_ALL = "pause_all"  # text stays due; nothing is sent to anyone until staff mend it
    SLOW_DOWN = "slow_down"  # text stays due; send less often, retry while it is still of use
    RETRY_SPACED = "retry_spaced"  # one or two spaced retries in its window; days of it: lost touch
    RETRY_ONCE = "retry_once"  # one delayed retry in its window
    EXPIRED = "expired"  # text is expired, not failed: it waited at the gateway past its use
    RESCHEDULE = "reschedule"  # text stays due, at the person's next permitted hour
    FAIL = "fail"  # text fails and is shown
    FAIL_AND_REVIEW = "fail_and_review"  # text fails; staff look at the words or at the sender


NOT_AGAINST_THE_TEXT: frozenset[Reaction] = frozenset(
    {Reaction.PAUSE_ALL, Reaction.SLOW_DOWN, Reaction.RESCHEDULE}
)
"""Refusals that say nothing against the text itself: when it was not sent, it stays due."""


@dataclass(frozen=True)
class ErrorMeaning:
    """One error, in words for a coordinator.

    `code` is the gateway's, None when it gave none; `plain` says what happened; `mend` what helps.
    """

    code: int | None
    reaction: Reaction
    plain: str
    mend: str


R = Reaction
_Row = tuple[tuple[int, ...], Reaction, str, str]

_ACCOUNT: tuple[_Row, ...] = (
    (
        (20003, 20006, 20008, 20403),
        R.PAUSE_ALL,
        "Twilio does not accept the service's account or token.",
        "Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, then run `flask doctor`.",
    ),
    (
        (20404,),
        R.PAUSE_ALL,
        "Twilio does not know the account the service sends from.",
        "Check TWILIO_ACCOUNT_SID and TWILIO_API_BASE_URL.",
    ),
    (
        (20005, 30002),
        R.PAUSE_ALL,
        "The Twilio account is suspended.",
        "Ask Twilio's support, or whoever pays the account, to reopen it.",
    ),
    (
        (63038,),
        R.PAUSE_ALL,
        "The Twilio account has used up the texts it may send in a day.",
        "Wait for the next day or raise the account's limit.",
    ),
)

_SENDER: tuple[_Row, ...] = (
    (
        (21212, 21603, 21606, 21659, 21660, 21661),
        R.PAUSE_ALL,
        "The number the service sends from cannot send texts.",
        "Set TWILIO_FROM_NUMBER to a number of this account that can send texts.",
    ),
    (
        (21701, 21703, 21704, 21705),
        R.PAUSE_ALL,
        "The messaging service does not exist or has no number to send from.",
        "Check TWILIO_MESSAGING_SERVICE_SID and that service's sender pool.",
    ),
    (
        (21608,),
        R.PAUSE_ALL,
        "A trial account may only text numbers that were verified with Twilio.",
        "Upgrade the Twilio account.",
    ),
    (
        (21609,),
        R.PAUSE_ALL,
        "Twilio cannot use the address the service gave for receipts.",
        "Set PUBLIC_BASE_URL to the service's public https address, without underscores.",
    ),
    (
        (30032, 30033, 30034),
        R.PAUSE_ALL,
        "The sending number is not registered with the US carriers, or its registration lapsed.",
        "Finish or repair the A2P 10DLC or toll-free registration in Twilio's console.",
    ),
)

_RATE: tuple[_Row, ...] = (
    (
        (20429, 14107, 30022),
        R.SLOW_DOWN,
        "Texts are being sent faster than Twilio allows.",
        "The service slows down by itself; if it stays, lower SENDS_PER_SECOND.",
    ),
    (
        (21611, 30001),
        R.SLOW_DOWN,
        "Too many texts are waiting at Twilio for this sending number.",
        "The service slows down by itself; if it stays, lower SENDS_PER_SECOND.",
    ),
    (
        (30023, 30027),
        R.SLOW_DOWN,
        "The carrier's daily limit for this sender is used up.",
        "Wait for the next day, or ask for a higher limit with the A2P 10DLC registration.",
    ),
)

_NUMBER: tuple[_Row, ...] = (
    (
        (21211, 21214, 21217, 21265, 21266, 21604),
        R.BAD_NUMBER,
        "This is not a phone number that can be texted.",
        "Ask the person for the right number and correct it.",
    ),
    (
        (21408,),
        R.BAD_NUMBER,
        "The account may not send texts to this number's country or region.",
        "Allow the region in Twilio's messaging permissions, or agree on another number.",
    ),
    (
        (21612,),
        R.BAD_NUMBER,
        "No route leads from the sending number to this number.",
        "Check the number with the person, or agree on another way to reach them.",
    ),
    (
        (21614, 21635, 30006),
        R.BAD_NUMBER,
        "The number is a landline or cannot receive texts.",
        "Ask the person for a mobile number.",
    ),
    (
        (30640,),
        R.BAD_NUMBER,
        "Twilio blocks texts to this number because of the legal risk of texting it.",
        "Do not text this number. Reach the person another way.",
    ),
    (
        (21610,),
        R.OPT_OUT,
        "The person has opted out: a STOP is in force at Twilio.",
        "Only the person can undo it, by texting START.",
    ),
)

_DELIVERY: tuple[_Row, ...] = (
    (
        (30003,),
        R.RETRY_SPACED,
        "The phone was off, out of reach or could not take texts.",
        "Wait; after several days, reach the person another way.",
    ),
    (
        (30004,),
        R.FAIL,
        "The text was blocked before it reached the phone, by the person or their carrier.",
        "Ask the person whether they want these texts, and whether their plan allows them.",
    ),
    (
        (30005,),
        R.BAD_NUMBER,
        "The number is unknown or no longer in service.",
        "Ask for the person's current number; the old one may get a new owner.",
    ),
    (
        (30007,),
        R.FAIL_AND_REVIEW,
        "The carrier took the text for spam and did not deliver it.",
        "Do not send it again. Look at its words and at the sender's registration.",
    ),
    (
        (30008,),
        R.RETRY_ONCE,
        "The carrier did not deliver the text and gave no reason.",
        "Nothing, unless it happens often to one person.",
    ),
    (
        (30036,),
        R.EXPIRED,
        "The text waited at Twilio until it was no longer of use.",
        "Nothing for one text; if there are many, lower or spread the sending.",
    ),
    (
        (30610,),
        R.RESCHEDULE,
        "Twilio held the text back because of quiet hours at the person's place.",
        "Check the person's time zone, or turn off quiet hours in Twilio's compliance settings.",
    ),
    (
        (30024,),
        R.FAIL_AND_REVIEW,
        "The person's carrier does not take texts from the sending number, or not for this phone.",
        "If many texts to one carrier end so, check the sending number's registration with Twilio.",
    ),
)

_WORDS: tuple[_Row, ...] = (
    (
        (21617, 30019),
        R.FAIL_AND_REVIEW,
        "The text is too long to be sent.",
        "Shorten its words.",
    ),
    (
        (21602, 21619),
        R.FAIL_AND_REVIEW,
        "The text has no words.",
        "Look at the words this text is made from.",
    ),
)

REACTIONS: Mapping[int, ErrorMeaning] = MappingProxyType(
    {
        code: ErrorMeaning(code, reaction, plain, mend)
        for rows in (_ACCOUNT, _SENDER, _RATE, _NUMBER, _DELIVERY, _WORDS)
        for codes, reaction, plain, mend in rows
        for code in codes
    }
)
"""Every code with a meaning of its own."""


def meaning_of(code: int | None, http_status: int | None = None) -> ErrorMeaning:
    """What an error means. `http_status` decides only for a code that is missing or unmapped.

    401, 403 and 404 are about the account or its address, 429 is about speed; anything else fails,
    is shown, and is not retried. The answer's `code` is always the one asked about.
    """
    known = REACTIONS.get(code) if code is not None else None
    if known is not None:
        return known
    if http_status in (401, 403, 404):
        like = REACTIONS[20003]
    elif http_status == 429:
        like = REACTIONS[20429]
    else:
        what = "gave no reason" if code is None else f"answered with error {code}"
        return ErrorMeaning(
            code,
            Reaction.FAIL,
            f"The text was not delivered; Twilio {what}.",
            "Look the error up in Twilio's console before sending again.",
        )
    return ErrorMeaning(code, like.reaction, like.plain, like.mend)
