"""Where a job's files come from: rendered by workers, or, for servers under load, taken from a stock."""

from __future__ import annotations

import asyncio
import secrets
import struct
from typing import TYPE_CHECKING, Protocol

from sora_compare.simulator.studio.order import Order

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.simulator.api.jobs import Job
    from sora_compare.simulator.api.state import StateFolder
    from sora_compare.simulator.studio.workers import Workers


class Studio(Protocol):
    """Makes the files of jobs."""

    @property
    def needs_time(self) -> bool:
        """True when jobs wait for their file."""

    async def make(self, job: Job, cameos: tuple[Path, ...]) -> None:
        """Make the job's files."""

    async def file(self, job: Job, variant: str) -> Path:
        """One of the job's files."""


class RenderingStudio:
    """Draws each clip."""

    needs_time = True

    def __init__(self, state: StateFolder, workers: Workers) -> None:
        self._state, self._workers = state, workers

    async def make(self, job: Job, cameos: tuple[Path, ...]) -> None:
        """Render unless a run before this one did, up to its last step.

        Raises:
            RenderFailed: see `Workers.render`.
        """
        files = self._state.files(job.id)
        if not files[0].exists():
            await self._workers.render(files, job.request.order(self._state.references, cameos))

    async def file(self, job: Job, variant: str) -> Path:
        """The rendered file."""
        return self._state.clip(job.id, variant)


class StockStudio:
    """Renders one plain clip for each length and size, and gives every job its own copy.

    A copy ends with an empty MP4 box that holds the job's id: players skip it, and no two files are the same.
    """

    needs_time = False

    def __init__(self, state: StateFolder, workers: Workers) -> None:
        self._state, self._workers = state, workers
        self._stock: dict[str, asyncio.Task[Path]] = {}

    async def make(self, job: Job, cameos: tuple[Path, ...]) -> None:
        """Nothing: copies are made when asked for."""

    async def file(self, job: Job, variant: str) -> Path:
        """The job's copy.

        Raises:
            RenderFailed: see `Workers.render`.
        """
        path = self._state.clip(job.id, variant)
        if not path.exists():
            name = f"stock-{job.request.seconds}-{job.request.size}"
            if name not in self._stock:
                self._stock[name] = asyncio.create_task(self._render_stock(name, job))
            await asyncio.shield(self._stock[name])
            data = await asyncio.to_thread(self._state.clip(name, variant).read_bytes)
            mark = free_box(job.id.encode()) if variant == "video" else b""
            await asyncio.to_thread(_write, path, data + mark)
        return path

    async def _render_stock(self, name: str, job: Job) -> Path:
        files = self._state.files(name)
        request = job.request
        order = Order(
            prompt="", seconds=float(request.seconds), width=request.width, height=request.height, seed=0, scene="plain"
        )
        if not files[0].exists():
            await self._workers.render(files, order)
        return files[0]


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    partial.write_bytes(data)
    partial.replace(path)


def free_box(data: bytes) -> bytes:
    """An MP4 box of the kind `free`, which every reader skips."""
    return struct.pack(">I4s", 8 + len(data), b"free") + data
