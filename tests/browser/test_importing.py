"""A coordinator imports a list with faults in it, mends them where they are shown, and confirms."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from service.domain.consent import ConsentSource
from service.domain.staff import Actor
from service.store.audit import By
from service.workflows.enrolment import NewParticipant, enrol
from tests.browser.pages import sign_in
from tests.rig.live_server import LiveServer

pytestmark = pytest.mark.browser

LEFT = "+12125550158"
FILE = f"""phone,name,consent_source,opted_in
(212) 555-0123,Maya,paper,yes
303-555-011,Rosa,verbal,no
{LEFT},Sam,paper,yes
+13125550144,Jordan,rumour,no
"""


@pytest.fixture
def sam_left(live_server: LiveServer) -> None:
    parts = live_server.parts
    entry = NewParticipant(LEFT, "Sam", "America/New_York", "en", ConsentSource.PAPER, "", True)
    enrol(parts.database, parts.words, parts.programme, entry, By(Actor.COORDINATOR, 1), parts.clock())
    assert parts.phone is not None
    parts.phone.text_in(LEFT, "STOP", parts.programme.base_url)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_list_with_faults_is_mended_and_confirmed(
    window: Callable[..., Page], live_server: LiveServer, url: str, sam_left: None, javascript: bool
) -> None:
    page = window(viewport={"width": 390, "height": 844}, java_script_enabled=javascript)
    sign_in(page, url)
    page.get_by_role("link", name="Opt-ins").click()
    page.get_by_role("link", name="Import a list").click()
    file: FilePayload = {"name": "people.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    page.get_by_label("The file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()

    expect(page.get_by_role("heading", name="2 rows need mending")).to_be_visible()
    expect(page.get_by_role("row", name="Row 3")).to_contain_text("That is not ten digits")
    expect(page.get_by_role("row", name="Row 5")).to_contain_text("rumour")
    text = page.get_by_label("Mend it here")
    mended = text.input_value().replace("303-555-011,", "303-555-0117,").replace("rumour", "verbal")
    text.fill(mended)
    page.get_by_role("button", name="Check again").click()

    expect(page.get_by_role("heading", name="Enter 3 people?")).to_be_visible()
    expect(page.get_by_role("region", name="1 person will stay out")).to_contain_text("Row 4 (Sam)")
    page.get_by_role("button", name="Enter 3 people").click()
    expect(page.get_by_role("status")).to_have_text(
        "3 people entered. 1 left out, because they asked for no texts."
    )
    ledger = page.get_by_role("table", name="Consent events")
    expect(ledger.get_by_text("Jordan")).to_be_visible()
    expect(ledger.get_by_role("row").filter(has_text="Sam").first).to_contain_text("Stopped")
