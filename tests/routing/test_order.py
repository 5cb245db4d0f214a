"""The fixed order, and what is honoured beside it.

opt-out keyword > safety > opt-out in own words > other keywords > answer > guidance > menu
"""

from datetime import timedelta

import pytest

from service.domain.prompt import Answer, Barrier, ScheduleKind
from service.routing.router import Lane, Understanding, understand
from service.routing.safety import Safety, SafetyLevel
from service.routing.topics import TopicGuess

K = ScheduleKind
ALL = tuple(ScheduleKind)


def _is(found: Understanding, lane: Lane, label: str) -> bool:
    return (found.lane, found.label) == (lane, label)


# --- 1 opt-out keyword


@pytest.mark.parametrize("text", ["STOP", "cancel", "END", "quit", "S T O P", "para"])
def test_an_opt_out_keyword_outranks_every_open_question(text: str) -> None:
    found = understand(text, open_kinds=ALL, awaiting_barrier=True)
    assert _is(found, Lane.KEYWORD, "stop")
    assert (found.opt_out, found.keyword, found.answer) == ("keyword", "stop", None)


# --- 2 safety


def test_stop_with_despair_honours_both() -> None:
    found = understand("STOP nothing matters anymore")
    assert _is(found, Lane.CRISIS, "crisis")
    assert found.opt_out == "keyword"


def test_stop_with_danger_is_an_emergency_that_opts_out() -> None:
    found = understand("STOP. i want to die")
    assert _is(found, Lane.CRISIS, "crisis")
    assert found.opt_out == "keyword"


@pytest.mark.parametrize("text", ["Stop! hes hitting me", "STOP he is not breathing", "STOP using is hard"])
def test_a_stop_said_to_somebody_else_does_not_opt_out(text: str) -> None:
    assert understand(text).opt_out is None


def test_danger_outranks_an_answer_and_keeps_it() -> None:
    found = understand("4 but im not safe right now", open_kinds=[K.CHECK_IN])
    assert _is(found, Lane.CRISIS, "crisis")
    assert found.answer is not None
    assert (found.answer.score, found.answer_kind) == (4, K.CHECK_IN)


def test_danger_outranks_own_words_and_honours_them() -> None:
    found = understand("stop texting me i want to die")
    assert _is(found, Lane.CRISIS, "crisis")
    assert found.opt_out == "freeform"


@pytest.mark.parametrize("open_kinds", [(), ALL])
@pytest.mark.parametrize(
    ("text", "label"),
    [("he wont wake up", "overdose"), ("me quiero morir", "crisis"), ("having a seizure", "medical")],
)
def test_danger_outranks_whatever_is_open(text: str, label: str, open_kinds: tuple[K, ...]) -> None:
    found = understand(text, open_kinds=open_kinds, awaiting_barrier=True)
    assert _is(found, Lane.CRISIS, label)
    assert not found.soft


def test_possible_danger_opens_the_reply_of_any_lane() -> None:
    assert understand("can u od on methadone").soft
    assert understand("2 i feel hopeless", open_kinds=[K.CHECK_IN]).soft
    assert understand("how do i quit, i hate myself").soft
    assert not understand("how do i quit").soft


# --- 3 opt-out in own words


def test_own_words_outrank_an_open_question() -> None:
    found = understand("no stop texting me", open_kinds=ALL)
    assert _is(found, Lane.KEYWORD, "optout-freeform")
    assert (found.opt_out, found.keyword) == ("freeform", "stop")


def test_a_learned_reader_can_never_opt_out() -> None:
    found = understand("i want to quit", topic_reader=lambda text: TopicGuess("optout-freeform", 1.0))
    assert found.opt_out is None


# --- 4 other keywords


@pytest.mark.parametrize(
    ("text", "label"), [("HELP", "help"), ("MENU", "menu"), ("more", "more"), ("pause 2 days", "pause")]
)
def test_keywords_outrank_answers(text: str, label: str) -> None:
    assert _is(understand(text, open_kinds=ALL, awaiting_barrier=True), Lane.KEYWORD, label)


def test_yes_and_no_answer_an_open_question_and_are_keywords_else() -> None:
    assert _is(understand("yes"), Lane.KEYWORD, "yes")
    assert _is(understand("no"), Lane.KEYWORD, "no")
    assert _is(understand("yes", open_kinds=[K.APPOINTMENT]), Lane.ANSWER, "ok")
    assert _is(understand("no", open_kinds=[K.MEETING]), Lane.ANSWER, "cant")
    # Too weak for a medication reminder: the word stays a keyword.
    assert _is(understand("no", open_kinds=[K.MEDICATION]), Lane.KEYWORD, "no")


def test_join_is_a_start_and_says_so() -> None:
    found = understand("JOIN")
    assert _is(found, Lane.KEYWORD, "start")
    assert found.keyword == "join"


def test_talk_wants_a_person() -> None:
    found = understand("TALK")
    assert _is(found, Lane.OTHER, "human")
    assert found.keyword == "talk"


def test_a_menu_word_is_guidance() -> None:
    found = understand("CRAVING", open_kinds=ALL)
    assert _is(found, Lane.GUIDANCE, "cravings")
    assert (found.topic, found.keyword) == ("cravings", "topic")


def test_slip_carries_its_topic_and_pause_its_span() -> None:
    assert understand("SLIP").topic == "relapse"
    assert understand("PAUSE 3 DAYS").pause == timedelta(days=3)


def test_back_in() -> None:
    found = understand("sign me back up")
    assert _is(found, Lane.KEYWORD, "optin-freeform")
    assert found.keyword == "start"


# --- 5 answers


def test_an_answer_outranks_guidance_and_keeps_the_topic() -> None:
    found = understand("4, how long do i wait for subs", open_kinds=[K.CHECK_IN])
    assert _is(found, Lane.ANSWER, "score")
    assert found.topic == "buprenorphine"


def test_an_answer_without_a_question_has_no_topic() -> None:
    assert understand("3 but rough night", open_kinds=[K.CHECK_IN]).topic is None


def test_an_answer_to_the_other_open_question() -> None:
    found = understand("ok", open_kinds=[K.MEDICATION, K.APPOINTMENT])
    assert (found.answer_kind, found.label) == (K.APPOINTMENT, "ok")
    assert understand("4", open_kinds=[K.MEDICATION, K.CHECK_IN]).answer_kind is K.CHECK_IN


def test_of_equally_plain_answers_the_likelier_question() -> None:
    assert understand("👍", open_kinds=[K.MEETING, K.MEDICATION]).answer_kind is K.MEETING
    assert understand("👍", open_kinds=[K.MEDICATION, K.MEETING]).answer_kind is K.MEDICATION


def test_an_answer_when_nothing_is_open() -> None:
    found = understand("4")
    assert _is(found, Lane.ANSWER, "score")
    assert found.answer_kind is K.CHECK_IN


def test_a_late_answer_to_a_closed_question() -> None:
    assert understand("4", open_kinds=[K.MEDICATION]).answer_kind is K.CHECK_IN


def test_too_weak_to_record_but_worth_asking_again() -> None:
    found = understand("ok", open_kinds=[K.MEDICATION])
    assert (found.answer, found.unclear_kind) == (None, K.MEDICATION)


def test_a_reason_is_expected_after_change() -> None:
    for text, barrier in (("R", Barrier.RIDE), ("sick", Barrier.SICK), ("my boss said no", Barrier.WORK)):
        found = understand(text, awaiting_barrier=True)
        assert _is(found, Lane.ANSWER, "change")
        assert found.answer is not None
        assert (found.answer.answer, found.answer.barrier) == (Answer.CHANGE, barrier)
    assert _is(understand("sick"), Lane.GUIDANCE, "withdrawal")
    assert understand("how does methadone work", awaiting_barrier=True).topic == "methadone"


# --- 6 guidance, 7 menu


def test_guidance_when_the_number_is_no_score() -> None:
    found = understand("how long do i wait for subs", open_kinds=[K.CHECK_IN])
    assert _is(found, Lane.GUIDANCE, "buprenorphine")
    assert found.answer is None


def test_unsure_is_a_menu_with_the_soft_line() -> None:
    for text in ("asdf", "", "purple"):
        found = understand(text)
        assert _is(found, Lane.OTHER, "menu")
        assert found.soft


def test_readers_can_be_replaced() -> None:
    sure = Safety(SafetyLevel.CERTAIN, "medical", 0.9, ("learned",))
    assert understand("hello", safety_reader=lambda text: sure).label == "medical"
    assert understand("hello", topic_reader=lambda text: TopicGuess("rehab", 0.9)).label == "rehab"
