"""Changing the key that seals the records: while the service runs, through a kill, until the old one is not needed."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, update

from service.domain.errors import ConfigurationError
from service.store.schema import DataKey, Message, Participant
from service.store.vault import Vault
from service.workflows import rotation
from tests.rig.data_life import command, files_of, on_sqlite, sealed_tables, sealed_tokens
from tests.rig.world import ANA, BEN, KEY, World, appointment, settings_for

ROOT = Path(__file__).parents[2]
NEW = Fernet.generate_key().decode()
Open = Callable[[str], World]


@pytest.fixture
def open_with(world: World) -> Iterator[Open]:
    """The world's database, opened with other FIELD_KEYS."""
    opened: list[World] = []

    def open_it(keys: str) -> World:
        opened.append(World(settings_for(world.settings.database_url, field_keys=keys), world.wall.now))
        return opened[-1]

    yield open_it
    for each in opened:
        each.close()


@pytest.fixture
def filled(world: World) -> World:
    """Something sealed in every table that people fill."""
    for number, name in ((ANA, "Ana"), (BEN, "Ben")):
        entered = world.enrol(number, name=name)
        world.schedule(
            entered, appointment("14:30", label="the doctor", on=world.now.date() + timedelta(days=2))
        )
    world.settle()
    world.text(ANA, "hello there")
    return world


def tokens(world: World) -> set[bytes]:
    return sealed_tokens(world, apart_from=())


def is_all_under(world: World, key: str) -> bool:
    vault = Vault([key])
    found = tokens(world)
    assert len(found) > 10
    return all(vault.is_newest(token) for token in found)


def told(world: World) -> object:
    return [
        (world.person(number).name, world.person(number).phone, world.thread(number)) for number in (ANA, BEN)
    ]


def test_everything_is_sealed_anew_and_the_old_key_can_go(filled: World, open_with: Open) -> None:
    before = told(filled)
    both = open_with(f"{NEW},{KEY}")
    result = rotation.rotate(both.parts.database)
    assert result.is_complete
    assert result.resealed == result.values == len(tokens(both))
    assert is_all_under(both, NEW)
    only_new = open_with(NEW)
    assert told(only_new) == before
    assert "already" in only_new.say(ANA, "JOIN")  # the index of numbers is the same
    with pytest.raises(ConfigurationError):
        open_with(KEY)


def test_the_key_of_the_number_index_is_wrapped_anew_and_stays_itself(filled: World, open_with: Open) -> None:
    with filled.parts.database.read() as session:
        wrapped = session.scalars(select(DataKey.key_sealed)).one()
        index = filled.parts.database.vault.open_bytes(wrapped)
    both = open_with(f"{NEW},{KEY}")
    rotation.rotate(both.parts.database)
    with both.parts.database.read() as session:
        again = session.scalars(select(DataKey.key_sealed)).one()
    assert again != wrapped
    assert both.parts.database.vault.open_bytes(again) == index


def test_every_sealed_column_there_is_takes_part(filled: World) -> None:
    names = {f"{table.name}.{name}" for table, columns in sealed_tables() for name in columns}
    mine = {
        f"{sealed.table.name}.{column.name}"
        for sealed in rotation._sealed_tables()
        for column in sealed.columns
    }
    assert mine == names
    assert {"participants.phone_sealed", "messages.body_sealed", "data_keys.key_sealed"} <= mine


def test_the_service_reads_and_writes_while_it_goes_on(filled: World, open_with: Open, monkeypatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 1)
    both = open_with(f"{NEW},{KEY}")
    seen: list[str] = []

    def use(table: str, rows: int, _done: int) -> None:
        if table == "messages" and rows == 1 and not seen:
            filled.text(BEN, "meanwhile")  # a process that still has the old key in front
            both.text(ANA, "me too")
            seen.append(both.person(ANA).name)

    result = rotation.rotate(both.parts.database, use)
    assert seen[0] == "Ana"
    assert result.is_complete
    assert is_all_under(both, NEW)
    assert "meanwhile" in [item.body for item in open_with(NEW).thread(BEN)]


@on_sqlite
def test_while_something_still_seals_with_the_old_key_it_may_not_go(filled: World, open_with: Open) -> None:
    both = open_with(f"{NEW},{KEY}")

    def go_on(table: str, _rows: int, _done: int) -> None:
        if table == "messages":
            filled.text(BEN, "I was never restarted")

    assert not rotation.rotate(both.parts.database, go_on).is_complete


@on_sqlite
def test_a_value_that_changes_under_its_hands_is_left_to_the_next_pass(
    filled: World, open_with: Open, monkeypatch
) -> None:
    both = open_with(f"{NEW},{KEY}")
    real, names = rotation._changes, iter([True])

    def rename_meanwhile(vault, sealed, batch):
        changes = real(vault, sealed, batch)
        if sealed.table.name == "participants" and next(names, False):
            with filled.parts.database.write() as session:
                session.execute(
                    update(Participant).values(name_sealed=filled.parts.database.vault.seal("Anna"))
                )
        return changes

    monkeypatch.setattr(rotation, "_changes", rename_meanwhile)
    assert rotation.rotate(both.parts.database).is_complete
    assert open_with(NEW).person(ANA).name == "Anna"


KILLED = """
import os, signal, sys
from service.bootstrap import open_records
from service.workflows import rotation
from tests.rig.world import settings_for
rotation.BATCH = 2
def die(table, rows, done):
    if table == "messages":
        os.kill(os.getpid(), signal.SIGKILL)
rotation.rotate(open_records(settings_for(sys.argv[1], field_keys=sys.argv[2])), die)
"""


def test_a_rotation_killed_in_the_middle_goes_on_where_it_was(filled: World, open_with: Open) -> None:
    before = told(filled)
    keys = f"{NEW},{KEY}"
    process = subprocess.run(
        [sys.executable, "-c", KILLED, filled.settings.database_url, keys],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
    )
    assert process.returncode == -signal.SIGKILL, process.stderr
    both = open_with(keys)
    left = [token for token in tokens(both) if not both.parts.database.vault.is_newest(token)]
    assert 0 < len(left) < len(tokens(both))
    assert told(both) == before  # half and half can be read
    result = rotation.rotate(both.parts.database)
    assert result.is_complete
    assert result.resealed == len(left)
    assert told(open_with(NEW)) == before


@on_sqlite
def test_a_second_run_finds_nothing_to_do(filled: World, open_with: Open) -> None:
    both = open_with(f"{NEW},{KEY}")
    rotation.rotate(both.parts.database)
    before = tokens(both)
    assert rotation.rotate(both.parts.database).resealed == 0
    assert tokens(both) == before


@on_sqlite
def test_what_the_old_key_opens_is_not_left_in_the_file(filled: World, open_with: Open) -> None:
    old = tokens(filled)
    both = open_with(f"{NEW},{KEY}")
    filled.close()
    rotation.rotate(both.parts.database)
    held = files_of(both)
    assert not [token for token in old if token in held]


@on_sqlite
def test_a_value_that_no_key_opens_is_counted_and_no_key_may_go(filled: World, open_with: Open) -> None:
    with filled.parts.database.write() as session:
        lost = Fernet(Fernet.generate_key()).encrypt(b"?")
        session.execute(update(Message).values(body_sealed=lost))
        count = len(session.scalars(select(Message.id)).all())
    both = open_with(f"{NEW},{KEY}")
    result = rotation.rotate(both.parts.database)
    assert result.lost == count
    assert not result.is_complete
    said = command(both, "keys", "rotate")
    assert said.exit_code == 1
    assert "Drop no key" in said.stderr


@on_sqlite
def test_the_command_tells_how_far_it_is_and_when_the_old_key_may_go(filled: World, open_with: Open) -> None:
    both = open_with(f"{NEW},{KEY}")
    said = command(both, "keys", "rotate")
    assert said.exit_code == 0
    assert "participants: 2 rows looked at" in said.stderr
    assert "keys may be dropped" in said.stdout
    assert NEW not in said.output
    assert KEY not in said.output
