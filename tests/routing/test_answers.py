from datetime import timedelta

import pytest

from service.domain.prompt import LATER_DEFAULT, LATER_LONGEST, Answer, Barrier, ScheduleKind
from service.routing.answers import CLEAR_ENOUGH, read_answer, read_any_answer, read_barrier

A, K = Answer, ScheduleKind


def _clear(kind: ScheduleKind, text: str) -> Answer | None:
    """The answer if it is clear enough to record."""
    answer = read_answer(kind, text)
    return answer.answer if answer and answer.confidence >= CLEAR_ENOUGH else None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        *((text, A.DONE) for text in (
            "done", "donne", "dun", "DONE!", "Done :)", "d", "took it", "took em", "yep took it",
            "already did", "already took it", "just took it", "yes i took it", "i took my meds",
            "took mine this morning", "took my suboxone at 8", "took it but threw up", "taking it now",
            "👍", "👍🏽", "✅", "listo", "ya la tome", "ya me la tomé", "done 2 hours ago")),
        *((text, A.LATER) for text in (
            "later", "not yet", "havent yet", "in a bit", "after dinner", "when i get home", "will do",
            "hold on", "mas tarde", "luego", "todavía no", "later 30", "in an hour")),
        *((text, A.SKIP) for text in (
            "skip", "skipping today", "hoy no", "not taking it", "i dont want to take it", "ran out",
            "not today", "👎")),
    ],
)  # fmt: skip
def test_medication(text: str, answer: Answer) -> None:
    assert _clear(K.MEDICATION, text) is answer


@pytest.mark.parametrize(
    "text",
    # "Yes" and "ok" may mean "I will": a DONE by mistake would keep us from asking again.
    ["yes", "ok", "k", "no", "im done", "done with this", "done with this life", "not done",
     "didnt take it", "forgot", "no la tome", "took half", "took too many", "took all my pills",
     "did i already take it", "i took it yesterday", "what if i skip", "can i take it later",
     "see you later", "", "i want to die"],
)  # fmt: skip
def test_medication_left_unclear(text: str) -> None:
    assert _clear(K.MEDICATION, text) is None


@pytest.mark.parametrize(
    "text", ["didnt take it", "not done", "havent taken it", "took too many", "i would have taken it"]
)
def test_not_taken_is_never_done(text: str) -> None:
    answer = read_answer(K.MEDICATION, text)
    assert answer is None or answer.answer is not A.DONE


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("later", 20), ("later 30", 30), ("LATER 90 min", 90), ("later 1 hr", 60), ("later 2", 120),
        ("in an hour", 60), ("in half an hour", 30), ("in 2 hours", 120), ("remind me in 45", 45),
        ("30 min", 30), ("give me 10", 10), ("snooze 15", 15), ("luego 30", 30), ("en una hora", 60),
        ("later 1.5 hrs", 90), ("later an hour and a half", 90), ("later 500", 360), ("later 0", 20),
    ],
)  # fmt: skip
def test_later(text: str, minutes: int) -> None:
    answer = read_answer(K.MEDICATION, text)
    assert answer is not None
    assert (answer.answer, answer.later) == (A.LATER, timedelta(minutes=minutes))
    assert timedelta(0) < timedelta(minutes=minutes) <= LATER_LONGEST


def test_later_without_a_time_is_the_default() -> None:
    answer = read_answer(K.MEDICATION, "later tonight")
    assert answer is not None
    assert answer.later == LATER_DEFAULT


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        *((text, A.GOING) for text in (
            "going", "Going :)", "im going", "ill be there", "on my way", "omw", "yes", "ok", "👍",
            "see you there", "im here", "at the meeting now", "going to the meeting", "cant wait",
            "running late", "yeah ill go", "voy", "ahí estaré", "si")),
        *((text, A.CANT) for text in (
            "cant", "CAN'T", "cant make it", "not going", "im not going", "no", "wont make it tonight",
            "i wont be there", "no ride", "gotta work", "skip", "im sick cant come", "my car broke down",
            "cant go im working", "no puedo", "no voy", "hoy no puedo ir")),
    ],
)  # fmt: skip
def test_meeting(text: str, answer: Answer) -> None:
    assert _clear(K.MEETING, text) is answer


@pytest.mark.parametrize(
    "text",
    ["maybe", "not sure", "i cant sleep", "going to use", "im going crazy", "going through it rn",
     "how is it going", "cant go on", "i cant do this anymore", "going to die", ""],
)  # fmt: skip
def test_meeting_left_unclear(text: str) -> None:
    assert _clear(K.MEETING, text) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        *((text, A.OK) for text in (
            "ok", "OK!", "k", "yes", "👍", "see you then", "c u then", "i'll be there", "confirmed",
            "ok thanks", "ok see you tomorrow", "no change", "si gracias")),
        *((text, A.CHANGE) for text in (
            "change", "Change please", "need to reschedule", "Can I change it to Friday", "cant make it",
            "no", "yes but i need to change the time", "no ride", "i have to work", "my car broke down",
            "can we do another day", "cambiar", "no puedo ir", "R", "CHANGE R", "W - boss wont let me")),
    ],
)  # fmt: skip
def test_appointment(text: str, answer: Answer) -> None:
    assert _clear(K.APPOINTMENT, text) is answer


@pytest.mark.parametrize(
    "text", ["thanks", "not ok", "i want to change my life", "ok but what do i bring", "", "maybe"]
)
def test_appointment_left_unclear(text: str) -> None:
    assert _clear(K.APPOINTMENT, text) is None


@pytest.mark.parametrize(
    ("text", "barrier"),
    [
        ("R", Barrier.RIDE), ("r", Barrier.RIDE), ("CHANGE R", Barrier.RIDE), ("no ride", Barrier.RIDE),
        ("carro", Barrier.RIDE), ("change w", Barrier.WORK), ("W - boss wont let me", Barrier.WORK),
        ("W boss said no", Barrier.WORK), ("have to work", Barrier.WORK), ("C.", Barrier.CHILD_CARE),
        ("babysitter canceled", Barrier.CHILD_CARE), ("my kid is sick", Barrier.CHILD_CARE),
        ("S", Barrier.SICK), ("im sick", Barrier.SICK), ("o", Barrier.OTHER), ("other", Barrier.OTHER),
        ("court", Barrier.OTHER), ("asdf", None), ("", None), ("c u then", None),
        ("how does the clinic work", None), ("what is child care?", None),
    ],
)  # fmt: skip
def test_barriers(text: str, barrier: Barrier | None) -> None:
    assert read_barrier(text) is barrier


def test_a_change_carries_its_barrier_and_words() -> None:
    answer = read_answer(K.APPOINTMENT, "W - boss wont let me")
    assert answer is not None
    assert (answer.barrier, answer.rest) == (Barrier.WORK, "boss wont let me")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("4", K.CHECK_IN), ("3 but rough night", K.CHECK_IN), ("took it", K.MEDICATION),
        ("later 30", K.MEDICATION), ("👍", K.MEDICATION), ("going", K.MEETING), ("cant make it", K.MEETING),
        ("ok", K.APPOINTMENT), ("need to reschedule", K.APPOINTMENT),
    ],
)  # fmt: skip
def test_any_answer(text: str, kind: ScheduleKind) -> None:
    found = read_any_answer(text)
    assert found is not None
    assert found[0] is kind


@pytest.mark.parametrize(
    "text", ["", "hi", "R", "c", "30 min", "3 days clean", "how long do i wait", "im done", "i relapsed"]
)
def test_not_plain_enough_when_nothing_was_asked(text: str) -> None:
    assert read_any_answer(text) is None
