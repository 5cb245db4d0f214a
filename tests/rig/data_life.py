"""What tests of retention, erasure, backups and rotation look at: sealed values, files, commands."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Table, select

from service.app import create_app, create_cli
from service.config import Settings, load_settings
from service.store.journal import Journal
from service.store.schema import Base, Participant
from service.workflows import erasing, rounds
from tests.rig.world import STAFF, SetClock, World

ROOT = Path(__file__).parents[2]

on_sqlite = pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)
"""For what only SQLite has, or where the two cannot differ."""
on_postgres = pytest.mark.parametrize(
    "database_system", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


def sealed_tables() -> Iterator[tuple[Table, list[str]]]:
    for table in Base.metadata.sorted_tables:
        names = [column.name for column in table.columns if column.name.endswith("_sealed")]
        if names:
            yield table, names


def sealed_tokens(
    world: World, *, only: str = "_sealed", apart_from: tuple[str, ...] = ("data_keys",)
) -> set[bytes]:
    """Every sealed value in the database, in columns whose name ends like `only`."""
    tokens: set[bytes] = set()
    with world.parts.database.read() as session:
        for table, names in sealed_tables():
            if table.name in apart_from:
                continue
            for name in names:
                if name.endswith(only):
                    values = session.scalars(select(table.c[name]).where(table.c[name].is_not(None)))
                    tokens.update(values)
    return tokens


def index_of(world: World, number: str) -> bytes:
    return world.parts.database.vault.index(number)


def participant_of_id(world: World, participant_id: int) -> Participant:
    with world.parts.database.read() as session:
        return session.get_one(Participant, participant_id)


def files_of(world: World) -> bytes:
    """Every byte of an SQLite database, its log included."""
    file = Path(world.settings.url_of_database.removeprefix("sqlite:///"))
    return b"".join(part.read_bytes() for part in sorted(file.parent.glob(file.name + "*")))


def command(world: World, *words: str, stdin: str = "") -> Result:
    """`flask ...` on a running world."""
    app = create_cli()
    app.extensions["open_service"] = lambda: world.app
    return app.test_cli_runner().invoke(args=list(words), input=stdin)


def command_apart(settings: Settings, wall: SetClock, patch: pytest.MonkeyPatch, *words: str) -> Result:
    """`flask ...` as a process of its own would run it, by settings from the environment."""
    for name, value in {
        "DATABASE_URL": settings.database_url,
        "DATA_DIR": str(settings.data_dir),
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "FIELD_KEYS": ",".join(key.get_secret_value() for key in settings.field_keys),
        "PROGRAMME_NAME": "Harbor",
        "LOG_LEVEL": "ERROR",
    }.items():
        patch.setenv(name, value)
    patch.chdir(ROOT)
    opened: list[Flask] = []

    def open_service() -> Flask:
        opened.append(create_app(load_settings(_env_file=None), wall))
        return opened[-1]

    app = create_cli()
    app.extensions["open_service"] = open_service
    try:
        return app.test_cli_runner().invoke(args=list(words))
    finally:
        for each in opened:  # as when a process ends
            each.extensions["handrail"].database.close()


def journal(world: World) -> Journal:
    assert world.parts.database.journal is not None
    return world.parts.database.journal


def erase(world: World, number: str) -> None:
    erasing.erase_person(world.parts.database, number, "asked for it", STAFF, world.now)


def opt_out(world: World, number: str) -> None:
    world.wall.advance(timedelta(minutes=1))
    world.text(number, "STOP")


def jobs(world: World) -> None:
    """What the jobs process does, once."""
    parts, now = world.parts, world.now
    rounds.rescue_all(parts.database, parts.gateway, parts.programme, now)
    rounds.plan_all(parts.database, parts.words, parts.programme, now)
    rounds.follow_up_all(parts.database, parts.words, parts.programme, now)
    rounds.send_all(parts.database, parts.gateway, parts.programme, world.wall)


def written(world: World, number: str) -> int:
    """How many texts the records hold for a number."""
    return len(world.sent(number))
