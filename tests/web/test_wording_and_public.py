"""Rewording, and the pages that anybody may read."""

import shutil
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask

from service.app import create_app
from service.config import load_settings
from tests.web.conftest import MAYA, Browser

EDIT = "/wording/medication.ask/en"


def test_a_routine_text_is_reworded(dana: Browser, maya: int) -> None:
    dana.post(EDIT, body="Hi, {label} time. Reply DONE, LATER or SKIP.", do="save")
    page = dana.get("/wording").text
    assert "Hi, blue pill box time." in page
    assert "Reworded" in page
    fields = {"label": "vitamins", "at": "08:00", "repeat": "days", "days": "1"}
    dana.post(f"/participants/{maya}/schedules/new/medication", **fields)
    assert "Hi, vitamins time." in dana.get(f"/participants/{maya}").text


def test_a_refused_wording_shows_every_problem_and_keeps_the_words(dana: Browser) -> None:
    answer = dana.post(EDIT, body="Take {drug} or STOP.", do="save")
    assert answer.status_code == 422
    for problem in ("{drug} is not known here", "{label} is missing", "STOP ends all texts"):
        assert problem in answer.text
    assert "Take {drug} or STOP." in answer.text
    assert "Reworded" not in dana.get("/wording").text


def test_previewing_saves_nothing(dana: Browser) -> None:
    page = dana.post(EDIT, body="Now: {label}. DONE, LATER or SKIP?", do="preview")
    assert page.status_code == 200
    assert "Now: blue pill box." in page.text
    assert "Reworded" not in dana.get("/wording").text
    found = dana.post(f"{EDIT}/preview", body="Now: {label}.").get_json()
    assert found == {"sample": "Now: blue pill box.", "segments": 1, "problems": []}


@pytest.mark.parametrize("body", ["{", "{label", "{unknown} {label}", "", "}{", "x" * 1600])
def test_no_wording_breaks_the_preview(dana: Browser, body: str) -> None:
    assert dana.post(f"{EDIT}/preview", body=body).status_code == 200
    assert dana.post(EDIT, body=body, do="save").status_code == 422


def test_joining_is_explained_as_carriers_ask(outsider: Browser) -> None:
    page = outsider.get("/join").text
    for said in (
        "Handrail", "recurring automated texts", "from one a week to a few a day", "Message and data rates may apply", "STOP",
        "HELP", "not a condition", "never sold", "911", "988", 'href="/privacy"', 'href="/terms"',
    ):  # fmt: skip
        assert said in page
    assert "checked" not in page
    assert "never sell" in outsider.get("/privacy").text
    assert "not liable" in outsider.get("/terms").text


def test_with_twilio_there_is_no_phone_and_the_number_is_told(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "twilio.db"
    shutil.copyfile(sqlite_template, file)
    app: Flask = create_app(
        load_settings(
            _env_file=None, database_url=f"sqlite:///{file}", gateway="twilio",
            secret_key="a long key that is for tests", field_keys=Fernet.generate_key().decode(),
            public_base_url="https://handrail.example.org", twilio_account_sid="AC" + "1" * 32,
            twilio_auth_token="not a real token", twilio_from_number="+15555550100",
        )
    )  # fmt: skip
    browser = Browser(app.test_client())
    for path in ("/phone", "/phone/fragment"):
        assert browser.get(path).status_code == 404
    page = browser.get("/join").text
    assert "Text JOIN to" in page
    assert "+1 555 555 0100" in page
    assert MAYA not in page
    app.extensions["handrail"].database.close()
