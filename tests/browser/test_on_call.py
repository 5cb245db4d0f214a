"""The rota on a phone's width: it reads, it can be edited, and axe finds nothing."""

from collections.abc import Callable
from datetime import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from service.domain.rota import RotaRole
from service.domain.staff import Role
from service.store.audit import SYSTEM
from service.workflows import rota, staff_phones
from tests.browser.pages import sign_in
from tests.rig.live_server import LiveServer, add_staff

pytestmark = pytest.mark.browser

DANA, ADA = 1, 2
DAY, NIGHT = (time(9), time(17)), (time(17), time(9))
PHONE = "+12025550151"


@pytest.fixture
def server(live_server: LiveServer) -> LiveServer:
    """Dana by night, an admin by day but not on Sundays; Dana has a phone."""
    parts = live_server.parts
    add_staff(parts, "ada@example.org", Role.ADMIN)
    now = parts.clock()
    rota.add_shifts(parts.database, DANA, RotaRole.FIRST, range(7), *NIGHT, SYSTEM, now)
    rota.add_shifts(parts.database, ADA, RotaRole.FIRST, range(6), *DAY, SYSTEM, now)
    rota.add_shifts(parts.database, ADA, RotaRole.SUPERVISOR, range(7), *NIGHT, SYSTEM, now)
    staff_phones.enter_phone(parts.database, parts.words, DANA, PHONE, SYSTEM, now)
    assert parts.phone is not None
    parts.phone.text_in(PHONE, "YES", parts.programme.base_url)
    return live_server


def complaints(page: Page) -> list[str]:
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = [
        f"{violation['id']}: {node['html'][:100]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]
    over = page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
    return [*found, *([f"{over} px too wide"] if over > 0 else [])]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_rota_reads_on_a_phone(server: LiveServer, window: Callable[..., Page], scheme: str) -> None:
    page = window(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    sign_in(page, server.url, "ada@example.org")
    assert complaints(page) == []
    page.get_by_role("navigation", name="Console").get_by_role("link", name="On call").click()
    expect(page.get_by_role("heading", name="On call", exact=True)).to_be_visible()
    week = page.get_by_role("region", name="The next 7 days")
    expect(week.locator("svg.rota-day")).to_have_count(7)
    expect(week.locator(".nobody").first).to_be_visible()
    bar = week.locator("svg.rota-day").first.bounding_box()
    assert bar is not None
    assert bar["width"] > 280
    assert complaints(page) == []
    page.goto(f"{server.url}/on-call/rota")
    assert complaints(page) == []


def test_an_admin_fills_the_gap(server: LiveServer, window: Callable[..., Page]) -> None:
    page = window(viewport={"width": 390, "height": 844})
    sign_in(page, server.url, "ada@example.org")
    expect(page.get_by_text("Nobody is first on call")).to_be_visible()
    page.goto(f"{server.url}/on-call/rota")
    page.get_by_text("Add a shift").click()
    page.get_by_label("Who", exact=True).select_option("Dana Reyes")
    page.get_by_label("Sun", exact=True).check()
    page.get_by_label("From", exact=True).first.fill("09:00")
    page.get_by_label("To", exact=True).first.fill("17:00")
    page.get_by_role("button", name="Add the shift").click()
    expect(page.get_by_text("Entered. It counts from now on.")).to_be_visible()
    page.goto(f"{server.url}/on-call")
    expect(page.get_by_role("region", name="The next 7 days").locator(".nobody")).to_have_count(0)
