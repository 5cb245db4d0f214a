"""Marking a reading as wrong: on a small phone, without script, by keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import sign_in
from tests.browser.test_console import add_maya, text_in
from tests.rig.live_server import LiveServer

pytestmark = pytest.mark.browser

MAYA = "+15555550123"


def test_a_missed_danger_is_marked_on_a_phone_without_script(
    window: Callable[..., Page], live_server: LiveServer
) -> None:
    page = window(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    sign_in(page, live_server.url)
    add_maya(page, live_server.url)
    text_in(live_server, "the old bridge again, you know the one", MAYA)
    page.reload()
    page.locator("summary", has_text="Wrong?").click()
    choice = page.get_by_label("It should have been read as")
    expect(choice).to_be_visible()
    box = choice.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
    choice.select_option(label="Suicide, self-harm or violence")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("an alert is open now. Please call.")).to_be_visible()
    expect(page.get_by_text("Might be in danger", exact=True)).to_be_visible()


def test_a_mark_is_made_with_the_keyboard_alone(page: Page, live_server: LiveServer) -> None:
    sign_in(page, live_server.url)
    add_maya(page, live_server.url)
    text_in(live_server, "hello", MAYA)
    page.reload()
    page.locator("summary", has_text="Wrong?").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # the number to call
    page.keyboard.press("Tab")
    expect(page.get_by_label("It should have been read as")).to_be_focused()
    page.keyboard.type("Wants a")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Marked by Dana Reyes: wants a person")).to_be_visible()
    page.get_by_text("Change the mark").click()
    page.get_by_role("button", name="Take the mark back").click()
    expect(page.get_by_text("The mark is taken back")).to_be_visible()
    expect(page.get_by_text("Marked by")).to_have_count(0)
