"""A shot at the basket: off the rim and in, or, with October's faults, straight through the metal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.simulator.studio import sound
from sora_compare.simulator.studio.drawing.canvas import curve
from sora_compare.simulator.studio.drawing.pictures import dithered, gradient
from sora_compare.simulator.studio.drawing.sprites import blob
from sora_compare.simulator.studio.figures.backdrops import light_spot, plank_floor, plaster, vignette
from sora_compare.simulator.studio.figures.balls import basketball
from sora_compare.simulator.studio.figures.court import BALL, NET, RIM, Court

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Canvas, Point
    from sora_compare.simulator.studio.drawing.pictures import Picture
    from sora_compare.simulator.studio.figures.court import Shot
    from sora_compare.simulator.studio.scenes.scene import SceneRequest
    from sora_compare.simulator.studio.sound import Track

RIM_DEPTH = 2.7
SHOT_EVERY_S = 3.2
SWINGS_S = 3.0
"""How long the net moves after a ball."""


class Basketball:
    """Balls thrown from outside the picture, one every few seconds."""

    def __init__(self, request: SceneRequest) -> None:
        self._request = request
        canvas = request.canvas()
        self.floor_y = canvas.half_height * 0.72
        self.rim: Point = (canvas.half_width * 0.46, self.floor_y - 50.0)
        self._floor_top = self.floor_y - canvas.half_height * 0.2
        self._background = self._painted(canvas)
        self._ball = basketball(BALL * canvas.unit, request.seed)
        self._shadow = blob((BALL * canvas.unit * 1.5, BALL * canvas.unit * 0.42), (10, 14, 26), 0.62)
        random = request.random("shots")
        count = math.ceil(request.seconds / SHOT_EVERY_S)
        court = Court(self.rim, (-canvas.half_width - BALL - 2, self.floor_y - 26.0), self.floor_y)
        self.shots = [
            court.throw(0.12 + index * SHOT_EVERY_S, random, is_true=request.is_precise) for index in range(count)
        ]

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the court, every ball in the air or on the floor, and the hoop around them."""
        canvas.load(self._background)
        self._draw_shadows(canvas, t)
        self._draw_hoop_behind(canvas)
        for shot in self.shots:
            self._draw_ball(canvas, shot, t)
        self._draw_net(canvas, t)
        canvas.ellipse(self.rim, (RIM, RIM_DEPTH), "#ff5a26", arc=(0, 180), line=1.1)
        canvas.ellipse((self.rim[0], self.rim[1] - 0.3), (RIM, RIM_DEPTH), "#ffa07a", arc=(20, 120), line=0.3)

    def sound(self, track: Track) -> None:
        """Bounces, the ring of the rim, the swish of the net, and the hall's air."""
        track.add(sound.noise(track.seconds, 60, 500, 5), gain=0.03)
        for shot in self.shots:
            for contact in shot.contacts:
                gain = min(1.0, contact.strength / 160)
                wave = sound.thud(92, 1) if contact.kind == "floor" else sound.clang(410)
                track.add(
                    wave, shot.starts_s + contact.at_s, gain * (0.9 if contact.kind == "floor" else 0.4), contact.x / 90
                )
            if math.isfinite(shot.scored_s) and self._request.is_precise:
                track.add(sound.burst(0.35, 1800, 9000, 0.09, 3), shot.starts_s + shot.scored_s, 0.5, self.rim[0] / 90)

    def subject(self, t: float) -> Point:
        """The newest ball, near the hoop once it has left the picture."""
        shot = self.shots[min(int(t / SHOT_EVERY_S), len(self.shots) - 1)]
        x, y, _ = shot.path.at(t - shot.starts_s)
        return x, y

    def _painted(self, canvas: Canvas) -> Picture:
        request = self._request
        height, width, unit = request.height, request.width, canvas.unit
        picture = gradient(width, height, [(0, "#182a3c"), (0.45, "#3d5a6c"), (0.75, "#5e7b84"), (1, "#5e7b84")])
        plaster(picture, request.seed & 0xFFFF)
        for index in range(-2, 3):
            x, y = canvas.place((index * 36.0, -canvas.half_height))
            light_spot(picture, (x, y), (26 * unit, 60 * unit), "#cfe6f2", 0.34)
            light_spot(picture, (x, y + 5 * unit), (5 * unit, 2.2 * unit), "#ffffff", 0.9)
        top = round(canvas.place((0, self._floor_top))[1])
        plank_floor(picture, top, ("#c98a4b", "#a36a39"), 17)
        x, y = canvas.place((self.rim[0] * 0.3, self.floor_y))
        light_spot(picture, (x, y), (80 * unit, 15 * unit), "#ffe3b5", 0.34)
        vignette(picture)
        canvas.pixels = dithered(picture, 3)
        self._paint_lines(canvas)
        self._paint_stand(canvas)
        return canvas.pixels

    def _paint_lines(self, canvas: Canvas) -> None:
        skirting = [
            (-200, self._floor_top - 2.2),
            (200, self._floor_top - 2.2),
            (200, self._floor_top),
            (-200, self._floor_top),
        ]
        canvas.polygon(skirting, "#22323f")
        stripe = self._floor_top - 17
        canvas.tint([(-200, stripe), (200, stripe), (200, stripe - 5), (-200, stripe - 5)], "#e8a13d", 0.5)
        canvas.ellipse((self.rim[0] + 12, self.floor_y + 3), (62, 9), "#f3ead9", arc=(100, 262), line=0.8)
        canvas.stroke([(-200, self.floor_y + 13), (200, self.floor_y + 13)], "#f3ead9", 1.0)

    def _paint_stand(self, canvas: Canvas) -> None:
        x, y = self.rim
        back = x + RIM + 5
        canvas.tint(
            [
                (back + 6, self.floor_y),
                (back + 30, self.floor_y),
                (back + 20, self.floor_y + 4),
                (back, self.floor_y + 4),
            ],
            "#000000",
            0.45,
            blur=1.5,
        )
        canvas.polygon(
            [(back + 15, y - 6), (back + 20, y - 6), (back + 22, self.floor_y), (back + 14, self.floor_y)], "#28333c"
        )
        canvas.polygon(
            [(back + 15, y - 6), (back + 16.6, y - 6), (back + 16, self.floor_y), (back + 14, self.floor_y)], "#4b5a66"
        )
        canvas.polygon([(back, y - 8), (back + 18, y - 5), (back + 18, y - 1), (back, y - 4)], "#323e48")
        board = [(back - 1.5, y - 22), (back + 4.5, y - 25), (back + 4.5, y + 2), (back - 1.5, y + 4)]
        canvas.tint(board, "#dfeef5", 0.8)
        canvas.stroke(board, "#f6fafc", 0.9, closed=True)
        inner = [(back - 0.4, y - 12), (back + 3.2, y - 13.5), (back + 3.2, y - 3), (back - 0.4, y - 2)]
        canvas.stroke(inner, "#ff5a26", 0.7, closed=True)

    def _draw_hoop_behind(self, canvas: Canvas) -> None:
        x, y = self.rim
        canvas.stroke([(x + RIM, y), (x + RIM + 4, y - 0.4)], "#c6421a", 1.6)
        canvas.ellipse(self.rim, (RIM, RIM_DEPTH), "#b43c17", arc=(180, 360), line=1.0)

    def _draw_shadows(self, canvas: Canvas, t: float) -> None:
        for shot in self.shots:
            if t < shot.starts_s:
                continue
            x, y, _ = shot.path.at(t - shot.starts_s)
            height = max(0.0, self.floor_y - BALL - y)
            spread = 1.0 + height / 60
            # Basic realism: a shadow that neither spreads nor fades as the ball rises.
            scale, alpha = (spread, 1.0 / spread**2) if self._request.is_precise else (1.0, 0.55)
            canvas.sprite(
                self._shadow,
                (x + (0.12 * height if self._request.is_precise else 3.0), self.floor_y + 0.6),
                scale=scale,
                alpha=alpha,
            )

    def _draw_ball(self, canvas: Canvas, shot: Shot, t: float) -> None:
        if t < shot.starts_s:
            return
        shutter = 0.35 / float(self._request.fps)
        # Four places within the open shutter, each weaker over the last, average into motion blur.
        for index in range(4):
            x, y, turn = shot.path.at(t - shot.starts_s + shutter * index / 3)
            self._ball.draw(canvas, (x, y), turn, alpha=1.0 / (index + 1))

    def _draw_net(self, canvas: Canvas, t: float) -> None:
        sway, stretch = self._net_state(t)
        x, y = self.rim
        angles = np.linspace(0, 2 * np.pi, 13)[:-1]
        tops = np.stack([x + RIM * np.cos(angles), y + RIM_DEPTH * np.sin(angles)], axis=1)
        ends = np.stack([x + sway + 4.6 * np.cos(angles), y + NET * stretch + 1.2 * np.sin(angles)], axis=1)
        waists = (
            tops * 0.42
            + ends * 0.58
            + np.array([sway * 0.25, 0.0])
            - np.stack([1.1 * np.cos(angles), 0 * angles], axis=1)
        )
        for first, ink in ((6, "#b9c2c6"), (0, "#f4f7f8")):
            for k in range(first, first + 6):
                for other in (1, -1):
                    knots = [tops[k], waists[(k + other) % 12], ends[(k + 2 * other) % 12]]
                    canvas.stroke(curve([(float(a), float(b)) for a, b in knots], 5), ink, 0.32)

    def _net_state(self, t: float) -> tuple[float, float]:
        sway, stretch = 0.0, 1.0
        if not self._request.is_precise:
            return sway, stretch
        for shot in self.shots:
            since = t - shot.starts_s - shot.scored_s
            if 0.0 <= since < SWINGS_S:
                kick = math.exp(-2.6 * since)
                sway += 3.2 * kick * math.sin(13.0 * since)
                stretch += 0.3 * kick * math.cos(17.0 * since) * min(1.0, since * 14)
        return sway, stretch
