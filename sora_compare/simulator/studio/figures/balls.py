"""Round things: prerendered skins that turn, under a shade that stays with the light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sora_compare.simulator.studio.drawing.pictures import colour, speckle
from sora_compare.simulator.studio.drawing.sprites import Sprite, round_cover, sphere_normals

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Canvas, Point

LIGHT = np.array([-0.45, -0.72, 0.53], dtype=np.float32)
"""Direction to the light: right, down, towards the viewer; above the left shoulder."""


class Ball:
    """A skin turned by the ball's angle, and the light on it."""

    def __init__(self, skin: Sprite, radius_px: float, *, gloss: float = 0.25) -> None:
        self._skin = skin
        x, y, opacity = round_cover(radius_px)
        self._shade = _shade(x, y, opacity, gloss)

    def draw(self, canvas: Canvas, at: Point, turn: float, *, alpha: float = 1.0) -> None:
        """Draw with the middle at `at`, turned by degrees."""
        canvas.sprite(self._skin, at, turn=turn, alpha=alpha)
        canvas.sprite(self._shade, at, alpha=alpha)


def _shade(x: np.ndarray, y: np.ndarray, opacity: np.ndarray, gloss: float) -> Sprite:
    normals = sphere_normals(x, y)
    facing = normals @ LIGHT
    darkness = np.clip(0.78 - 0.95 * np.clip(facing, -0.2, 1.0), 0.0, 0.72)
    half_way = LIGHT + np.array([0.0, 0.0, 1.0], dtype=np.float32)
    half_way /= np.linalg.norm(half_way)
    shine = gloss * np.clip(normals @ half_way, 0.0, 1.0) ** 36
    cover = darkness + shine * (1.0 - darkness)
    white = np.where(cover > 1e-4, shine / np.maximum(cover, 1e-4), 0.0)  # noqa: PLR2004 - keeps from dividing by nothing
    return Sprite(np.repeat(white[:, :, None] * 255.0, 3, axis=2), cover * opacity)


def basketball(radius_px: float, seed: int) -> Ball:
    """Orange leather with its seams."""
    x, y, opacity = round_cover(radius_px)
    size = x.shape[0]
    leather = 1.0 + 0.05 * speckle(size, size, seed, 0.7)
    skin = np.asarray(colour("#e2762a"), dtype=np.float32) * leather[:, :, None]
    line = 0.055
    seams = np.minimum(np.abs(x), np.abs(y))
    for side in (-1.0, 1.0):
        seams = np.minimum(seams, np.abs(np.hypot((x - side * 1.28) / 0.82, y) - 1.0) * 0.82)
    ink = np.clip((line - seams) * radius_px + 0.5, 0.0, 1.0)[:, :, None]
    skin = skin * (1.0 - ink) + np.asarray(colour("#3a1d10"), dtype=np.float32) * ink
    return Ball(Sprite(skin, opacity), radius_px)


def plain_ball(radius_px: float, code: str, *, stripe: str = "", gloss: float = 0.6) -> Ball:
    """A ball of one colour, with a stripe that shows its turning."""
    x, _, opacity = round_cover(radius_px)
    skin = np.broadcast_to(np.asarray(colour(code), dtype=np.float32), (*x.shape, 3)).copy()
    if stripe:
        ink = np.clip((0.24 - np.abs(x)) * radius_px + 0.5, 0.0, 1.0)[:, :, None]
        skin = skin * (1.0 - ink) + np.asarray(colour(stripe), dtype=np.float32) * ink
    return Ball(Sprite(skin, opacity), radius_px, gloss=gloss)
