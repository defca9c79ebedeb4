"""The journey of a migration: verdict, checklist, canary at 10 %, a broken guard rail, rollback, log."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from benchmarks._reviews import filled_store
from sora_compare.domain.policies import Author
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.evidence.observations import OUTCOME
from sora_compare.releases.policy.opening import open_governance
from sora_compare.settings import load
from tests.browser.conftest import NARROW, WIDE
from tests.server.running import RunningApp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator, Page

    from sora_compare.releases.policy.opening import Governance

SOON_MS = 60_000
TABS = ("Checklist", "Guide", "History", "Drift", "Retirements")

pytestmark = [pytest.mark.browser, pytest.mark.heavy, pytest.mark.timeout(400)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def beside(home: Path) -> Iterator[Governance]:
    """The same data folder, opened beside the app, with reviews that settle every criterion.

    The ids of its 60 pairs sort after every moment, so that a canary counts them as its own.
    """
    filled_store(home, prompts=60, reviewers=5).close()
    opened = open_governance(load({"SORA_COMPARE_HOME": str(home)}))
    yield opened
    opened.close()


@pytest.fixture
def app(beside: Governance, home: Path, tmp_path: Path) -> Iterator[RunningApp]:
    assert beside
    running = RunningApp(home, tmp_path / "log").wait()
    yield running
    running.kill()


def report(beside: Governance, count: int = 40) -> None:
    """Outcomes that a service in production reports, in turn: every take of the candidate failed."""
    for _ in range(count):
        for model, is_completed in ((DEFAULT_A, True), (DEFAULT_B, False)):
            details = {"environment": "production", "model": model, "is_completed": is_completed, "origin": "live"}
            beside.store.audit(OUTCOME, **details)


def fits(page: Page) -> bool:
    return bool(
        page.evaluate(
            """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
                .every(one => one.scrollWidth <= one.clientWidth)"""
        )
    )


def keyed(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key.replace('/', '-')}")


def press(page: Page, key: str) -> None:
    keyed(page, f"versions/{key}").get_by_role("button").click()


def test_from_the_verdict_to_the_log(app: RunningApp, beside: Governance, new_page: Callable[..., Page]) -> None:
    page = new_page(WIDE)
    page.set_default_timeout(SOON_MS)
    page.goto(f"{app.url}/versions")

    # Verdict and checklist, with the way to the evidence
    expect(page.get_by_text("60 prompts, 60 pairs.")).to_be_visible()
    items = page.get_by_test_id("stMarkdown")
    expect(items.filter(has_text="Verdict on motion")).to_contain_text("The verdict is “better”.")
    expect(items.filter(has_text="The product team signed off")).to_contain_text("Ask the product team")
    page.get_by_test_id("stMain").get_by_role("link", name="Results").first.click()
    expect(page.get_by_role("heading", name="Results", exact=True)).to_be_visible()
    page.get_by_role("link", name="Versions").click()

    # Canary at 10 %
    page.get_by_role("button", name="Your name", exact=True).click()
    page.get_by_role("textbox", name="Your name", exact=True).fill("Ana")
    page.get_by_role("textbox", name="Your name", exact=True).press("Enter")
    page.keyboard.press("Escape")
    press(page, "start/production")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("It is retired, and a server of mine serves it").click()
    dialog.get_by_role("textbox", name="Why").fill("December is better on motion")
    dialog.get_by_role("button", name="Start with 10 % in production", exact=True).click()
    panel = keyed(page, "versions/canary/production")
    expect(panel).to_contain_text(f"10 % of keys use {DEFAULT_B}, the others {DEFAULT_A}.")
    expect(dialog).to_be_hidden()
    expect(panel).to_contain_text("Outcomes: holds.")
    expect(panel).to_contain_text("The window is 24 h, 0.0 h are over")

    # The guard rail breaks while somebody looks: it rolls back by itself, and the page follows
    report(beside)
    alert = page.get_by_role("alert").filter(has_text="A guard rail rolled the canary in production back")
    expect(alert).to_be_visible(timeout=SOON_MS)
    expect(alert).to_contain_text("40 of 100 takes of the candidate failed, 0 of 100 of the base")
    expect(panel).to_be_hidden()
    assert beside.releases.environment("production").canary is None

    # The log
    page.get_by_role("tab", name="History").click()
    steps = page.get_by_test_id("stExpander")
    expect(steps.nth(0)).to_contain_text(f"Canary of {DEFAULT_B} in production rolled back")
    expect(steps.nth(0)).to_contain_text("by guard rail")
    expect(steps.nth(1)).to_contain_text("by Ana")
    expect(steps.nth(1)).to_contain_text("December is better on motion")
    page.get_by_role("button", name="Verify the chain", exact=True).click()
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.get_by_text("The chain is intact")).to_be_visible()
    with page.expect_download() as found:
        page.get_by_role("button", name="JSON Lines", exact=True).click()
    assert rechained(Path(found.value.path()).read_text("utf-8")) == beside.releases.log.count
    assert "Traceback" not in app.said()


def rechained(text: str) -> int:
    """How many lines of the export hold together, checked as docs/versions.md says."""
    count, before = 0, "0" * 64
    for line in text.splitlines():
        entry = json.loads(line)
        kept, back = entry.pop("hash"), entry.pop("clock_back_s")
        body = {**entry, **({"clock_back_s": back} if back else {})}
        found = json.dumps(body, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(found.encode()).hexdigest() == kept
        assert entry["previous"] == before
        count, before = count + 1, kept
    return count


def test_what_is_typed_outlives_another_owners_change(
    app: RunningApp, beside: Governance, new_page: Callable[..., Page]
) -> None:
    page = new_page(WIDE)
    page.set_default_timeout(SOON_MS)
    page.goto(f"{app.url}/versions")
    press(page, "lock/staging")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("It is retired, and a server of mine serves it").click()
    dialog.get_by_role("textbox", name="Why").fill("half a tho")
    beside.releases.lock("test", DEFAULT_A, force=True, author=Author("Ben"))
    expect(keyed(page, "versions/card/test")).to_contain_text(f"Locked to {DEFAULT_A}")  # the page has followed
    expect(dialog.get_by_role("textbox", name="Why")).to_have_value("half a tho")
    dialog.get_by_role("button", name=f"Lock staging to {DEFAULT_A}", exact=True).click()
    expect(dialog).to_contain_text("was changed by somebody else in the meantime")
    assert beside.releases.environment("staging").model == DEFAULT_B

    page.reload()
    press(page, "lock/staging")
    expect(dialog.get_by_role("textbox", name="Why")).to_have_value("half a tho")
    dialog.get_by_role("button", name=f"Lock staging to {DEFAULT_A}", exact=True).click()
    expect(keyed(page, "versions/card/staging")).to_contain_text(f"Locked to {DEFAULT_A}")
    assert beside.releases.policy.history[-1].reason == "half a tho"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_a_rollback_is_two_taps_and_nothing_sticks_out(
    app: RunningApp, beside: Governance, new_page: Callable[..., Page], scheme: str
) -> None:
    beside.releases.start_canary(
        "production", DEFAULT_B, is_automatic=False, force=True, author=Author("Ben", "a test")
    )
    report(beside)
    page = new_page(NARROW, scheme=scheme)
    page.set_default_timeout(SOON_MS)
    page.goto(f"{app.url}/versions")
    panel = keyed(page, "versions/canary/production")
    expect(panel).to_contain_text("A guard rail is broken")
    assert fits(page)

    press(page, "canary/rollback/production")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"the 10 % of keys on {DEFAULT_B} go back to {DEFAULT_A} at once")
    assert fits(page)
    dialog.get_by_role("button", name=f"Reset to {DEFAULT_A}", exact=True).click()
    expect(panel).to_be_hidden()
    assert beside.releases.environment("production").canary is None
    assert beside.releases.policy.history[-1].event == "rollback"

    for name in TABS:
        page.get_by_role("tab", name=name).click()
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("tabpanel").filter(visible=True)).not_to_be_empty()
        assert fits(page), name
