"""The app's server: in this process for its routes, and as `streamlit run` for its life and death."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import httpx2
import pytest

from tests.simulation import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parent.parent.parent
STARTED_S = 60.0


class RunningApp:
    """`streamlit run app.py` on a free port; its words are in `log`."""

    def __init__(self, home: Path, log: Path, port: int | None = None, **environment: str) -> None:
        self.port = port or free_port()
        self.log = log
        self.url = f"http://127.0.0.1:{self.port}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "SORA_"))}
        with log.open("ab") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={self.port}"],
                cwd=PROJECT,
                env={**clean, "SORA_COMPARE_HOME": str(home), "SORA_COMPARE_SIMULATOR_SPEED": "100", **environment},
                stdout=words,
                stderr=words,
            )

    def wait(self) -> RunningApp:
        """Until it answers."""
        wait_until(self._answers, limit_s=STARTED_S, gap_s=0.1)
        return self

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.said()
        try:
            return httpx2.get(f"{self.url}/api/health", trust_env=False, timeout=5).status_code in {200, 503}
        except httpx2.HTTPError:
            return False

    def said(self) -> str:
        return self.log.read_text("utf-8", errors="replace")

    def end(self) -> int:
        """As `kill` does."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(30)

    def kill(self) -> None:
        """As `kill -9` does."""
        self.process.kill()
        self.process.wait(10)


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


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
