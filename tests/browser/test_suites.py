"""A suite from a file, as somebody runs it in a browser: broken rows, the estimate, live progress, a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE
from tests.browser.test_journey import PageErrors, fits
from tests.server.running import RunningApp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

ROWS = "prompt,tags,seconds,size\na ball falls,gravity,4,\na cat,motion,many,\na flag waves,cloth,4,\n"
MADE_MS = 300_000
SOON_MS = 60_000

pytestmark = [pytest.mark.browser, pytest.mark.heavy, pytest.mark.timeout(600)]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[RunningApp]:
    running = RunningApp(tmp_path / "home", tmp_path / "log").wait()
    yield running
    running.kill()


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_a_suite_from_the_file_to_a_pair(
    app: RunningApp, new_page: Callable[..., Page], tmp_path: Path, size: tuple[int, int], scheme: str
) -> None:
    file = tmp_path / "ours.csv"
    file.write_text(ROWS)
    page = new_page(size, scheme)
    errors = PageErrors(page)
    page.goto(f"{app.url}/suites")
    page.get_by_role("radio", name="From a file").click()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    expect(page.get_by_text("Line 3: seconds is “many”")).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_text("$1.60")).to_be_visible(timeout=SOON_MS)  # two clips of 4 s for each arm, together
    assert fits(page)
    page.get_by_role("button", name="Start: 4 clips", exact=True).click()
    expect(page.get_by_text("of 4 clips").first).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_text("4 completed")).to_be_visible(timeout=MADE_MS)
    assert fits(page)
    page.reload()  # the address names the run
    expect(page.get_by_text("4 completed")).to_be_visible(timeout=SOON_MS)
    page.get_by_role("link", name="Review the pairs").click()
    expect(page.get_by_role("heading", name="Review")).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_text("a ball falls").or_(page.get_by_text("a flag waves")).first).to_be_visible(timeout=SOON_MS)
    assert errors.ours == []
