"""Lit solids in a room: across, height and depth; light falls from a lamp's place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from sora_compare.simulator.studio.drawing.pictures import colour
from sora_compare.simulator.studio.drawing.sprites import Sprite, round_cover, sphere_normals

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Canvas, Ink

AMBIENT = 0.24
SEEN_FROM = np.array([0.0, 0.35, -0.94], dtype=np.float32)
Seen: TypeAlias = Callable[[np.ndarray], np.ndarray]
"""From n x 3 places in the room to n x 2 places in the picture."""


class Solid(Protocol):
    """Something that stands on the table."""

    def points(self) -> np.ndarray:
        """Points whose convex hull is the solid, n x 3."""

    def draw(self, canvas: Canvas, lamp: np.ndarray, seen: Seen) -> None:
        """Draw it as the lamp lights it."""


class _Rounded:
    """A solid painted through a map of its normals."""

    def __init__(
        self, normals: np.ndarray, opacity: np.ndarray, paint: str, middle: tuple[float, float, float]
    ) -> None:
        # From the picture's axes (right, down, towards the viewer) to the room's (across, height, depth).
        self._normals = normals * np.array([1.0, -1.0, -1.0], dtype=np.float32)
        self._opacity, self._middle = opacity, np.array(middle)
        self._paint = np.asarray(colour(paint), dtype=np.float32)

    def _lit(self, lamp: np.ndarray) -> Sprite:
        towards = lamp - self._middle
        distance = float(np.linalg.norm(towards))
        direction = (towards / distance).astype(np.float32)
        fall = min(1.4, 50.0 / distance)
        facing = np.clip(self._normals @ direction, 0.0, 1.0)
        half_way = direction + SEEN_FROM
        shine = np.clip(self._normals @ (half_way / np.linalg.norm(half_way)), 0.0, 1.0) ** 28
        light = (AMBIENT + 0.95 * fall * facing)[:, :, None]
        return Sprite(self._paint * light + (120.0 * fall * shine)[:, :, None], self._opacity)


class Ball3(_Rounded):
    """A ball; `middle` is its centre."""

    def __init__(self, middle: tuple[float, float, float], radius: float, paint: str, unit: float) -> None:
        x, y, opacity = round_cover(radius * unit)
        super().__init__(sphere_normals(x, y), opacity, paint, middle)
        self._radius = radius

    def points(self) -> np.ndarray:
        """Points all over the ball."""
        up, round_ = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(0, 2 * np.pi, 20))
        flat = np.sqrt(1 - up**2)
        sphere = np.stack([flat * np.cos(round_), up, flat * np.sin(round_)], axis=-1).reshape(-1, 3)
        return np.asarray(self._middle + self._radius * sphere)

    def draw(self, canvas: Canvas, lamp: np.ndarray, seen: Seen) -> None:
        """Draw it as the lamp lights it."""
        x, y = seen(self._middle[None])[0]
        canvas.sprite(self._lit(lamp), (float(x), float(y)))


class Cone3(_Rounded):
    """A cone; `foot` is the middle of its base."""

    def __init__(self, foot: tuple[float, float, float], radius: float, height: float, paint: str, unit: float) -> None:
        normals, opacity = _cone_map(radius, height, unit)
        super().__init__(normals, opacity, paint, (foot[0], foot[1] + height * 0.4, foot[2]))
        self._foot, self._radius, self._height = np.array(foot), radius, height

    def points(self) -> np.ndarray:
        """The base's rim and the tip."""
        angles = np.linspace(0, 2 * np.pi, 25)
        rim = self._foot + self._radius * np.stack([np.cos(angles), 0 * angles, np.sin(angles)], axis=1)
        return np.concatenate([rim, [self._foot + np.array([0.0, self._height, 0.0])]])

    def draw(self, canvas: Canvas, lamp: np.ndarray, seen: Seen) -> None:
        """Draw it as the lamp lights it."""
        x, y = seen(self._foot[None])[0]
        canvas.sprite(self._lit(lamp), (float(x), float(y) - (self._height - self._radius * 0.42) / 2))


def _cone_map(radius: float, height: float, unit: float) -> tuple[np.ndarray, np.ndarray]:
    curve = radius * 0.42
    tall, wide = math.ceil((height + curve) * unit) + 2, math.ceil(2 * radius * unit) + 2
    y = ((np.arange(tall, dtype=np.float32) - 1) / unit)[:, None]
    x = ((np.arange(wide, dtype=np.float32) - (wide - 1) / 2) / unit)[None, :]
    half = np.maximum(radius * y / height, 1e-3)
    base = height + curve * np.sqrt(np.clip(1 - (x / radius) ** 2, 0, 1))
    opacity = np.clip((np.minimum(half, radius) - np.abs(x)) * unit + 0.5, 0, 1) * np.clip(
        (base - y) * unit + 0.5, 0, 1
    )
    across = np.clip(x / np.minimum(half, radius), -1, 1)
    slope = radius / math.hypot(radius, height)
    flat = math.sqrt(1 - slope * slope)
    normals = np.dstack([flat * across, np.full_like(across, -slope), flat * np.sqrt(1 - across**2)])
    return normals.astype(np.float32), opacity


class Box3:
    """A box turned by 30 degrees, so that two sides and the top are seen; `foot` is the middle of its base."""

    def __init__(self, foot: tuple[float, float, float], half: float, height: float, paint: str) -> None:
        self._foot, self._height = np.array(foot), height
        turn = math.radians(32)
        corners = [(math.cos(turn + k * math.pi / 2), math.sin(turn + k * math.pi / 2)) for k in range(4)]
        self._base = np.array([(half * math.sqrt(2) * a * 0.9, 0.0, half * math.sqrt(2) * b * 0.9) for a, b in corners])
        self._paint = np.asarray(colour(paint), dtype=np.float32)

    def points(self) -> np.ndarray:
        """The eight corners."""
        up = np.array([0.0, self._height, 0.0])
        return np.concatenate([self._foot + self._base, self._foot + self._base + up])

    def draw(self, canvas: Canvas, lamp: np.ndarray, seen: Seen) -> None:
        """Draw the faces towards the viewer as the lamp lights them."""
        corners = self.points()
        faces = [[k, (k + 1) % 4, (k + 1) % 4 + 4, k + 4] for k in range(4)]
        for face in sorted(faces, key=lambda face: -corners[face].mean(axis=0)[2]):
            self._draw_face(canvas, corners[face], lamp, seen)
        self._draw_face(canvas, corners[4:], lamp, seen)

    def _draw_face(self, canvas: Canvas, corners: np.ndarray, lamp: np.ndarray, seen: Seen) -> None:
        middle = corners.mean(axis=0)
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
        normal /= np.linalg.norm(normal)
        outward = middle - (self._foot + np.array([0.0, self._height / 2, 0.0]))
        normal = normal if normal @ outward > 0 else -normal
        towards = lamp - middle
        distance = float(np.linalg.norm(towards))
        facing = max(0.0, float(normal @ towards) / distance)
        light = AMBIENT + 0.95 * min(1.4, 50.0 / distance) * facing
        canvas.polygon(seen(corners), _ink(self._paint * light))


def _ink(paint: np.ndarray) -> Ink:
    blue, green, red = (int(part) for part in np.clip(paint, 0, 255))
    return blue, green, red
