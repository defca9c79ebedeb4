"""The main job end to end, as somebody does it: prompt, progress, pair, scores, chart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from sora_compare.domain.takes import ArmLabel
from sora_compare.services import open_services
from sora_compare.settings import load
from sora_compare.ui.components.sides import Sides, drawn_left
from tests.browser.conftest import NARROW, WIDE
from tests.browser.naming import give_name
from tests.pages import filling
from tests.server.running import RunningApp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

PROMPT = "A basketball player shoots at a hoop"
MADE_MS = 300_000
SOON_MS = 60_000
STREAMLIT_LOOKS_FOR_ITS_BASE = re.compile(r"/_stcore/(health|host-config)$")

pytestmark = [pytest.mark.browser, pytest.mark.heavy, pytest.mark.timeout(600)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def app(home: Path, tmp_path: Path) -> Iterator[RunningApp]:
    running = RunningApp(home, tmp_path / "log").wait()
    yield running
    running.kill()


class PageErrors:
    """What a page tells its console: errors, and what the security policy blocked."""

    def __init__(self, page: Page) -> None:
        self.found: list[str] = []
        page.on("console", lambda one: self.found.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda one: self.found.append(str(one)))
        page.on("response", self._answered)
        self._expected = 0

    def _answered(self, answer: object) -> None:
        if STREAMLIT_LOOKS_FOR_ITS_BASE.search(answer.url) and answer.status == 404:  # type: ignore[attr-defined]
            self._expected += 1

    @property
    def ours(self) -> list[str]:
        """Without Streamlit's own search for the address under which it is served."""
        missing = [one for one in self.found if "404" in one]
        return [one for one in self.found if "404" not in one] + missing[self._expected :]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def send_prompt(page: Page, words: str) -> None:
    choose(page, "Length", "4 s")
    page.get_by_role("textbox", name="Prompt", exact=True).fill(words)
    page.get_by_role("textbox", name="Prompt", exact=True).blur()
    page.get_by_role("button", name="Send to both", exact=True).click()


def score_button(page: Page, criterion: str, arm: str, value: str) -> Locator:
    return page.get_by_role("radiogroup", name=f"{criterion}, clip {arm}").get_by_role("radio", name=value, exact=True)


def both_play(page: Page) -> None:
    videos = page.locator("video")
    expect(videos).to_have_count(2)
    page.get_by_role("button", name="Play", exact=True).first.click()
    for number in range(2):
        page.wait_for_function(
            """number => {
                const all = [];
                const look = root => root.querySelectorAll('*').forEach(one => {
                    if (one.tagName === 'VIDEO') all.push(one);
                    if (one.shadowRoot) look(one.shadowRoot);
                });
                look(document);
                return all[number] && all[number].currentTime > 0.5 && all[number].videoWidth === 1280;
            }""",
            arg=number,
            timeout=SOON_MS,
        )


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_from_a_prompt_to_the_chart(size: tuple[int, int], app: RunningApp, new_page: Callable[..., Page]) -> None:
    page = new_page(size)
    errors = PageErrors(page)
    page.set_default_timeout(SOON_MS)
    page.goto(app.url)
    send_prompt(page, PROMPT)

    expect(page.get_by_test_id("stProgress")).to_have_count(2, timeout=SOON_MS)
    assert fits(page)
    page.get_by_text("New comparison").click()
    prompt = page.get_by_role("textbox", name="Prompt", exact=True)
    prompt.fill("Half a tho")
    expect(page.get_by_text("Score this pair")).to_be_visible(timeout=MADE_MS)
    expect(prompt).to_have_value("Half a tho")
    address = page.url
    both_play(page)
    assert fits(page)

    page.get_by_role("button", name="Score this pair", exact=True).click()
    page.get_by_role("textbox", name="Type your name to score this pair", exact=True).fill("Ana")
    page.get_by_role("textbox", name="Type your name to score this pair", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Show which is which", exact=True)).to_be_visible(timeout=SOON_MS)
    sides = Sides(drawn_left("Ana", parse_qs(urlsplit(page.url).query)["pair"][0]))
    for criterion, a, b in (("Physics", "4", "9"), ("Motion", "6", "8"), ("Faces", "n/a", "n/a")):
        score_button(page, criterion, sides.side(ArmLabel.A).capitalize(), a).click()
        score_button(page, criterion, sides.side(ArmLabel.B).capitalize(), b).click()
    page.get_by_text(f"{sides.side(ArmLabel.B).capitalize()} better", exact=True).click()
    page.get_by_role("textbox", name="Note").fill("The ball passes through the rim in A.")
    assert fits(page)
    page.get_by_role("button", name="Save scores", exact=True).click()
    expect(page.get_by_text(re.compile("^Saved"))).to_be_visible(timeout=SOON_MS)

    page.goto(f"{app.url}/results")
    expect(page.get_by_text("One reviewer").first).to_be_visible(timeout=SOON_MS)
    page.get_by_role("radio", name="Criteria").click()
    for part, found in (
        ("Criteria", "Mean score per criterion and arm: physics A 4"),
        ("Timings", "Median seconds per"),
    ):
        page.get_by_role("radio", name=part).check()
        expect(page.get_by_role("figure", name=re.compile(f"^{found}"))).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_text("Simulated data").filter(visible=True).first).to_be_visible()
    assert fits(page)

    page.goto(f"{app.url}/library")
    expect(page.get_by_text(PROMPT)).to_be_visible(timeout=SOON_MS)
    pictures = page.locator("img[src*='/poster.jpg']")
    expect(pictures).to_have_count(2)
    expect(pictures.first).to_have_js_property("naturalWidth", 480)
    assert fits(page)

    page.goto(address)
    expect(page.get_by_text("Score this pair")).to_be_visible(timeout=SOON_MS)
    assert errors.ours == []
    assert "Traceback" not in app.said()


def test_stored_text_is_shown_and_never_carried_out(app: RunningApp, home: Path, new_page: Callable[..., Page]) -> None:
    """Prompts, notes and a server's words, as HTML, Markdown, formulas and icons."""
    beside = open_services(load({"SORA_COMPARE_HOME": str(home)}), with_runner=False)
    kept = filling.clip(beside.files, "no video")
    made, takes = filling.fill_pair(beside.store, lambda _: kept, filling.HOSTILE, at=filling.START)
    failed = filling.comparison(filling.HOSTILE, at=filling.START + 1)
    beside.store.comparisons.add(failed, (filling.take(failed, filling.ArmLabel.A, filling.TakeState.FAILED),))
    beside.store.reviews.add(filling.review(made, takes, "<b>Ana</b>", 1, 2))
    page = new_page(WIDE)
    dialogs: list[str] = []
    page.on("dialog", lambda one: (dialogs.append(one.message), one.dismiss()))
    page.goto(app.url)
    give_name(page, "<b>Ana</b>")
    first_line = filling.HOSTILE.split("\n", maxsplit=1)[0]
    for address in (
        f"/?comparison={failed.id}",
        f"/review?pair={made.id}.1",
        "/library",
        "/results",
    ):
        page.goto(f"{app.url}{address}")
        expect(page.locator("h1")).to_be_visible(timeout=SOON_MS)
        if address != "/results":
            expect(page.get_by_text(first_line[:60]).first).to_be_visible(timeout=SOON_MS)
        main = page.get_by_test_id("stMain")
        assert main.locator("img[src='x'], .katex, script, a[href^='javascript']").count() == 0
        assert main.get_by_text("bold", exact=True).count() == 0
        assert main.get_by_text("Ana", exact=True).count() == 0
    assert dialogs == []


def test_scores_can_be_given_by_keyboard(app: RunningApp, home: Path, new_page: Callable[..., Page]) -> None:
    beside = open_services(load({"SORA_COMPARE_HOME": str(home)}), with_runner=False)
    kept = filling.clip(beside.files, "no video")
    filling.fill_pair(beside.store, lambda _: kept, PROMPT, at=filling.START)
    page = new_page(WIDE)
    page.goto(f"{app.url}/review")
    give_name(page, "Ana")
    button = score_button(page, "Physics", "Left", "7")
    expect(button).to_be_visible(timeout=SOON_MS)
    button.focus()
    page.keyboard.press("Space")
    expect(button).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(button).to_be_checked()
