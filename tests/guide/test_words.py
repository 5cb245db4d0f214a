"""Asking for words: filled in, in the person's language, with the version that was sent."""

from datetime import timedelta

import pytest

from service.domain.errors import NotFound
from service.guide import Text, Words


def test_a_text_comes_filled_in_with_key_and_version(words: Words):
    assert words.text("check_in.ask", programme="Oak") == Text(
        body="Oak: how are you today? Reply 1 to 5. 1 very rough, 5 very good.",
        key="check_in.ask",
        version="en-1",
    )


def test_hotline_numbers_are_filled_in_unasked(words: Words):
    assert words.text("safety.soft").body == ("If you're not safe right now, call or text 988, or call 911.")


@pytest.mark.parametrize(
    ("language", "version"),
    [("en", "en-1"), ("es", "es-1"), ("es-MX", "es-1"), ("ES", "es-1"), ("fr", "en-1"), ("", "en-1")],
)
def test_any_language_but_spanish_gets_english(words: Words, language: str, version: str):
    assert words.text("thanks", language).version == version
    assert words.guidance("mat", language=language).version == version


def test_a_programmes_own_values_need_not_be_passed_again(words: Words):
    ours = words.for_programme(programme="Oak", support_contact="555-0100", staffed_hours="9-5")
    assert ours.text("help_unknown").body.startswith("Oak: automated text line. Reach us at 555")
    assert ours.text("safety.staff_hours").body == "People here read replies 9-5."


def test_a_missing_value_is_named(words: Words):
    with pytest.raises(ValueError, match=r"No value for \['label'\]"):
        words.text("medication.ask")


def test_a_value_that_no_text_uses_is_named(words: Words):
    with pytest.raises(ValueError, match=r"No text uses \['lable'\]"):
        words.text("medication.ask", label="blue cup", lable="blue cup")


def test_a_caller_cannot_pass_a_hotline_number(words: Words):
    with pytest.raises(ValueError, match="crisis_line"):
        words.text("safety.soft", crisis_line="555-0100")


def test_a_known_value_that_this_text_leaves_out_is_let_pass(words: Words):
    assert words.text("medication.later_set", time="2:20 PM", minutes=20).body == (
        "Ok, I'll ask again at 2:20 PM."
    )


def test_braces_in_a_value_stay_as_they_are(words: Words):
    body = words.text("medication.ask", label="{programme} {0}").body
    assert body == "Time for {programme} {0}. Reply DONE, LATER or SKIP."


def test_a_coordinators_own_wording_is_filled_in_too(words: Words):
    assert words.render("Off to {label}, {time}?", label="choir", time="7:00 PM", name="Ana") == (
        "Off to choir, 7:00 PM?"
    )


def test_an_unknown_key_or_topic_is_not_found(words: Words):
    with pytest.raises(NotFound, match="no text named 'thank_you'"):
        words.text("thank_you")
    with pytest.raises(NotFound, match="no guidance on 'gambling'"):
        words.guidance("gambling")


def test_more_brings_one_part_after_the_other(words: Words):
    parts = len(words.card("methadone").words["en"].parts)
    for part in range(parts):
        text = words.guidance("methadone", part)
        assert text.part == part
        assert text.has_more == (part < parts - 1)
        assert text.body.endswith(" MORE for more.") == text.has_more
    with pytest.raises(NotFound, match="has no part"):
        words.guidance("methadone", parts)
    with pytest.raises(NotFound, match="has no part"):
        words.guidance("methadone", -1)


def test_the_age_of_the_hotlines_is_counted_in_days(words: Words):
    checked = words.hotlines.checked
    assert words.hotlines_age(checked) == 0
    assert words.hotlines_age(checked + timedelta(days=91)) == 91
