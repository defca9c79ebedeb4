"""A lamp that swings over three solids: shadows and shading follow it, or stay where they were."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from sora_compare.simulator.studio import sound
from sora_compare.simulator.studio.drawing.pictures import colour, dithered, gradient, soft_spot
from sora_compare.simulator.studio.drawing.sprites import blob
from sora_compare.simulator.studio.figures.backdrops import plank_floor, plaster
from sora_compare.simulator.studio.figures.solids import Ball3, Box3, Cone3, Solid

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Canvas, Point
    from sora_compare.simulator.studio.drawing.pictures import Picture
    from sora_compare.simulator.studio.scenes.scene import SceneRequest
    from sora_compare.simulator.studio.sound import Track

SLANT = 0.42
"""How much of a unit of depth is seen as height."""
PAINTS = ["#d9654a", "#4f86b8", "#e3b23c", "#6a9f6d", "#b56b9a"]
POOL_CELL = 8
SWING_S = 3.6


class Light:
    """A ball, a box and a cone on a table, in the dark but for one lamp."""

    def __init__(self, request: SceneRequest) -> None:
        self._request = request
        canvas = request.canvas()
        random = request.random("solids")
        self._base_y = canvas.half_height * 0.42
        self._reach = min(58.0, canvas.half_width * 0.75)
        self._phase = float(random.uniform(-0.6, 0.6))
        self._background = self._painted(canvas)
        paints = list(random.permutation(PAINTS))
        spread = self._reach * 0.62
        self._solids: list[Solid] = [
            Cone3((spread, 0.0, 7.0), 9.5, 31.0, paints[0], canvas.unit),
            Box3((-spread * 0.95, 0.0, 2.0), 9.0, 20.0, paints[1]),
            Ball3((1.5, 11.5, -9.0), 11.5, paints[2], canvas.unit),
        ]
        self._glow = blob((34 * canvas.unit, 34 * canvas.unit), colour("#ffd68a"), 0.5, 2.4)
        self._bulb = blob((4.0 * canvas.unit, 4.0 * canvas.unit), colour("#fffbe8"), 1.0, 0.5)
        self._room = _room(request.width, request.height)

    def lamp(self, t: float) -> tuple[float, float, float]:
        """Where the lamp is: across, height, depth."""
        swing = math.sin(2 * math.pi * t / SWING_S + self._phase)
        return (
            self._reach * 1.05 * swing,
            58.0 - 8.0 * (1 - swing * swing),
            -12.0 + 13.0 * math.cos(2 * math.pi * t / SWING_S + self._phase),
        )

    def casting_lamp(self, t: float) -> tuple[float, float, float]:
        """The lamp that shading and shadows take into account; in basic lighting, the one at the beginning."""
        return self.lamp(t if self._request.is_precise else 0.0)

    def seen(self, point: np.ndarray) -> np.ndarray:
        """N x 3 points of the room to n x 2 places in the picture, in units."""
        return np.stack([point[:, 0], self._base_y - point[:, 1] - SLANT * point[:, 2]], axis=1)

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the lit table, the shadows, the solids from back to front, the lamp."""
        lamp, casting = np.array(self.lamp(t)), np.array(self.casting_lamp(t))
        canvas.load(self._background)
        self._light_table(canvas, lamp)
        self._draw_shadows(canvas, casting)
        for solid in self._solids:
            solid.draw(canvas, casting, self.seen)
        self._draw_lamp(canvas, lamp)

    def sound(self, track: Track) -> None:
        """The hum of the lamp and the creak of its cord."""
        t = np.arange(round(track.seconds * sound.SAMPLE_RATE)) / sound.SAMPLE_RATE
        hum = 0.6 * np.sin(2 * np.pi * 100 * t) + 0.25 * np.sin(2 * np.pi * 200 * t) + 0.1 * np.sin(2 * np.pi * 300 * t)
        swing = 1 + 0.3 * np.sin(2 * np.pi * t / SWING_S)
        track.add(np.asarray(hum * swing, dtype=np.float32), gain=0.06)
        track.add(sound.noise(track.seconds, 60, 400, 3), gain=0.03)
        for turn in np.arange(SWING_S / 4, track.seconds, SWING_S / 2):
            track.add(sound.burst(0.3, 300, 900, 0.08, 5), float(turn), 0.14)

    def subject(self, t: float) -> Point:
        """The lamp."""
        x, y = self.seen(np.array([self.lamp(t)]))[0]
        return float(x), float(y)

    def _light_table(self, canvas: Canvas, lamp: np.ndarray) -> None:
        foot = self.seen(np.array([[lamp[0], 0.0, lamp[2]]]))[0]
        x, y = canvas.place((float(foot[0]), float(foot[1])))
        width, height = canvas.width // POOL_CELL + 1, canvas.height // POOL_CELL + 1
        unit = canvas.unit / POOL_CELL
        pool = soft_spot(width, height, (x / POOL_CELL, y / POOL_CELL), (92 * unit, 46 * unit))
        wall = soft_spot(width, height, (x / POOL_CELL, (y - 42 * canvas.unit) / POOL_CELL), (84 * unit, 74 * unit))
        strength = np.clip(40 + 150 * pool + 85 * wall * self._room[:height, :width], 0, 255).astype(np.uint8)
        shade = cv2.resize(strength, (canvas.width, canvas.height), interpolation=cv2.INTER_LINEAR)
        cv2.multiply(canvas.pixels, cv2.merge([shade, shade, shade]), canvas.pixels, 1 / 160)

    def _draw_shadows(self, canvas: Canvas, lamp: np.ndarray) -> None:
        for solid in self._solids:
            hull = self.shadow(solid, lamp)
            middle = hull.mean(axis=0)
            if self._request.is_precise:
                # A lamp is no point: a narrow dark core inside a wide soft edge.
                canvas.tint(middle + (hull - middle) * 1.05, "#05060c", 0.42, blur=3.0)
                canvas.tint(middle + (hull - middle) * 0.94, "#05060c", 0.55, blur=0.9)
            else:
                canvas.tint(hull, "#05060c", 0.6)

    def shadow(self, solid: Solid, lamp: np.ndarray) -> np.ndarray:
        """Outline of a solid's shadow on the table, m x 2 in units."""
        points = solid.points()
        height = np.minimum(points[:, 1], lamp[1] - 4.0)
        share = lamp[1] / (lamp[1] - height)
        floor = np.stack(
            [lamp[0] + (points[:, 0] - lamp[0]) * share, 0 * share, lamp[2] + (points[:, 2] - lamp[2]) * share], axis=1
        )
        outline = cv2.convexHull(self.seen(floor).astype(np.float32))[:, 0, :]
        return np.asarray(outline, dtype=np.float64)

    def _draw_lamp(self, canvas: Canvas, lamp: np.ndarray) -> None:
        x, y = (float(v) for v in self.seen(lamp[None])[0])
        top = (x * 0.25, -canvas.half_height - 5)
        canvas.stroke([top, (x, y - 5)], "#17191f", 0.6)
        canvas.sprite(self._glow, (x, y))
        lean = math.atan2(x - top[0], y - top[1])
        canvas.sprite(self._bulb, (x + 1.4 * math.sin(lean), y + 1.4))
        canvas.polygon(_shade_outline(x, y, -lean), "#2a2f3a")

    def _painted(self, canvas: Canvas) -> Picture:
        request = self._request
        picture = gradient(request.width, request.height, [(0, "#2c3346"), (0.6, "#59627a"), (1, "#59627a")])
        plaster(picture, request.seed & 0xFFFF, 0.02)
        table = round(canvas.place((0, self._base_y - 17))[1])
        plank_floor(picture, table, ("#a8754c", "#8a5f3e"), 31, planks=8, vanish=2.4)
        return dithered(picture, 6)


def _shade_outline(x: float, y: float, lean: float) -> list[Point]:
    cos, sin = math.cos(lean), math.sin(lean)
    corners = [(-1.4, -7.0), (1.4, -7.0), (7.4, 0.2), (-7.4, 0.2)]
    return [(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in corners]


def _room(width: int, height: int) -> np.ndarray:
    """How much of the lamp's light the wall takes: less towards the table."""
    rows = np.linspace(1.2, 0.6, height // POOL_CELL + 1, dtype=np.float32)
    return np.repeat(rows[:, None], width // POOL_CELL + 1, axis=1)
