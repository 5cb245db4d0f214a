"""The audit trail is append-only in the database itself, and its chain shows what got around that."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.domain.errors import BadInput
from service.store import audit, audit_chain
from service.workflows import auditing
from tests.rig.world import ANA, BEN, STAFF, World


@pytest.fixture
def sealed(world: World) -> World:
    """Two people were entered and looked after, and that is sealed."""
    world.enrol(ANA)
    world.enrol(BEN)
    with world.parts.database.write() as session:
        audit.record(session, STAFF, "test.told", world.now, participant_id=1, count=3, is_so=True, why=None)
    assert auditing.seal(world.parts.database) >= 3
    return world


def tamper(world: World, *statements: str) -> None:
    """As somebody would who may change the database's schema."""
    with world.parts.database.write() as session:
        if session.get_bind().dialect.name == "sqlite":
            for table in ("audit_entries", "audit_seals"):
                for verb in ("update", "delete"):
                    session.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
        else:
            for table in ("audit_entries", "audit_seals"):
                session.execute(text(f"DROP TRIGGER {table}_kept ON {table}"))
        for statement in statements:
            session.execute(text(statement))


@pytest.mark.parametrize("table", ["audit_entries", "audit_seals"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = 1", "DELETE FROM {}"])
def test_no_statement_changes_or_deletes_a_line(sealed: World, table: str, statement: str) -> None:
    column = "actor_id" if table == "audit_entries" else "entry_id"
    with pytest.raises(DBAPIError, match="append-only"), sealed.parts.database.write() as session:
        session.execute(text(statement.format(table, column)))


def test_the_chain_holds_and_grows(sealed: World) -> None:
    database = sealed.parts.database
    first = auditing.verify(database)
    assert not first.problems
    assert first.waiting == 0
    assert auditing.seal(database) == 0
    sealed.enrol("+12025550109")
    assert auditing.verify(database).waiting > 0
    auditing.seal(database)
    later = auditing.verify(database, str(first.head))
    assert not later.problems
    assert later.head.position > first.head.position


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        (["UPDATE audit_entries SET actor_id = 99 WHERE id = 2"], "entry 2 was changed"),
        (["UPDATE audit_entries SET action = 'nothing' WHERE id = 1"], "entry 1 was changed"),
        (["DELETE FROM audit_entries WHERE id = 2"], "entry 2 is missing"),
        (["DELETE FROM audit_seals WHERE position = 2"], "links 2 to 2 are missing"),
        (
            ["DELETE FROM audit_seals WHERE position = 2", "DELETE FROM audit_entries WHERE id = 2",
             "UPDATE audit_seals SET position = 2 WHERE position = 3"],
            "was changed",
        ),
    ],
)  # fmt: skip
def test_what_was_done_to_the_trail_is_seen(sealed: World, statements: list[str], says: str) -> None:
    tamper(sealed, *statements)
    found = auditing.verify(sealed.parts.database)
    assert any(says in problem for problem in found.problems), found.problems


def test_a_cut_off_end_is_seen_by_whoever_noted_it(sealed: World) -> None:
    head = auditing.head(sealed.parts.database)
    tamper(
        sealed,
        "DELETE FROM audit_seals WHERE position = (SELECT max(position) FROM audit_seals)",
        "DELETE FROM audit_entries WHERE id = (SELECT max(id) FROM audit_entries)",
    )
    assert not auditing.verify(sealed.parts.database).problems
    assert "before the noted" in auditing.verify(sealed.parts.database, str(head)).problems[0]


def test_a_chain_made_anew_is_not_the_noted_one(sealed: World) -> None:
    head = auditing.head(sealed.parts.database)
    tamper(
        sealed,
        "UPDATE audit_entries SET actor_id = 99 WHERE id = 2",
        "DELETE FROM audit_seals",
        "DELETE FROM data_keys WHERE name = 'audit-chain'",
    )
    auditing.seal(sealed.parts.database)
    assert not auditing.verify(sealed.parts.database).problems
    assert "not the one" in auditing.verify(sealed.parts.database, str(head)).problems[0]


def test_an_entry_put_in_long_after_is_seen(sealed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tamper(sealed, "DELETE FROM audit_seals WHERE position = 1")
    monkeypatch.setattr(audit_chain, "LATE", 1)
    assert any("put in between" in problem for problem in auditing.verify(sealed.parts.database).problems)


def test_a_head_that_is_none_is_refused(sealed: World) -> None:
    with pytest.raises(BadInput, match="A head is"):
        auditing.verify(sealed.parts.database, "120")


def test_a_page_of_the_trail_is_filtered_and_recorded(sealed: World) -> None:
    database = sealed.parts.database
    page = auditing.trail(database, STAFF, sealed.now, participant_id=2)
    assert page.lines[0].action == "audit.viewed"
    assert {line.participant_id for line in page.lines} == {2}
    assert page.next_before is None
    oldest = auditing.trail(database, STAFF, sealed.now, before=2)
    assert [line.id for line in oldest.lines] == [1]
