"""The keys: a database opens with the right ones only, and an old key behind a new one still works."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import delete, func, select

from service.domain.errors import ConfigurationError
from service.store import participants
from service.store.engine import Database, open_database
from service.store.schema import DataKey, Participant
from service.store.vault import Vault
from service.workflows.unlocking import unlock
from tests.rig.world import ANA, KEY, World, settings_for

OTHER = Fernet.generate_key().decode()


@pytest.fixture
def reopened(world: World) -> Iterator[object]:
    """Opens the world's database anew with other keys."""
    world.say(ANA, "JOIN")
    opened: list[World] = []

    def reopen(keys: str) -> World:
        opened.append(World(settings_for(world.settings.database_url, field_keys=keys), world.now))
        return opened[-1]

    yield reopen
    for each in opened:
        each.close()


def test_a_wrong_key_is_refused_and_says_what_to_do(reopened) -> None:
    with pytest.raises(ConfigurationError, match="FIELD_KEYS does not fit this database") as caught:
        reopened(OTHER)
    assert OTHER not in str(caught.value)
    assert KEY not in str(caught.value)


def test_no_key_at_all_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="FIELD_KEYS is empty"):
        Vault([])


def test_the_old_key_behind_the_new_one_opens_and_finds_everybody(reopened) -> None:
    again = reopened(f"{OTHER}, {KEY}")
    assert again.person(ANA).phone == ANA
    assert "already" in again.say(ANA, "JOIN")


def test_what_is_written_after_a_rotation_needs_the_new_key_only(reopened) -> None:
    reopened(f"{OTHER} {KEY}").text(ANA, "written under the new key")
    again = reopened(f"{KEY},{OTHER}")  # the order says which one seals, both open
    assert any(item.body == "written under the new key" for item in again.thread(ANA))
    with again.parts.database.read() as session:
        newest = session.scalar(select(Participant.phone_sealed))
    assert newest is not None
    assert Fernet(KEY).decrypt(newest).decode() == ANA


def test_the_new_key_alone_is_refused_while_old_rows_are_sealed_with_the_old(reopened) -> None:
    reopened(f"{OTHER} {KEY}")
    with pytest.raises(ConfigurationError):
        reopened(OTHER)


def test_people_without_the_index_key_are_not_given_a_new_one(world: World, reopened) -> None:
    with world.parts.database.write() as session:
        session.execute(delete(DataKey))
    with pytest.raises(ConfigurationError, match="data_keys"):
        reopened(KEY)


def test_a_database_without_tables_says_to_migrate(blank_database_url: str) -> None:
    with pytest.raises(ConfigurationError, match="alembic upgrade head"):
        World(settings_for(blank_database_url), None)  # type: ignore[arg-type]


def test_a_server_that_is_not_there_is_said_in_words_and_without_the_password() -> None:
    settings = settings_for("postgresql://handrail:open-sesame@127.0.0.1:1/handrail")
    with pytest.raises(ConfigurationError, match="cannot be reached") as caught:
        World(settings, None)  # type: ignore[arg-type]
    assert "open-sesame" not in str(caught.value)


def test_processes_that_start_together_on_a_new_database_agree_on_its_key(database_url: str) -> None:
    count = 6
    url = settings_for(database_url).url_of_database
    databases = [open_database(url, Vault([KEY])) for _ in range(count)]
    together = Barrier(count)

    def start(database: Database) -> bytes:
        together.wait()
        unlock(database)
        return database.vault.index(ANA)

    try:
        with ThreadPoolExecutor(count) as pool:
            hashes = set(pool.map(start, databases))
        with databases[0].read() as session:
            assert session.scalar(select(func.count()).select_from(DataKey)) == 1
            assert participants.find_by_phone(session, ANA) is None
    finally:
        for database in databases:
            database.close()
    assert len(hashes) == 1
