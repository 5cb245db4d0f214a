"""axe finds nothing and nothing sticks out: every page, light and dark, laptop and phone."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from service.domain.staff import Actor
from service.store.audit import By
from tests.browser import demo
from tests.browser.pages import ADMIN, ADMINS, CONSOLE, PUBLIC, WIDTHS, add_admin, sign_in, use_number
from tests.rig.live_server import LiveServer, add_staff, serving

pytestmark = pytest.mark.browser

UNFOLD = "for (const one of document.querySelectorAll('details')) one.open = true"


@pytest.fixture(scope="module")
def full_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with the demo's people and ten days of their texts."""
    file = tmp_path_factory.mktemp("full") / "house.db"
    shutil.copyfile(sqlite_template, file)
    with serving(file) as server:
        add_staff(server.parts)
        add_admin(server)
        demo.tell(server.parts, By(Actor.COORDINATOR, 1))
        yield server


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_can_be_used_by_everyone(
    full_house: LiveServer, window: Callable[..., Page], width: str, scheme: str
) -> None:
    wide, high = WIDTHS[width]
    page = window(viewport={"width": wide, "height": high}, color_scheme=scheme)
    use_number(page, full_house.url, demo.MAYA)
    found = [_look_at(page, full_house.url + path, wide) for path in PUBLIC.values()]
    sign_in(page, full_house.url)
    found += [_look_at(page, full_house.url + path, wide) for path in CONSOLE.values()]
    page.context.clear_cookies()
    sign_in(page, full_house.url, ADMIN)
    found += [_look_at(page, full_house.url + path, wide) for path in ADMINS.values()]
    problems = [problem for problems in found for problem in problems]
    assert problems == []


def test_at_twice_the_size_nothing_is_cut_off(full_house: LiveServer, window: Callable[..., Page]) -> None:
    """200 % zoom of a laptop is a window of half its size."""
    page = window(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    sign_in(page, full_house.url, ADMIN)
    for path in [*CONSOLE.values(), *ADMINS.values()]:
        page.goto(full_house.url + path)
        assert _overflow(page) <= 0, path


def _look_at(page: Page, address: str, wide: int) -> list[str]:
    page.goto(address)
    page.evaluate(UNFOLD)
    result = Axe().run(page)
    name = page.title()
    problems = [
        f"{name}: {violation['id']}: {node['html'][:120]}"
        for violation in result.response["violations"]
        for node in violation["nodes"]
    ]
    if _overflow(page) > 0:
        problems.append(f"{name}: wider than {wide} px")
    return problems


def _overflow(page: Page) -> int:
    over: int = page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
    return over
