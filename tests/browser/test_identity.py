"""Who somebody is belongs to their browser: their name, what they are typing, and the session they review."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from sora_compare.services import open_services
from sora_compare.settings import load
from tests.browser.naming import give_name
from tests.server.running import RunningApp
from tests.sessions import stock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

NAME, PROMPT = "Wilhelmina", "A kite over the dunes"
CLIP = f"/clips/{'0' * 64}"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def invitation(tmp_path: Path) -> str:
    """The path of an invitation to two pairs."""
    opened = open_services(load({"SORA_COMPARE_HOME": str(tmp_path / "home")}), with_runner=False)
    session = stock.new_session(opened, stock.fill_pairs(opened, tmp_path / "made", 2))
    _, token = opened.sessions.admission.invite(session.id)
    opened.close()
    return f"/join/{token}"


@pytest.fixture
def app(invitation: str, tmp_path: Path) -> Iterator[RunningApp]:
    """A plain start on this machine, where everybody is the owner."""
    assert invitation
    running = RunningApp(tmp_path / "home", tmp_path / "log").wait()
    yield running
    running.kill()


def status(page: Page, path: str) -> int:
    """What this browser is answered there."""
    found: int = page.evaluate("path => fetch(path).then(answer => answer.status)", path)
    return found


def test_a_name_and_a_form_are_those_of_one_browser(app: RunningApp, new_page: Callable[..., Page]) -> None:
    first, second = new_page(), new_page()
    first.goto(app.url)
    give_name(first, NAME)
    first.get_by_role("textbox", name="Prompt", exact=True).fill(PROMPT)
    first.get_by_role("textbox", name="Prompt", exact=True).blur()
    first.wait_for_timeout(1_000)
    first.reload()
    expect(first.get_by_role("textbox", name="Prompt", exact=True)).to_have_value(PROMPT)
    expect(first.get_by_role("button", name=NAME, exact=True)).to_be_visible()

    second.goto(app.url)
    expect(second.get_by_role("textbox", name="Prompt", exact=True)).to_have_value("")
    expect(second.get_by_role("button", name="Your name", exact=True)).to_be_visible()
    assert NAME not in second.content()


def test_an_invitation_opens_the_bare_room_until_it_is_left(
    app: RunningApp, invitation: str, new_page: Callable[..., Page]
) -> None:
    page = new_page()
    page.goto(app.url)
    give_name(page, NAME)
    page.goto(f"{app.url}{invitation}")
    page.get_by_label("Your name").fill("Ana")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", name="Spring review")).to_be_visible()
    expect(page.get_by_role("button", name="Ana", exact=True)).to_be_visible()
    assert NAME not in page.content(), "a reviewer never sees the owner's name"
    assert page.get_by_role("link", name="Settings").count() == 0
    page.goto(f"{app.url}/settings")
    expect(page.get_by_text("This page is for owners")).to_be_visible()
    assert [status(page, path) for path in (CLIP, "/api/health")] == [403, 403]

    page.get_by_role("link", name="Go on with your review session").click()
    page.get_by_role("button", name="Ana", exact=True).click()
    page.get_by_role("link", name="Leave this session").click()
    page.get_by_role("link", name="Stay").click()
    expect(page.get_by_role("heading", name="Spring review")).to_be_visible()
    page.get_by_role("button", name="Ana", exact=True).click()
    page.get_by_role("link", name="Leave this session").click()
    page.get_by_role("button", name="Leave the session", exact=True).click()
    expect(page.get_by_role("textbox", name="Prompt", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=NAME, exact=True)).to_be_visible()
    assert status(page, CLIP) == 404
