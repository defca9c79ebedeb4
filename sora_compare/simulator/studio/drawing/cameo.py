"""A cameo's picture in the clip: a round portrait that keeps the subject company."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.simulator.studio.drawing.prints import covering, read_photograph
from sora_compare.simulator.studio.drawing.sprites import Sprite, blob, round_cover

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.simulator.studio.drawing.canvas import Canvas, Point

RADIUS = 11.0
RING = 0.9
FOLLOW = 0.35
"""Share of the subject's way that the portrait goes along."""


class CameoPortrait:
    """One portrait; several stand side by side."""

    def __init__(self, path: Path, place: int, width: int, height: int) -> None:
        unit = min(width, height) / 100
        x, y, opacity = round_cover(RADIUS * unit)
        size = x.shape[0]
        face = covering(read_photograph(path), size, size).astype(np.float32)
        ring = np.clip((np.hypot(x, y) - (1 - RING / RADIUS)) * RADIUS * unit + 0.5, 0.0, 1.0)[:, :, None]
        self._sprite = Sprite(face * (1 - ring) + np.float32(245.0) * ring, opacity)
        self._shadow = blob((RADIUS * unit * 1.25, RADIUS * unit * 1.25), (0, 0, 0), 0.5)
        self._place = place

    def draw(self, canvas: Canvas, subject: Point, t: float) -> None:
        """Draw the portrait near the subject's side of the picture, bobbing gently."""
        column = self._place * (2 * RADIUS + 4)
        x = -canvas.half_width * 0.62 + column + FOLLOW * subject[0]
        y = -canvas.half_height * 0.5 + FOLLOW * subject[1] + 1.2 * math.sin(2.1 * t + self._place)
        limit_x, limit_y = canvas.half_width - RADIUS - 2, canvas.half_height - RADIUS - 2
        at = (min(max(x, -limit_x), limit_x), min(max(y, -limit_y), limit_y))
        canvas.sprite(self._shadow, (at[0] + 1.0, at[1] + 2.0))
        canvas.sprite(self._sprite, at, turn=3.0 * math.sin(1.3 * t + self._place))
