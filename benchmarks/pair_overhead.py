"""What a pair through our runner costs in time over the slower of its two arms alone with the bare SDK.

Both speak to one simulator process over a real socket, ask as often as it says (`openai-poll-after-ms`), and
download the same clip. The simulator hands out stock clips (`--no-render`): on few cores the drawing of two clips at
once would decide the figure, and not the runner. Ours is timed from before the plan to when both takes are seen saved,
checked and probed in the store; the bare SDK only writes a file.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import _rig
from benchmarks.figures import Figure

if TYPE_CHECKING:
    from sora_compare.services import Services

PAIRS = 5
CLIP = _rig.Wanted(seconds=8)
SPEED = 4.0
"""Published times divided by this: jobs of 9 s. What the runner adds is the same whatever the job takes (`added`)."""
LOOK_S = 0.03


def figures() -> list[Figure]:
    """The figures of `python -m benchmarks pair_overhead`."""
    with (
        _rig.simulator(speed=SPEED) as server,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        _rig.services(_rig.lab(server.base_url), Path(folder) / "home") as opened,
    ):
        opened.runner.start()
        asyncio.run(_alone(server.base_url, "warm-up", Path(folder)))
        runs = [(_pair(opened, f"pair {n}"), asyncio.run(_alone(server.base_url, f"pair {n}", Path(folder))))
                for n in range(PAIRS)]  # fmt: skip
    ratios = [ours / theirs for ours, theirs in runs]
    ours = statistics.median(ours for ours, _ in runs)
    against = "the slower arm alone, bare SDK"
    return [
        Figure("pair_wall", ours, "s", against, statistics.median(ratios), PAIRS),
        Figure("added", statistics.median(ours - theirs for ours, theirs in runs), "s", n=PAIRS),
        Figure("pair_wall_worst", max(ours for ours, _ in runs), "s", against, max(ratios), PAIRS),
    ]


def _pair(opened: Services, prompt: str) -> float:
    """Seconds of one pair through the runner."""
    start = time.monotonic()
    takes = _rig.ended(opened, _rig.ask(opened, prompt, CLIP), LOOK_S)
    wall = time.monotonic() - start
    if any(take.clip is None for take in takes):
        raise RuntimeError([take.problem for take in takes])
    return wall


async def _alone(base_url: str, prompt: str, folder: Path) -> float:
    """Seconds of the slower arm, each made alone; the same prompt has the same schedule as in the pair."""
    async with _rig.bare_client(base_url) as client:
        walls = [
            (await _rig.bare(client, model, prompt, CLIP, folder / "bare.mp4")).wall_s
            for model in (_rig.MODEL_A, _rig.MODEL_B)
        ]
    return max(walls)
