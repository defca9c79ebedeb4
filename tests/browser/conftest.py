"""One Chromium for all browser tests, and a page in it at the size a test asks for."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = (1440, 900)
NARROW = (390, 844)


def find_chromium() -> str | None:
    """An installed Chromium; None leaves the choice to Playwright's own."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium. Without one the tests are skipped here and fail in CI."""
    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        except Error as error:
            said = (
                f"No Chromium was found or it did not start; run tools/get_chromium.sh. {error.message.splitlines()[0]}"
            )
            if os.environ.get("CI") == "true":
                pytest.fail(said)
            pytest.skip(said)
        yield opened
        opened.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Makes pages, each with a session of its own: `new_page(NARROW, scheme="dark")`."""
    contexts = []

    def make(size: tuple[int, int] = WIDE, scheme: str = "light", **options: object) -> Page:
        width, height = size
        viewport = {"width": width, "height": height}
        context = browser.new_context(viewport=viewport, color_scheme=scheme, **options)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A page 1440 pixels wide."""
    return new_page()
