"""`flask guide marks`: nothing without the programme's own decision."""

import stat
from pathlib import Path

import pytest

from service.bootstrap import Parts
from service.domain.staff import Actor
from service.workflows import enrolment, marking
from service.workflows.acting import By
from service.workflows.thread import conversation
from tests.cli.conftest import CommandLine
from tests.rig.world import ANA


@pytest.fixture
def marked(flask: CommandLine) -> CommandLine:
    """Ana has texted something that Dana has marked."""
    flask.ok("participants", "add", ANA, "--name", "Ana", "--consent-source", "paper", "--opted-in")
    flask.ok("simulate", "text", ANA, "ana here, is 202-555-0142 yours")
    parts: Parts = flask.runner.app.extensions["open_service"]().extensions["handrail"]
    (text,) = [item for item in conversation(parts.database, ANA) if item.direction == "in"]
    person = enrolment.find_participant_id(parts.database, ANA)
    dana = By(Actor.COORDINATOR, 1)
    marking.mark(parts.database, person, int(text.id), "offtopic", dana, parts.clock())
    parts.database.close()
    return flask


def test_it_says_how_to_opt_in_and_writes_nothing(
    marked: CommandLine, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for value in (None, "no"):
        if value:
            environment.setenv("LEARN_FROM_MARKS", value)
        said = marked.error("guide", "marks", "--out", str(tmp_path / "marks.tsv"))
        assert "LEARN_FROM_MARKS=yes" in said
        assert "docs/privacy.md" in said
    assert not (tmp_path / "marks.tsv").exists()
    environment.setenv("LEARN_FROM_MARKS", "maybe")
    assert "LEARN_FROM_MARKS: must be yes or no" in marked.error("guide", "marks")


def test_once_opted_in_the_lines_come_redacted(
    marked: CommandLine, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("LEARN_FROM_MARKS", "yes")
    result = marked.run("guide", "marks")
    assert (result.exit_code, result.stdout) == (0, "offtopic\ten\td\tNAME here, is NUMBER yours\n")
    assert "Read every line" in result.stderr
    file = tmp_path / "marks.tsv"
    assert marked.ok("guide", "marks", "--out", str(file)) == ""
    assert file.read_text() == result.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "choose another name" in marked.error("guide", "marks", "--out", str(file))
    assert file.read_text() == result.stdout
