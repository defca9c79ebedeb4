"""How fast the simulator draws, and how quick the app stays meanwhile."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks._rerun import rerun_p95
from benchmarks.figures import Figure
from sora_compare.simulator.studio.encode import write_clip
from sora_compare.simulator.studio.film import Film
from sora_compare.simulator.studio.order import Order, Realism
from sora_compare.simulator.studio.render import frames_of, render_clip
from sora_compare.simulator.studio.scenes import BY_CHANCE

if TYPE_CHECKING:
    from collections.abc import Callable

CLIP_S = 4.0
WIDTH, HEIGHT = 1280, 720


def figures() -> list[Figure]:
    """The figures of `python -m benchmarks simulator`."""
    return [*render_speed(), rerun_p95()]


def render_speed() -> list[Figure]:
    """The mean over all scenes and both models, beside the encoder alone fed with the same frames."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        orders = [_order(scene, realism) for scene in BY_CHANCE for realism in Realism]
        render_clip(path, orders[0])  # loads what is loaded once
        ours = sum(_cpu_s(lambda order=order: render_clip(path, order)) for order in orders)  # type: ignore[misc]
        encoder = sum(_encoding_s(path, order) for order in orders)
    clips_s = CLIP_S * len(orders)
    speed = clips_s / ours
    return [
        Figure("render_speed", speed, "s of clip per s of one core", "the encoder alone", encoder / ours, len(orders))
    ]


def _order(scene: str, realism: Realism) -> Order:
    return Order(prompt=scene, seconds=CLIP_S, width=WIDTH, height=HEIGHT, seed=1, realism=realism, scene=scene)


def _encoding_s(path: Path, order: Order) -> float:
    film = Film(order)
    frames = [np.array(planes) for planes in frames_of(order, film)]
    sound = film.soundtrack()
    return _cpu_s(lambda: write_clip(path, iter(frames), sound, width=WIDTH, height=HEIGHT, fps=order.fps))


def _cpu_s(work: Callable[[], None]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before
