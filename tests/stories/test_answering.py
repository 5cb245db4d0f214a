"""Answers as people write them: to check-ins, medication, meetings and appointments."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from service.domain.consent import ConsentStatus
from service.domain.message import MessageStatus
from service.store.schema import Prompt
from tests.rig.world import ANA, BEN, World, appointment, check_in, medication, meeting

TUESDAY = date(2026, 10, 27)


@pytest.fixture
def ana(world: World) -> int:
    """Opted in on Monday 26 October 2026, 9 in the morning in New York."""
    participant_id = world.enrol(ANA)
    world.settle()
    return participant_id


def answers(world: World) -> list[str | None]:
    """What is on record for every question so far, oldest first: a score, a word, or None."""
    with world.parts.database.read() as session:
        prompts = session.scalars(select(Prompt).order_by(Prompt.id)).all()
        return [
            str(prompt.score) if prompt.score else prompt.answer.value if prompt.answer else None
            for prompt in prompts
        ]


def scores(world: World) -> list[int]:
    return [point.score for point in world.person(ANA).scores]


def askings(world: World, number: str = ANA) -> list[str]:
    """Every routine question that reached the phone: the day, the time and which wording."""
    return [
        f"{item.at:%a %H:%M} {(item.words or '').partition('@')[0]}"
        for item in world.sent(number)
        if item.kind is not None
        and item.kind.value in {"check_in", "medication", "meeting", "appointment"}
        and item.status is MessageStatus.DELIVERED
    ]


def answer_each_day(world: World, at: str, phrases: Sequence[str]) -> dict[str, str]:
    """One phrase a day, a minute after the question; the replies."""
    replies = {}
    for number, phrase in enumerate(phrases):
        day = TUESDAY + timedelta(days=number)
        world.move_to(f"{day} {at}")
        world.move(timedelta(minutes=1))
        replies[phrase] = "\n".join(world.text(ANA, phrase))
    return replies


CHECK_INS = {
    "4": 4, " four ": 4, "4/5": 4, "about a 3": 3, "3 but rough night": 3, "5!!": 5, "2": 2, "One.": 1,
    "im a 4 today": 4, "4 out of 5": 4, "maybe a 2": 2, "#3": 3, "it's a 5": 5, "Cuatro": 4,
}  # fmt: skip


def test_a_check_in_is_answered_as_people_write_numbers(world: World, ana: int) -> None:
    world.schedule(ana, check_in("10:00", starting=TUESDAY))
    replies = answer_each_day(world, "10:00", [*CHECK_INS])
    read = dict(zip(CHECK_INS, answers(world), strict=True))
    wrong = {text: read[text] for text, score in CHECK_INS.items() if read[text] != str(score)}
    assert not wrong
    for text, score in CHECK_INS.items():
        expected = {1: "sounds hard", 2: "sounds hard", 3: "In-between", 4: "Good to hear", 5: "Good to hear"}
        assert expected[score] in replies[text], text
    assert scores(world) == [*CHECK_INS.values()]


WORDS = {
    "medication": {
        "DONE": "done", "took it": "done", "👍": "done", "yep took em": "done", "done!": "done",
        "just took it": "done", "hecho": "done", "SKIP": "skip", "skipping today": "skip",
        "not taking it today": "skip",
    },
    "meeting": {
        "GOING": "going", "i'll be there": "going", "👍": "going", "yes": "going", "CANT": "cant",
        "cant make it": "cant", "Can't make it tonight sorry": "cant", "not going": "cant", "no": "cant",
    },
    "appointment": {
        "OK": "ok", "ok!": "ok", "👍": "ok", "yes ill be there": "ok", "CHANGE": "change",
        "need to reschedule": "change", "can we change it?": "change",
    },
}  # fmt: skip
SAID_BACK = {
    "done": "noted", "skip": "no judgment", "going": "That counts", "cant": "it happens",
    "ok": "If something comes up", "change": "one letter",
}  # fmt: skip


@pytest.mark.parametrize("kind", WORDS)
def test_the_other_questions_are_answered_in_peoples_own_words(world: World, ana: int, kind: str) -> None:
    words = WORDS[kind]
    if kind == "medication":
        world.schedule(ana, medication("10:00", starting=TUESDAY))
    elif kind == "meeting":
        world.schedule(ana, meeting("11:00", starting=TUESDAY, lead_minutes=60))
    else:
        for number in range(len(words)):
            day = TUESDAY + timedelta(days=number)
            world.schedule(ana, appointment("11:00", on=day, lead_minutes=60))
    replies = answer_each_day(world, "10:00", [*words])
    read = dict(zip(words, answers(world), strict=True))
    wrong = {text: (read[text], replies[text]) for text, word in words.items() if read[text] != word}
    assert not wrong
    unlike = {text: replies[text] for text, word in words.items() if SAID_BACK[word] not in replies[text]}
    assert not unlike


LATER = {"later": "8:20 AM", "later 30": "8:30 AM", "LATER 45 min": "8:45 AM", "later, in an hour": "9 AM"}


@pytest.mark.parametrize(("words", "told"), LATER.items())
def test_later_asks_again_at_the_time_given_and_not_before(
    world: World, ana: int, words: str, told: str
) -> None:
    world.schedule(ana, medication("08:00", label="blue box", on=TUESDAY))
    world.move_to("2026-10-27 08:00")
    assert told in world.say(ANA, words)
    again_at = {"8:20 AM": "08:20", "8:30 AM": "08:30", "8:45 AM": "08:45", "9 AM": "09:00"}[told]
    before = len(world.shown(ANA))
    world.move_to(f"2026-10-27 {again_at}")
    (text,) = world.new_on(ANA, before)
    assert text == "Here is blue box again, as you asked. Reply DONE, LATER or SKIP."
    assert askings(world)[-1] == f"Tue {again_at} medication.later"
    world.move(timedelta(hours=12))
    assert len(world.new_on(ANA, before)) == 1  # the person set the time: no further asking by itself


def test_later_can_be_said_again_and_then_done(world: World, ana: int) -> None:
    world.schedule(ana, medication("08:00", on=TUESDAY))
    world.move_to("2026-10-27 08:00")
    world.say(ANA, "later 30")
    world.say(ANA, "later 10")  # a change of mind: only the newest time counts
    world.move_to("2026-10-27 08:10")
    world.say(ANA, "later")
    world.move_to("2026-10-27 08:25")
    assert "noted" in world.say(ANA, "done")
    world.move(timedelta(hours=12))
    assert askings(world) == ["Tue 08:00 medication.ask", "Tue 08:10 medication.later"]
    assert answers(world) == ["done"]


REASONS = {"R": "ride", "w": "work", "C": "child care", "sick": "sick", " o ": "other"}


def test_every_reason_letter_reaches_the_coordinator(world: World) -> None:
    numbers = {f"+1202555011{place}": text for place, text in enumerate(REASONS)}
    for number in numbers:
        world.schedule(world.enrol(number), appointment("14:30", on=date(2026, 10, 29)))
    world.move_to("2026-10-28 14:30")
    for number, letter in numbers.items():
        assert "R ride, W work, C child care, S sick, O other" in world.say(number, "CHANGE")
        assert "555-0100" in world.say(number, letter), letter
    assert set(world.alert_kinds()) == {"appointment-change"}
    assert {alert.who: alert.detail for alert in world.alerts()} == {
        number: f"asks for another time: {REASONS[letter]}" for number, letter in numbers.items()
    }


def test_change_alone_tells_staff_at_once_and_other_texts_are_still_read(world: World, ana: int) -> None:
    world.schedule(ana, appointment("14:30", on=date(2026, 10, 28)))
    world.move_to("2026-10-27 14:30")
    world.say(ANA, "change")
    assert world.alert_kinds() == ["appointment-change"]
    assert "CRAVING" in world.say(ANA, "menu")
    world.say(ANA, "R")
    assert [alert.detail for alert in world.alerts()] == ["asks for another time: ride"]


def test_a_late_answer_counts_after_the_question_was_closed(world: World, ana: int) -> None:
    world.schedule(ana, check_in("10:00", on=TUESDAY))
    world.schedule(ana, medication("10:05", on=TUESDAY))
    world.move_to("2026-10-27 16:00")
    assert world.person(ANA).open_questions == 0
    assert "I noted 4. Late is fine." in world.say(ANA, "4")
    assert "noted" in world.say(ANA, "took it")
    assert answers(world) == ["4", "done"]


def test_a_late_rough_answer_gets_warmth_before_book_keeping(world: World, ana: int) -> None:
    world.schedule(ana, check_in("10:00", on=TUESDAY))
    world.move_to("2026-10-27 16:00")
    assert "sounds hard" in world.say(ANA, "1")
    assert world.alert_kinds() == ["rough-score"]


def test_an_answer_days_later_is_not_taken_for_an_old_question(world: World, ana: int) -> None:
    world.schedule(ana, check_in("10:00", on=TUESDAY))
    world.move_to("2026-10-29 12:00")
    assert "Text one word" in world.say(ANA, "4")
    assert scores(world) == []


DOUBLE = [
    ("4", "4", "have your answer already", 4, []),
    ("4", "four", "have your answer already", 4, []),
    ("4", "3", "changed it to 3", 3, []),
    ("4", "actually 2", "sounds hard", 2, ["rough-score"]),
    ("2", "4", "changed it to 4", 4, ["rough-score"]),
    ("2", "2", "have your answer already", 2, ["rough-score"]),
]


@pytest.mark.parametrize(("first", "second", "reply", "score", "alerts"), DOUBLE)
def test_a_second_answer_is_known_or_changes_the_first(
    world: World, ana: int, first: str, second: str, reply: str, score: int, alerts: list[str]
) -> None:
    world.schedule(ana, check_in("10:00", on=TUESDAY))
    world.move_to("2026-10-27 10:00")
    world.say(ANA, first)
    assert reply in world.say(ANA, second)
    assert scores(world) == [score]
    assert world.alert_kinds() == alerts


def test_a_changed_mind_about_other_questions_is_recorded(world: World, ana: int) -> None:
    world.schedule(ana, meeting("19:00", on=TUESDAY))
    world.move_to("2026-10-27 18:00")
    assert "That counts" in world.say(ANA, "going")
    assert "have your answer already" in world.say(ANA, "going")
    assert "it happens" in world.say(ANA, "cant make it")
    assert answers(world) == ["cant"]


def test_an_answer_finds_the_older_of_two_open_questions(world: World, ana: int) -> None:
    world.schedule(ana, medication("10:00", on=TUESDAY))
    world.schedule(ana, check_in("10:10", on=TUESDAY))
    world.move_to("2026-10-27 10:10")
    world.say(ANA, "took it")
    assert answers(world) == ["done", None]
    world.say(ANA, "4")
    assert answers(world) == ["done", "4"]


def test_two_medications_are_told_apart_by_their_labels(world: World, ana: int) -> None:
    for at, label in (("10:00", "blue box"), ("10:05", "box")):
        world.schedule(ana, medication(at, label=label, on=TUESDAY))
    world.move_to("2026-10-27 10:05")
    assert world.say(ANA, "took Blue Box") == "Thanks, noted."
    assert answers(world) == ["done", None]
    world.say(ANA, "skip")  # no name: the one that is still open
    assert answers(world) == ["done", "skip"]
    world.say(ANA, "skip the blue box")
    assert answers(world) == ["skip", "skip"]
    (last,) = [item for item in world.thread(ANA) if item.body == "skip the blue box"]
    assert (last.lane, last.label) == ("answer", "skip")


def test_every_answer_is_confirmed_when_many_questions_came_at_once(world: World, ana: int) -> None:
    for minute in range(6):
        world.schedule(ana, medication(f"10:0{minute}", on=TUESDAY))
    world.move_to("2026-10-27 10:05")
    for _ in range(6):
        assert "noted" in world.say(ANA, "done")
    assert answers(world) == ["done"] * 6


@pytest.mark.parametrize("number", ["7", "0", "10", "6!"])
def test_a_number_out_of_range_gets_a_gentle_repeat(world: World, ana: int, number: str) -> None:
    world.schedule(ana, check_in("10:00", on=TUESDAY))
    world.move_to("2026-10-27 10:00")
    reply = world.say(ANA, number)
    assert "1 to 5" in reply
    assert "didn't catch" in reply
    assert answers(world) == [None]
    world.say(ANA, "4")
    assert answers(world) == ["4"]


def test_a_rough_score_brings_warmth_and_one_alert(world: World, ana: int) -> None:
    world.schedule(ana, check_in("10:00", starting=TUESDAY, until=TUESDAY + timedelta(days=1)))
    world.move_to("2026-10-27 10:00")
    reply = world.say(ANA, "2")
    for needed in ("Thank you for telling me", "988", "TALK", "Mon-Fri 9-5"):
        assert needed in reply
    world.say(ANA, "2")
    (alert,) = world.alerts()
    assert (alert.kind.value, alert.detail, alert.text) == ("rough-score", "check-in 2 of 5", "2")
    world.move_to("2026-10-28 10:00")
    world.say(ANA, "1")  # another day is another alert
    assert [alert.detail for alert in world.alerts()] == ["check-in 2 of 5", "check-in 1 of 5"]


@pytest.fixture
def four_open(world: World, ana: int) -> World:
    """One open question of every kind."""
    world.schedule(ana, check_in("10:00", on=TUESDAY))
    world.schedule(ana, medication("10:00", on=TUESDAY))
    world.schedule(ana, meeting("11:00", on=TUESDAY, lead_minutes=60))
    world.schedule(ana, appointment("12:00", on=TUESDAY, lead_minutes=120))
    world.move_to("2026-10-27 10:00")
    assert world.person(ANA).open_questions == 4
    return world


NOT_ANSWERS = {
    "HELP": "555-0100",
    "i want to kill myself": "988",
    "my friend od'd and wont wake up": "911",
    "the cravings are so bad right now": "raving",
    "how does methadone work": "ethadone",
    "MENU": "CRAVING",
    "I want to talk to a person": "I've asked for a person",
}


def test_open_questions_swallow_nothing_else(four_open: World) -> None:
    lost = {}
    for text, expected in NOT_ANSWERS.items():
        reply = four_open.say(ANA, text)
        if expected not in reply or any(answers(four_open)):
            lost[text] = reply, answers(four_open)
    assert not lost
    assert four_open.person(ANA).open_questions == 4
    four_open.say(ANA, "4")
    assert answers(four_open).count("4") == 1


@pytest.mark.parametrize("words", ["STOP", "please stop texting me"])
def test_open_questions_do_not_swallow_a_wish_to_stop(four_open: World, words: str) -> None:
    four_open.text(ANA, words)
    assert four_open.person(ANA).consent is ConsentStatus.OPTED_OUT
    assert four_open.person(ANA).open_questions == 0
    before = len(four_open.shown(ANA))
    four_open.move(timedelta(days=2))
    assert four_open.new_on(ANA, before) == []


def test_one_persons_answer_is_never_anothers(world: World, ana: int) -> None:
    for participant_id in (ana, world.enrol(BEN)):
        world.schedule(participant_id, check_in("10:00", on=TUESDAY))
    world.move_to("2026-10-27 10:00")
    world.say(BEN, "5")
    assert scores(world) == []
    assert [point.score for point in world.person(BEN).scores] == [5]


def test_yes_to_a_medication_is_asked_about_because_it_could_mean_any_answer(world: World) -> None:
    ana = world.enrol(ANA)
    world.schedule(ana, medication("11:00"))
    world.move_to("2026-10-26 11:00")
    assert "DONE, LATER or SKIP" in world.say(ANA, "yes")
