"""Phone numbers: read as people type them, kept as E.164, shown masked."""

import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, ValidationResult

from service.domain.errors import BadInput, BadPhoneNumber

_NORTH_AMERICA = 1
_PUNCTUATION = frozenset(" .-()[]/+")
_LONGEST_INPUT = 40  # fifteen digits, well spaced; longer is not a number at all
_LONGEST_SHORT_CODE = 6
_MASK = "•••"
_FEWEST_TO_SHOW_FOUR = 7


def parse_phone(text: str, region: str = "US") -> str:
    """Read a phone number as E.164 ("+15035550123").

    `text` may hold full-width digits, spaces, dots, dashes and brackets. `region` is the
    two-letter code of the country whose numbers need no country code.

    A number is accepted when its length is possible for its country, not only when it is known
    to be in use: carriers open new blocks sooner than the library learns of them, and the
    fictional 555-01xx numbers of demonstrations must work.

    Raises BadPhoneNumber, whose message never holds the number; BadInput for an unknown `region`.
    """
    home = phonenumbers.country_code_for_region(region)
    if not home:
        raise BadInput("The region for phone numbers must be a two-letter country code such as US.")
    cleaned = _cleaned(text)
    digits = sum(char.isdecimal() for char in cleaned)
    if "+" not in cleaned and digits <= _LONGEST_SHORT_CODE:
        raise BadPhoneNumber(
            "That is too short for a phone number. Short codes cannot be texted: "
            "give the full number with its area code."
        )
    try:
        number = phonenumbers.parse(cleaned, region)
    except NumberParseException as error:
        # `from None`: the library's exception must not carry the number into a log.
        raise BadPhoneNumber(_unreadable(error)) from None
    _check_length(number, is_home=number.country_code == home)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.country_code == _NORTH_AMERICA and e164[2] in "01":
        raise BadPhoneNumber("An area code cannot start with 0 or 1. Check the first digits.")
    return e164


def mask_phone(e164: str) -> str:
    """Show a number in logs and lists: country code, then the last four ("+1•••0123").

    Whatever is not a full E.164 number (a short code, an alphanumeric sender) becomes "•••"
    alone, because too little of it would stay hidden. Never raises.
    """
    try:
        number = phonenumbers.parse(e164, None)
    except NumberParseException:
        return _MASK
    national = str(number.national_number)
    if len(national) < _FEWEST_TO_SHOW_FOUR:
        return _MASK
    return f"+{number.country_code}{_MASK}{national[-4:]}"


def _cleaned(text: str) -> str:
    """Plain digits and punctuation, or BadPhoneNumber for what no number holds."""
    # Category Cf: numbers copied from a contact list often come wrapped in invisible
    # direction marks. Category Pd: every dash there is.
    kept = (char for char in unicodedata.normalize("NFKC", text) if _category(char) != "Cf")
    cleaned = "".join(
        "-" if _category(char) == "Pd" else " " if char.isspace() else char for char in kept
    ).strip()
    if not cleaned:
        raise BadPhoneNumber("No phone number was given. Type it with its area code.")
    if any(char.isalpha() for char in cleaned):
        raise BadPhoneNumber(
            "A phone number cannot hold letters. Type it in digits only, without an extension."
        )
    if not all(char.isdecimal() or char in _PUNCTUATION for char in cleaned):
        raise BadPhoneNumber(
            "A phone number may hold only digits, spaces, dots, dashes, brackets and a leading +."
        )
    if "+" in cleaned.lstrip("([ ")[1:]:
        raise BadPhoneNumber("A + can only come first. Type one number, starting with +.")
    if len(cleaned) > _LONGEST_INPUT:
        raise BadPhoneNumber("That is too long for a phone number. Type one number only.")
    return cleaned


def _category(char: str) -> str:
    return unicodedata.category(char)


def _unreadable(error: NumberParseException) -> str:
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return "No country has that country code. Check the digits after the +."
    if error.error_type == NumberParseException.TOO_LONG:
        return "That is too long for a phone number. Type one number only."
    return "That is not a phone number. Type all of its digits, area code first."


def _check_length(number: phonenumbers.PhoneNumber, *, is_home: bool) -> None:
    """Raise BadPhoneNumber unless the number has a possible length for its country."""
    # Not is_possible_number() itself: that also accepts a number without its area code.
    result = phonenumbers.is_possible_number_with_reason(number)
    if result == ValidationResult.IS_POSSIBLE:
        return
    abroad = " A number from another country starts with + and its code." if is_home else ""
    if result == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        raise BadPhoneNumber("The area code is missing. Type the area code, then the number.")
    if number.country_code == _NORTH_AMERICA:
        raise BadPhoneNumber(
            f"That is not ten digits. Type the area code and the seven digits after it.{abroad}"
        )
    if result == ValidationResult.TOO_SHORT:
        raise BadPhoneNumber(f"Digits are missing from that number. Type all of them.{abroad}")
    if result == ValidationResult.TOO_LONG:
        raise BadPhoneNumber(f"That number has too many digits. Check for doubled ones.{abroad}")
    raise BadPhoneNumber(f"No number in that country has that many digits. Check them.{abroad}")
