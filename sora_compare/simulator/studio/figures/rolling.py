"""Balls that roll on a table seen from above: number spots and stripes go round with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sora_compare.simulator.studio.drawing.pictures import colour
from sora_compare.simulator.studio.drawing.sprites import Sprite, round_cover, sphere_normals

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Canvas, Point

TOWARDS_LIGHT = np.array([-0.36, -0.5, 0.79], dtype=np.float32)
SPOT = 0.9
"""Cosine of the angle that the number's white spot takes."""
STRIPE = 0.5


def rolled(path: np.ndarray, radius: float) -> np.ndarray:
    """How a ball is turned after each step of rolling along a path.

    Args:
        path: steps x 2, in units.
        radius: in units.

    Returns:
        steps x 3 x 3 rotations.
    """
    turns = np.empty((len(path), 3, 3), dtype=np.float32)
    turn = _about(np.array([0.6, 0.8, 0.0]), 0.5)
    turns[0] = turn
    moves = np.diff(path, axis=0)
    lengths = np.hypot(moves[:, 0], moves[:, 1])
    for step, (move, length) in enumerate(zip(moves, lengths, strict=True)):
        if length > 1e-6:  # noqa: PLR2004 - at rest
            turn = _about(np.array([-move[1], move[0], 0.0]) / length, length / radius) @ turn
        turns[step + 1] = turn
    return turns


def _about(axis: np.ndarray, angle: float) -> np.ndarray:
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross))


class RollingBall:
    """Paints itself for each turn; a ball at rest is painted once."""

    def __init__(self, paint: str, radius_px: float, *, is_striped: bool, is_cue: bool) -> None:
        x, y, self._opacity = round_cover(radius_px)
        self._normals = sphere_normals(x, y)
        facing = np.clip(self._normals @ TOWARDS_LIGHT, 0.0, 1.0)
        half_way = TOWARDS_LIGHT + np.array([0.0, 0.0, 1.0], dtype=np.float32)
        shine = np.clip(self._normals @ (half_way / np.linalg.norm(half_way)), 0.0, 1.0) ** 60
        self._light = (0.34 + 0.72 * facing)[:, :, None]
        self._shine = (235.0 * shine)[:, :, None]
        self._paint = np.asarray(colour(paint), dtype=np.float32)
        self._white = np.asarray(colour("#f4efe2"), dtype=np.float32)
        self._sharpness = radius_px * 0.8
        self._is_striped, self._is_cue = is_striped, is_cue
        self._last: tuple[bytes, Sprite] | None = None

    def draw(self, canvas: Canvas, at: Point, turn: np.ndarray) -> None:
        """Draw at a place in units, turned by a 3 x 3 rotation."""
        key = turn.tobytes()
        if self._last is None or self._last[0] != key:
            self._last = (key, self._painted(turn))
        canvas.sprite(self._last[1], at)

    def _painted(self, turn: np.ndarray) -> Sprite:
        skin = self._paint
        if self._is_cue:
            dots = np.abs(self._normals @ turn[:, 0])
            ink = np.clip((dots - 0.965) * self._sharpness * 3, 0.0, 1.0)[:, :, None]
            skin = self._paint * (1 - ink) + np.asarray(colour("#c8372d"), dtype=np.float32) * ink
        else:
            ink = np.clip((np.abs(self._normals @ turn[:, 2]) - SPOT) * self._sharpness * 2.4, 0.0, 1.0)
            if self._is_striped:
                ink = np.maximum(
                    ink, np.clip((np.abs(self._normals @ turn[:, 1]) - STRIPE) * self._sharpness, 0.0, 1.0)
                )
            skin = self._paint * (1 - ink[:, :, None]) + self._white * ink[:, :, None]
        return Sprite(skin * self._light + self._shine, self._opacity)
