"""The processes that render, so that the server answers while they work."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from sora_compare.simulator.studio.order import Order

NICENESS = 10
Files: TypeAlias = tuple[Path, Path, Path]
"""Where the clip, its thumbnail and its sprite sheet go."""
TRIES = 2


class RenderFailed(Exception):
    """A clip could not be rendered; the reason is for the log."""


class Workers:
    """A pool that ends with its owner, however that ends."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._context = multiprocessing.get_context("spawn")
        self._leash, self._held = self._context.Pipe(duplex=False)
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._count, self._context, initializer=begin_work, initargs=(self._leash,))

    async def render(self, files: Files, order: Order) -> None:
        """Render a clip and its stills into place, whole or not at all.

        Raises:
            RenderFailed: also after a worker died twice over the same clip.
        """
        for _ in range(TRIES):
            pool = self._pool
            error = await _outcome(pool, files, order)
            if error is None:
                return
            if not isinstance(error, BrokenProcessPool):
                raise RenderFailed(f"{type(error).__name__}: {error}") from error
            if pool is self._pool:
                self._pool = self._new_pool()
        raise RenderFailed("the rendering process ended early")

    def close(self) -> None:
        """End the workers at once, whatever they are doing."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._held.close()


async def _outcome(pool: ProcessPoolExecutor, files: Files, order: Order) -> BaseException | None:
    """What went wrong in the worker, whatever it was; None when the files are there."""
    try:
        work = asyncio.wrap_future(pool.submit(render_whole, files, order))
    except BrokenProcessPool as error:
        return error
    await asyncio.wait([work])
    return work.exception()


def begin_work(leash: Connection) -> None:
    """Prepare a worker: give way to everybody else, and end when the owner lets go of the leash."""
    # Ctrl+C in a terminal reaches every process of the group; the owner decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    threading.Thread(target=_end_with_owner, args=(leash,), daemon=True).start()


def _end_with_owner(leash: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        leash.recv_bytes()
    os._exit(0)


def render_whole(files: Files, order: Order) -> None:
    """Render under a temporary name, sync, then rename: the stills first, so that a clip never lacks them."""
    # Imported here: the server itself never draws.
    from sora_compare.simulator.api.state import sync_folder  # noqa: PLC0415
    from sora_compare.simulator.studio.render import render_clip  # noqa: PLC0415
    from sora_compare.simulator.studio.stills import Stills  # noqa: PLC0415

    clip, thumbnail, spritesheet = files
    partial = clip.with_name(f".{clip.name}.partial")
    stills = Stills(order.frames)
    render_clip(partial, order, stills)
    stills.write(thumbnail, spritesheet)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(clip)
    sync_folder(clip.parent)
