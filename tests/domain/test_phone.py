"""Phone numbers: read as typed, refused with advice, never repeated."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import BadInput, BadPhoneNumber
from service.domain.phone import mask_phone, parse_phone


@pytest.mark.parametrize(
    "typed",
    [
        "5035550123",
        "503-555-0123",
        "(503) 555-0123",
        "503.555.0123",
        "503\u00a0555\u20110123",
        "1 503 555 0123",
        "+1 503 555 0123",
        "+1 (503) 555-0123",
        "(+1) 503 555 0123",
        "\uff0b\uff11\uff15\uff10\uff13\uff15\uff15\uff15\uff10\uff11\uff12\uff13",
        "\uff15\uff10\uff13\uff0d\uff15\uff15\uff15\uff0d\uff10\uff11\uff12\uff13",
        "\u0665\u0660\u0663\u0665\u0665\u0665\u0660\u0661\u0662\u0663",
        "\u202a+1 503 555 0123\u202c",
        "  503/555/0123\n",
        "[503] 555 \u2013 0123",
    ],
)
def test_a_number_is_read_however_it_is_typed(typed) -> None:
    assert parse_phone(typed) == "+15035550123"


@pytest.mark.parametrize(
    ("typed", "region", "e164"),
    [
        ("(555) 123-0000", "US", "+15551230000"),
        ("+15005550006", "US", "+15005550006"),
        ("+44 20 7946 0123", "US", "+442079460123"),
        ("011 44 20 7946 0123", "US", "+442079460123"),
        ("020 7946 0123", "GB", "+442079460123"),
        ("+1 503 555 0123", "GB", "+15035550123"),
        ("(416) 555-0123", "CA", "+14165550123"),
    ],
)
def test_fictional_and_foreign_numbers_are_read(typed, region, e164) -> None:
    assert parse_phone(typed, region) == e164


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("", "No phone number was given"),
        (" \u200e ", "No phone number was given"),
        ("72345", "Short codes cannot be texted"),
        ("911", "Short codes cannot be texted"),
        ("555-0199", "area code is missing"),
        ("1-800-FLOWERS", "cannot hold letters"),
        ("503 555 0199 x12", "cannot hold letters"),
        ("call me", "cannot hold letters"),
        ("503*555#0199", "may hold only digits"),
        ("\U0001f4de5035550199", "may hold only digits"),
        ("503 555 01999", "not ten digits"),
        ("50355501", "not ten digits"),
        ("+1 503 555 019", "not ten digits"),
        ("103 555 0199 9", "area code cannot start"),
        ("+1 003 555 0199", "area code cannot start"),
        ("503 555 0199 +1", "can only come first"),
        ("5035550199 / 5035550198", "too long"),
        ("503 555 0199, 503 555 0198", "may hold only digits"),
        ("9" * 30, "too long"),
        ("9" * 300, "too long"),
        ("+999 555 0199", "No country has that country code"),
        ("+33 12345", "Digits are missing"),
        ("+44 20 79", "area code is missing"),
        ("+44 20 7946 0199 55", "too many digits"),
        ("+", "not a phone number"),
        ("()-.", "too short"),
    ],
)
def test_what_is_not_a_number_is_refused_with_advice_that_does_not_repeat_it(typed, advice) -> None:
    with pytest.raises(BadPhoneNumber, match=advice) as caught:
        parse_phone(typed)
    assert not re.search(r"\d\d", str(caught.value))
    assert caught.value.__cause__ is None


def test_an_unknown_region_is_a_mistake_in_the_settings_not_in_the_number() -> None:
    with pytest.raises(BadInput, match="two-letter country code") as caught:
        parse_phone("5035550123", "XX")
    assert not isinstance(caught.value, BadPhoneNumber)


DIGITS = st.from_regex(r"[2-9][0-9]{9}", fullmatch=True)
GAPS = st.sampled_from(["", " ", "-", ".", " - ", "\u00a0", "\u2013"])


@given(DIGITS, GAPS, GAPS, st.sampled_from(["", "1", "+1", "+1 ", "1-"]))
def test_any_ten_digits_come_out_as_e164_whatever_stands_between(digits, one, two, code) -> None:
    typed = f"{code}({digits[:3]}){one}{digits[3:6]}{two}{digits[6:]}"
    assert parse_phone(typed) == f"+1{digits}"


@given(DIGITS)
def test_e164_reads_back_as_itself(digits) -> None:
    assert parse_phone(f"+1{digits}") == f"+1{digits}"


def advice_or_number(text: str) -> str:
    try:
        return parse_phone(text)
    except BadPhoneNumber as error:
        return str(error)


@given(st.text(max_size=60) | st.text("0123456789+()- .x", max_size=30))
def test_any_text_is_either_a_number_or_refused_without_an_echo(text) -> None:
    assert re.fullmatch(r"\+[1-9][0-9]{6,14}|\D+(\d\D+)*", advice_or_number(text))


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+15035550123", "+1•••0123"),
        ("+447700900123", "+44•••0123"),
        ("+353855550199", "+353•••0199"),
        ("72345", "•••"),
        ("+172345", "•••"),
        ("Handrail", "•••"),
        ("5035550123", "•••"),
        ("", "•••"),
    ],
)
def test_a_masked_number_shows_country_code_and_last_four_or_nothing(number, masked) -> None:
    assert mask_phone(number) == masked


@given(st.text(max_size=40))
def test_masking_never_fails_and_never_shows_more_than_four_digits(text) -> None:
    assert len(re.sub(r"^\+\d{1,3}", "", mask_phone(text))) <= len("•••0123")
