"""People are found by name and number though both are sealed, and the lists narrow to who is meant."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from service.domain.alerts import AlertKind
from service.domain.consent import ConsentStatus
from service.domain.errors import BadInput
from service.domain.selection import Needs, Selection
from service.store import alerts
from service.store.schema import NameToken, Participant
from service.workflows import enrolment, erasing, finding
from tests.rig.world import ANA, BEN, CY, STAFF, World


def found(world: World, wanted: str) -> list[str]:
    return [row.name for row in finding.search(world.parts.database, wanted).rows]


def rename(world: World, person_id: int, name: str) -> None:
    enrolment.set_details(
        world.parts.database, person_id, STAFF, world.now,
        name=name, language="en", timezone="America/New_York",
    )  # fmt: skip


def tokens_of(world: World, person_id: int) -> int:
    with world.parts.database.read() as session:
        query = select(func.count()).where(NameToken.participant_id == person_id)
        return session.scalar(query) or 0


def test_a_name_is_found_by_its_words_and_how_they_begin(world: World):
    world.enrol(ANA, name="María-José O'Neil")
    for wanted in ("maria", "MAR", "jo", "oneil", "o'n", "neil maria oneil"[5:], "jose mar"):
        assert found(world, wanted) == ["María-José O'Neil"], wanted
    for wanted in ("arIa", "neil", "maria ben", "zz"):
        assert found(world, wanted) == [], wanted


def test_whole_words_come_first_and_then_the_newest(world: World):
    world.enrol(ANA, name="Ann")
    world.enrol(BEN, name="Anna")
    world.enrol(CY, name="Ann Lee")
    assert found(world, "ann") == ["Ann Lee", "Ann", "Anna"]
    assert found(world, "an") == ["Ann Lee", "Anna", "Ann"]


def test_a_number_is_found_whole_and_by_its_end(world: World):
    world.enrol(ANA, name="Ana")
    world.enrol(BEN, name="Ben")
    assert found(world, "(202) 555-0101") == ["Ana"]
    assert found(world, "0102") == ["Ben"]
    assert found(world, "9999") == []
    with pytest.raises(BadInput):
        found(world, "01")
    with pytest.raises(BadInput, match="two letters"):
        found(world, "a")


def test_pages_of_a_search_follow_one_another(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(finding, "PAGE", 2)
    names = ["Ann", "Annie", "Ann B", "Anna", "Ann C"]
    for number, name in enumerate(names):
        world.enrol(f"+1202555011{number}", name=name)
    read, after = [], ""
    while True:
        page = finding.search(world.parts.database, "ann", after=after)
        read.append([row.name for row in page.rows])
        if page.next is None:
            break
        after = page.next
    assert read == [["Ann C", "Ann B"], ["Ann", "Anna"], ["Annie"]]
    for made_up in ("7-1", "x", "0-", "1-1; drop"):
        with pytest.raises(BadInput):
            finding.search(world.parts.database, "ann", after=made_up)


def test_the_index_follows_the_name_and_the_number(world: World):
    ana = world.enrol(ANA, name="Ana")
    rename(world, ana, "Beatrice")
    assert found(world, "ana") == []
    assert found(world, "beat") == ["Beatrice"]
    assert found(world, "0101") == ["Beatrice"]
    enrolment.stop(world.parts.database, ana, STAFF, world.now, reason="someone else", is_wrong_number=True)
    assert found(world, "beat") == []


def test_erasing_somebody_leaves_nothing_to_find_them_by(world: World):
    ana = world.enrol(ANA, name="Ana")
    assert tokens_of(world, ana) > 0
    erasing.erase_person(world.parts.database, ANA, "asked", STAFF, world.now)
    assert tokens_of(world, ana) == 0
    assert found(world, "ana") == found(world, "0101") == found(world, ANA) == []


def test_people_from_before_the_index_are_put_into_it(world: World):
    database = world.parts.database
    ana, ben = world.enrol(ANA, name="Ana"), world.enrol(BEN, name="Ben")
    with database.write() as session:
        session.execute(NameToken.__table__.delete())  # type: ignore[attr-defined]
        session.execute(update(Participant).values(indexed_as=None))
    assert found(world, "ana") == []
    assert not finding.is_complete(database)
    assert finding.complete_index(database, lambda: True) == 0
    assert finding.complete_index(database) == 2
    assert finding.is_complete(database)
    assert found(world, "ana") == ["Ana"]
    before = tokens_of(world, ana), tokens_of(world, ben)
    assert finding.complete_index(database, anew=True) == 2
    assert (tokens_of(world, ana), tokens_of(world, ben)) == before


def test_the_index_holds_nothing_that_can_be_read(world: World):
    world.enrol(ANA, name="Ana")
    with world.parts.database.read() as session:
        tokens = session.scalars(select(NameToken.token)).all()
    assert tokens
    assert all(len(token) == 12 for token in tokens)
    assert not any(b"ana" in token or b"0101" in token for token in tokens)


def chosen(world: World, **narrowed: object) -> list[str]:
    selection = Selection(**narrowed)  # type: ignore[arg-type]
    return [row.name for row in finding.list_participants(world.parts.database, selection).rows]


def test_a_list_narrows_to_a_status_and_a_language(world: World):
    world.enrol(ANA, name="Ana", language="es")
    world.enrol(BEN, name="Ben")
    world.enrol(CY, name="Cy", opted_in=False)
    assert chosen(world) == ["Cy", "Ben", "Ana"]
    assert chosen(world, consent=ConsentStatus.OPTED_IN) == ["Ben", "Ana"]
    assert chosen(world, consent=ConsentStatus.OPTED_IN, language="es") == ["Ana"]


def test_a_list_narrows_to_those_who_wait(world: World):
    world.enrol(ANA, name="Ana")
    ben = world.enrol(BEN, name="Ben")
    world.enrol(CY, name="Cy")
    world.say(ANA, "can somebody call me please")
    with world.parts.database.write() as session:
        alerts.raise_alert(session, AlertKind.SILENCE, world.now, participant_id=ben)
    assert chosen(world, needs=Needs.ATTENTION) == ["Ben", "Ana"]
    assert chosen(world, needs=Needs.ANSWER) == ["Ana"]
    world.move(timedelta(minutes=5))
    enrolment.text_by_hand(world.parts.database, world.id_of(ANA), "I will call at noon.", STAFF, world.now)
    assert chosen(world, needs=Needs.ANSWER) == []
    assert chosen(world, needs=Needs.ATTENTION) == ["Ben", "Ana"]
