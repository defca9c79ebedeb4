"""Results as a stakeholder opens it: the verdict, a closer look, and the pair that people disagree on."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from sora_compare.domain.identifiers import new_identifier
from sora_compare.services import open_services
from sora_compare.settings import load
from tests.browser.conftest import NARROW, WIDE
from tests.browser.test_journey import PageErrors, fits
from tests.pages import filling
from tests.server.running import RunningApp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from sora_compare.domain.clips import Clip

SOON_MS = 60_000
PROMPTS, WHO = 12, ("Ana", "Ben", "Chiara", "Daniel", "Eve")
DIVIDED = (3, 5, 0, 3, 4)
"""What each sees B ahead by on the last prompt."""

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[RunningApp]:
    """B is ahead for everybody; the last prompt divides them."""
    home = tmp_path / "home"
    opened = open_services(load({"SORA_COMPARE_HOME": str(home)}), with_runner=False)

    def make_clip(words: str) -> Clip:
        return filling.clip(opened.files, words)

    for number in range(PROMPTS):
        at = filling.START + number * filling.MINUTE
        made, takes = filling.fill_pair(
            opened.store, lambda text: filling.clip(opened.files, text), f"Scene {number}", at=at
        )
        for place, who in enumerate(WHO):
            start = 1 + number * 5 % 6
            gain = DIVIDED[place] if number == PROMPTS - 1 else 3 + (number + place) % 2
            review = filling.review(made, takes, who, start, start + gain)
            opened.store.reviews.add(dataclasses.replace(review, id=new_identifier("rev"), note=""))
    opened.close()
    running = RunningApp(home, tmp_path / "log").wait()
    yield running
    running.kill()


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_from_the_verdict_to_the_pair_that_people_disagree_on(
    app: RunningApp, new_page: Callable[..., Page], size: tuple[int, int], scheme: str
) -> None:
    page = new_page(size, scheme)
    page.set_default_timeout(SOON_MS)
    errors = PageErrors(page)
    page.goto(f"{app.url}/results")
    verdict = page.get_by_role("heading", name="B is better on physics, motion and faces.")
    expect(verdict).to_be_in_viewport(timeout=SOON_MS)
    expect(page.get_by_text("12 prompts · 5 reviewers · 60 reviews").first).to_be_in_viewport()
    expect(page.get_by_text("Simulated data").filter(visible=True).first).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    assert fits(page)
    page.get_by_role("radio", name="Disagreements").check()
    page.get_by_text("widest first").wait_for()
    assert fits(page)
    page.get_by_role("link", name="Play this pair").first.click()
    expect(page.get_by_role("heading", name="Review", exact=True)).to_be_visible()
    expect(page.get_by_text(f"Scene {PROMPTS - 1}").first).to_be_visible()
    assert "pair=cmp_" in page.url
    assert fits(page)
    assert errors.ours == []
