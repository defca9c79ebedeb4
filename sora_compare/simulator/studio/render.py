"""From an order to a finished clip on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from sora_compare.simulator.studio.drawing.look import Look
from sora_compare.simulator.studio.drawing.mark import Mark
from sora_compare.simulator.studio.encode import write_clip
from sora_compare.simulator.studio.film import Film

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.simulator.studio.drawing.pictures import Picture
    from sora_compare.simulator.studio.order import Order
    from sora_compare.simulator.studio.stills import Stills


def render_clip(path: Path, order: Order, stills: Stills | None = None) -> None:
    """Render the clip into `path`, letting `stills` see its frames: the same order gives the same bytes."""
    film = Film(order)
    frames = frames_of(order, film)
    seen = frames if stills is None else stills.watch(frames)
    write_clip(path, seen, film.soundtrack(), width=order.width, height=order.height, fps=order.fps)


def frames_of(order: Order, film: Film) -> Iterator[Picture]:
    """The frames as planar YUV 4:2:0, height x 3/2 by width; the array is used again for the next frame."""
    look, mark = Look(order), Mark(order.width, order.height)
    planes = np.empty((order.height * 3 // 2, order.width), dtype=np.uint8)
    for index in range(order.frames):
        cv2.cvtColor(film.frame(float(index / order.fps)), cv2.COLOR_BGR2YUV_I420, planes)
        look.apply(planes, index)
        mark.stamp(planes)
        yield planes
