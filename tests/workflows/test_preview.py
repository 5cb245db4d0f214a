"""`flask guide ask` promises what the webhook answers: held to it, text by text."""

import re
from datetime import timedelta

import pytest

from service.domain.prompt import ScheduleKind
from service.workflows import rehearsal
from service.workflows.preview import Preview, preview
from tests.rig.world import ANA, World, appointment, check_in, medication, meeting

pytestmark = pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)

ENGLISH = [
    "i want to kill myself",
    "my friend od'd and wont wake up",
    "i swallowed bleach",
    "STOP",
    "stop i want to die",
    "please stop texting me",
    "START",
    "JOIN",
    "help",
    "INFO",
    "menu",
    "MORE",
    "resume",
    "PAUSE 3 DAYS",
    "pause",
    "pausing is hard",
    "english",
    "español",
    "slip",
    "i relapsed last night",
    "yes",
    "no",
    "TALK",
    "can i talk to a real person",
    "hi",
    "thank you so much",
    "who is this?",
    "wrong number",
    "what's the weather tomorrow",
    "what is suboxone",
    "how long does withdrawal last",
    "cravings are really bad tonight",
    "cravings",
    "should i try cold turkey",
    "my son is using, what can i do",
    "asdfgh",
    "",
    "i dont want to be here anymore",
    "cant sleep, everything hurts",
    "methadone",
    "gabapentin?",
    "2, i want to die",
    "I can't do this anymore " * 40,
]
SPANISH = ["ayuda", "quiero morir", "qué es la metadona", "necesito hablar con alguien"]
ANSWERS = {
    ScheduleKind.CHECK_IN: ["4", " 3 ", "1", "5!"],
    ScheduleKind.MEDICATION: ["done", "took it", "skip", "later", "👍"],
    ScheduleKind.MEETING: ["going", "cant make it"],
    ScheduleKind.APPOINTMENT: ["change"],
}
OPENERS = {
    ScheduleKind.CHECK_IN: check_in,
    ScheduleKind.MEDICATION: medication,
    ScheduleKind.MEETING: meeting,
    ScheduleKind.APPOINTMENT: appointment,
}


def assert_kept(promised: Preview, said: list[str]) -> None:
    """The same text; only a moment, which the preview cannot know, is open."""
    (reply,) = said
    pattern = re.escape(promised.reply).replace("then", ".+") if promised.label in OPEN else None
    assert re.fullmatch(pattern, reply, re.DOTALL) if pattern else reply == promised.reply
    assert promised.segments >= 1


OPEN = {"pause", "later"}


@pytest.mark.parametrize("text", ENGLISH)
def test_an_enrolled_person_gets_what_was_promised(world: World, text: str) -> None:
    promised = preview(world.parts.words, text)
    world.say(ANA, "JOIN")
    assert_kept(promised, world.text(ANA, text))
    read = next(item for item in reversed(world.thread(ANA)) if item.direction == "in")
    if promised.lane != "answer":  # without a question nothing is answered
        assert (read.lane, read.label) == (promised.lane, promised.label)


@pytest.mark.parametrize("text", SPANISH)
def test_somebody_who_reads_spanish_gets_it_in_spanish(world: World, text: str) -> None:
    promised = preview(world.parts.words, text)
    world.enrol(ANA, language="es")
    assert_kept(promised, world.text(ANA, text))


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in ANSWERS.items() for text in texts]
)
def test_an_answer_gets_what_was_promised_when_its_question_is_open(
    world: World, kind: ScheduleKind, text: str
) -> None:
    promised = preview(world.parts.words, text)
    assert promised.lane == "answer"
    world.say(ANA, "JOIN")
    later = world.person(ANA).local_now + timedelta(days=2)
    world.schedule(world.id_of(ANA), OPENERS[kind]("15:00", on=later.date()))
    before = len(world.shown(ANA))
    while len(world.shown(ANA)) == before:
        rehearsal.move_to_next_text(world.parts.stage)
    assert_kept(promised, world.text(ANA, text))


@pytest.mark.parametrize("text", ["", "cravings", "i want to kill myself", "asdfgh", "stop"])
def test_soft_says_whether_the_reply_opens_with_the_safety_line(world: World, text: str) -> None:
    line = world.parts.words.text("safety.soft").body
    promised = preview(world.parts.words, text)
    assert promised.reply.startswith(line) is promised.soft
