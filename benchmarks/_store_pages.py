"""Every page in Chromium: from the address to the end of its script."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.browser.chromium import FLAGS, find_chromium
from tests.server.running import RunningApp

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

PAGES = ("compare", "review", "results", "sessions", "versions", "library")
DEFAULT = "compare"
"""The page at the bare address."""
OPENED = 5
READY_MS = 180_000
SETTLED_MS = 500
DRAWN = '[data-testid="stApp"][data-test-script-state="notRunning"] [data-testid="stMainBlockContainer"] [data-testid]'


def painted_s(home: Path, url: str, log: Path) -> dict[str, list[float]]:
    """Seconds until each page is drawn, opened several times by its address; the first opening is not counted."""
    app = RunningApp(home, log, SORA_COMPARE_DATABASE_URL=url).wait()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            found = {
                name: [_once(page, f"{app.url}/{name.removeprefix(DEFAULT)}") for _ in range(OPENED + 1)][1:]
                for name in PAGES
            }
            browser.close()
    finally:
        app.end()
    return found


def _once(page: Page, address: str) -> float:
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(DRAWN).first.wait_for(timeout=READY_MS, state="attached")
    seconds = time.perf_counter() - started
    page.wait_for_timeout(SETTLED_MS)
    return seconds
