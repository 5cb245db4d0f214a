"""The documents say what there is: settings, commands, and nothing of our own machines."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import pytest
from flask.cli import ScriptInfo

from service.app import create_cli
from service.config import Settings
from tests.rig import papers

FIELDS = {name.upper() for name in Settings.model_fields}

COMMANDS = [
    "alerts acknowledge",
    "alerts list",
    "audit verify",
    "backup create",
    "backup restore",
    "coordinators add",
    "doctor",
    "guide ask",
    "guide marks",
    "keys rotate",
    "messages list",
    "on-call list",
    "on-call now",
    "on-call set",
    "participants add",
    "participants erase",
    "participants import",
    "participants show",
    "participants stop",
    "retention run",
    "schedules add",
    "schedules upcoming",
    "simulate clock",
    "simulate text",
    "withdrawals export",
    "withdrawals replay",
]


def _settings_of(file: Path | None) -> Settings:
    options: dict[str, Any] = {"_env_file": file}
    return Settings(**options)


def test_env_example_names_every_setting_once():
    assert sorted(papers.settings_in_env_example()) == sorted(FIELDS)


def test_every_line_of_env_example_has_a_word_of_explanation():
    lines = papers.ENV_EXAMPLE.read_text("utf-8").splitlines()
    for before, line in pairwise(lines):
        if re.match(r"(# )?[A-Z_]+=", line):
            assert re.match(r"# .*[a-z]", before), f"{line} has no comment above it"


@pytest.mark.parametrize("hint", ["as it is", "with every line switched on"])
def test_env_example_can_be_used(hint: str, tmp_path: Path):
    text = papers.ENV_EXAMPLE.read_text("utf-8")
    if hint != "as it is":
        text = re.sub(r"^# (?=[A-Z_]+=.)", "", text, flags=re.MULTILINE)
    (tmp_path / ".env").write_text(text)
    settings = _settings_of(tmp_path / ".env")
    assert settings.programme_name == "Handrail"
    assert settings.is_simulated


def test_env_example_shows_the_defaults():
    assert _settings_of(papers.ENV_EXAMPLE) == _settings_of(None)


def test_readme_has_every_setting_and_no_other():
    assert papers.settings_in_readme() - papers.TOOL_VARIABLES == FIELDS


def test_readme_can_be_read_in_one_sitting():
    assert len(papers.README.read_text("utf-8").splitlines()) < 200


@pytest.mark.parametrize("words", COMMANDS)
def test_the_promised_command_exists(words: str):
    app = create_cli()
    command: click.Command | None = app.cli
    for word in words.split():
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command, obj=ScriptInfo()), word)
        assert command is not None, f"there is no `flask {words}`"
    assert command is not None
    assert command.help, f"`flask {words} --help` says nothing"


def test_nothing_of_our_own_machines_is_left():
    found = [leak for name, text in papers.texts_of_the_repository() for leak in papers.leaks(name, text)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "see /ro" + "ot/handrail"),
        ("a.html", "/ho" + "me/ana/x"),
        ("a.txt", "https://py" + "pi.org/simple"),
        ("a.cfg", "--index" + "-url x"),
        ("a.md", "see the list (#" + "12)"),
        ("a.py", "# fixes #" + "12"),
        ("a.py", "as issue" + " 3 says"),
    ],
)
def test_a_leak_is_seen(name: str, text: str):
    assert papers.leaks(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.css", "color: #" + "123"),
        ("a.html", "&#39;"),
        ("a.md", "/home of the brave"),
        ("a.md", "x#" + "12"),
    ],
)
def test_what_only_looks_like_a_leak_is_left_alone(name: str, text: str):
    assert not papers.leaks(name, text)
