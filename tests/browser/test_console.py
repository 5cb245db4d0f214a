"""The console as coordinators use it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import sign_in
from tests.rig.live_server import EMAIL, PASSWORD, LiveServer

pytestmark = pytest.mark.browser

LEE = "+15555550131"


def text_in(server: LiveServer, body: str, number: str = LEE) -> None:
    phone = server.parts.phone
    assert phone is not None
    phone.text_in(number, body, server.parts.programme.base_url)


def add_maya(page: Page, url: str) -> None:
    page.goto(f"{url}/participants/new")
    page.get_by_label("Mobile number").fill("(555) 555-0123")
    page.get_by_label("Name").fill("Maya")
    page.get_by_label("They have agreed already").check()
    page.get_by_label("On paper").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Maya", exact=True)).to_be_visible()


def test_signing_in_with_the_keyboard_alone(page: Page, url: str) -> None:
    page.goto(f"{url}/sign-in")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    for name in ("Skip to the page", "Handrail", "Today", "People"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name=name, exact=name != "Today").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nobody here yet")).to_be_visible()


def test_from_a_new_person_to_their_first_thursday(page: Page, url: str) -> None:
    sign_in(page, url)
    add_maya(page, url)
    page.get_by_role("link", name="Meeting").click()
    page.get_by_label("Nickname").fill("Thursday circle")
    page.get_by_label("Thu").check()
    page.get_by_role("button", name="Add", exact=True).click()
    schedules = page.get_by_role("region", name="Check-ins and reminders")
    expect(schedules.get_by_text("Meeting: Thursday circle")).to_be_visible()
    coming = page.get_by_role("region", name="Upcoming")
    expect(coming.get_by_text("Coming up at 7 PM: Thursday circle.").first).to_be_visible()
    expect(page.get_by_text("+1•••0123")).to_be_visible()
    page.get_by_text("show", exact=True).click()
    expect(page.get_by_text("+1 555 555 0123")).to_be_visible()


def test_only_the_fields_of_the_chosen_days_are_shown(page: Page, url: str) -> None:
    sign_in(page, url)
    add_maya(page, url)
    page.get_by_role("link", name="Appointment").click()
    expect(page.get_by_label("Date", exact=True)).to_be_visible()
    expect(page.get_by_label("Mon", exact=True)).to_be_hidden()
    page.get_by_label("Certain days of the week").check()
    expect(page.get_by_label("Date", exact=True)).to_be_hidden()
    expect(page.get_by_label("How often")).to_be_visible()


def test_writing_by_hand_tells_what_it_costs(page: Page, url: str) -> None:
    sign_in(page, url)
    add_maya(page, url)
    page.get_by_label("Write to Maya").fill("See you Thursday 👍 " + "a" * 60)
    expect(page.get_by_text("2 segments (👍 makes it longer)")).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("log").get_by_text("See you Thursday")).to_be_visible()


def test_today_keeps_itself_fresh(page: Page, live_server: LiveServer) -> None:
    page.clock.install()
    sign_in(page, live_server.url)
    expect(page.get_by_role("heading", name="Nobody is waiting for you")).to_be_visible()
    text_in(live_server, "i want to kill myself")
    page.clock.run_for(16_000)
    expect(page.get_by_text("May be thinking of suicide").first).to_be_visible()
    expect(page).to_have_title("(1) Today · Handrail")
    expect(page.get_by_role("navigation").get_by_text("1 open, 1 urgent")).to_be_attached()


def test_keeping_fresh_does_not_disturb_who_is_writing(page: Page, live_server: LiveServer) -> None:
    page.clock.install()
    text_in(live_server, "i want to kill myself")
    sign_in(page, live_server.url)
    page.get_by_text("Add a note").click()
    note = page.get_by_label("What was done")
    note.fill("Called, no answer")
    text_in(live_server, "i took too many pills and cant wake him up", "+15555550144")
    page.clock.run_for(16_000)
    expect(page.get_by_text("1 new alert")).to_be_visible()
    expect(note).to_be_focused()
    expect(note).to_have_value("Called, no answer")
    page.get_by_role("button", name="Acknowledge").first.click()
    expect(page.get_by_text("It is in your name")).to_be_visible()
    expect(page.locator(".alert")).to_have_count(1)


def test_a_session_that_ended_leaves_nothing_on_the_screen(page: Page, live_server: LiveServer) -> None:
    page.clock.install()
    text_in(live_server, "i want to kill myself")
    sign_in(page, live_server.url)
    page.context.clear_cookies()
    page.clock.run_for(16_000)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_rewording_shows_the_text_on_a_phone_as_it_is_typed(page: Page, url: str) -> None:
    sign_in(page, url)
    page.goto(f"{url}/wording/medication.ask/en")
    preview = page.get_by_label("Preview")
    page.get_by_label("The text").fill("Hello! {label} time. DONE, LATER or SKIP?")
    expect(preview.get_by_text("Hello! blue pill box time.")).to_be_visible()
    page.get_by_label("The text").fill("Take your {drug}")
    expect(page.get_by_text("{drug} is not known here")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("{label} is missing")).to_be_visible()


def test_everything_can_be_read_and_done_without_script(
    window: Callable[..., Page], live_server: LiveServer
) -> None:
    page = window(java_script_enabled=False)
    text_in(live_server, "i want to kill myself")
    sign_in(page, live_server.url)
    expect(page.get_by_text("i want to kill myself")).to_be_visible()
    add_maya(page, live_server.url)
    page.get_by_label("Write to Maya").fill("Hello Maya")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("log").get_by_text("Hello Maya")).to_be_visible()
    page.get_by_role("link", name="Stop").click()
    page.get_by_label("How do you know?").fill("Told me")
    page.get_by_role("button", name="Stop all texts").click()
    expect(page.get_by_text("Stopped. Nothing more is sent.")).to_be_visible()
