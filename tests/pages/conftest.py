"""The app as a browser session sees it, on a store of the test's own whose takes nobody carries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from sora_compare import services as composition
from sora_compare.access.browsers import BROWSER_COOKIE, new_browser_id
from sora_compare.access.people import Person, Role
from sora_compare.domain.endpoints import SIMULATOR, Endpoint
from sora_compare.generation.runner import LEASE
from sora_compare.services import Services, open_services, services
from sora_compare.settings import Settings
from sora_compare.ui.shell import access, identity, pages

if TYPE_CHECKING:
    from collections.abc import Iterator

SHELL = Path(composition.__file__).parent / "ui" / "shell" / "frame.py"
PAGES = {path.stem: path for path in (pages.COMPARE, pages.REVIEW, pages.RESULTS, pages.LIBRARY, pages.SETTINGS)}
A_DAY = 86_400.0
RUN_S = 30
ONE_BROWSER = new_browser_id()


class OpenPage(Protocol):
    """Opens a page in a new session."""

    def __call__(self, name: str, *, reviewer: str = "", **parameters: str) -> AppTest:
        """The page, drawn for somebody who gave that name."""


@pytest.fixture(autouse=True)
def _at_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest has no connection and no cookies: every session is of one browser, on the owner's machine."""

    def owner() -> Person:
        services()
        return Person(Role.OWNER)

    monkeypatch.setattr(type(st.context), "cookies", {BROWSER_COOKIE: ONE_BROWSER})
    monkeypatch.setattr(access, "whoever", owner)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Services]:
    """The services of the process. The test holds the runner's lease, so that states stay as they are."""
    simulator = Endpoint(name=SIMULATOR, base_url="", profile="simulator", poll_interval_s=0.05)
    other = Endpoint(name="lab", base_url="http://127.0.0.1:9/v1", profile="generic", key_source="env:LAB_KEY")
    settings = Settings(
        home=tmp_path / "home",
        endpoints={SIMULATOR: simulator, "lab": other},
        key_hosts={"LAB_KEY": frozenset({"studio.example"})},
    )
    with_lease = open_services(settings, with_runner=False)
    with_lease.coordination.acquire_lease(LEASE, "the test", A_DAY)
    with_lease.close()
    composition._current = open_services(settings)
    yield composition._current
    composition.close_services()


@pytest.fixture
def open_page() -> OpenPage:
    def open_it(name: str, *, reviewer: str = "", **parameters: str) -> AppTest:
        session = AppTest.from_file(str(SHELL), default_timeout=RUN_S)
        if reviewer:
            session.session_state[identity.NAME] = reviewer
        for key, value in parameters.items():
            session.query_params[key] = value
        session.run()
        if name != "compare":
            session.switch_page(str(PAGES[name]))
            for key, value in parameters.items():
                session.query_params[key] = value
            session.run()
        assert not session.exception
        return session

    return open_it
