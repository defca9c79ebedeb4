"""Walls, floors, skies and light for prerendered backgrounds, in real numbers until the last step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from sora_compare.simulator.studio.drawing.pictures import Plane, colour, distance, soft_spot, speckle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.simulator.studio.drawing.canvas import Point


def vignette(picture: Plane, strength: float = 0.35) -> None:
    """Darken the corners in place."""
    height, width = picture.shape[:2]
    far = distance(width, height, (width / 2, height / 2), (width * 0.72, height * 0.72))
    picture *= (1.0 - strength * np.clip(far, 0.0, 1.2) ** 2.4)[:, :, None]


def light_spot(picture: Plane, centre: Point, radii: Point, code: str, strength: float) -> None:
    """Add a soft round light in place; `centre` and `radii` in pixels, only the box it reaches is touched."""
    height, width = picture.shape[:2]
    left, right = max(0, int(centre[0] - radii[0])), min(width, int(centre[0] + radii[0]) + 1)
    top, bottom = max(0, int(centre[1] - radii[1])), min(height, int(centre[1] + radii[1]) + 1)
    if right <= left or bottom <= top:
        return
    spot = soft_spot(right - left, bottom - top, (centre[0] - left, centre[1] - top), radii)
    picture[top:bottom, left:right] += strength * spot[:, :, None] * np.asarray(colour(code), dtype=np.float32)


def plank_floor(
    picture: Plane, top_px: int, codes: Sequence[str], seed: int, *, planks: float = 26.0, vanish: float = 1.2
) -> None:
    """Paint floor boards that run towards the viewer over everything below `top_px`, in place."""
    height, width = picture.shape[:2]
    rows = np.arange(top_px, height, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None, :]
    horizon = top_px - vanish * (height - top_px)
    depth = (rows - horizon) / (height - horizon)
    across = (columns - width / 2) / width / depth * planks
    board = np.floor(across).astype(np.int64)
    random = np.random.default_rng(seed)
    tones = random.uniform(-1.0, 1.0, 4096).astype(np.float32)[board % 4096]
    fibre = speckle(width, height - top_px, seed + 1, 0.8, 0.4) * 0.35 + speckle(width, height - top_px, seed + 2, 9.0)
    inside = across - board
    seam = np.clip(np.minimum(inside, 1.0 - inside) * 26.0 * depth, 0.0, 1.0) * 0.25 + 0.75
    near = np.asarray(colour(codes[0]), dtype=np.float32)
    far = np.asarray(colour(codes[1]), dtype=np.float32)
    share = np.clip((rows - top_px) / (height - top_px), 0.0, 1.0)[:, :, None]
    base = far * (1.0 - share) + near * share
    picture[top_px:] = base * ((1.0 + 0.05 * tones + 0.022 * fibre) * seam)[:, :, None]


def plaster(picture: Plane, seed: int, strength: float = 0.02) -> None:
    """Give a flat wall the unevenness of paint, in place."""
    height, width = picture.shape[:2]
    rough = speckle(width // 2 + 1, height // 2 + 1, seed, max(2.0, height / 60))
    uneven = np.repeat(np.repeat(rough, 2, axis=0), 2, axis=1)[:height, :width]
    picture *= (1.0 + strength * uneven)[:, :, None]


def window_light(picture: Plane, corners: Sequence[Point], strength: float, softness_px: float) -> None:
    """Brighten a slanted patch as the sun through a window does, in place; `corners` in pixels."""
    mask = np.zeros(picture.shape[:2], dtype=np.float32)
    cv2.fillPoly(mask, [np.rint(np.asarray(corners)).astype(np.int32)], 1.0)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), softness_px), dtype=np.float32)
    picture *= 1.0 + strength * mask[:, :, None] * np.asarray([0.62, 0.9, 1.12], dtype=np.float32)
