"""One Chromium for the browser tests of a module, and a page in it at the size a test asks for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error, expect, sync_playwright

from tests.browser.chromium import FLAGS, find_chromium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

WIDE = (1440, 900)
NARROW = (390, 844)
expect.set_options(timeout=30_000)
"""What is expected comes at once on an idle machine; the limit is for a busy one."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium. Without one the tests are skipped here and fail in CI.

    One for each module: while Playwright is open its event loop counts as running in this thread, and asynchronous
    tests that follow in the same process could not run theirs.
    """
    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        except Error as error:
            sentence = (
                f"No Chromium was found or it did not start; run tools/get_chromium.sh. {error.message.splitlines()[0]}"
            )
            if os.environ.get("CI") == "true":
                pytest.fail(sentence)
            pytest.skip(sentence)
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
