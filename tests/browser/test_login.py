"""Owners who log in by OIDC: the list decides, clips open for them as pages do, and logging out ends both."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from sora_compare.services import open_services
from sora_compare.settings import load
from tests.access.identity_provider import CLIENT, CLIENT_SECRET, IdentityProvider
from tests.server.running import PROJECT, RunningApp, free_port
from tests.sessions import stock
from tests.simulation import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

SOON_MS = 60_000
SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "the-cookie-secret-of-this-test"
client_id = "{client}"
client_secret = "{secret}"
server_metadata_url = "{provider}/.well-known/openid-configuration"

[access]
owners = ["Kim@lab.example"]
"""

pytestmark = [pytest.mark.browser, pytest.mark.heavy, pytest.mark.timeout(300)]


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    opened = IdentityProvider("kim@lab.example")
    yield opened
    opened.close()


@pytest.fixture
def clip(tmp_path: Path) -> str:
    """The address of a clip that is in the data folder."""
    opened = open_services(load({"SORA_COMPARE_HOME": str(tmp_path / "home")}), with_runner=False)
    (pair,) = stock.fill_paper_pairs(opened, 1)
    found = opened.store.takes.of(pair.comparison_id)[0].clip
    opened.close()
    assert found is not None
    return f"/clips/{found.sha256}"


@pytest.fixture
def app(provider: IdentityProvider, clip: str, tmp_path: Path) -> Iterator[RunningApp]:
    assert clip
    port = free_port()
    own = tmp_path / "folder" / ".streamlit"
    own.mkdir(parents=True)
    shutil.copy(PROJECT / ".streamlit" / "config.toml", own)
    text = SECRETS.format(port=port, client=CLIENT, secret=CLIENT_SECRET, provider=provider.url)
    (own / "secrets.toml").write_text(text, "utf-8")
    running = RunningApp(tmp_path / "home", tmp_path / "log", port, own.parent).wait()
    yield running
    running.kill()


def log_in(page: Page, app: RunningApp) -> None:
    page.set_default_timeout(SOON_MS)
    page.goto(app.url)
    page.get_by_role("button", name="Log in as an owner", exact=True).click()


def test_an_owner_on_the_list_gets_pages_and_clips_and_leaves_again(app: RunningApp, clip: str, page: Page) -> None:
    assert page.request.get(app.url + clip).status == 403, "being on this machine is not enough once owners are listed"
    log_in(page, app)
    expect(page.get_by_role("button", name="Send to both", exact=True)).to_be_visible(timeout=SOON_MS)
    assert page.request.get(app.url + clip).status == 200
    copied = page.context.cookies()
    page.goto(f"{app.url}/library")
    expect(page.get_by_text("A ball drops, 0").first).to_be_visible(timeout=SOON_MS)
    page.get_by_role("button", name="Your name", exact=True).click()
    expect(page.get_by_text("kim@lab.example")).to_be_visible()
    page.get_by_role("link", name="Log out").click()
    expect(page.get_by_role("button", name="Log in as an owner", exact=True)).to_be_visible(timeout=SOON_MS)
    page.context.add_cookies(copied)
    assert page.request.get(app.url + clip).status == 403, "a copy of the cookies is worth nothing any more"
    page.goto(app.url)
    expect(page.get_by_text("This page is not open to you yet")).to_be_visible(timeout=SOON_MS)
    message = app.said()
    assert "Traceback" not in message
    assert CLIENT_SECRET not in message


@pytest.mark.parametrize("is_confirmed", [False, None])
def test_a_login_that_is_not_listed_or_not_confirmed_opens_nothing(
    *, is_confirmed: bool | None, app: RunningApp, clip: str, provider: IdentityProvider, page: Page
) -> None:
    provider.is_confirmed = is_confirmed
    log_in(page, app)
    wait_until(lambda: provider.logins == 1, limit_s=60)
    page.wait_for_url(f"{app.url}/")
    expect(page.get_by_text("This page is not open to you yet")).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_text("does not say that kim@lab.example is verified")).to_be_visible(timeout=SOON_MS)
    page.get_by_role("button", name="Log out", exact=True).click()
    provider.email, provider.is_confirmed = "eve@lab.example", True
    page.get_by_role("button", name="Log in as an owner", exact=True).click()
    expect(page.get_by_text("eve@lab.example, who is not on the list of owners")).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_role("button", name="Send to both", exact=True)).to_have_count(0)
    assert page.request.get(app.url + clip).status == 403
