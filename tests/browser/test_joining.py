"""Somebody finds the public page, asks for the text, and answers it from their phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import sign_in, use_number
from tests.rig.live_server import LiveServer

pytestmark = pytest.mark.browser

NUMBER = "+12125550123"


@pytest.mark.parametrize("javascript", [True, False])
def test_from_the_page_to_a_yes_in_the_ledger(
    window: Callable[..., Page], live_server: LiveServer, url: str, javascript: bool
) -> None:
    page = window(viewport={"width": 390, "height": 844}, java_script_enabled=javascript)
    page.goto(f"{url}/join")
    box = page.get_by_role("checkbox")
    expect(box).not_to_be_checked()
    page.get_by_label("Your mobile number").fill("(212) 555-0123")
    page.get_by_label("What we may call you").fill("Maya")
    box.check()
    page.get_by_role("button", name="Send me the text").click()
    expect(page.get_by_role("heading", name="Look at your phone")).to_be_visible()

    handset = window()
    use_number(handset, url, NUMBER)
    handset.get_by_role("button", name="+1 day").click()  # whatever the hour: at night it waits
    expect(handset.get_by_role("log").get_by_text("Reply YES to get them")).to_be_visible()
    handset.get_by_label("Text message").fill("YES")
    handset.get_by_role("button", name="Send").click()
    expect(handset.get_by_text("you're signed up")).to_be_visible()

    sign_in(page, url)
    page.get_by_role("link", name="Opt-ins").click()
    rows = page.get_by_role("table", name="Consent events").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("Said yes")
    expect(rows.nth(1)).to_contain_text("By text")
    expect(rows.nth(2)).to_contain_text("Asked for on the public page /join")
