"""Sprites cut out of drawn shapes: each shape is painted and, where it is solid, added to the outline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from sora_compare.simulator.studio.drawing.canvas import Canvas, Ink, Points, as_colour
from sora_compare.simulator.studio.drawing.sprites import Sprite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.simulator.studio.drawing.canvas import Point

DETAIL = 2
"""Drawn twice as large, then reduced: finer edges than antialiasing alone gives."""


class Cutout:
    """A picture with an outline, drawn in units around its own middle.

    Args:
        width, height: units.
        unit: pixels per unit where it will be shown.
        ground: colour under everything, which soft edges blend into.
    """

    def __init__(self, width: float, height: float, unit: float, ground: Ink) -> None:
        size = (round(width * unit) * DETAIL, round(height * unit) * DETAIL)
        self.paint, self._cover = Canvas(*size), Canvas(*size)
        self.paint.unit = self._cover.unit = unit * DETAIL
        self.paint.pixels[:] = as_colour(ground)

    def polygon(self, points: Points, ink: Ink) -> None:
        """A solid shape."""
        self.paint.polygon(points, ink)
        self._cover.polygon(points, "#ffffff")

    def ellipse(self, centre: Point, radii: Point, ink: Ink, *, turn: float = 0.0) -> None:
        """A solid ellipse."""
        self.paint.ellipse(centre, radii, ink, turn=turn)
        self._cover.ellipse(centre, radii, "#ffffff", turn=turn)

    def stroke(self, points: Points, ink: Ink, width: float) -> None:
        """A solid line."""
        self.paint.stroke(points, ink, width)
        self._cover.stroke(points, "#ffffff", width)

    def ribbon(self, points: Points, widths: Sequence[float] | np.ndarray, ink: Ink) -> None:
        """A solid band."""
        self.paint.ribbon(points, widths, ink)
        self._cover.ribbon(points, widths, "#ffffff")

    def texture(self, noise: np.ndarray, strength: float) -> None:
        """Roughen the paint by noise of any size around 0."""
        size = (self.paint.width, self.paint.height)
        rough = cv2.resize(noise.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
        painted = self.paint.pixels * (1.0 + strength * rough)[:, :, None]
        self.paint.pixels = np.clip(painted, 0, 255).astype(np.uint8)

    def sprite(self, anchor: Point = (0.0, 0.0)) -> Sprite:
        """The finished piece; `anchor` in units from its middle."""
        size = (self.paint.width // DETAIL, self.paint.height // DETAIL)
        colours = cv2.resize(self.paint.pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        cover = cv2.resize(self._cover.pixels[:, :, 0], size, interpolation=cv2.INTER_AREA) / 255.0
        unit = self.paint.unit / DETAIL
        middle = (size[0] / 2 - 0.5 + anchor[0] * unit, size[1] / 2 - 0.5 + anchor[1] * unit)
        return Sprite(colours, cover, middle)
