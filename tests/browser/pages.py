"""Every page of the console, the phone and the front of the house, by name: for axe and for screenshots."""

from playwright.sync_api import Page

from service.domain.staff import Role
from tests.rig.live_server import EMAIL, PASSWORD, LiveServer, add_staff

ADMIN = "ada@example.org"
WIDTHS = {"laptop": (1280, 800), "phone": (390, 844)}

PUBLIC = {
    "sign-in": "/sign-in",
    "join": "/join",
    "join-spanish": "/join?language=es",
    "join-sent": "/join/sent",
    "privacy": "/privacy",
    "terms": "/terms",
    "phone": "/phone",
}
CONSOLE = {
    "today": "/",
    "people": "/participants",
    "person": "/participants/1",
    "person-new": "/participants/new",
    "person-details": "/participants/1/details",
    "person-pause": "/participants/1/pause",
    "person-stop": "/participants/1/stop",
    "person-wrong-number": "/participants/1/wrong-number",
    "person-new-number": "/participants/1/new-number",
    "person-erase": "/participants/1/erase",
    "check-in-new": "/participants/1/schedules/new/check-in",
    "medication-new": "/participants/1/schedules/new/medication",
    "meeting-new": "/participants/1/schedules/new/meeting",
    "appointment-new": "/participants/1/schedules/new/appointment",
    "schedule-end": "/participants/1/schedules/1/end",
    "opt-ins": "/opt-ins",
    "opt-ins-narrowed": "/opt-ins?state=opted_out&means=text&period=30",
    "opt-ins-waiting": "/opt-ins/waiting",
    "import": "/opt-ins/import",
    "flyer": "/opt-ins/flyer",
    "on-call": "/on-call",
    "rota": "/on-call/rota",
    "reports": "/reports",
    "reports-own-dates": "/reports?period=own&first=2026-11-01&last=2026-11-30",
    "people-narrowed": "/participants?consent=opted_in&needs=attention",
    "wording": "/wording",
    "wording-edit": "/wording/medication.ask/en",
    "saved-replies": "/saved-replies",
    "responsible": "/participants/1/responsible",
    "account": "/account",
    "second-factor": "/account/second-factor",
    "proof": "/account/proof?next=/account",
    "not-found": "/nowhere",
}
ADMINS = {
    "staff": "/staff",
    "staff-member": "/staff/1",
    "staff-invite": "/staff/invite",
    "audit-trail": "/staff/audit",
}
"""What an admin sees besides; ADMIN signs in for it."""


def sign_in(page: Page, url: str, email: str = EMAIL) -> None:
    page.goto(f"{url}/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Today", exact=True).wait_for()


def add_admin(server: LiveServer) -> None:
    add_staff(server.parts, ADMIN, Role.ADMIN)


def use_number(page: Page, url: str, number: str) -> None:
    """Take a phone in hand on the rehearsal page."""
    page.goto(f"{url}/phone")
    page.get_by_label("Number", exact=True).fill(number)
    page.get_by_role("button", name="Use").click()
