"""Segments: counted as the carrier bills them, cut where a handset can join them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.segments import (
    Encoding,
    SegmentCount,
    count_segments,
    plain_punctuation,
    split_segments,
)

CURLY = "\u2019"
GRIN = "\U0001f600"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
WAVE_DARK = "\U0001f44b\U0001f3ff"
US_FLAG = "\U0001f1fa\U0001f1f8"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
KEYCAP = "1\ufe0f\u20e3"
HEART = "\u2764\ufe0f"
ACCENTED = "o\u0301"
SIGNS = [FAMILY, WAVE_DARK, US_FLAG, SCOTLAND, KEYCAP, HEART, ACCENTED, GRIN]

# The table again, typed from the standard's chart by column rather than by row.
GSM_CHART = (
    '@\u0394 0\u00a1P\u00bfp\u00a3_!1AQaq$\u03a6"2BRbr\u00a5\u0393#3CScs\u00e8\u039b\u00a44DTdt'
    "\u00e9\u03a9%5EUeu\u00f9\u03a0&6FVfv\u00ec\u03a8'7GWgw\u00f2\u03a3(8HXhx\u00c7\u0398)9IYiy"
    "\n\u039e*:JZjz\u00d8+;K\u00c4k\u00e4\u00f8\u00c6,<L\u00d6l\u00f6\r\u00e6-=M\u00d1m\u00f1"
    "\u00c5\u00df.>N\u00dcn\u00fc\u00e5\u00c9/?O\u00a7o\u00e0"
)
EXTENSIONS = "^{}\\[]~|\u20ac\f"


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", Encoding.GSM7, 0, 0),
        ("a", Encoding.GSM7, 1, 1),
        ("a" * 160, Encoding.GSM7, 160, 1),
        ("a" * 161, Encoding.GSM7, 161, 2),
        ("a" * 306, Encoding.GSM7, 306, 2),
        ("a" * 307, Encoding.GSM7, 307, 3),
        ("\u20ac" * 80, Encoding.GSM7, 160, 1),
        ("a" + "\u20ac" * 80, Encoding.GSM7, 161, 2),
        ("a" * 152 + "{" + "a" * 152, Encoding.GSM7, 306, 3),  # the pair leaves a gap of one
        ("a" * 151 + "{" + "a" * 153, Encoding.GSM7, 306, 2),
        (CURLY, Encoding.UCS2, 1, 1),
        (CURLY * 70, Encoding.UCS2, 70, 1),
        (CURLY * 71, Encoding.UCS2, 71, 2),
        (CURLY * 134, Encoding.UCS2, 134, 2),
        (CURLY * 135, Encoding.UCS2, 135, 3),
        (GRIN * 35, Encoding.UCS2, 70, 1),
        (GRIN * 36, Encoding.UCS2, 72, 2),
        (GRIN * 67, Encoding.UCS2, 134, 3),  # 33 to a segment: 67 is odd
        (FAMILY, Encoding.UCS2, 11, 1),
        ("\ud83d", Encoding.UCS2, 1, 1),  # half a pair, from a broken client
    ],
)
def test_a_text_costs_what_the_carrier_bills(text, encoding, units, segments) -> None:
    count = count_segments(text)
    assert (count.encoding, count.units, count.segments) == (encoding, units, segments)


def test_the_gsm_alphabet_is_the_whole_chart_and_nothing_else() -> None:
    accepted = {chr(c) for c in range(0x3000) if count_segments(chr(c)).encoding is Encoding.GSM7}
    assert accepted == set(GSM_CHART) | set(EXTENSIONS)
    assert len(accepted) == 127 + 10


@pytest.mark.parametrize("char", EXTENSIONS)
def test_an_extension_character_costs_two_units(char) -> None:
    assert count_segments(char) == SegmentCount(Encoding.GSM7, 2, 1, ())


def test_offenders_are_named_once_each_in_order_of_appearance() -> None:
    text = f"It{CURLY}s fine {GRIN}\u2026 isn{CURLY}t it?"
    assert count_segments(text).offenders == (CURLY, GRIN, "\u2026")


def test_accents_that_gsm_lacks_make_spanish_ucs2_but_those_it_has_do_not() -> None:
    assert count_segments("ma\u00f1ana, \u00bfs\u00e9?").encoding is Encoding.GSM7
    assert count_segments("ma\u00f1ana a las tres, \u00bfs\u00ed?").offenders == ("\u00ed",)


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", range(57, 68))
def test_a_sign_of_several_characters_is_never_cut(sign, before) -> None:
    parts = split_segments("\u00ed" * before + sign + "\u00ed" * 70)
    assert any(sign in part for part in parts)


def test_flags_in_a_row_are_cut_between_flags() -> None:
    parts = split_segments(US_FLAG * 40)
    assert all(len(part) % 2 == 0 for part in parts)
    assert [len(part) * 2 for part in parts] == [64, 64, 32]


def test_a_sign_longer_than_a_segment_is_cut_after_all() -> None:
    endless = "e" + "\u0301" * 200
    assert [len(part) for part in split_segments(endless)] == [67, 67, 67]


@given(st.lists(st.sampled_from([*SIGNS, "a", "\u00ed", " ", "{"]), max_size=120))
def test_a_text_of_signs_is_cut_between_them_only(signs) -> None:
    ends, length = {0}, 0
    for sign in signs:
        length += len(sign)
        ends.add(length)
    position = 0
    for part in split_segments("".join(signs)):
        position += len(part)
        assert position in ends
    assert position == length


def oracle(text: str) -> int:
    """Segments worked out on encoded units, for text without signs of several characters."""
    if all(char in GSM_CHART or char in EXTENSIONS for char in text):
        units = [ord(unit) for char in text for unit in ("\x1b" * (char in EXTENSIONS) + char)]
        alone, limit, openers = 160, 153, range(0x1B, 0x1C)
    else:
        raw = text.encode("utf-16-be")
        units = [raw[i] << 8 | raw[i + 1] for i in range(0, len(raw), 2)]
        alone, limit, openers = 70, 67, range(0xD800, 0xDC00)
    if len(units) <= alone:
        return min(len(units), 1)
    segments = 0
    while units:
        cut = limit
        if len(units) >= limit and units[limit - 1] in openers:
            cut -= 1
        units = units[cut:]
        segments += 1
    return segments


GSM_TEXT = st.text(st.sampled_from(GSM_CHART + EXTENSIONS * 4), max_size=700)
WIDE_TEXT = st.text(st.sampled_from("ab {\u00ed\u2019\u4e2d\U0001f600\U0001f4aa"), max_size=350)


@given(GSM_TEXT | WIDE_TEXT)
def test_the_count_agrees_with_a_count_on_encoded_bytes(text) -> None:
    assert count_segments(text).segments == oracle(text)


@given(st.text(max_size=400) | GSM_TEXT | WIDE_TEXT)
def test_the_parts_make_up_the_text_and_each_fits(text) -> None:
    parts, count = split_segments(text), count_segments(text)
    assert "".join(parts) == text
    assert len(parts) == count.segments
    alone, several = (160, 153) if count.encoding is Encoding.GSM7 else (70, 67)
    for part in parts:
        pairs = EXTENSIONS if count.encoding is Encoding.GSM7 else ""
        units = sum(2 if char in pairs or ord(char) > 0xFFFF else 1 for char in part)
        assert 0 < units <= (alone if len(parts) == 1 else several)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("It\u2019s \u201cfine\u201d", 'It\'s "fine"'),
        ("9\u201310 am \u2014 see you\u2026", "9-10 am - see you..."),
        ("5\u00a0pm\u202ftoday\tok", "5 pm today ok"),
        ("\ufeffzero\u200bwidth\u00ad", "zerowidth"),
        ("\u2022 one\u2028\u2022 two", "- one\n- two"),
        ("it`s \u00abhere\u00bb", 'it\'s "here"'),
        (f"well done {FAMILY} \u00ed", f"well done {FAMILY} \u00ed"),
    ],
)
def test_typographic_punctuation_becomes_its_plain_look_alike(typed, plain) -> None:
    assert plain_punctuation(typed) == plain


@given(GSM_TEXT)
def test_a_text_already_in_gsm_is_left_alone(text) -> None:
    assert plain_punctuation(text) == text


@given(st.text())
def test_making_punctuation_plain_twice_changes_nothing_more(text) -> None:
    once = plain_punctuation(text)
    assert plain_punctuation(once) == once
    assert set(count_segments(once).offenders) <= set(count_segments(text).offenders)
