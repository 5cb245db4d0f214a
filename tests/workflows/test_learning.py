"""What staff have marked, written out: redacted, and only of people who are opted in."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from service.domain.errors import BadInput, NotAllowed
from service.domain.staff import Actor
from service.store import marks
from service.store.schema import AuditEntry, InboundMessage
from service.workflows import enrolment, learning, marking, retention
from service.workflows.acting import By
from tests.rig.world import ANA, BEN, STAFF, World, medication

DANA = By(Actor.COORDINATOR, 1)


@pytest.fixture
def marked(world: World) -> World:
    """Ana's and Ben's texts, some of them marked."""
    ana, ben = world.enrol(ANA, name="Ana Lucia"), world.enrol(BEN, name="Ben", language="es")
    world.schedule(ana, medication("23:00", label="blue box"))
    mark(world, ana, ANA, "ana lucia here,\ncall 202-555-0142\tabout the blue box", "human")
    mark(world, ana, ANA, "the walls are closing in on me", "crisis")
    mark(world, ben, BEN, "si", "answer")
    world.text(BEN, "hola")
    return world


def mark(world: World, person: int, number: str, body: str, label: str) -> None:
    world.text(number, body)
    with world.parts.database.read() as session:
        text = session.scalars(select(InboundMessage.id).order_by(InboundMessage.id.desc())).first()
    assert text is not None
    marking.mark(world.parts.database, person, text, label, DANA, world.now)


def lines(world: World) -> list[str]:
    return learning.marked_texts(world.parts.database, world.parts.words, STAFF, world.now)


def test_a_mark_becomes_a_redacted_training_line(marked: World) -> None:
    assert lines(marked) == [
        "answer\tes\td\tsi",
        "crisis\ten\td\tthe walls are closing in on me",
        "human\ten\td\tNAME NAME here, call NUMBER about the NAME",
    ]
    with marked.parts.database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "marks.exported")).one()
        assert entry.detail == {"texts": 3}


def test_only_of_people_who_are_opted_in_now(marked: World) -> None:
    marked.text(ANA, "STOP")
    assert lines(marked) == ["answer\tes\td\tsi"]
    enrolment.stop(marked.parts.database, marked.id_of(BEN), STAFF, marked.now, reason="told us")
    assert lines(marked) == []


def test_a_mark_that_was_taken_back_or_whose_words_are_gone_is_not_written(marked: World) -> None:
    parts = marked.parts
    with parts.database.read() as session:
        texts = session.scalars(
            select(InboundMessage.id).where(InboundMessage.marked_label == "crisis")
        ).all()
    marking.take_back(parts.database, marked.id_of(ANA), texts[0], DANA, marked.now)
    assert [line.split("\t")[0] for line in lines(marked)] == ["answer", "human"]
    retention.run(parts.database, parts.gateway, timedelta(days=30), marked.now + timedelta(days=31))
    assert lines(marked) == []


def test_a_restored_copy_does_not_know_who_has_opted_out(marked: World) -> None:
    with marked.parts.database.write() as session:
        marks.put(session, marks.AWAITING_REPLAY)
    with pytest.raises(NotAllowed, match="withdrawals replay"):
        lines(marked)


def test_the_programmes_own_name_and_staff_are_taken_out(marked: World) -> None:
    ana = marked.id_of(ANA)
    mark(marked, ana, ANA, "does harbor like pie", "smalltalk")
    assert "smalltalk\ten\td\tdoes NAME like pie" in lines(marked)


def test_the_file_is_new_and_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "marks.tsv"
    learning.write_new(file, ["menu\tes\td\tseñal"])
    assert file.read_bytes() == "menu\tes\td\tseñal\n".encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(BadInput, match="choose another name"):
        learning.write_new(file, [])
    with pytest.raises(BadInput, match="cannot be written"):
        learning.write_new(tmp_path / "nowhere" / "marks.tsv", [])
    assert file.read_bytes()
