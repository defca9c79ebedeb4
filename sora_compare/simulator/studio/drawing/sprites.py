"""Prerendered pieces with soft edges: drawn once with care, then placed, turned and scaled in every frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from sora_compare.simulator.studio.drawing.pictures import Picture, as_picture, distance

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Point


class Sprite:
    """Colours already multiplied by their opacity, so that placing one costs two passes over its box.

    Attributes:
        body: height x width x 4 (blue, green, red, opacity), premultiplied.
        anchor: the pixel that is put at the asked place.
    """

    def __init__(self, colours: np.ndarray, opacity: np.ndarray, anchor: Point | None = None) -> None:
        cover = np.clip(opacity, 0.0, 1.0).astype(np.float32)
        self.body: Picture = np.dstack([as_picture(colours * cover[:, :, None]), as_picture(cover * 255.0)])
        height, width = cover.shape
        self.anchor = anchor if anchor is not None else (width / 2 - 0.5, height / 2 - 0.5)

    def draw(self, pixels: Picture, at: Point, turn: float, scale: Point, alpha: float) -> None:
        """Composite into `pixels` in place; `at` in pixels."""
        matrix = self._matrix(at, turn, scale)
        box = self._box(matrix, pixels.shape[1], pixels.shape[0])
        if box is None:
            return
        left, top, right, bottom = box
        matrix[:, 2] -= (left, top)
        piece = cv2.warpAffine(self.body, matrix, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
        compose(pixels[top:bottom, left:right], piece, alpha)

    def _matrix(self, at: Point, turn: float, scale: Point) -> np.ndarray:
        angle = np.deg2rad(turn)
        cos, sin = np.cos(angle), np.sin(angle)
        turned = np.array([[cos * scale[0], -sin * scale[1]], [sin * scale[0], cos * scale[1]]])
        shift = np.array([at[0] - 0.5, at[1] - 0.5]) - turned @ np.asarray(self.anchor)
        return np.column_stack([turned, shift])

    def _box(self, matrix: np.ndarray, width: int, height: int) -> tuple[int, int, int, int] | None:
        tall, wide = self.body.shape[:2]
        corners = np.array([[0, 0, 1], [wide, 0, 1], [0, tall, 1], [wide, tall, 1]], dtype=np.float64) @ matrix.T
        low, high = corners.min(axis=0) - 1, corners.max(axis=0) + 2
        left, top = max(0, int(low[0])), max(0, int(low[1]))
        right, bottom = min(width, int(high[0])), min(height, int(high[1]))
        return (left, top, right, bottom) if right > left and bottom > top else None


def compose(region: Picture, piece: np.ndarray, alpha: float) -> None:
    """Lay a premultiplied four-channel piece over `region`, in place."""
    if alpha < 1.0:
        piece = cv2.convertScaleAbs(piece, alpha=alpha)
    kept = cv2.bitwise_not(cv2.extractChannel(piece, 3))
    cv2.multiply(region, cv2.merge([kept, kept, kept]), region, 1 / 255)
    cv2.add(region, cv2.cvtColor(piece, cv2.COLOR_BGRA2BGR), region)


def blob(radii_px: Point, ink: tuple[int, int, int], strength: float, softness: float = 2.0) -> Sprite:
    """A round soft spot for shadows and glows: `strength` at its middle, nothing at its radii."""
    width, height = (2 * int(np.ceil(r)) + 3 for r in radii_px)
    far = distance(width, height, ((width - 1) / 2, (height - 1) / 2), radii_px)
    opacity = strength * np.clip(1.0 - far**2, 0.0, 1.0) ** softness
    colours = np.broadcast_to(np.asarray(ink, dtype=np.float32), (height, width, 3))
    return Sprite(colours, opacity)


def round_cover(radius_px: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coordinates and an antialiased disc for painting round things.

    Returns:
        x and y from -1 to 1 across the disc, and its opacity; each size x size.
    """
    size = 2 * int(np.ceil(radius_px)) + 3
    axis = (np.arange(size, dtype=np.float32) - (size - 1) / 2) / radius_px
    x, y = np.meshgrid(axis, axis)
    opacity = np.clip((1.0 - np.hypot(x, y)) * radius_px + 0.5, 0.0, 1.0)
    return x, y, opacity


def sphere_normals(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Unit normals of a ball seen from the front, size x size x 3 (right, down, towards the viewer)."""
    z = np.sqrt(np.clip(1.0 - x * x - y * y, 0.0, 1.0))
    return np.dstack([x, y, z]).astype(np.float32)
