"""The door: password, one-time link, idle sessions, cookies."""

import shutil
from datetime import timedelta
from pathlib import Path

from flask import Flask

from service.app import create_app
from service.bootstrap import Parts, wall_clock
from service.workflows import staff
from tests.rig.live_server import EMAIL, add_staff, build_app
from tests.web.conftest import Browser


def test_a_coordinator_signs_in_and_out(outsider: Browser) -> None:
    assert outsider.sign_in(EMAIL).headers["Location"] == "/"
    assert "Dana Reyes" in outsider.get("/").text
    assert outsider.post("/sign-out").headers["Location"] == "/sign-in"
    assert outsider.get("/").status_code == 303


def test_a_wrong_password_and_an_unknown_address_read_the_same(outsider: Browser) -> None:
    wrong = outsider.sign_in(EMAIL, "not the password")
    unknown = outsider.sign_in("nobody@example.org", "not the password")
    assert wrong.status_code == unknown.status_code == 403
    said = "The e-mail address or the password is wrong."
    assert said in wrong.text
    assert said in unknown.text
    assert "not the password" not in wrong.text


def test_guessing_is_slowed_down(outsider: Browser) -> None:
    for _ in range(staff.FAILURES_PER_EMAIL):
        outsider.sign_in(EMAIL, "a guess")
    assert "Too many tries" in outsider.sign_in(EMAIL).text


def test_looking_at_a_link_does_not_use_it_up(outsider: Browser, parts: Parts) -> None:
    token = staff.make_sign_in_link(parts.database, EMAIL, parts.wall())
    for _ in range(3):
        assert outsider.get(f"/sign-in/{token}").status_code == 200
    assert outsider.post(f"/sign-in/{token}").headers["Location"] == "/"
    assert outsider.get("/").status_code == 200
    again = outsider.post(f"/sign-in/{token}")
    assert again.status_code == 403
    assert "This link has been used" in again.text


def test_the_csrf_token_changes_at_sign_in(outsider: Browser) -> None:
    before = outsider.token()
    outsider.sign_in(EMAIL)
    answer = outsider.client.post("/sign-out", data={"csrf_token": before})
    assert answer.status_code == 400


def test_a_page_that_looks_by_itself_does_not_keep_a_session_alive(
    sqlite_template: Path, tmp_path: Path
) -> None:
    wall = {"now": wall_clock()}
    file = tmp_path / "idle.db"
    shutil.copyfile(sqlite_template, file)
    settings = build_app(file).extensions["handrail_settings"]
    app = create_app(settings, wall=lambda: wall["now"])
    parts: Parts = app.extensions["handrail"]
    add_staff(parts)
    browser = Browser(app.test_client())
    browser.sign_in(EMAIL)
    for _ in range(4):
        wall["now"] += timedelta(minutes=10)
        answer = browser.get("/alerts/fragment", headers={"X-Requested-With": "background"})
    assert answer.status_code == 401
    parts.database.close()


def test_over_https_the_cookie_is_bound_to_the_host(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "https.db"
    shutil.copyfile(sqlite_template, file)
    app: Flask = build_app(file, public_base_url="https://handrail.example.org")
    add_staff(app.extensions["handrail"])
    client = app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    browser = Browser(client)
    cookie = browser.sign_in(EMAIL).headers["Set-Cookie"]
    assert cookie.startswith("__Host-handrail=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie
    assert "Strict-Transport-Security" in browser.get("/join").headers
    app.extensions["handrail"].database.close()
