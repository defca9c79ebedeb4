"""A flag in the wind: waves that run along it and fold, or a board that swings on its pole."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from sora_compare.simulator.studio import sound
from sora_compare.simulator.studio.drawing.canvas import Canvas, curve
from sora_compare.simulator.studio.drawing.pictures import as_picture, colour, dithered, gradient, soft_spot, speckle
from sora_compare.simulator.studio.drawing.sprites import compose
from sora_compare.simulator.studio.figures.backdrops import light_spot

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Point
    from sora_compare.simulator.studio.drawing.pictures import Picture
    from sora_compare.simulator.studio.scenes.scene import SceneRequest
    from sora_compare.simulator.studio.sound import Track

WIDE, TALL = 62.0, 36.0
MARGIN = 9.0
DESIGNS = [
    ("#b8405e", "#f0d9b5", "#4b5d8f"),
    ("#1f5fa8", "#f3ead9", "#e8b92e"),
    ("#2a7f86", "#f3d9a4", "#2a7f86"),
    ("#5b3a8e", "#f0c44c", "#5b3a8e"),
]
CELL = 3
"""The waves are reckoned on every third pixel and drawn out smoothly between."""


class Cloth:
    """A flag on a pole above hills."""

    def __init__(self, request: SceneRequest) -> None:
        self._request = request
        canvas = request.canvas()
        self._unit = canvas.unit
        self._pole_x = -canvas.half_width * (0.62 if request.is_upright else 0.42)
        self._top = -canvas.half_height * 0.62
        self._scale = min(1.0, (canvas.half_width - self._pole_x - 4) / (WIDE + MARGIN))
        random = request.random("wind")
        self._phases = random.uniform(0, 2 * math.pi, 6)
        self._clouds = self._cloud_plane(canvas)
        self._background = self._painted(canvas)
        self._texture = self._woven(random)
        self._x, self._y = self._grid()
        self._extent = (self._x.shape[1] * CELL, self._x.shape[0] * CELL)

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the sky, the pole and the flag as the wind has it."""
        canvas.load(self._background)
        bend_x, bend_y, light = self.bent(t)
        size = self._extent
        step = self._unit * self._scale
        map_x = cv2.resize(((self._x - bend_x) * step).astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
        map_y = cv2.resize(((self._y - bend_y) * step).astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
        flag = cv2.remap(
            self._texture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(0, 0, 0, 0)
        )
        shade = cv2.resize(np.clip(light * 128, 0, 255).astype(np.uint8), size, interpolation=cv2.INTER_LINEAR)
        cover = cv2.extractChannel(flag, 3)
        lit = cv2.multiply(flag, cv2.merge([shade, shade, shade, shade]), None, 1 / 128)
        cv2.insertChannel(cover, lit, 3)
        for k in range(3):
            cv2.insertChannel(cv2.min(cv2.extractChannel(lit, k), cover), lit, k)
        self._lay(canvas, lit)
        self._draw_pole(canvas)

    def bent(self, t: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Displacement of the cloth across and down (units) and the light on it, over the grid.

        December: three waves of different length run from the pole outwards, larger the farther they get, and the
        light follows their slope. October: one slow swing of the whole, as stiff as a board.
        """
        out = np.clip(self._x / WIDE, 0.0, 1.0)
        if not self._request.is_precise:
            swing = math.sin(1.9 * t + self._phases[0])
            return -2.0 * out * abs(swing), 3.4 * swing * out, 1.0 + 0.1 * swing * out
        gust = 1.0 + 0.28 * math.sin(0.9 * t + self._phases[1]) + 0.14 * math.sin(2.3 * t + self._phases[2])
        grown = out**0.8 * gust
        droop = self._y / TALL
        waves = [(0.155, 6.4, 2.0, 0.035), (0.262, 9.6, 0.95, -0.05), (0.47, 15.0, 0.32, 0.09)]
        down, slope = np.zeros_like(out), np.zeros_like(out)
        for k, (length, speed, size, slant) in enumerate(waves):
            phase = length * self._x + slant * self._y - speed * t + self._phases[k]
            down += size * np.sin(phase)
            slope += size * length * np.cos(phase)
        slope *= grown
        across = -1.5 * grown * (1 - np.cos(2 * slope)) - 0.9 * out * droop
        light = 1.0 + 0.62 * slope - 0.3 * np.abs(slope) * (slope < 0) + 0.08
        return across, down * grown * 1.15 + 1.3 * out**2, np.clip(light, 0.42, 1.5)

    def sound(self, track: Track) -> None:
        """Wind that comes and goes, and the cloth's flapping."""
        wind = sound.noise(track.seconds, 90, 480, 12)
        t = np.arange(len(wind)) / sound.SAMPLE_RATE
        gusts = 0.7 + 0.4 * np.sin(0.9 * t + self._phases[1])
        track.add(np.asarray(wind * gusts, dtype=np.float32), gain=0.35)
        beats = np.arange(0.0, track.seconds, 0.33 if self._request.is_precise else 1.65)
        for index, beat in enumerate(beats):
            track.add(
                sound.burst(0.16, 120, 1500, 0.035, index % 9), float(beat + 0.05 * math.sin(index * 2.1)), 0.22, 0.2
            )

    def subject(self, t: float) -> Point:
        """The flag's free end."""
        _, down, _ = self.bent(t)
        return self._pole_x + WIDE * 0.7 * self._scale, self._top + 18 + float(down[down.shape[0] // 2, -6])

    def _grid(self) -> tuple[np.ndarray, np.ndarray]:
        step = CELL / (self._unit * self._scale)
        x = np.arange(0, WIDE + MARGIN * 0.6, step, dtype=np.float32)
        y = np.arange(-MARGIN, TALL + MARGIN, step, dtype=np.float32)
        across, down = np.meshgrid(x, y)
        return across, down

    def _lay(self, canvas: Canvas, flag: np.ndarray) -> None:
        left, top = canvas.place((self._pole_x + 0.4, self._top + 3 - MARGIN * self._scale))
        x, y = round(left), round(top)
        piece = flag[max(0, -y) : canvas.height - y, max(0, -x) : canvas.width - x]
        region = canvas.pixels[max(0, y) : max(0, y) + piece.shape[0], max(0, x) : max(0, x) + piece.shape[1]]
        compose(region, piece, 1.0)

    def _woven(self, random: np.random.Generator) -> np.ndarray:
        """The flat flag with its design and weave, four channels, in the size it is drawn."""
        step = self._unit * self._scale
        wide, tall = max(8, round(WIDE * step)), max(8, round(TALL * step))
        design = Canvas(wide, tall)
        first, middle, last = DESIGNS[int(random.integers(len(DESIGNS)))]
        for k, ink in enumerate((first, middle, last)):
            design.pixels[round(tall * k / 3) : round(tall * (k + 1) / 3)] = colour(ink)
        design.unit = step
        design.disc((0, 0), 6.4, "#f7f1e3")
        design.disc((0, 0), 5.5, first)
        points = [
            (4.6 * r * math.sin(a), -4.6 * r * math.cos(a))
            for k in range(10)
            for r, a in [((1, 0.42)[k % 2], k * math.pi / 5)]
        ]
        design.polygon(points, "#f7f1e3")
        weave = 1.0 + 0.03 * speckle(wide, tall, 2, 0.5)
        body = np.dstack([as_picture(design.pixels * weave[:, :, None]), np.full((tall, wide), 255, np.uint8)])
        body[:, : max(1, round(1.3 * step)), :3] = colour("#efe9db")
        # A clear frame around the cloth makes its edges smooth when it is bent.
        body[[0, -1]] = body[:, -1:] = 0
        return np.ascontiguousarray(body)

    def _draw_pole(self, canvas: Canvas) -> None:
        x, bottom = self._pole_x, canvas.half_height
        canvas.polygon(
            [(x - 1.0, self._top - 2), (x + 0.9, self._top - 2), (x + 1.2, bottom), (x - 1.3, bottom)], "#b9bfc4"
        )
        canvas.polygon(
            [(x - 1.0, self._top - 2), (x - 0.3, self._top - 2), (x - 0.4, bottom), (x - 1.3, bottom)], "#eef2f4"
        )
        canvas.polygon(
            [(x + 0.5, self._top - 2), (x + 0.9, self._top - 2), (x + 1.2, bottom), (x + 0.7, bottom)], "#848c92"
        )
        canvas.disc((x, self._top - 3), 2.0, "#d8a838")
        canvas.disc((x - 0.6, self._top - 3.6), 0.7, "#fff0c0")

    def _cloud_plane(self, canvas: Canvas) -> np.ndarray:
        width, height = self._request.width, self._request.height
        plane = np.zeros((height, width), dtype=np.float32)
        random = self._request.random("clouds")
        for _ in range(5):
            x, y = random.uniform(0, width), random.uniform(0.05, 0.5) * height
            for _ in range(9):
                size = random.uniform(6, 15) * canvas.unit
                centre = (x + random.normal(0, 15) * canvas.unit, y + random.normal(0, 2.6) * canvas.unit)
                plane += 0.42 * soft_spot(width, height, centre, (size * 1.7, size * 0.8))
        return np.asarray(1.0 - np.exp(-1.5 * plane))

    def _painted(self, canvas: Canvas) -> Picture:
        request = self._request
        picture = gradient(
            request.width, request.height, [(0, "#3f83c4"), (0.55, "#9fcbe8"), (0.8, "#e8efe6"), (1, "#e8efe6")]
        )
        white = np.asarray(colour("#fbfdff"), dtype=np.float32)
        picture += (white - picture) * (0.85 * self._clouds)[:, :, None]
        light_spot(
            picture,
            canvas.place((canvas.half_width * 0.8, -canvas.half_height * 0.9)),
            (70 * canvas.unit, 60 * canvas.unit),
            "#fff3c8",
            0.24,
        )
        canvas.pixels = as_picture(picture)
        base = canvas.half_height
        for k, (ink, height, size) in enumerate(
            (("#8fb3b8", 0.5, 7), ("#6c9a7f", 0.62, 6), ("#4d8354", 0.75, 5), ("#3a6b3f", 0.88, 3))
        ):
            xs = np.linspace(-canvas.half_width - 5, canvas.half_width + 5, 9)
            ridge = [(float(x), base * height + size * math.sin(x * 0.045 * (k + 1) + self._phases[k])) for x in xs]
            canvas.polygon(np.concatenate([curve(ridge, 14), [(200.0, base + 5), (-200.0, base + 5)]]), ink)
        return dithered(canvas.pixels.astype(np.float32), 6)
