"""The simulator as a child process, for the app, the commands and the tests."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from sora_compare.errors import SimulatorFailed

if TYPE_CHECKING:
    from types import TracebackType

PROJECT = Path(__file__).resolve().parents[2]
"""Where `-m sora_compare` is found, wherever this process was started."""
READY_S = 30.0
GOODBYE_S = 5.0
TAIL = 2000


class SimulatorProcess:
    """Starts the simulator and waits until it answers; it ends with this process, however that ends.

    Args:
        arguments: more flags of the command, such as `--lenient`.
        speed: see the command.
        state: folder to keep jobs in; without it they go at the end.
        port: 0 for any free one.
        ready_s: how long to wait.

    Raises:
        SimulatorFailed: with the reason that the child gave.
    """

    def __init__(
        self,
        *arguments: str,
        speed: float = 10.0,
        state: Path | None = None,
        port: int = 0,
        ready_s: float = READY_S,
    ) -> None:
        kept = [] if state is None else ["--state", str(state.absolute())]
        flags = ["--port", str(port), "--speed", str(speed), "--json", "--exit-with-parent", *kept, *arguments]
        self._messages = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and command
            [sys.executable, "-m", "sora_compare", "simulate", *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._messages,
            cwd=PROJECT,
        )
        try:
            self.base_url = self._wait_ready(ready_s)
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    @property
    def is_alive(self) -> bool:
        """Whether the child runs."""
        return self._child.poll() is None

    def _wait_ready(self, ready_s: float) -> str:
        line = _line_within(_stream(self._child.stdout), ready_s)
        if not line:
            raise SimulatorFailed(self._reason(ready_s))
        return str(json.loads(line)["base_url"])

    def _reason(self, ready_s: float) -> str:
        if self._child.poll() is None and not self._has_closed_output():
            return f"it did not answer within {ready_s:g} s"
        self._messages.seek(0)
        sentences = self._messages.read()[-TAIL:].decode(errors="replace").strip().splitlines()
        reason = sentences[-1] if sentences else f"it ended with code {self._child.returncode}"
        return reason.removeprefix("The built-in simulator did not start: ").rstrip(".")

    def _has_closed_output(self) -> bool:
        try:
            self._child.wait(0.5)
        except subprocess.TimeoutExpired:
            return False
        return True

    def close(self) -> None:
        """Stop the child: asked first, then forced. Safe to call twice."""
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(GOODBYE_S)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        for stream in (self._child.stdin, self._child.stdout, self._messages):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # noqa: S101 - asked for with PIPE
    return stream


def _line_within(stream: IO[bytes], seconds: float) -> bytes:
    """The stream's first line, or nothing when it ends or the time does."""
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        if not selector.select(max(0.0, end - time.monotonic())):
            return b""
    return stream.readline()
