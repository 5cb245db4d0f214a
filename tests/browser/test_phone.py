"""A conversation on the rehearsal phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import WIDTHS, sign_in, use_number
from tests.rig.live_server import LiveServer

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", WIDTHS)
def test_from_join_to_stop(window: Callable[..., Page], live_server: LiveServer, width: str) -> None:
    wide, high = WIDTHS[width]
    page = window(viewport={"width": wide, "height": high})
    use_number(page, live_server.url, "+1 555 555 0123")
    texts = page.get_by_role("log")
    expect(texts.get_by_text("No texts yet")).to_be_visible()
    page.get_by_role("button", name="JOIN").click()
    expect(texts.get_by_text("you're signed up")).to_be_visible()
    expect(texts.get_by_text("No texts yet")).to_have_count(0)

    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/participants/1/schedules/new/medication")
    page.get_by_label("Nickname").fill("vitamins")
    page.get_by_role("button", name="Add", exact=True).click()

    page.goto(f"{live_server.url}/phone")
    page.get_by_role("button", name="To the next text").click()
    expect(texts.get_by_text("Time for vitamins.")).to_be_visible()
    expect(page.get_by_text("One text on the way.")).to_be_visible()
    expect(page.locator("[data-clock]").first).to_have_text("8 AM")
    page.get_by_label("Text message").fill("took it")
    page.keyboard.press("Enter")
    expect(texts.get_by_text("took it")).to_be_visible()
    expect(page.get_by_label("Text message")).to_have_value("")
    expect(texts.get_by_text("Thanks, noted.")).to_be_visible()

    page.get_by_role("button", name="STOP").click()
    expect(texts.get_by_text("you won't get any more texts")).to_be_visible()
    page.get_by_role("button", name="+1 week").click()
    expect(page.get_by_text("No texts on the way.")).to_be_visible()
    expect(texts.get_by_text("Time for vitamins.")).to_have_count(1)


def test_a_text_that_comes_in_meanwhile_appears_by_itself(page: Page, live_server: LiveServer) -> None:
    page.clock.install()
    page.goto(f"{live_server.url}/phone")
    phone = live_server.parts.phone
    assert phone is not None
    phone.text_in("+15555550123", "HELP", live_server.parts.programme.base_url)
    page.clock.run_for(2_500)
    expect(page.get_by_role("log").get_by_text("automated text line")).to_be_visible()


def test_what_cannot_be_done_is_said(page: Page, url: str) -> None:
    page.goto(f"{url}/phone")
    page.get_by_role("button", name="To the next text").click()
    expect(page.get_by_text("No text is due: give somebody a schedule first.")).to_be_visible()
    page.get_by_label("Or to a moment").fill("2020-01-01T10:00")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.get_by_text("The rehearsal clock only moves ahead.")).to_be_visible()


def test_between_phones(page: Page, url: str) -> None:
    for number in ("+1 555 555 0123", "+1 555 555 0144"):
        use_number(page, url, number)
        page.get_by_role("button", name="HELP").click()
        expect(page.get_by_role("log").get_by_text("automated text line")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="+1 555 555 0123").click()
    expect(page.get_by_role("region", name="The phone of +1 555 555 0123")).to_be_visible()
    assert page.url.endswith("/phone")


def test_it_works_without_script(window: Callable[..., Page], url: str) -> None:
    page = window(java_script_enabled=False)
    page.goto(f"{url}/phone")
    page.get_by_role("button", name="JOIN").click()
    expect(page.get_by_role("log").get_by_text("you're signed up")).to_be_visible()
    page.get_by_role("button", name="+1 day").click()
    expect(page.get_by_text("on the way. It is now")).to_be_visible()
