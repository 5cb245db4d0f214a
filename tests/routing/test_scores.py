import pytest

from service.domain.prompt import Answer, ParsedAnswer, ScheduleKind
from service.routing.answers import CLEAR_ENOUGH, looks_like_bad_score, read_answer


def _read(text: str) -> ParsedAnswer | None:
    return read_answer(ScheduleKind.CHECK_IN, text)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("4", 4), (" four ", 4), ("4!", 4), ("(4)", 4), ("4️⃣", 4), ("5 :)", 5), ("4 4", 4), ("Three", 3),
        ("4/5", 4), ("4 / 5", 4), ("4 out of 5", 4), ("4 out of five", 4), ("4 de 5", 4),
        ("about a 3", 3), ("3ish", 3), ("im at a 2 today", 2), ("a solid 4", 4), ("I'm a 3", 3),
        ("prob a 2 tbh", 2), ("its a 5!!!", 5), ("feeling like a 1", 1), ("like a 3 i guess", 3),
        ("today is a 2", 2), ("score 4", 4), ("mood 2", 2), ("still a 2", 2), ("i'd say a four", 4),
        ("3 but rough night", 3), ("2. bad day", 2), ("3 didnt sleep", 3), ("1 i feel awful", 1),
        ("4, how long do i wait for subs", 4), ("4 👍", 4), ("5 thanks", 5), ("2 no sleep", 2),
        ("2-3", 2), ("maybe 3 or 4", 3), ("was a 2 but now im a 4", 4), ("3.5", 3),
        ("cuatro", 4), ("un 4", 4), ("estoy en 3", 3), ("como un 2", 2),
    ],
)  # fmt: skip
def test_scores(text: str, score: int) -> None:
    answer = _read(text)
    assert answer is not None
    assert (answer.answer, answer.score) == (Answer.SCORE, score)
    assert answer.confidence >= CLEAR_ENOUGH


@pytest.mark.parametrize(
    "text",
    ["at 5 tmrw", "3 days clean", "call me at 555 0123", "24 hrs since", "1 more thing", "0", "6", "10",
     "8/10", "7/10", "5:30", "5 pm", "at 4", "meet at 4", "2 weeks", "2 be honest", "4 ever",
     "i have 3 kids", "4 strips", "took 2", "see you at 3", "2nd day", "1st", "day 3", "day 4 of kicking",
     "3 of my friends died", "be there in 5", "555", "12", "2024", "step 4", "i'm on step 3", "2mg", "1 time",
     "5 oclock", "3 am", "one day at a time", "one more day", "hi", "good", "", "5th", "im 5 days clean",
     "its 3 am", "4 years ago", "my appt is at 2", "2 questions", "1-800-662-4357", "9", "-1", "3 people",
     "got 2 left", "room 4", "need 2 talk", "4 u", "👍", "not great"],
)  # fmt: skip
def test_numbers_that_are_no_scores(text: str) -> None:
    answer = _read(text)
    assert answer is None or answer.confidence < CLEAR_ENOUGH


def test_what_was_written_besides_is_kept() -> None:
    answer = _read("3 but rough night")
    assert answer is not None
    assert answer.rest == "but rough night"


def test_the_word_we_asked_for_is_certain_and_loose_readings_are_less() -> None:
    plain, loose = _read("3"), _read("about a 3")
    assert plain is not None
    assert loose is not None
    assert plain.confidence == 1.0 > loose.confidence


@pytest.mark.parametrize("text", ["0", "6", "10", "8/10", "100", "ten", "im a 7", "a 9", "-1"])
def test_bad_scores(text: str) -> None:
    assert looks_like_bad_score(text)


@pytest.mark.parametrize("text", ["4", "hi", "3.5", "555 0123", "12:30", "6 days", "", "about a 3"])
def test_not_bad_scores(text: str) -> None:
    assert not looks_like_bad_score(text)
