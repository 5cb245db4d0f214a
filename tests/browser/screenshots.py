"""Takes a screenshot of every page: `python -m tests.browser.screenshots [OUT_DIR]`.

Light at both widths, and a few in the dark. The people are invented; see demo.py.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from service.domain.staff import Actor
from service.store.audit import By
from tests.browser import demo
from tests.browser.pages import ADMIN, ADMINS, CONSOLE, PUBLIC, WIDTHS, add_admin, sign_in, use_number
from tests.rig.browser import FLAGS, find_chromium
from tests.rig.databases import migrate
from tests.rig.live_server import LiveServer, add_staff, serving

OUT = Path(__file__).parents[2] / "docs" / "screenshots"
IN_THE_DARK = ("today", "person", "phone", "people", "wording-edit")
WHOLE_PAGE = (
    "@media (max-width: 40rem) {"
    "body { position: relative; min-height: 100vh } .console .nav { position: absolute } }"
)
"""What hangs on the edge of the window goes to the edge of the picture."""
COORDINATOR = By(Actor.COORDINATOR, 1)


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    program = find_chromium()
    if program is None:
        sys.exit("There is no Chromium here: install the package `chromium`, or set CHROMIUM.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS])
        file = Path(folder) / "demo.db"
        migrate(f"sqlite:///{file}")
        with serving(file) as server:
            add_staff(server.parts)
            add_admin(server)
            _take_empty(browser, server, out)
            demo.tell(server.parts, COORDINATOR)
            for width in WIDTHS:
                _take_all(browser, server, out, width, "light")
                _take_all(browser, server, out, width, "dark")
        browser.close()


def _take_empty(browser: Browser, server: LiveServer, out: Path) -> None:
    from service.workflows import health

    health.beat(server.parts.database, "send", server.parts.wall())
    for width in WIDTHS:
        page = _page(browser, width, "light")
        sign_in(page, server.url)
        _shoot(page, out / f"today-empty-{width}.png")
        page.context.close()


def _take_all(browser: Browser, server: LiveServer, out: Path, width: str, scheme: str) -> None:
    ending = f"{width}-dark" if scheme == "dark" else width
    page = _page(browser, width, scheme)
    use_number(page, server.url, demo.MAYA)
    for name, path in PUBLIC.items():
        if scheme == "light" or name in IN_THE_DARK:
            page.goto(server.url + path)
            _shoot(page, out / f"{name}-{ending}.png")
    sign_in(page, server.url)
    for name, path in CONSOLE.items():
        if scheme == "light" or name in IN_THE_DARK:
            page.goto(server.url + path)
            _shoot(page, out / f"{name}-{ending}.png")
    if scheme == "light":
        _take_refused(page, server, out, ending)
    page.context.clear_cookies()
    sign_in(page, server.url, ADMIN)
    for name, path in ADMINS.items():
        if scheme == "light" or name in IN_THE_DARK:
            page.goto(server.url + path)
            _shoot(page, out / f"{name}-{ending}.png")
    page.context.close()


def _take_refused(page: Page, server: LiveServer, out: Path, ending: str) -> None:
    """Pages that say what to mend."""
    page.goto(f"{server.url}/participants/new")
    page.get_by_label("Mobile number").fill("555-01")
    page.get_by_role("button", name="Add", exact=True).click()
    _shoot(page, out / f"person-new-refused-{ending}.png")
    page.goto(f"{server.url}/wording/medication.ask/en")
    page.get_by_label("The text").fill("Take your {drug} now. Reply DONE, LATER or STOP.")
    page.get_by_text("This cannot be saved yet.").wait_for()
    _shoot(page, out / f"wording-refused-{ending}.png")


def _page(browser: Browser, width: str, scheme: str) -> Page:
    wide, high = WIDTHS[width]
    context = browser.new_context(
        viewport={"width": wide, "height": high},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        bypass_csp=True,  # for the style below; the tests run under the real policy
    )
    return context.new_page()


def _shoot(page: Page, file: Path) -> None:
    page.screenshot(path=file, full_page=True, style=WHOLE_PAGE)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT)
