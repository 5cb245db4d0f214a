"""What `make run` does before the processes start: migrate, seed once, say where to click."""

import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.app import create_app
from service.cli import first_run
from service.config import Settings
from service.store.schema import Coordinator, Participant, Schedule

ROOT = Path(__file__).parents[2]
LINKS = re.compile(r"http://127\.0\.0\.1:8123/\S+")


@pytest.fixture
def folder(environment: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty data folder. The migrations are found from the checkout, where `make run` is started."""
    environment.chdir(ROOT)
    environment.setattr(Settings, "model_config", Settings.model_config | {"env_file": None})
    environment.setenv("DATA_DIR", str(tmp_path / "data"))
    environment.setenv("PORT", "8123")
    return tmp_path / "data"


def count(table: type[object]) -> int:
    parts = create_app().extensions["handrail"]
    try:
        with parts.database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0
    finally:
        parts.database.close()


def test_a_first_run_migrates_seeds_and_prints_two_links(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert first_run.main() == 0
    links = LINKS.findall(capsys.readouterr().out)
    assert len(links) == 2
    assert links[0].endswith("/phone")
    assert re.search(r"/sign-in/[\w-]{40,}$", links[1])
    assert (folder / "handrail.db").exists()
    assert (count(Coordinator), count(Participant), count(Schedule)) == (1, 1, 4)


def test_the_printed_links_work_and_the_sign_in_works_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first_run.main()
    phone, sign_in = (link.split(":8123")[1] for link in LINKS.findall(capsys.readouterr().out))
    app = create_app()
    try:
        client = app.test_client()
        assert client.get(phone).status_code == 200
        page = client.get(sign_in)
        assert page.status_code in {200, 302, 303}
    finally:
        app.extensions["handrail"].database.close()


def test_a_second_run_seeds_nothing_again_and_gives_a_new_way_in(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first_run.main()
    first = LINKS.findall(capsys.readouterr().out)
    assert first_run.main() == 0
    second = LINKS.findall(capsys.readouterr().out)
    assert len(second) == 2
    assert first[1] != second[1]
    assert (count(Coordinator), count(Participant), count(Schedule)) == (1, 1, 4)


def test_settings_that_cannot_be_used_stop_it_in_words(
    folder: Path, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("DEFAULT_TIMEZONE", "Mars/Olympus")
    assert first_run.main() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "DEFAULT_TIMEZONE" in said.err
