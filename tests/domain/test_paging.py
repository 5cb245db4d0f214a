"""Who is paged when, and which texts take an alert in hand."""

from datetime import UTC, datetime, timedelta

import pytest

from service.domain.paging import (
    EVERYBODY,
    PAGED_FOR,
    Acknowledgement,
    after_step,
    all_codes,
    free_codes,
    read_acknowledgement,
    step_at,
)

START = datetime(2026, 10, 26, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_the_steps_are_at_once_after_five_and_after_fifteen_minutes():
    assert [step_at(step, START) for step in range(3)] == [START, START + 5 * MINUTE, START + 15 * MINUTE]
    assert after_step(0, START, START) == START + 5 * MINUTE
    assert after_step(1, START, START + 5 * MINUTE) == START + 15 * MINUTE
    assert after_step(2, START, START + 15 * MINUTE) == START + 30 * MINUTE
    assert after_step(3, START, START + 30 * MINUTE) == START + 45 * MINUTE


def test_what_was_missed_is_caught_up_with_for_people_and_not_for_rounds():
    late = START + timedelta(hours=3)
    assert after_step(0, START, late) == START + 5 * MINUTE  # in the past: at once
    assert after_step(EVERYBODY, START, late) == late + 15 * MINUTE


def test_paging_ends():
    last = START + PAGED_FOR - 15 * MINUTE
    assert after_step(50, START, last - MINUTE) is not None
    assert after_step(50, START, last) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("OK 4F7", "4F7"),
        ("ok 4f7", "4F7"),
        ("ack 4f7", "4F7"),
        ("Ok, 4F7.", "4F7"),
        ("OK4F7", "4F7"),
        ("4f7", "4F7"),
        ("ok 4 F 7", "4F7"),
        ("OK 4F7 calling him now", "4F7"),
        ("Yes 4F7 \U0001f44d", "4F7"),
        ("ok code 4f7", "4F7"),
        ("ＯＫ ４Ｆ７", "4F7"),
        ("ok 4o7", "4O7"),  # there is no such code, and the answer says so
        ("ok 47f", "47F"),
    ],
)
def test_a_code_is_read(text: str, code: str):
    assert read_acknowledgement(text) == Acknowledgement(code)


@pytest.mark.parametrize("text", ["OK", "ok.", "Okay!", "ack", "Yes", "got it", "On it", "ok \U0001f44d"])
def test_a_bare_word_takes_the_only_one(text: str):
    assert read_acknowledgement(text) == Acknowledgement(None)


@pytest.mark.parametrize(
    "text",
    ["", "ok who is it?", "not ok", "HELP", "STOP", "4", "3 but rough", "ok 3", "ok 30", "later 30", "is 4F7 taken?",
     "who has 4f7", "no"],
)  # fmt: skip
def test_anything_else_takes_nothing(text: str):
    assert read_acknowledgement(text) is None


def test_codes_are_short_plain_and_free():
    codes = all_codes()
    assert len(codes) == len(set(codes)) > 1000
    assert not set("".join(codes)) & set("01OILSBZUQ")
    taken = set(codes[:-1])
    assert free_codes(taken) == [codes[-1]]
    assert free_codes(set(codes)) == codes
    assert all(read_acknowledgement(f"OK {code}") == Acknowledgement(code) for code in codes)
