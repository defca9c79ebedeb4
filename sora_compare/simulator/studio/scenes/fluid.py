"""Juice poured into a glass: a stream that falls, ripples and splashes, or a rod that fills it in steps."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.simulator.studio import sound
from sora_compare.simulator.studio.drawing.canvas import band
from sora_compare.simulator.studio.drawing.pictures import as_picture, colour, dithered, gradient, mixed
from sora_compare.simulator.studio.drawing.sprites import blob
from sora_compare.simulator.studio.figures.backdrops import light_spot, plank_floor, plaster, vignette
from sora_compare.simulator.studio.figures.glassware import BOTTOM_HALF, TALL, TOP_HALF, Glass, jug_sprite

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Canvas, Point
    from sora_compare.simulator.studio.drawing.pictures import Colour, Picture
    from sora_compare.simulator.studio.scenes.scene import SceneRequest
    from sora_compare.simulator.studio.sound import Track

LIQUIDS = {
    "water eau 水": "#7cc4e8", "milk lait 奶": "#f3eee2", "coffee cafe café 咖": "#5a3220",
    "tea thé 茶": "#b8661f", "wine vin 酒": "#7d1530", "honey miel": "#e0940f", "oil huile": "#d9b52c",
}  # fmt: skip
JUICES = ["#f0852d", "#d8344a", "#7cc4e8", "#6fae3c", "#b8661f"]
GRAVITY = 175.0
COLUMNS = 72
WAVE_STEP_S = 1 / 120
STARTS_S = 0.45
FULL = 0.86
STEPS_OF_LEVEL = 7
DROPS, DROP_S = 90, 0.6
WETTED = 0.004


class Fluid:
    """A jug above a glass on a kitchen table."""

    def __init__(self, request: SceneRequest) -> None:
        self._request = request
        canvas = request.canvas()
        self.bottom_y = canvas.half_height * 0.74
        self.glass = Glass(self.bottom_y)
        self._lip: Point = (-13.0, self.glass.top_y - 14.0)
        self.ends_s = max(STARTS_S + 0.5, min(request.seconds * 0.82, request.seconds - 0.4))
        self._liquid = self._liquid_colour()
        self._background = self._painted(canvas)
        self._jug = jug_sprite(canvas.unit)
        self._waves = self._rippled()
        self._drops = self._splashed(request.random("drops"))
        self._drop = blob((0.8 * canvas.unit, 0.8 * canvas.unit), mixed(self._liquid, (255, 255, 255), 0.25), 1.0, 0.6)
        self._bubble = blob((0.5 * canvas.unit + 1, 0.5 * canvas.unit + 1), (255, 255, 255), 0.5, 0.5)

    def level(self, t: float) -> float:
        """How full the glass is, 0 to FULL."""
        share = min(max((t - STARTS_S - 0.25) / (self.ends_s - STARTS_S), 0.0), 1.0)
        if not self._request.is_precise:
            share = math.floor(share * STEPS_OF_LEVEL) / STEPS_OF_LEVEL
        return FULL * share

    def surface_y(self, t: float) -> float:
        """Height of the middle of the surface, in units."""
        return self.bottom_y - 2.0 - (TALL - 2.0) * self.level(t)

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the table, the glass with what is in it, the stream and the jug."""
        canvas.load(self._background)
        self.glass.draw_back(canvas)
        self._draw_body(canvas, t)
        self._draw_stream(canvas, t)
        self._draw_drops(canvas, t)
        self.glass.draw_front(canvas)
        canvas.sprite(self._jug, self._lip, turn=self._tilt(t))

    def sound(self, track: Track) -> None:
        """Water falling, rising in pitch as the glass fills, with bubbles."""
        track.add(sound.noise(track.seconds, 80, 600, 2), gain=0.012)
        length = max(0.2, self.ends_s - STARTS_S)
        fall = sound.noise(length, 700, 4200, 6)
        swell = np.minimum(1.0, np.linspace(0, length * 6, len(fall))) * np.minimum(
            1.0, np.linspace(length * 5, 0, len(fall))
        )
        track.add(np.asarray(fall * swell, dtype=np.float32), STARTS_S + 0.2, 0.16)
        random = self._request.random("bubbles")
        for _ in range(int(length * 22)):
            share = float(random.random())
            pitch = (380 + 900 * share) * float(random.uniform(0.8, 1.3))
            track.add(
                sound.tone(pitch, 0.09, 0.018),
                STARTS_S + 0.25 + share * length,
                float(random.uniform(0.05, 0.2)),
                float(random.uniform(-0.3, 0.3)),
            )

    def subject(self, t: float) -> Point:
        """The surface."""
        return 0.0, self.surface_y(t)

    def _liquid_colour(self) -> Colour:
        prompt = self._request.prompt.casefold()
        words = set(re.findall(r"\w+", prompt))
        for names, code in LIQUIDS.items():
            if any(name in words or (len(name) == 1 and name in prompt) for name in names.split()):
                return colour(code)
        return colour(JUICES[int(self._request.random("juice").integers(len(JUICES)))])

    def _tilt(self, t: float) -> float:
        """Degrees that the jug leans: up, pouring, and back."""
        rise = min(1.0, max(0.0, t / STARTS_S))
        fall = min(1.0, max(0.0, (t - self.ends_s) / 0.5))
        ease = rise * rise * (3 - 2 * rise) - fall * fall * (3 - 2 * fall)
        return 4.0 + 34.0 * ease + (1.2 * math.sin(2.2 * t) * ease if self._request.is_precise else 0.0)

    def _landing(self, t: float) -> float:
        """Where the stream meets the surface, across."""
        return self._stream_x(self.surface_y(t), t)

    def _stream_x(self, y: float, t: float) -> float:
        fall_s = math.sqrt(max(0.0, 2 * (y - self._lip[1]) / GRAVITY))
        push = 20.0 + (2.2 * math.sin(3.1 * t) + 1.2 * math.sin(7.7 * t) if self._request.is_precise else 0.0)
        return self._lip[0] + push * fall_s

    def _rippled(self) -> np.ndarray:
        """Heights of the surface across the glass over time, by the wave equation, pushed where the stream lands."""
        steps = int((self._request.seconds + 0.2) / WAVE_STEP_S) + 2
        heights, now, speed = np.zeros((steps, COLUMNS)), np.zeros(COLUMNS), np.zeros(COLUMNS)
        if not self._request.is_precise:
            return heights
        places = np.linspace(-1, 1, COLUMNS)
        random = self._request.random("waves")
        for step in range(steps):
            t = step * WAVE_STEP_S
            bend = np.diff(np.pad(now, 1, mode="edge"), 2)
            speed = (speed + 1900.0 * bend * WAVE_STEP_S) * (1.0 - 1.5 * WAVE_STEP_S)
            if STARTS_S + 0.3 < t < self.ends_s + 0.2:
                hit = self._landing(t) / self.glass.half_width(self.surface_y(t))
                push = float(random.uniform(0.4, 1.6)) * (15.0 + 15.0 * math.sin(23 * t))
                speed += push * np.exp(-(((places - hit) / 0.13) ** 2)) * WAVE_STEP_S * 60 / 12
            now = now + speed * WAVE_STEP_S
            now -= now.mean()
            heights[step] = now
        return heights

    def _surface(self, t: float) -> np.ndarray:
        """Points of the surface from left to right."""
        y = self.surface_y(t)
        half = self.glass.half_width(y) - 0.7
        heights = self._waves[min(int(t / WAVE_STEP_S), len(self._waves) - 1)]
        grown = np.clip(heights, -2.2, 2.2) * min(1.0, self.level(t) * 8)
        return np.stack([np.linspace(-half, half, COLUMNS), y + grown], axis=1)

    def _draw_body(self, canvas: Canvas, t: float) -> None:
        if self.level(t) <= WETTED:
            return
        surface = self._surface(t)
        low = self.bottom_y - 2.2
        half = self.glass.half_width(low) - 0.7
        body = np.concatenate([surface, [(half, low), (half * 0.8, low + 0.9), (-half * 0.8, low + 0.9), (-half, low)]])
        if not self._request.is_precise:
            # Basic fluid: the body is wider than the glass that holds it.
            body[:, 0] *= 1.07
        canvas.tint(body, self._liquid, 0.9)
        deep = body.copy()
        deep[: len(surface), 1] = (surface[:, 1] + low) / 2
        canvas.tint(deep, mixed(self._liquid, (20, 10, 30), 0.55), 0.28, blur=4.0)
        left = np.array(
            [
                (-half * 0.82, low - 1),
                (-half * 0.5, low - 1),
                (surface[14, 0], surface[14, 1] + 2),
                (surface[5, 0], surface[5, 1] + 2),
            ]
        )
        canvas.tint(left, "#ffffff", 0.2, blur=1.4)
        self._draw_surface(canvas, surface)
        if self._request.is_precise:
            self._draw_bubbles(canvas, t, low)

    def _draw_surface(self, canvas: Canvas, surface: np.ndarray) -> None:
        bright = mixed(self._liquid, (255, 255, 255), 0.42)
        depth = 1.9
        fold = np.sqrt(np.clip(1 - np.linspace(-1, 1, COLUMNS) ** 2, 0, 1)) * depth
        back, front = surface.copy(), surface.copy()
        back[:, 1] = surface[:, 1].mean() + (surface[:, 1] - surface[:, 1].mean()) * 0.5 - fold
        front[:, 1] += fold
        canvas.tint(np.concatenate([back, front[::-1]]), bright, 0.92)
        canvas.stroke(front, mixed(self._liquid, (255, 255, 255), 0.7), 0.3)

    def _draw_bubbles(self, canvas: Canvas, t: float, low: float) -> None:
        if t > self.ends_s + 1.6:
            return
        top = self.surface_y(t)
        for index in range(16):
            cycle = 0.8 + 0.07 * index
            phase = (t + index * 0.37) % cycle / cycle
            y = min(low, top + 24) * (1 - phase) + top * phase
            x = self._landing(t) * 0.5 + 5.5 * math.sin(index * 2.4 + t * 1.5)
            canvas.sprite(self._bubble, (x, y), scale=0.4 + 0.06 * (index % 6), alpha=0.75 * (1 - phase * 0.4))

    def _draw_stream(self, canvas: Canvas, t: float) -> None:
        if not STARTS_S < t < self.ends_s + 0.45:
            return
        bottom = self.surface_y(t) if self._request.is_precise else self.bottom_y - 1.5
        head_y = self._lip[1] + GRAVITY / 2 * (t - STARTS_S) ** 2
        tail_y = self._lip[1] + GRAVITY / 2 * max(0.0, t - self.ends_s) ** 2
        if not self._request.is_precise:
            tail_y = self._lip[1]
        length = max(0.1, min(head_y, bottom + 0.8) - tail_y)
        ys = tail_y + length * np.linspace(0, 1, 28) ** 2
        if not self._request.is_precise:
            points, widths = np.stack([np.full_like(ys, self._lip[0] + 7.5), ys], axis=1), np.full(len(ys), 2.6)
        else:
            points = np.array([(self._stream_x(float(y), t - 0.4 * (y - ys[0]) / TALL), y) for y in ys])
            fallen = np.sqrt(np.maximum(0.04, (ys - self._lip[1]) / 18))
            widths = 3.0 / (1 + 0.75 * fallen) * (1 + 0.12 * np.sin(ys * 0.9 - t * 46))
        canvas.polygon(band(points, widths), self._liquid)
        lit = points - np.stack([widths * 0.16, 0 * widths], axis=1)
        canvas.polygon(band(lit, widths * 0.32), mixed(self._liquid, (255, 255, 255), 0.55))

    def _splashed(self, random: np.random.Generator) -> np.ndarray:
        """Rows of (start, x, y, vx, vy) of drops thrown up where the stream lands."""
        starts = np.sort(random.uniform(STARTS_S + 0.4, self.ends_s, DROPS))
        rows = [
            (s, self._landing(s), self.surface_y(s), random.normal(0, 9.0), -random.uniform(18, 44))
            for s in starts.tolist()
        ]
        return np.asarray(rows)

    def _draw_drops(self, canvas: Canvas, t: float) -> None:
        if not self._request.is_precise:
            return
        for start, x, y, vx, vy in self._drops:
            since = t - start
            if 0.0 <= since < DROP_S:
                at = (x + vx * since, y + vy * since + GRAVITY / 2 * since**2)
                if at[1] < self.surface_y(t) and abs(at[0]) < TOP_HALF - 1.6:
                    canvas.sprite(self._drop, (float(at[0]), float(at[1])), scale=0.5 + 0.5 * (1 - since))

    def _painted(self, canvas: Canvas) -> Picture:
        request, unit = self._request, canvas.unit
        picture = gradient(request.width, request.height, [(0, "#41525c"), (0.55, "#7a8c8e"), (1, "#8f9b97")])
        plaster(picture, request.seed & 0xFFFF, 0.02)
        light_spot(
            picture,
            canvas.place((-canvas.half_width * 0.7, -canvas.half_height * 0.8)),
            (110 * unit, 95 * unit),
            "#fff0d0",
            0.55,
        )
        table = round(canvas.place((0, self.bottom_y - canvas.half_height * 0.14))[1])
        plank_floor(picture, table, ("#8a5a36", "#a8764a"), 21, planks=7, vanish=2.0)
        light_spot(picture, canvas.place((-10, self.bottom_y + 3)), (60 * unit, 15 * unit), "#ffe9c4", 0.3)
        vignette(picture, 0.4)
        canvas.pixels = as_picture(picture)
        y = self.bottom_y
        canvas.tint(
            [(-BOTTOM_HALF, y - 1.5), (BOTTOM_HALF, y - 1.5), (BOTTOM_HALF + 34, y + 4.5), (BOTTOM_HALF + 10, y + 6)],
            "#160c06",
            0.5,
            blur=1.8,
        )
        canvas.tint(
            [(BOTTOM_HALF + 4, y), (BOTTOM_HALF + 20, y + 2.4), (BOTTOM_HALF + 22, y + 4), (BOTTOM_HALF + 8, y + 3.4)],
            self._liquid,
            0.35,
            blur=1.6,
        )
        return dithered(canvas.pixels.astype(np.float32), 6)
