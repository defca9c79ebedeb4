"""One reader of clips as a process: a job a line in, an answer a line out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import IO, Any, cast

from sora_compare.errors import ClipError, NotAVideo

PACKAGES = str(Path(__file__).resolve().parents[3])
READER = (sys.executable, "-P", "-m", "sora_compare.clips.decoding.reader")
LONGEST_ANSWER = 1_000_000
CLOCK_FACTOR = 2
"""Time on the clock per processor time: the machine may be busy with other things."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job for a reader: what to do with the file, other parameters it needs, and its limit of processor time."""

    do: str
    path: Path
    limit_s: int
    parameters: dict[str, Any]

    def line(self) -> str:
        """The job as it is sent."""
        return json.dumps({"do": self.do, "path": str(self.path), "cpu_s": self.limit_s, **self.parameters}) + "\n"


class ReaderDied(Exception):
    """The process ended without an answer."""


class Reader:
    """One process that reads clips; used by one thread at a time, stopped by any."""

    def __init__(self) -> None:
        # It holds no key: of the environment it gets where packages are, and no more.
        places = os.pathsep.join([PACKAGES, *filter(None, sys.path)])
        environment = {"PYTHONPATH": places, "MALLOC_ARENA_MAX": "2"}
        self._process = subprocess.Popen(  # noqa: S603  # our own module, by this very interpreter
            READER,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            encoding="utf-8",
        )
        self._is_ready = False
        self._is_overtime = False

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def request(self, job: Job) -> dict[str, Any]:
        """The answer to one job.

        Raises:
            NotAVideo: the job took too long and was stopped.
            ReaderDied: the process ended in the middle.
            ClipError: the process never started.
        """
        timer = Timer(CLOCK_FACTOR * job.limit_s, self._stop_overtime)
        timer.start()
        try:
            answer = self._exchanged(job)
        finally:
            timer.cancel()
        if answer is None:
            self._raise_why(job)
        return cast("dict[str, Any]", answer)

    def _exchanged(self, job: Job) -> dict[str, Any] | None:
        self._is_ready = self._is_ready or self._heard() is not None
        if not self._is_ready:
            return None
        try:
            found = cast("IO[str]", self._process.stdin)
            found.write(job.line())
            found.flush()
        except BrokenPipeError:
            return None
        return self._heard()

    def _heard(self) -> dict[str, Any] | None:
        """The next line; None when the process ended or speaks nonsense."""
        line = cast("IO[str]", self._process.stdout).readline(LONGEST_ANSWER)
        try:
            answer = json.loads(line)
        except ValueError:
            return None
        return answer if isinstance(answer, dict) else None

    def _raise_why(self, job: Job) -> None:
        self.kill()
        ended_by = self._process.wait()
        if not self._is_ready and not self._is_overtime:
            raise ClipError(
                "The reader of clips does not start: “python -m sora_compare.clips.decoding.reader” says why."
            )
        if self._is_overtime or ended_by == -signal.SIGXCPU:
            raise NotAVideo(f"reading it took longer than {job.limit_s} s and was stopped")
        raise ReaderDied

    def _stop_overtime(self) -> None:
        self._is_overtime = True
        self.kill()

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()

    def stop(self) -> None:
        """End the process and let go of its pipes."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            _closed(cast("IO[str]", pipe))


def _closed(pipe: IO[str]) -> None:
    # A job that was never read is still in the pipe's buffer, and there is nobody to read it.
    with suppress(BrokenPipeError):
        pipe.close()
