"""The ledger of consent as a list, and the invitations that wait for an answer."""

from datetime import timedelta

import pytest

from service.domain.caseload import Caseload, Sight
from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.errors import BadInput, NotAllowed
from service.domain.selection import Sought
from service.store.schema import AuditEntry
from service.workflows import erasing, opt_ins
from tests.rig.world import ANA, BEN, CY, STAFF, World


def told(world: World, sought: Sought = opt_ins.EVERYTHING, sight: Sight | None = None) -> list[str]:
    page = opt_ins.list_events(world.parts.database, sought, sight=sight)
    return [f"{line.name} {line.status.value} {line.source.value}" for line in page.lines]


@pytest.fixture
def lived(world: World) -> World:
    """Ana came by text and left, Ben signed, Cy was invited and said nothing."""
    world.say(ANA, "JOIN")
    world.move(timedelta(hours=1))
    world.enrol(BEN, name="Ben")
    world.enrol(CY, name="Cy", opted_in=False)
    world.move(timedelta(hours=1))
    world.text(ANA, "STOP")
    return world


def test_every_event_is_there_the_newest_first(lived: World) -> None:
    assert told(lived) == [
        " opted_out text", "Cy invited paper", "Ben opted_in paper", " opted_in text",
    ]  # fmt: skip
    first = opt_ins.list_events(lived.parts.database, sight=None).lines[0]
    assert (first.label, first.phone, first.masked_phone) == ("stop", ANA, "+1•••0101")


def test_it_narrows_by_state_means_and_time(lived: World) -> None:
    assert told(lived, Sought(ConsentStatus.OPTED_IN)) == ["Ben opted_in paper", " opted_in text"]
    assert told(lived, Sought(source=ConsentSource.TEXT)) == [" opted_out text", " opted_in text"]
    assert told(lived, Sought(ConsentStatus.OPTED_IN, ConsentSource.TEXT)) == [" opted_in text"]
    assert told(lived, Sought(start=lived.now - timedelta(minutes=30))) == [" opted_out text"]
    assert told(lived, Sought(end=lived.now - timedelta(minutes=90))) == [" opted_in text"]


def test_it_is_read_in_pages_that_miss_nobody(lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = told(lived)
    monkeypatch.setattr(opt_ins, "PAGE", 2)
    first = opt_ins.list_events(lived.parts.database, sight=None)
    assert first.next == first.lines[-1].id
    rest = opt_ins.list_events(lived.parts.database, after_id=first.next, sight=None)
    assert rest.next is None
    assert [f"{one.name} {one.status.value} {one.source.value}" for one in (*first.lines, *rest.lines)] == (
        everything
    )


def test_only_those_in_sight_are_told_of(lived: World) -> None:
    nobody = Sight(99, Caseload.OWN, lived.now)
    assert told(lived, sight=nobody) == []
    assert opt_ins.list_waiting(lived.parts.database, lived.now, sight=nobody).total == 0
    assert len(told(lived, sight=Sight(99, Caseload.SHARED, lived.now))) == 4


def test_an_export_is_written_down_and_bounded(lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    database = lived.parts.database
    lines = opt_ins.export_events(database, Sought(ConsentStatus.OPTED_IN), STAFF, lived.now, sight=None)
    assert [line.phone for line in lines] == [BEN, ANA]
    with database.read() as session:
        (entry,) = session.query(AuditEntry).filter_by(action="consents.exported")
        assert (entry.detail["rows"], entry.detail["state"]) == (2, "opted_in")
    monkeypatch.setattr(opt_ins, "MOST_EXPORTED", 3)
    with pytest.raises(BadInput, match="shorter time"):
        opt_ins.export_events(database, opt_ins.EVERYTHING, STAFF, lived.now, sight=None)


def test_an_erased_person_stays_as_an_event_without_a_name(lived: World) -> None:
    erasing.erase_person(lived.parts.database, BEN, "asked for it", STAFF, lived.now)
    lines = opt_ins.list_events(lived.parts.database, Sought(source=ConsentSource.PAPER), sight=None).lines
    assert [(line.is_erased, line.name, line.phone) for line in lines] == [
        (False, "Cy", CY), (True, "", ""),
    ]  # fmt: skip


def test_an_invitation_goes_stale_after_three_days_and_is_the_only_one(lived: World) -> None:
    database = lived.parts.database
    (cy,) = opt_ins.list_waiting(database, lived.now, sight=None).people
    assert not cy.is_stale
    lived.move(timedelta(hours=73))
    page = opt_ins.list_waiting(database, lived.now, sight=None)
    assert (page.total, page.stale, page.people[0].is_stale) == (1, 1, True)
    with pytest.raises(NotAllowed):
        ask_again(lived, CY)
    assert len(lived.shown(CY)) == 1


def test_somebody_whose_invitation_ran_out_may_be_asked_once_more(lived: World) -> None:
    database = lived.parts.database
    lived.move(timedelta(days=8))
    assert opt_ins.list_waiting(database, lived.now, sight=None).people == []
    (cy,) = opt_ins.list_lapsed(database, lived.now, sight=None)
    assert cy.name == "Cy"
    ask_again(lived, CY)
    lived.move(timedelta(hours=12))
    assert len(lived.shown(CY)) == 2
    assert lived.person(CY).consent is ConsentStatus.INVITED
    assert opt_ins.list_lapsed(database, lived.now, sight=None) == []
    last = lived.person(CY).consent_history[-1]
    assert (last.source, last.note) == (ConsentSource.PAPER, "Asked again")


@pytest.mark.parametrize("number", [ANA, BEN])
def test_nobody_else_is_asked_again(lived: World, number: str) -> None:
    before = len(lived.shown(number))
    with pytest.raises(NotAllowed):
        ask_again(lived, number)
    lived.settle()
    assert len(lived.shown(number)) <= before + 1  # Ben's confirmation


def ask_again(world: World, number: str) -> None:
    parts = world.parts
    opt_ins.ask_again(parts.database, parts.words, parts.programme, world.id_of(number), STAFF, world.now)
