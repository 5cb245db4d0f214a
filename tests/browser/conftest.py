"""A window on the live server, watched for anything a page complains about."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.rig.live_server import LiveServer, live_server

__all__ = ["live_server"]


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page as `browser.new_context(**options)` would. Fails on script errors and refused content."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if is_refusal(line.text) else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def is_refusal(line: str) -> bool:
    return "Content Security Policy" in line or "Refused to" in line


@pytest.fixture
def page(window: Callable[..., Page]) -> Page:
    return window(viewport={"width": 1280, "height": 800})


@pytest.fixture
def url(live_server: LiveServer) -> str:
    return live_server.url
