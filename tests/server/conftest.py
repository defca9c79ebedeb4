"""The app's server: in this process for its routes, and as a process for its life and death."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from tests.server.running import RunningApp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class RunApp(Protocol):
    """Starts the app on the test's data folder."""

    def __call__(self, *, port: int | None = None, **environment: str) -> RunningApp:
        """The started app, which may not answer yet."""


@pytest.fixture
def run_app(tmp_path: Path) -> Iterator[RunApp]:
    started: list[RunningApp] = []

    def start(*, port: int | None = None, **environment: str) -> RunningApp:
        started.append(RunningApp(tmp_path / "home", tmp_path / "log", port, **environment))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.kill()
