"""Migrated databases, a fresh one for each test, on SQLite and on PostgreSQL.

The migrations run once for each database system and worker; a test gets a copy of the result.
"""

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from tests.rig.availability import cannot_run
from tests.rig.postgres import PostgresServer, PostgresUnavailable

ROOT = Path(__file__).parents[2]
TEMPLATE = "template_migrated"
_number = itertools.count(1)


def alembic_config(url: str) -> Config:
    """Alembic as the `alembic` command sees it, but on the database at `url`."""
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "alembic"))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    command.upgrade(alembic_config(url), "head")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    try:
        server = PostgresServer()
    except PostgresUnavailable as problem:
        cannot_run("PostgreSQL", str(problem))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    migrate(postgres_server.create(TEMPLATE))
    postgres_server.seal(TEMPLATE)
    return TEMPLATE


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "migrated.db"
    migrate(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_system(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on. Whatever uses it, runs on both."""
    system: str = request.param
    return system


@pytest.fixture
def database_url(database_system: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database of this test's own."""
    if database_system == "sqlite":
        file = tmp_path / "handrail.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    template: str = request.getfixturevalue("postgres_template")
    yield from _postgres_database(request, template)


@pytest.fixture
def blank_database_url(database_system: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database in which no migration has run."""
    if database_system == "sqlite":
        yield f"sqlite:///{tmp_path / 'blank.db'}"
        return
    yield from _postgres_database(request, None)


def _postgres_database(request: pytest.FixtureRequest, template: str | None) -> Iterator[str]:
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"test_{next(_number)}"
    yield server.create(name, template)
    server.drop(name)
