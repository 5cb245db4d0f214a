"""An admin invites a colleague, who sets up a second factor and signs in with it; on a phone, by keyboard too."""

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from service.bootstrap import wall_clock
from service.domain.consent import ConsentSource
from service.workflows import caseloads, enrolment
from tests.browser.pages import ADMIN, add_admin, sign_in
from tests.rig.live_server import LiveServer
from tests.web.conftest import STAFF

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
NEW_PASSWORD = "four quiet words here"


@pytest.fixture
def server(live_server: LiveServer) -> LiveServer:
    """With an admin, and two people: one is Dana's, one is everybody's."""
    add_admin(live_server)
    parts = live_server.parts
    for number, name in (("+12125550123", "Maya"), ("+12125550131", "Lee")):
        entry = enrolment.NewParticipant(
            number, name, "America/New_York", "en", ConsentSource.PAPER, "", True
        )
        enrolment.enrol(parts.database, parts.words, parts.programme, entry, STAFF, parts.clock())
    caseloads.hand_over(parts.database, 1, 1, STAFF, parts.clock())
    return live_server


def complaints(page: Page) -> list[str]:
    found = [
        f"{violation['id']}: {node['html'][:100]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]
    over = page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
    return [*found, *([f"{over} px too wide"] if over > 0 else [])]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_invitation_to_a_second_factor(
    server: LiveServer, window: Callable[..., Page], scheme: str
) -> None:
    admin = window(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    sign_in(admin, server.url, ADMIN)
    admin.get_by_role("navigation", name="Console").get_by_role("link", name="Staff").click()
    admin.get_by_role("link", name="Invite somebody").click()
    admin.get_by_label("Name").fill("Kim Ito")
    admin.get_by_label("E-mail").fill("kim@example.org")
    admin.get_by_label("Their own people").check()
    admin.get_by_role("button", name="Make the link").click()
    assert complaints(admin) == []
    link = admin.get_by_label("The link").input_value()

    kim = window(viewport=PHONE, color_scheme=scheme)
    kim.goto(link)
    kim.get_by_role("button", name="Sign in").click()
    kim.get_by_role("link", name="Account").click()
    kim.get_by_label("New password").fill(NEW_PASSWORD)
    kim.get_by_label("The same again").fill(NEW_PASSWORD)
    kim.get_by_role("button", name="Set the password").click()
    expect(kim.get_by_text("Your password is set.")).to_be_visible()
    kim.get_by_role("link", name="Set it up").click()
    kim.get_by_role("button", name="Begin").click()
    picture = kim.get_by_role("img", name="The secret for your app")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("one => one.naturalWidth") > 100
    assert complaints(kim) == []
    kim.get_by_text("Or type it in").click()
    totp = pyotp.TOTP(kim.locator("code.secret").inner_text())
    kim.get_by_label("Code").fill(totp.at(wall_clock() - timedelta(seconds=30)))
    kim.get_by_role("button", name="Turn it on").click()
    expect(kim.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert complaints(kim) == []
    recovery = re.findall(r"[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}", kim.locator(".codes").inner_text())
    assert len(recovery) == 10
    kim.get_by_role("link", name="I have kept them").click()
    assert complaints(kim) == []

    kim.get_by_role("button", name="Sign out").click()
    kim.get_by_label("E-mail").fill("kim@example.org")
    kim.get_by_label("Password").fill(NEW_PASSWORD)
    kim.keyboard.press("Enter")
    expect(kim.get_by_label("Code")).to_be_focused()
    assert complaints(kim) == []
    kim.keyboard.type(totp.now())
    kim.keyboard.press("Enter")
    expect(kim.get_by_role("heading", name="Today", exact=True)).to_be_visible()

    admin.goto(f"{server.url}/staff")
    expect(admin.get_by_role("row", name=re.compile("Kim Ito"))).to_contain_text("With app")
    admin.get_by_role("link", name="Kim Ito").click()
    admin.get_by_role("button", name="Sign them out everywhere").click()
    expect(admin.get_by_text("Signed in nowhere.")).to_be_visible()
    kim.reload()
    expect(kim.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_person_is_handed_over_and_out_of_sight(server: LiveServer, window: Callable[..., Page]) -> None:
    admin = window(viewport=PHONE)
    sign_in(admin, server.url, ADMIN)
    admin.goto(f"{server.url}/staff/1")
    admin.get_by_label("Their own people").check()
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_text("Saved.")).to_be_visible()

    dana = window(viewport=PHONE)
    sign_in(dana, server.url)
    dana.goto(f"{server.url}/participants")
    expect(dana.get_by_role("link", name="Maya")).to_be_visible()
    expect(dana.get_by_role("link", name="Lee")).to_have_count(0)
    dana.goto(f"{server.url}/participants/2")
    expect(dana.get_by_text("not among yours")).to_be_visible()
    dana.goto(f"{server.url}/participants/1")
    dana.get_by_role("link", name="Hand over").click()
    dana.get_by_label("Responsible").select_option("A admin")
    dana.get_by_role("button", name="Save").click()
    expect(dana.get_by_text("Handed over.")).to_be_visible()
    expect(dana.get_by_role("link", name="Maya")).to_have_count(0)

    admin.goto(f"{server.url}/staff/audit?person=1")
    expect(admin.get_by_text("handed a person over").first).to_be_visible()
    assert complaints(admin) == []
