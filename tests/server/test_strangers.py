"""Other people's browsers at a running server, over a real socket."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

import httpx2
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import RunApp
    from tests.server.running import RunningApp

TOKEN, OTHER_TOKEN = "A" * 24, "B" * 24

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(120)]


class OpenBrowser(Protocol):
    """Opens browsers at a running app."""

    def __call__(self, app: RunningApp, *, token: str | None = None) -> httpx2.Client:
        """One with cookies of its own; with a token, the owner's."""


@pytest.fixture
def browser() -> Iterator[OpenBrowser]:
    with ExitStack() as opened:

        def start(app: RunningApp, *, token: str | None = None) -> httpx2.Client:
            client = opened.enter_context(httpx2.Client(base_url=app.url, trust_env=False, timeout=30))
            if token:
                assert client.get("/api/owner", params={"token": token}).status_code == 303
            return client

        yield start


def test_the_cookie_of_an_owner_token_ends_with_the_token(run_app: RunApp, browser: OpenBrowser) -> None:
    first = run_app(SORA_COMPARE_OWNER_TOKEN=TOKEN).wait()
    owner = browser(first, token=TOKEN)
    assert owner.get("/api/health").status_code == 200
    first.end()
    second = run_app(port=first.port, SORA_COMPARE_OWNER_TOKEN=OTHER_TOKEN).wait()
    assert owner.get("/api/health").status_code == 403
    assert browser(second, token=OTHER_TOKEN).get("/api/health").status_code == 200
