"""A real Chromium, driven by Playwright.

The program comes from CHROMIUM (a path), else PATH, else the npm package @sparticuz/chromium below
node_modules. Playwright's own download is not used.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.rig.availability import cannot_run

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Pages load from this machine only: a forgotten outside link fails the test, here as offline.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
UNPACK = "import('@sparticuz/chromium').then(async (m) => console.log(await m.default.executablePath()))"


def find_chromium() -> str | None:
    if given := os.environ.get("CHROMIUM"):
        return shutil.which(given)
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return _from_node_modules()


def _from_node_modules() -> str | None:
    node = shutil.which("node")
    if not node or not (ROOT / "node_modules" / "@sparticuz" / "chromium").is_dir():
        return None
    with suppress(OSError, subprocess.SubprocessError):
        command = [node, "--input-type=module", "--eval", UNPACK]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
        return shutil.which(done.stdout.decode().strip())
    return None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run; open a context of your own in it."""
    program = find_chromium()
    if program is None:
        cannot_run("browser", "no Chromium: install the package `chromium`, or set CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=[*FLAGS])
        yield chromium
        chromium.close()
