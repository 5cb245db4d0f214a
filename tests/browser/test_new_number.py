"""A coordinator on a phone: somebody's number is wrong, the new one proves itself, nobody learns anything."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from service.domain.consent import ConsentSource
from service.domain.staff import Role
from service.store.audit import SYSTEM
from service.workflows import enrolment, rehearsal, saved_replies
from tests.browser.pages import ADMIN, sign_in
from tests.rig.live_server import LiveServer, add_staff, set_clock

pytestmark = pytest.mark.browser

MAYA, NEW = "+12125550123", "+12125550144"
MORNING = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)


@pytest.fixture
def server(live_server: LiveServer) -> LiveServer:
    """A morning in New York; Maya gets texts, and the team has a saved reply."""
    parts = live_server.parts
    set_clock(parts, MORNING)
    add_staff(parts, ADMIN, Role.ADMIN)
    entry = enrolment.NewParticipant(
        MAYA, "Maya", "America/New_York", "en", ConsentSource.PAPER, "", is_opted_in=True
    )
    enrolment.enrol(parts.database, parts.words, parts.programme, entry, SYSTEM, parts.clock())
    saved_replies.save(
        parts.database, None, "en", "Call me back", "Please call us when you can.", SYSTEM, parts.clock()
    )
    return live_server


@pytest.fixture
def phone(server: LiveServer, window: Callable[..., Page]) -> Page:
    page = window(viewport={"width": 390, "height": 844})
    sign_in(page, server.url)
    page.goto(f"{server.url}/participants/1")
    return page


def text_in(server: LiveServer, number: str, body: str) -> None:
    assert server.parts.phone is not None
    server.parts.phone.text_in(number, body, server.parts.programme.base_url)


def shown(server: LiveServer, number: str) -> list[str]:
    parts = server.parts
    rehearsal.move_clock(parts.stage, parts.clock() + timedelta(minutes=1))
    return [line.body for line in rehearsal.on_handset(parts.database, number) if line.is_from_service]


def complaints(page: Page) -> list[str]:
    return [violation["id"] for violation in Axe().run(page).response["violations"]]


def test_a_wrong_number_is_put_right(server: LiveServer, phone: Page) -> None:
    text_in(server, MAYA, "you have the wrong number")
    phone.reload()
    expect(phone.get_by_text("Wrong number", exact=True).first).to_be_visible()
    before = len(shown(server, MAYA))
    phone.get_by_role("link", name="New number").click()
    phone.get_by_label("New mobile number").fill("(212) 555-0144")
    phone.get_by_label("How do you know?").fill("came by in person")
    assert complaints(phone) == []
    phone.get_by_role("button", name="Ask the new number").click()
    expect(phone.get_by_text("The new number is asked for its YES.")).to_be_visible()
    (asked,) = shown(server, NEW)
    assert "Maya" not in asked
    text_in(server, NEW, "yes")
    phone.goto(f"{server.url}/participants/1")
    expect(phone.get_by_text("Gets texts")).to_be_visible()
    consent = phone.get_by_role("region", name="Consent")
    expect(consent.get_by_text("Number changed, after its YES:")).to_be_visible()
    expect(consent.get_by_text("came by in person")).to_be_visible()
    assert len(shown(server, MAYA)) == before
    assert complaints(phone) == []


def test_a_lost_phone_is_silent_at_once_until_the_new_one_says_yes(server: LiveServer, phone: Page) -> None:
    phone.get_by_role("link", name="New number").click()
    phone.get_by_label("New mobile number").fill("212 555 0144")
    phone.get_by_label("Stop at once").check()
    phone.get_by_label("How do you know?").fill("stolen on the bus, she called")
    phone.get_by_role("button", name="Ask the new number").click()
    expect(phone.get_by_text("Waits for a new number")).to_be_visible()
    expect(phone.get_by_text("is waiting for its YES")).to_be_visible()
    assert complaints(phone) == []
    before = len(shown(server, MAYA))
    text_in(server, MAYA, "JOIN")
    assert len(shown(server, MAYA)) == before
    text_in(server, NEW, "yes")
    phone.reload()
    expect(phone.get_by_text("Gets texts")).to_be_visible()


def test_two_coordinators_at_once_lose_nothing(
    server: LiveServer, phone: Page, window: Callable[..., Page]
) -> None:
    other = window(viewport={"width": 1280, "height": 800})
    sign_in(other, server.url, ADMIN)
    other.goto(f"{server.url}/participants/1")
    phone.get_by_text("Saved replies", exact=True).click()
    phone.get_by_role("link", name="Call me back").click()
    box = phone.get_by_label("Write to Maya")
    expect(box).to_have_value("Please call us when you can.")
    other.get_by_label("Write to Maya").fill("I'm in the office until five.")
    other.get_by_role("button", name="Send").click()
    expect(other.get_by_text("Your text is on its way.")).to_be_visible()
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_text("has written to them meanwhile").first).to_be_visible()
    expect(phone.get_by_text("I'm in the office until five.")).to_be_visible()
    expect(box).to_have_value("Please call us when you can.")
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_text("Your text is on its way.")).to_be_visible()
    expect(phone.get_by_text("Check-ins and meeting texts wait until")).to_be_visible()


def test_the_time_line_refreshes_and_what_is_typed_stays(server: LiveServer, phone: Page) -> None:
    box = phone.get_by_label("Write to Maya")
    box.fill("half a sentence")
    text_in(server, MAYA, "are you there?")
    expect(phone.get_by_text("are you there?")).to_be_visible(timeout=30_000)
    expect(box).to_have_value("half a sentence")
    expect(box).to_be_focused()
    text_in(server, MAYA, "i want to die")
    expect(phone.get_by_role("link", name="A new alert is open: show it")).to_be_visible(timeout=30_000)
    expect(box).to_have_value("half a sentence")
