"""An orange cat asleep in the sun, its tail moving gently; or by jerks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.simulator.studio import sound
from sora_compare.simulator.studio.drawing.canvas import SHORT_SIDE_UNITS, curve
from sora_compare.simulator.studio.drawing.pictures import as_picture, dithered, gradient
from sora_compare.simulator.studio.drawing.sprites import blob
from sora_compare.simulator.studio.figures.backdrops import light_spot, plank_floor, plaster, vignette, window_light
from sora_compare.simulator.studio.figures.cat_figure import (
    COATS,
    INNER_EAR,
    body_sprite,
    head_sprite,
    paint_cushion,
    tapered,
)

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Canvas, Point
    from sora_compare.simulator.studio.drawing.pictures import Picture
    from sora_compare.simulator.studio.scenes.scene import SceneRequest
    from sora_compare.simulator.studio.sound import Track

ROOT: tuple[float, float] = (27.0, 6.5)
JOINTS = 16
JERKS_PER_S = 3.2
BREATH_S = 3.1
MOTES = 28
UPRIGHT_VIEW = 122.0
"""Units across an upright picture, so that the tail has room."""


class Cat:
    """A cat on a cushion in a patch of sun."""

    def __init__(self, request: SceneRequest) -> None:
        self._request = request
        canvas = request.canvas()
        self._view = UPRIGHT_VIEW if request.is_upright else SHORT_SIDE_UNITS
        canvas.zoom(self._view)
        random = request.random("cat")
        self._coat = COATS[int(random.integers(len(COATS)))]
        self._at = (-10.0 if request.is_upright else float(random.uniform(-12, 2)), canvas.half_height * 0.4)
        self._phase = float(random.uniform(0, 6.28))
        self._motes = np.column_stack([random.uniform(-1, 1, (MOTES, 2)), random.uniform(0.3, 1.0, (MOTES, 2))])
        self._background = self._painted(canvas)
        self._body, self._head = body_sprite(self._coat, canvas.unit), head_sprite(self._coat, canvas.unit)
        self._mote = blob((0.55 * canvas.unit + 0.6, 0.55 * canvas.unit + 0.6), (205, 240, 255), 0.6, 1.0)
        self._jerks = random.uniform(-1, 1, 400)

    def tail(self, t: float) -> np.ndarray:
        """The tail's joints at a time, JOINTS x 2 in units.

        December: a slow wave that runs out to the tip. October: the same tail in jumps from pose to pose.
        """
        if not self._request.is_precise:
            step = int(t * JERKS_PER_S)
            lift, curl = 0.9 * float(self._jerks[step]), 0.5 * float(self._jerks[step + 7])
            bends = np.full(JOINTS, 0.02 + 0.05 * lift) + 0.12 * curl * np.linspace(0, 1, JOINTS)
        else:
            along = np.linspace(0, 1, JOINTS)
            wave = np.sin(1.75 * t + self._phase - 2.6 * along)
            flick = max(0.0, math.sin(0.55 * t + self._phase)) ** 8
            bends = 0.03 + 0.15 * along * wave + 0.1 * flick * along**2 * math.sin(7 * t)
        angle = 0.55 + np.cumsum(bends) * -1.0 - 0.055 * np.arange(JOINTS)
        steps = 2.5 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        joints = np.concatenate([[ROOT], ROOT + np.cumsum(steps, axis=0)])[:JOINTS]
        return np.asarray(joints + np.asarray(self._at))

    def breath(self, t: float) -> float:
        """How far the flank is raised, -1 to 1."""
        return math.sin(2 * math.pi * t / BREATH_S) if self._request.is_precise else 0.0

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the room, the tail, the breathing body, the head, and the dust in the light."""
        canvas.zoom(self._view)
        canvas.load(self._background)
        x, y = self._at
        self._draw_tail(canvas, t)
        rise = self.breath(t)
        canvas.sprite(self._body, (x, y + 17.5), scale=(1.0 + 0.004 * rise, 1.0 + 0.017 * rise))
        canvas.sprite(self._head, (x - 22.5, y + 6.4 - 0.28 * rise), turn=0.7 * rise)
        self._draw_ear_twitch(canvas, t)
        if self._request.is_precise:
            self._draw_motes(canvas, t)

    def sound(self, track: Track) -> None:
        """Purring in time with the breath, and a bird outside."""
        count = round(track.seconds * sound.SAMPLE_RATE)
        t = np.arange(count) / sound.SAMPLE_RATE
        buzz = (0.5 + 0.5 * np.sin(2 * np.pi * 25.5 * t)) ** 3
        swell = 0.55 + 0.45 * np.sin(2 * np.pi * t / BREATH_S)
        purr = sound.noise(track.seconds, 60, 420, 9)[:count]
        track.add(np.asarray(purr * buzz[: len(purr)] * swell[: len(purr)], dtype=np.float32), gain=0.75)
        track.add(sound.noise(track.seconds, 200, 2500, 3), gain=0.008)
        random = self._request.random("bird")
        for at in np.arange(0.8, track.seconds, 2.7):
            for k in range(3):
                track.add(sound.tone(float(random.uniform(3100, 3900)), 0.09, 0.03), float(at) + 0.12 * k, 0.06, 0.7)

    def subject(self, t: float) -> Point:
        """The head."""
        return self._at[0] - 22.5, self._at[1] + 6 - 0.3 * self.breath(t)

    def _draw_tail(self, canvas: Canvas, t: float) -> None:
        joints = self.tail(t)
        line = curve([(float(a), float(b)) for a, b in joints], 4)
        share = np.linspace(0, 1, len(line))
        widths = np.interp(share, [0, 0.75, 0.95, 1], [6.2, 5.2, 3.9, 2.2])
        shadow = line + np.array([2.0, 0.0])
        shadow[:, 1] = np.maximum(shadow[:, 1] * 0.25 + (self._at[1] + 19) * 0.75, self._at[1] + 16)
        canvas.tint(tapered(shadow, np.full(len(shadow), 5.0)), "#22100a", 0.35, blur=1.6)
        canvas.ribbon(line, widths, self._coat.stripe)
        canvas.ribbon(line + np.array([-0.25, -0.35]), widths * 0.82, self._coat.fur)
        for k in range(8, len(line) - 8, 8):
            piece = slice(k, k + 4)
            canvas.tint(tapered(line[piece], widths[piece] * 0.95), self._coat.stripe, 0.8, blur=0.25)
        tip = line[int(len(line) * 0.9) :]
        canvas.ribbon(tip, widths[-len(tip) :] * 0.9, self._coat.belly)
        canvas.tint(tapered(line + np.array([-0.5, -1.5]), np.full(len(line), 0.9)), "#ffe9c0", 0.3, blur=0.7)

    def _draw_ear_twitch(self, canvas: Canvas, t: float) -> None:
        twitch = max(0.0, math.sin(1.1 * t + self._phase)) ** 30 if self._request.is_precise else 0.0
        x, y = self._at[0] - 22.5, self._at[1] + 6.4 - 0.28 * self.breath(t)
        tip = (x + 9.4 + 0.9 * twitch, y - 14.6 + 0.8 * twitch)
        canvas.polygon([(x + 2.2, y - 8.2), tip, (x + 10.4, y - 4.2)], self._coat.fur)
        canvas.polygon([(x + 4.4, y - 7.6), (tip[0] - 0.9, tip[1] + 2.6), (x + 9.2, y - 5.0)], INNER_EAR)

    def _draw_motes(self, canvas: Canvas, t: float) -> None:
        for index, (x, y, speed, size) in enumerate(self._motes):
            drift_x = (x * canvas.half_width + 2.2 * speed * t + 2 * math.sin(0.7 * t + index)) % (
                2 * canvas.half_width
            ) - canvas.half_width
            drift_y = (y * canvas.half_height - 1.3 * speed * t + canvas.half_height) % (
                1.7 * canvas.half_height
            ) - canvas.half_height
            canvas.sprite(
                self._mote,
                (float(drift_x), float(drift_y)),
                scale=float(size),
                alpha=0.35 + 0.3 * math.sin(1.3 * t + index),
            )

    def _painted(self, canvas: Canvas) -> Picture:
        request, unit = self._request, canvas.unit
        picture = gradient(request.width, request.height, [(0, "#b9a58f"), (0.6, "#d6c3a6"), (1, "#d6c3a6")])
        plaster(picture, request.seed & 0xFFFF, 0.014)
        x, y = self._at
        floor = round(canvas.place((0, y + 3))[1])
        plank_floor(picture, floor, ("#a36a3c", "#8d5a34"), 12, planks=14, vanish=1.6)
        left, top = -canvas.half_width * 0.75, -canvas.half_height * 0.86
        for column in range(2):
            for row in range(2):
                px, py = left + column * 25, top + row * 27
                window_light(
                    picture,
                    [canvas.place(p) for p in ((px, py), (px + 22, py - 3), (px + 22, py + 21), (px, py + 24))],
                    0.42,
                    0.9 * unit,
                )
        sun = [(x - 48, y + 8), (x + 20, y + 4), (x + 52, y + 28), (x - 30, y + 34)]
        window_light(picture, [canvas.place(p) for p in sun], 0.8, 2.4 * unit)
        light_spot(picture, canvas.place((left + 20, top + 10)), (90 * unit, 80 * unit), "#ffe2ae", 0.22)
        vignette(picture, 0.4)
        canvas.pixels = as_picture(picture)
        paint_cushion(canvas, self._at)
        return dithered(canvas.pixels.astype(np.float32), 6)
