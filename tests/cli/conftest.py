"""The command line on a database of its own: settings come from the environment, as for a user."""

import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask.testing import FlaskCliRunner

from service.app import create_cli
from service.config import Settings
from tests.rig.world import KEY
from tests.twilio_double.fixtures import twilio_double

__all__ = ["twilio_double"]


@dataclass
class CommandLine:
    """`flask ...` as somebody types it."""

    runner: FlaskCliRunner

    def run(self, *words: str, stdin: str | bytes = "") -> Result:
        return self.runner.invoke(args=list(words), input=stdin)

    def ok(self, *words: str, stdin: str | bytes = "") -> str:
        """What a command prints that must succeed."""
        result = self.run(*words, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def documents(self, *words: str, stdin: str | bytes = "") -> list[Any]:
        """The JSON documents of a command, one a line."""
        return [json.loads(line) for line in self.ok(*words, "--json", stdin=stdin).splitlines()]

    def document(self, *words: str) -> Any:
        (found,) = self.documents(*words)
        return found

    def error(self, *words: str, status: int = 1, stdin: str = "") -> str:
        """What a command says on stderr that must fail, with nothing on stdout."""
        result = self.run(*words, stdin=stdin)
        assert result.exit_code == status, result.output
        assert result.stdout == ""
        assert "Traceback" not in result.stderr
        return result.stderr


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """An empty folder, no .env, no settings; the log goes where it went before."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    yield monkeypatch
    root.handlers = handlers
    root.setLevel(level)


@pytest.fixture
def bare(environment: pytest.MonkeyPatch) -> CommandLine:
    """No settings and no database."""
    return CommandLine(create_cli().test_cli_runner())


@pytest.fixture
def flask(environment: pytest.MonkeyPatch, sqlite_template: Path, tmp_path: Path) -> CommandLine:
    """A migrated, empty database."""
    shutil.copyfile(sqlite_template, tmp_path / "handrail.db")
    environment.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'handrail.db'}")
    environment.setenv("SECRET_KEY", "a-secret-that-is-only-for-tests")
    environment.setenv("FIELD_KEYS", KEY)
    environment.setenv("PROGRAMME_NAME", "Harbor")
    return CommandLine(create_cli().test_cli_runner())
