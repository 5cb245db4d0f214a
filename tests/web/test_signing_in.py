"""The door: password, one-time link, idle sessions, cookies."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from service.app import create_app
from service.bootstrap import Parts, wall_clock
from service.domain.errors import NotAllowed
from service.store.schema import SignInAttempt
from service.workflows import staff
from tests.rig.live_server import EMAIL, add_staff, build_app
from tests.rig.world import World, settings_for
from tests.web.conftest import Browser
from tests.workflows.test_racing import at_once

MakeBrowser = Callable[[int], Browser]


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


def guess(browser: Browser, number: int, address: str, forwarded: str = "") -> str:
    """A wrong password for one account of many; what the page says."""
    fields = {"email": f"nobody{number}@example.org", "password": "a guess", "csrf_token": browser.token()}
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    page = browser.client.post(
        "/sign-in", data=fields, headers=headers, environ_overrides={"REMOTE_ADDR": address}
    )
    return page.text


@pytest.fixture
def behind(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeBrowser]:
    """Makes a browser of a service behind so many proxies; forty failures are four here."""
    monkeypatch.setattr(staff, "FAILURES_PER_ADDRESS", 4)
    file = tmp_path / "behind.db"
    shutil.copyfile(sqlite_template, file)
    apps: list[Flask] = []

    def make(proxies: int) -> Browser:
        apps.append(build_app(file, trusted_proxies=proxies))
        return Browser(apps[-1].test_client())

    yield make
    for app in apps:
        app.extensions["handrail"].database.close()


PROXY, GUESSER, SOMEBODY = "10.0.0.1", "192.0.2.7", "192.0.2.8"
MANY = "Too many tries"


def test_guessing_at_many_accounts_from_one_address_is_slowed_down(behind: MakeBrowser) -> None:
    browser = behind(0)
    for number in range(4):
        assert MANY not in guess(browser, number, GUESSER)
    assert MANY in guess(browser, 5, GUESSER)
    assert MANY not in guess(browser, 6, SOMEBODY)


def test_without_trusted_proxies_a_forged_header_does_not_change_the_address(behind: MakeBrowser) -> None:
    browser = behind(0)
    for number in range(4):
        guess(browser, number, GUESSER, forwarded=f"198.51.100.{number}")
    assert MANY in guess(browser, 5, GUESSER, forwarded="198.51.100.99")


def test_behind_a_trusted_proxy_people_are_told_apart(behind: MakeBrowser) -> None:
    browser = behind(1)
    for number in range(4):
        guess(browser, number, PROXY, forwarded=GUESSER)
    assert MANY in guess(browser, 5, PROXY, forwarded=GUESSER)
    assert MANY not in guess(browser, 6, PROXY, forwarded=SOMEBODY)


def test_what_a_guesser_writes_before_the_proxys_own_word_does_not_count(behind: MakeBrowser) -> None:
    browser = behind(1)
    for number in range(4):
        guess(browser, number, PROXY, forwarded=f"198.51.100.{number}, {GUESSER}")
    assert MANY in guess(browser, 5, PROXY, forwarded=f"198.51.100.99, {GUESSER}")


def test_two_proxies_are_two_hops(behind: MakeBrowser) -> None:
    browser = behind(2)
    for number in range(4):
        guess(browser, number, PROXY, forwarded=f"{GUESSER}, 10.0.0.2")
    assert MANY in guess(browser, 5, PROXY, forwarded=f"198.51.100.1, {GUESSER}, 10.0.0.2")
    assert MANY not in guess(browser, 6, PROXY, forwarded=f"{SOMEBODY}, 10.0.0.2")


def test_a_line_with_many_ipv6_addresses_is_one_guesser(behind: MakeBrowser) -> None:
    browser = behind(0)
    for number in range(4):
        guess(browser, number, f"2001:db8:1:2::{number}")
    assert MANY in guess(browser, 5, "2001:db8:1:2:ffff::9")
    assert MANY not in guess(browser, 6, "2001:db8:1:3::1")


def test_an_account_of_ones_own_does_not_buy_more_guesses(behind: MakeBrowser) -> None:
    browser = behind(0)
    add_staff(browser.client.application.extensions["handrail"])
    for number in range(4):
        guess(browser, number, "127.0.0.1")
        if number == 2:
            assert browser.sign_in(EMAIL).status_code == 303
            browser.client.delete_cookie("handrail")
    assert MANY in guess(browser, 5, "127.0.0.1")


def test_guesses_that_come_at_once_are_all_counted(database_url: str) -> None:
    world = World(settings_for(database_url), wall_clock())
    database = world.parts.database

    def try_once() -> None:
        with pytest.raises(NotAllowed):
            staff.sign_in(database, EMAIL, "a guess", GUESSER, world.now)

    at_once(*[try_once] * 6)
    with database.read() as session:
        failures = [row.failures for row in session.scalars(select(SignInAttempt))]
    world.close()
    assert failures == [6, 6]
