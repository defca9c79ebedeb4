"""200 takes in flight in one process, beside a bare asyncio loop with the SDK and the same poll interval.

The server does not draw (`--no-render`), its clips are small (320x180), so that not their decoding decides the figure,
and it tells both sides how often to ask. Each side runs in a process of its own
against a simulator of its own; the processor time is of that process, without the server and without the readers of
clips, which the bare loop has no equal of: ours probes and keeps each clip, the bare loop writes a file.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from sora_compare.simulator.process import SimulatorProcess

SPEED = 1.0
POLL_S = 0.94
"""What the simulator asks for at this speed: 250 ms per 10 s of a job of 37.6 s."""
PROJECT = Path(__file__).resolve().parent.parent
INTERVAL = "the poll interval"
AGAINST = "a bare asyncio loop, SDK, same poll"


def figures() -> list[Figure]:
    """The figures of `python -m benchmarks in_flight`."""
    theirs, ours = _side("bare"), _side("ours")
    takes = int(ours["takes"])

    def over(name: str) -> float:
        return float(ours[name] / theirs[name])

    return [
        Figure("wall", ours["wall_s"], "s", AGAINST, over("wall_s"), takes),
        Figure("notice_p95", ours["notice_p95_s"], "s", INTERVAL, ours["notice_p95_s"] / POLL_S, takes),
        Figure("notice_p95_bare", theirs["notice_p95_s"], "s", INTERVAL, theirs["notice_p95_s"] / POLL_S, takes),
        Figure("rss_growth", ours["rss_growth_mb"], "MB", AGAINST, over("rss_growth_mb"), takes),
        Figure("cpu_per_take", ours["cpu_s"] / takes, "s", AGAINST, over("cpu_s"), takes),
    ]


def _side(name: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        state = Path(folder) / "state"
        flags = ("--no-render", "--lenient", "--stability", "off")
        with SimulatorProcess(*flags, speed=SPEED, state=state) as server:
            words = [sys.executable, "-m", "benchmarks._in_flight_side", name, server.base_url, str(state)]
            value = subprocess.run(words, cwd=PROJECT, stdout=subprocess.PIPE, check=True).stdout
    found: dict[str, Any] = json.loads(value)
    return found
