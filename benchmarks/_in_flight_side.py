"""One side of `in_flight`, in a process of its own: `python -m benchmarks._in_flight_side SIDE URL STATE`."""

from __future__ import annotations

import asyncio
import importlib
import json
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import _rig

PAIRS = 100
CLIP = _rig.Wanted(seconds=8, size="320x180")
LOOK_S = 0.1


def main() -> None:
    """Run one side and print what it took as JSON."""
    side, base_url, state = sys.argv[1:]
    # Loading openai is no part of what is compared: both sides have it before anything is measured.
    importlib.import_module("sora_compare.endpoints.openai_adapter")
    memory = _Memory()
    before = _cpu_s()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        run = _ours if side == "ours" else _bare
        noticed = run(base_url, Path(folder), memory)
        wall = time.monotonic() - started
    late = [moment - _rig.done_at(Path(state), job) for job, moment in noticed.items()]
    record = {
        "wall_s": wall,
        "takes": len(noticed),
        "cpu_s": _cpu_s() - before,
        "notice_p95_s": statistics.quantiles(late, n=20)[-1],
        "rss_growth_mb": memory.growth_mb,
    }
    sys.stdout.write(json.dumps(record))


def _ours(base_url: str, folder: Path, memory: _Memory) -> dict[str, float]:
    """Job id to the moment when the runner noticed its end."""
    lab = _rig.lab(base_url, concurrency=2 * PAIRS)
    with _rig.services(lab, folder / "home") as opened:
        memory.begin()
        for n in range(PAIRS):
            _rig.ask(opened, f"in flight {n}", CLIP)
        opened.runner.start()
        while opened.store.takes.open():
            time.sleep(LOOK_S)
        memory.end()
        takes = list(opened.store.takes.list())
    if any(take.clip is None for take in takes):
        raise RuntimeError([take.problem for take in takes if take.problem])
    return {take.job_id or "": take.moments.completed or 0.0 for take in takes}


def _bare(base_url: str, folder: Path, memory: _Memory) -> dict[str, float]:
    async def run() -> list[_rig.Bare]:
        async with _rig.bare_client(base_url) as client:
            memory.begin()
            found = await asyncio.gather(
                *(
                    _rig.bare(client, model, f"in flight {n}", CLIP, folder / f"{model}-{n}.mp4")
                    for n in range(PAIRS)
                    for model in (_rig.MODEL_A, _rig.MODEL_B)
                )
            )
            memory.end()
            return found

    return {one.job_id: one.noticed for one in asyncio.run(run())}


class _Memory:
    """Highest resident memory of this process, at two moments."""

    def __init__(self) -> None:
        self._first = self._last = 0.0

    def begin(self) -> None:
        """Everything is loaded; from now on."""
        self._first = _highest_mb()

    def end(self) -> None:
        """Until now."""
        self._last = _highest_mb()

    @property
    def growth_mb(self) -> float:
        """In megabytes."""
        return self._last - self._first


def _highest_mb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
