"""Entering many people from a file: everybody, or nobody and the reasons by row."""

from datetime import timedelta

import pytest

from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.errors import BadInput, NotFound
from service.workflows.importing import Checked, ImportResult, check_people, import_people, read_people
from tests.rig.world import ANA, BEN, CY, STAFF, World

HEADER = "phone,name,timezone,language,consent_source,consent_note,opted_in\n"


def bring_in(world: World, text: str | bytes, *, dry_run: bool = False) -> ImportResult:
    data = text.encode() if isinstance(text, str) else text
    parts = world.parts
    return import_people(
        parts.database, parts.words, parts.programme, read_people(data), STAFF, world.now, dry_run=dry_run
    )


def is_there(world: World, number: str) -> bool:
    try:
        world.id_of(number)
    except NotFound:
        return False
    return True


def test_everybody_is_entered_with_their_consent(world: World) -> None:
    result = bring_in(
        world,
        HEADER + f"{ANA},Ana,America/Chicago,es,paper,binder 3,yes\n" + "(202) 555-0102,,,,verbal,,no\n",
    )
    assert (result.rows, result.problems) == (2, ())
    ana, ben = world.person(ANA), world.person(BEN)
    assert (ana.name, ana.timezone, ana.language) == ("Ana", "America/Chicago", "es")
    assert (ana.consent, ben.consent) == (ConsentStatus.OPTED_IN, ConsentStatus.INVITED)
    assert (ana.consent_history[0].source, ana.consent_history[0].note) == (ConsentSource.PAPER, "binder 3")
    world.move(timedelta(hours=2))  # it is still night in Chicago
    assert len(world.shown(ANA)) == len(world.shown(BEN)) == 1


def test_one_bad_row_keeps_everybody_out_and_every_fault_is_named_by_row(world: World) -> None:
    result = bring_in(
        world,
        HEADER
        + f"{ANA},Ana,,,paper,,yes\n"
        + "12,Nobody,,,paper,,yes\n"
        + "\n"
        + f"{BEN},Ben,Mars/Olympus,,paper,,yes\n"
        + f"{CY},Cy,,fr,paper,,yes\n"
        + "+12025550104,Dee,,,hearsay,,yes\n"
        + "+12025550105,Eve,,,paper,,perhaps\n"
        + f"+12025550106,{'x' * 41},,,paper,,\n",
    )
    assert [problem.row for problem in result.problems] == [3, 5, 6, 7, 8, 9]
    assert {problem.column for problem in result.problems} == {
        "phone", "timezone", "language", "consent_source", "opted_in", "name",
    }  # fmt: skip
    assert not is_there(world, ANA)
    world.settle()
    assert world.shown(ANA) == []


@pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)
def test_reasons_repeat_neither_numbers_nor_names(world: World) -> None:
    world.say(ANA, "JOIN")
    result = bring_in(world, HEADER + f"{ANA},Anastasia,,,paper,,yes\n555-01,Benedict,,,paper,,yes\n")
    told = " ".join(problem.reason for problem in result.problems)
    assert len(result.problems) == 2
    for personal in (ANA, ANA[-7:], "555-01", "Anastasia", "Benedict"):
        assert personal not in told


@pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)
@pytest.mark.parametrize("opted_in", ["yes", "no"])
def test_somebody_who_left_stays_out(world: World, opted_in: str) -> None:
    world.say(ANA, "JOIN")
    world.text(ANA, "STOP")
    result = bring_in(world, HEADER + f"{BEN},,,,paper,,yes\n{ANA},,,,paper,,{opted_in}\n")
    assert [problem.row for problem in result.problems] == [3]
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
    assert not is_there(world, BEN)


def test_the_same_number_twice_in_a_file_is_a_fault_of_the_second_row(world: World) -> None:
    result = bring_in(world, HEADER + f"{ANA},,,,paper,,yes\n202.555.0101,,,,paper,,yes\n")
    assert [problem.row for problem in result.problems] == [3]
    assert not is_there(world, ANA)


@pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)
def test_a_dry_run_checks_everything_and_changes_nothing(world: World) -> None:
    good = HEADER + f"{ANA},,,,paper,,yes\n"
    assert bring_in(world, good, dry_run=True) == ImportResult(1, ())
    assert not is_there(world, ANA)
    assert [p.row for p in bring_in(world, good + "1,,,,paper,,\n", dry_run=True).problems] == [3]
    assert bring_in(world, good) == ImportResult(1, ())
    assert is_there(world, ANA)


def check(world: World, text: str) -> Checked:
    return check_people(world.parts.database, world.parts.programme, read_people(text.encode()))


def test_a_check_says_what_an_import_would_do_and_writes_nothing(world: World) -> None:
    world.say(ANA, "JOIN")
    world.text(ANA, "STOP")
    good = HEADER + f"{ANA},Ana,,,paper,,yes\n{BEN},Ben,,,paper,,yes\n{CY},,,,verbal,,no\n"
    found = check(world, good)
    assert (found.rows, found.kept_out, found.invited, found.signed) == (3, (2,), 1, 1)
    assert found.problems == ()
    assert not is_there(world, BEN)
    parts = world.parts
    done = import_people(
        parts.database, parts.words, parts.programme, read_people(good.encode()), STAFF, world.now,
        without_opted_out=True,
    )  # fmt: skip
    assert done == ImportResult(3, (), (2,))
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
    assert is_there(world, BEN)
    again = check(world, good)
    assert [(problem.row, problem.column) for problem in again.problems] == [(3, "phone"), (4, "phone")]


def test_every_fault_of_a_row_is_told_with_its_column(world: World) -> None:
    faults = HEADER + f"12,{'x' * 41},Mars/Olympus,fr,hearsay,{'n' * 501},perhaps\n{BEN},,,,paper,,\n"
    found = check(world, faults + f"{BEN},,,,paper,,\n")
    assert [(problem.row, problem.column) for problem in found.problems] == [
        (2, "phone"), (2, "name"), (2, "timezone"), (2, "language"), (2, "consent_source"),
        (2, "consent_note"), (2, "opted_in"), (4, "phone"),
    ]  # fmt: skip
    assert "row 3" in found.problems[-1].reason


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"phone,consent_source\n", "nothing below"),
        (b"phone,consent_source\n , \n", "nothing below"),
        (b"name\nAna\n", "consent_source"),
        (b"phone,consent_source,shoe_size\n1,paper,9\n", "shoe_size"),
        (b"\x89PNG\r\n\x1a\n\0\0", "column"),
        ("phone,consent_source\n1,paper\n".encode("utf-16"), "column"),
        (b"phone,consent_source\n" + b"1,paper\n" * 10_001, "10000"),
    ],
    ids=[
        "empty",
        "header only",
        "blank rows",
        "column missing",
        "column unknown",
        "picture",
        "utf-16",
        "long",
    ],
)
@pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)
def test_a_file_that_is_no_list_of_people_is_refused_in_words(world: World, data: bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        bring_in(world, data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)
def test_files_are_read_as_spreadsheets_write_them(world: World, encoding: str, newline: str) -> None:
    text = f'Phone, Consent Source ,NAME\n{ANA},Paper,"Zo\u00eb, the\nsecond"\n'
    assert bring_in(world, text.replace("\n", newline).encode(encoding)).problems == ()
    assert world.person(ANA).name == "Zo\u00eb, the second"
