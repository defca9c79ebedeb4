"""The Results page in Chromium: from the address to the verdict on the screen."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.browser.chromium import FLAGS, find_chromium
from tests.server.running import RunningApp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from playwright.sync_api import Page

OPENED = 7
READY_MS = 120_000
VERDICT = "Scored on both arms"
NOTHING = "There is nothing to show yet"
SETTLED_MS = 2000


def opened_s(home: Path, words: str, log: Path) -> Sequence[float]:
    """Seconds until `words` stand on the page, opened several times by its address.

    The app runs as users start it. One opening before is not counted: it starts the browser's cache and lets the app
    read its data folder.
    """
    app = RunningApp(home, log).wait()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            times = [_once(page, app.url, words) for _ in range(OPENED + 1)]
            browser.close()
    finally:
        app.end()
    return times[1:]


def _once(page: Page, url: str, words: str) -> float:
    started = time.perf_counter()
    page.goto(f"{url}/results", wait_until="commit")
    page.get_by_text(words).first.wait_for(timeout=READY_MS)
    seconds = time.perf_counter() - started
    page.wait_for_timeout(SETTLED_MS)
    return seconds
