"""A break shot seen from above: clean rebounds, or balls that bend away and sink into the cushions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pymunk

from sora_compare.simulator.studio import sound
from sora_compare.simulator.studio.drawing.pictures import as_picture, colour, dithered, gradient, speckle
from sora_compare.simulator.studio.drawing.sprites import blob
from sora_compare.simulator.studio.figures.backdrops import light_spot, vignette
from sora_compare.simulator.studio.figures.motion import STEP_S, Contact, body_of
from sora_compare.simulator.studio.figures.rolling import RollingBall, rolled

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Canvas, Point
    from sora_compare.simulator.studio.drawing.pictures import Picture
    from sora_compare.simulator.studio.scenes.scene import SceneRequest
    from sora_compare.simulator.studio.sound import Track

RADIUS = 3.3
RAIL = 7.0
PAINTS = [
    "#f2efe6",
    "#e8b92e",
    "#2d62b8",
    "#c8372d",
    "#6a3d8f",
    "#e2762a",
    "#2f8a57",
    "#8f2a35",
    "#222326",
    "#e8b92e",
    "#2d62b8",
]
STRIPED = {9, 10}
SHOT_EVERY_S = 5.0
SHOT_SPEED = 178.0
ROLLING = 0.62
"""Share of speed kept after a second."""
STOP_SPEED = 1.6
BALLS, CUSHION = 1, 2
BENT_DEGREES = 26.0
AIMING_S, LEAVING_S = 0.55, 0.45
AUDIBLE, BENT_FROM = 1.5, 8.0
"""Impulses from which contacts are heard, and from which October's balls go astray."""


class Billiards:
    """A table, a rack of ten, and a shot every few seconds."""

    def __init__(self, request: SceneRequest) -> None:
        self._request = request
        canvas = request.canvas()
        self.half: Point = (canvas.half_width - RAIL - 3, canvas.half_height - RAIL - 3)
        self._background = self._painted(canvas)
        self._shadow = blob((RADIUS * canvas.unit * 1.35, RADIUS * canvas.unit * 1.35), (8, 22, 6), 0.75, 1.3)
        self._balls = [
            RollingBall(paint, RADIUS * canvas.unit, is_striped=k in STRIPED, is_cue=k == 0)
            for k, paint in enumerate(PAINTS)
        ]
        self.contacts: list[Contact] = []
        self._aims: list[tuple[float, Point, Point]] = []
        self.positions = self._played(request.random("break"))
        self._turns = [rolled(self.positions[:, k], RADIUS) for k in range(len(PAINTS))]

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the table, the shadows, the balls as they roll, and the cue before each shot."""
        canvas.load(self._background)
        step = min(int(t / STEP_S), len(self.positions) - 2)
        share = min(1.0, max(0.0, t / STEP_S - step))
        places = self.positions[step] * (1 - share) + self.positions[step + 1] * share
        for x, y in places:
            canvas.sprite(self._shadow, (x + 1.1, y + 1.6))
        for ball, turns, (x, y) in zip(self._balls, self._turns, places, strict=True):
            ball.draw(canvas, (float(x), float(y)), turns[step])
        self._draw_cue(canvas, t)

    def sound(self, track: Track) -> None:
        """A click for each meeting of balls, a dull knock for each cushion."""
        track.add(sound.noise(track.seconds, 100, 700, 8), gain=0.01)
        for index, contact in enumerate(self.contacts[:220]):
            wave = (
                sound.click(index % 5, 2400 + 120 * (index % 4))
                if contact.kind == "ball"
                else sound.knock(170, index % 5)
            )
            track.add(wave, contact.at_s, min(0.9, contact.strength / 110), contact.x / 90)

    def subject(self, t: float) -> Point:
        """The white ball."""
        x, y = self.positions[min(int(t / STEP_S), len(self.positions) - 1), 0]
        return float(x), float(y)

    def _played(self, random: np.random.Generator) -> np.ndarray:
        space, bodies = self._racked(random)
        steps = int((self._request.seconds + 0.3) / STEP_S)
        table = np.zeros((steps, len(bodies), 2))
        spin = float(random.uniform(-0.05, 0.05))
        for step in range(steps):
            self._now = step * STEP_S
            table[step] = [body.position for body in bodies]
            if self._is_shot(step):
                self._shoot(bodies, spin)
            space.step(STEP_S)
            for body in bodies:
                if body.velocity.length < STOP_SPEED:
                    body.velocity = (0.0, 0.0)
        return table

    def _is_shot(self, step: int) -> bool:
        since = step - round(AIMING_S / STEP_S)
        return since >= 0 and since % round(SHOT_EVERY_S / STEP_S) == 0

    def _shoot(self, bodies: list[pymunk.Body], spin: float) -> None:
        cue = bodies[0].position
        target = min((body.position for body in bodies[1:]), key=cue.get_distance)
        line = (target - cue).normalized().rotated(spin)
        bodies[0].velocity = line * SHOT_SPEED
        self._aims.append((self._now, (cue.x, cue.y), (line.x, line.y)))
        self.contacts.append(Contact(self._now, cue.x, 60, "cue"))

    def _racked(self, random: np.random.Generator) -> tuple[pymunk.Space, list[pymunk.Body]]:
        space = pymunk.Space()
        space.damping = ROLLING
        space.iterations = 20
        self._add_cushions(space)
        along = np.array([0.0, -1.0]) if self._request.is_upright else np.array([1.0, 0.0])
        side = np.array([along[1], -along[0]])
        reach = self.half[1] if self._request.is_upright else self.half[0]
        places = [-along * reach * 0.5 + side * float(random.uniform(-6, 6))]
        for row in range(4):
            places += [
                along * (reach * 0.28 + row * 1.76 * RADIUS) + side * (k - row / 2) * 2.03 * RADIUS
                for k in range(row + 1)
            ]
        bodies = [self._ball(space, (float(x), float(y))) for x, y in places]
        space.on_collision(BALLS, BALLS, post_solve=self._met)
        space.on_collision(BALLS, CUSHION, post_solve=self._bounced)
        return space, bodies

    def _ball(self, space: pymunk.Space, at: Point) -> pymunk.Body:
        body = pymunk.Body(1.0, float("inf"))
        body.position = at
        shape = pymunk.Circle(body, RADIUS)
        shape.elasticity, shape.friction, shape.collision_type = 0.94, 0.0, BALLS
        space.add(body, shape)
        return body

    def _add_cushions(self, space: pymunk.Space) -> None:
        # October's cushions lie deeper than they look, so that balls sink into the wood before they turn back.
        sink = 0.0 if self._request.is_precise else RADIUS * 1.15
        x, y = self.half[0] + sink, self.half[1] + sink
        corners = [(-x, -y), (x, -y), (x, y), (-x, y)]
        for first, second in zip(corners, corners[1:] + corners[:1], strict=True):
            outward = pymunk.Vec2d((first[0] + second[0]) / 2, (first[1] + second[1]) / 2).normalized() * 4
            wall = pymunk.Segment(space.static_body, outward + first, outward + second, 4)
            wall.elasticity, wall.friction, wall.collision_type = 0.82, 0.0, CUSHION
            space.add(wall)

    def _met(self, arbiter: pymunk.Arbiter, _: pymunk.Space, __: object) -> None:
        strength = arbiter.total_impulse.length
        if not arbiter.is_first_contact or strength < AUDIBLE:
            return
        first, second = (body_of(shape) for shape in arbiter.shapes)
        self.contacts.append(Contact(self._now, first.position.x, strength, "ball"))
        if not self._request.is_precise and strength > BENT_FROM:
            # Which way a ball bends follows from where it is, so that the same request bends alike.
            for body, sign in ((first, 1), (second, -1)):
                bend = math.radians(BENT_DEGREES) * math.sin(3.1 * body.position.x + 1.7 * body.position.y + sign)
                body.velocity = body.velocity.rotated(bend)

    def _bounced(self, arbiter: pymunk.Arbiter, _: pymunk.Space, __: object) -> None:
        if arbiter.is_first_contact and arbiter.total_impulse.length > 4 * AUDIBLE:
            body = body_of(arbiter.shapes[0])
            self.contacts.append(Contact(self._now, body.position.x, arbiter.total_impulse.length * 0.5, "cushion"))

    def _draw_cue(self, canvas: Canvas, t: float) -> None:
        for at_s, (x, y), (dx, dy) in self._aims:
            until = at_s - t
            if not -LEAVING_S < until < AIMING_S:
                continue
            pull = 3.0 + 9.0 * max(0.0, until / AIMING_S) ** 0.6 if until > 0 else 1.0 - until * 30
            tip = (x - dx * (RADIUS + pull), y - dy * (RADIUS + pull))
            butt = (tip[0] - dx * 95, tip[1] - dy * 95)
            shift = 2.2 + max(0.0, -until * 20)
            canvas.tint(
                _taper((tip[0] + shift, tip[1] + shift), (butt[0] + shift, butt[1] + shift)), "#04140a", 0.4, blur=0.8
            )
            canvas.polygon(_taper(tip, butt), "#d8a866")
            canvas.polygon(_taper((tip[0] - dx * 46, tip[1] - dy * 46), butt, 1.15, 1.6), "#4a2417")
            canvas.stroke([tip, (tip[0] - dx * 2.0, tip[1] - dy * 2.0)], "#f5efe0", 1.0)
            canvas.disc(tip, 0.5, "#3a6ea5")

    def _painted(self, canvas: Canvas) -> Picture:
        request, unit = self._request, canvas.unit
        picture = gradient(request.width, request.height, [(0, "#4b2a18"), (1, "#3a1f12")])
        picture *= (1 + 0.09 * speckle(request.width, request.height, 3, 1.1, 22.0))[:, :, None]
        left, top = (round(v) for v in canvas.place((-self.half[0], -self.half[1])))
        right, bottom = (round(v) for v in canvas.place(self.half))
        weave = (
            1
            + 0.028 * speckle(right - left, bottom - top, 4, 0.6)
            + 0.015 * speckle(right - left, bottom - top, 5, 6.0)
        )
        picture[top:bottom, left:right] = np.asarray(colour("#1f7a4d"), dtype=np.float32) * weave[:, :, None]
        light_spot(
            picture,
            canvas.place((0, -6)),
            (canvas.half_width * 1.1 * unit, canvas.half_height * 1.3 * unit),
            "#d8ffd0",
            0.2,
        )
        vignette(picture, 0.5)
        canvas.pixels = as_picture(picture)
        self._paint_cushions(canvas)
        return dithered(canvas.pixels.astype(np.float32), 6)

    def _paint_cushions(self, canvas: Canvas) -> None:
        x, y = self.half
        inner, outer = (
            [(-x, -y), (x, -y), (x, y), (-x, y)],
            [(-x - 2.2, -y - 2.2), (x + 2.2, -y - 2.2), (x + 2.2, y + 2.2), (-x - 2.2, y + 2.2)],
        )
        for k, ink in enumerate(("#145a38", "#2a9160", "#33a06c", "#17663f")):
            canvas.polygon([inner[k], inner[(k + 1) % 4], outer[(k + 1) % 4], outer[k]], ink)
        canvas.tint([(-x, -y), (x, -y), (x, -y + 2.2), (-x, -y + 2.2)], "#03140a", 0.5, blur=0.8)
        canvas.tint([(-x, -y), (-x + 2.0, -y), (-x + 2.0, y), (-x, y)], "#03140a", 0.35, blur=0.8)
        canvas.stroke(outer, "#24120a", 0.5, closed=True)
        for place in np.linspace(-0.75, 0.75, 7):
            for side in (-1, 1):
                canvas.disc((place * x, side * (y + 5)), 0.55, "#efe3c8")
                canvas.disc((side * (x + 5), place * y), 0.55, "#efe3c8")


def _taper(tip: Point, butt: Point, thin: float = 0.7, thick: float = 1.6) -> list[Point]:
    dx, dy = butt[0] - tip[0], butt[1] - tip[1]
    length = math.hypot(dx, dy)
    nx, ny = -dy / length, dx / length
    return [
        (tip[0] + nx * thin, tip[1] + ny * thin),
        (butt[0] + nx * thick, butt[1] + ny * thick),
        (butt[0] - nx * thick, butt[1] - ny * thick),
        (tip[0] - nx * thin, tip[1] - ny * thin),
    ]
