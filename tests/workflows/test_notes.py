"""Notes of staff on a person: kept for colleagues, sealed, and gone with the person or with time."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from service.domain.errors import BadInput, NotFound
from service.store.schema import AuditEntry, StaffNote
from service.workflows import erasing, notes, retention
from tests.rig.world import ANA, BEN, STAFF, World

WORDS = "Met her sister Maria."


def add(world: World, number: str = ANA, body: str = WORDS) -> bool:
    return notes.add_note(world.parts.database, world.id_of(number), body, STAFF, world.now)


def bodies(world: World, person_id: int) -> list[str | None]:
    return [note.body for note in notes.notes_of(world.parts.database, person_id)]


def test_a_note_is_kept_sealed_and_in_the_trail_without_its_words(world: World) -> None:
    ana = world.enrol(ANA, name="Ana")
    assert add(world, body=f"  {WORDS} ")
    (note,) = notes.notes_of(world.parts.database, ana)
    assert (note.body, note.by, note.at) == (WORDS, None, world.now)
    with world.parts.database.read() as session:
        sealed = session.scalars(select(StaffNote.body_sealed)).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "note.added")).one()
    assert sealed is not None
    assert WORDS.encode() not in sealed
    assert (entry.participant_id, entry.detail) == (ana, {"note_id": note.id})


def test_the_same_note_sent_twice_is_one_and_the_newest_comes_first(world: World) -> None:
    ana = world.enrol(ANA)
    assert add(world)
    assert not add(world)
    assert add(world, body="Called.")
    world.wall.advance(timedelta(hours=1))
    assert add(world, body="Called.")
    assert bodies(world, ana) == ["Called.", "Called.", WORDS]


def test_what_cannot_be_a_note_is_refused(world: World) -> None:
    world.enrol(ANA)
    for body in ("  ", "x" * (notes.LONGEST + 1)):
        with pytest.raises(BadInput):
            add(world, body=body)
    with pytest.raises(NotFound):
        notes.add_note(world.parts.database, 999, WORDS, STAFF, world.now)


def test_notes_lose_their_words_with_the_person_and_nobody_adds_another(world: World) -> None:
    ana, ben = world.enrol(ANA), world.enrol(BEN)
    add(world)
    add(world, BEN, "Likes mornings.")
    erasing.erase_person(world.parts.database, ANA, "asked", STAFF, world.now)
    assert bodies(world, ana) == [None]
    assert bodies(world, ben) == ["Likes mornings."]
    with pytest.raises(NotFound):
        notes.add_note(world.parts.database, ana, WORDS, STAFF, world.now)


def test_old_notes_lose_their_words_as_old_texts_do(world: World) -> None:
    ana = world.enrol(ANA)
    add(world)
    world.wall.advance(timedelta(days=366))
    add(world, body="Still here.")
    keep = timedelta(days=365)
    assert retention.look(world.parts.database, keep, world.now).erased_notes == 1
    assert retention.run(world.parts.database, world.parts.gateway, keep, world.now).erased_notes == 1
    assert bodies(world, ana) == ["Still here.", None]
    assert retention.run(world.parts.database, world.parts.gateway, keep, world.now).erased_notes == 0
