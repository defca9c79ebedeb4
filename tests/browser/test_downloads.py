"""A download of the owner's lies at an address that opens to the owner alone."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from sora_compare.services import open_services
from sora_compare.settings import load
from tests.pages import filling
from tests.server.running import RunningApp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

TOKEN = "the-owner-token-of-this-test"

pytestmark = [pytest.mark.browser, pytest.mark.heavy, pytest.mark.timeout(300)]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[RunningApp]:
    """One reviewed pair, behind an owner token."""
    opened = open_services(load({"SORA_COMPARE_HOME": str(tmp_path / "home")}), with_runner=False)
    make = partial(filling.clip, opened.files)
    made, takes = filling.fill_pair(opened.store, make, "A ball", at=filling.START)
    opened.store.reviews.add(filling.review(made, takes, "Ana", 3, 7))
    opened.close()
    running = RunningApp(tmp_path / "home", tmp_path / "log", SORA_COMPARE_OWNER_TOKEN=TOKEN).wait()
    yield running
    running.kill()


def test_an_export_is_downloaded_by_the_owner_and_by_nobody_else(app: RunningApp, page: Page) -> None:
    page.goto(f"{app.url}/api/owner?token={TOKEN}")
    page.set_default_timeout(30_000)
    page.goto(f"{app.url}/results")
    page.get_by_role("radio", name="Downloads").check()
    with page.expect_download() as found:
        page.get_by_role("button", name="Scores (CSV)", exact=True).click()
    assert Path(found.value.path()).stat().st_size > 0
    assert "/media/" in found.value.url
    assert page.request.get(found.value.url).status == 200
    assert httpx2.get(found.value.url, trust_env=False).status_code == 403
    page.get_by_role("button", name="Your name", exact=True).click()
    page.get_by_role("link", name="Log out").click()
    page.get_by_text("This page is not open to you yet").wait_for()
    assert page.request.get(found.value.url).status == 403
