"""The app as a user starts it: `streamlit run app.py`, in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx2

from tests.simulation import wait_until

PROJECT = Path(__file__).resolve().parent.parent.parent
STARTED_S = 60.0


class RunningApp:
    """`streamlit run app.py` on a free port; its words are in `log`. Settings and secrets are those of `folder`.

    With `program`, the installed `sora-compare` at that path starts it.
    """

    def __init__(
        self,
        home: Path,
        log: Path,
        port: int | None = None,
        folder: Path = PROJECT,
        program: Path | None = None,
        **environment: str,
    ) -> None:
        self.port = port or free_port()
        self.log = log
        self.url = f"http://127.0.0.1:{self.port}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "SORA_"))}
        script = [sys.executable, "-m", "streamlit", "run", str(PROJECT / "app.py"), f"--server.port={self.port}"]
        installed = [str(program), "run", "--port", str(self.port)]
        with log.open("ab") as words:
            self.process = subprocess.Popen(
                installed if program else script,
                cwd=folder,
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
            return httpx2.get(f"{self.url}/api/alive", trust_env=False, timeout=5).status_code in {200, 503}
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
