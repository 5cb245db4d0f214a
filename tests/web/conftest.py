"""The application on a migrated SQLite database, and people who are signed in to it."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.bootstrap import Parts
from service.domain.consent import ConsentSource
from service.domain.staff import Actor, Role
from service.store.audit import By
from service.workflows.enrolment import NewParticipant, enrol
from service.workflows.staff import make_sign_in_link
from tests.rig.live_server import EMAIL, PASSWORD, add_staff, build_app

VIEWER = "viewer@example.org"
ADMIN = "admin@example.org"
MAYA = "+15555550123"
STAFF = By(Actor.COORDINATOR, 1)


class Browser:
    """A client that posts as a page would: with the CSRF token of its own session."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **more: object) -> TestResponse:
        return self.client.get(path, **more)

    def post(self, path: str, **fields: object) -> TestResponse:
        fields["csrf_token"] = self.token()
        return self.client.post(path, data=fields)

    def token(self) -> str:
        page = self.client.get("/sign-in").text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None
        return found[1]

    def sign_in(self, email: str, password: str = PASSWORD) -> TestResponse:
        return self.post("/sign-in", email=email, password=password)


@pytest.fixture(scope="session")
def staffed_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a coordinator, a viewer and an admin: hashing their passwords takes a while."""
    file = tmp_path_factory.mktemp("staffed") / "web.db"
    shutil.copyfile(sqlite_template, file)
    parts: Parts = build_app(file).extensions["handrail"]
    add_staff(parts)
    add_staff(parts, VIEWER, Role.VIEWER)
    add_staff(parts, ADMIN, Role.ADMIN)
    parts.database.close()  # the last connection: everything is in the one file again
    return file


@pytest.fixture
def app(staffed_template: Path, tmp_path: Path) -> Iterator[Flask]:
    file = tmp_path / "web.db"
    shutil.copyfile(staffed_template, file)
    app = build_app(file)
    yield app
    app.extensions["handrail"].database.close()


@pytest.fixture
def parts(app: Flask) -> Parts:
    found: Parts = app.extensions["handrail"]
    return found


@pytest.fixture
def outsider(app: Flask) -> Browser:
    """Nobody has signed in here."""
    return Browser(app.test_client())


@pytest.fixture
def dana(app: Flask) -> Browser:
    """A coordinator."""
    return _signed_in(app, EMAIL)


@pytest.fixture
def ada(app: Flask) -> Browser:
    """An admin."""
    return _signed_in(app, ADMIN)


@pytest.fixture
def viewer(app: Flask) -> Browser:
    return _signed_in(app, VIEWER)


@pytest.fixture
def add_person(parts: Parts) -> Callable[..., int]:
    def add(phone: str = MAYA, name: str = "Maya", *, is_opted_in: bool = True) -> int:
        entry = NewParticipant(phone, name, "America/New_York", "en", ConsentSource.PAPER, "", is_opted_in)
        return enrol(parts.database, parts.words, parts.programme, entry, STAFF, parts.clock()).participant_id

    return add


@pytest.fixture
def maya(add_person: Callable[..., int]) -> int:
    """Somebody who has agreed to get texts."""
    return add_person()


def _signed_in(app: Flask, email: str) -> Browser:
    browser = Browser(app.test_client())
    parts: Parts = app.extensions["handrail"]
    token = make_sign_in_link(parts.database, email, parts.wall())
    assert browser.post(f"/sign-in/{token}").status_code == 303
    return browser
