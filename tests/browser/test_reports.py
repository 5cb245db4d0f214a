"""A coordinator finds somebody by how the name begins, and takes the figures of a month with her."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.domain.consent import ConsentSource
from service.domain.staff import Actor
from service.store.audit import By
from service.workflows.enrolment import NewParticipant, enrol
from tests.browser.pages import sign_in
from tests.rig.live_server import LiveServer

pytestmark = pytest.mark.browser

NAMES = ("Maya", "Marcus", "Rosa", "Jordan", "Lee", "Theo")


@pytest.fixture
def six(live_server: LiveServer) -> None:
    parts = live_server.parts
    for n, name in enumerate(NAMES):
        entry = NewParticipant(
            f"+1212555010{n}", name, "America/New_York", "en", ConsentSource.PAPER, "", True
        )
        enrol(parts.database, parts.words, parts.programme, entry, By(Actor.COORDINATOR, 1), parts.clock())


def test_somebody_is_found_by_how_the_name_begins(page: Page, url: str, six: None) -> None:
    sign_in(page, url)
    page.get_by_role("link", name="People").click()
    page.get_by_label("Find by name").fill("ma")
    page.keyboard.press("Enter")
    expect(page.get_by_role("rowheader")).to_have_count(2)
    assert "ma" not in page.url.rpartition("/participants")[2]
    page.get_by_label("Find by name").fill("0105")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Theo").click()
    expect(page.get_by_role("heading", name="Theo")).to_be_visible()


def test_the_list_is_narrowed(page: Page, url: str, six: None) -> None:
    sign_in(page, url)
    page.goto(f"{url}/participants")
    page.get_by_label("Texts").select_option("Stopped")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="Nobody like that")).to_be_visible()
    page.get_by_role("link", name="Show everyone").last.click()
    expect(page.get_by_role("rowheader")).to_have_count(6)


def test_figures_are_seen_and_taken_along(page: Page, url: str, six: None) -> None:
    sign_in(page, url)
    page.get_by_role("link", name="Reports").click()
    page.get_by_label("Period").select_option("Last 7 days")
    page.get_by_role("button", name="Show").click()
    picture = page.get_by_role("img", name="People who joined and who opted out")
    expect(picture).to_be_visible()
    numbers = page.get_by_role("region", name="Joined and opted out")
    numbers.get_by_text("The numbers").click()
    expect(numbers.get_by_role("row")).to_have_count(8)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Save as a file").click()
    file: Path = taken.value.path()
    written = file.read_text("utf-8-sig")
    assert written.startswith("First day,Last day,Group,Table,Row,Column,Value")
    assert "Joined and opted out" in written
    assert "Maya" not in written
