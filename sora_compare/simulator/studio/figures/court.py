"""The physics of a shot at the basket: aimed so that a true ball touches the rim and still falls in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pymunk

from sora_compare.simulator.studio.figures.motion import STEP_S, Contact, Path, Recorder, body_of

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Point

BALL = 4.8
RIM = 9.2
NET = 13.0
GRAVITY = 158.0
"""Units per s²: the rim hangs 3.05 m above the floor, which is about 49 units."""
FLIGHT_S = 1.15
SHOT_S = 5.0
AIMING_S = 2.45
NET_DRAG = 5.5
AUDIBLE = 12.0
LEATHER, FLOOR, METAL = 1, 2, 3
MOST_TRIES = 40


@dataclass(frozen=True, slots=True)
class Shot:
    """One ball's way.

    Attributes:
        starts_s: when it comes into the picture.
        path: where it is from then on.
        contacts: with rim, board and floor.
        scored_s: when it fell through the hoop, since `starts_s`; infinite if it did not.
    """

    starts_s: float
    path: Path
    contacts: list[Contact]
    scored_s: float

    @property
    def is_rim_shot(self) -> bool:
        """True when the ball touched the rim before it fell in."""
        return math.isfinite(self.scored_s) and any(
            one.kind == "rim" and one.at_s < self.scored_s for one in self.contacts
        )


@dataclass(frozen=True, slots=True)
class Aim:
    """A throw: how far from the hoop's middle it would pass the rim's height, and after what time."""

    offset: float
    flight_s: float


@dataclass(frozen=True, slots=True)
class Court:
    """Where hoop and floor are, and where balls come from; all in units."""

    rim: Point
    start: Point
    floor_y: float

    def throw(self, starts_s: float, random: np.random.Generator, *, is_true: bool) -> Shot:
        """A shot; without being true it takes the same way until it goes through the metal."""
        return self._flown(starts_s, self._aim(random), SHOT_S, is_true=is_true)

    def _aim(self, random: np.random.Generator) -> Aim:
        """The throw nearest to the front rim that bounces in: the plainest to go wrong."""
        aims = [
            Aim(float(offset) * RIM, FLIGHT_S * float(stretch))
            for offset in np.linspace(-0.9, -0.2, 10) + random.uniform(-0.03, 0.03)
            for stretch in np.linspace(0.92, 1.12, 6) + random.uniform(-0.015, 0.015)
        ]
        for aim in sorted(aims, key=self._clearance)[:MOST_TRIES]:
            if self._flown(0.0, aim, AIMING_S, is_true=True, has_to_score=True).is_rim_shot:
                return aim
        return Aim(0.0, FLIGHT_S)

    def _velocity(self, aim: Aim) -> Point:
        dx, dy = self.rim[0] + aim.offset - self.start[0], self.rim[1] - self.start[1]
        return dx / aim.flight_s, dy / aim.flight_s - GRAVITY * aim.flight_s / 2

    def _clearance(self, aim: Aim) -> float:
        """How near the ball's middle comes to the front rim when nothing stops it."""
        t = np.linspace(aim.flight_s - 0.25, aim.flight_s + 0.15, 81)
        vx, vy = self._velocity(aim)
        x, y = self.start[0] + vx * t, self.start[1] + vy * t + GRAVITY / 2 * t**2
        return float(np.hypot(x - (self.rim[0] - RIM), y - self.rim[1]).min())

    def _flown(self, starts_s: float, aim: Aim, seconds: float, *, is_true: bool, has_to_score: bool = False) -> Shot:
        """Fly a throw; one that has to score is given up as soon as it cannot."""
        space, ball = self._space(is_true=is_true)
        ball.velocity = self._velocity(aim)
        recorder, ears, scored = Recorder([ball]), _Ears(space), math.inf
        for step in range(int(seconds / STEP_S)):
            recorder.note()
            height = ball.position.y
            space.step(STEP_S)
            ears.now = step * STEP_S
            is_inside = abs(ball.position.x - self.rim[0]) < RIM - BALL * 0.4
            is_over = aim.flight_s < ears.now
            if is_inside and height < self.rim[1] + 1 <= ball.position.y and math.isinf(scored):
                scored = ears.now
            is_in_net = is_inside and self.rim[1] < ball.position.y < self.rim[1] + NET
            if has_to_score and is_over and math.isinf(scored) and ball.position.y > self.rim[1] + NET:
                break
            if is_true and is_in_net and math.isfinite(scored):
                ball.velocity = ball.velocity * (1.0 - NET_DRAG * STEP_S)
        return Shot(starts_s, recorder.paths()[0], ears.contacts, scored)

    def _space(self, *, is_true: bool) -> tuple[pymunk.Space, pymunk.Body]:
        space = pymunk.Space()
        space.gravity = (0.0, GRAVITY)
        ball = pymunk.Body(0.6, pymunk.moment_for_circle(0.6, 0, BALL))
        ball.position = self.start
        ball.angular_velocity = -9.0
        leather = pymunk.Circle(ball, BALL)
        leather.elasticity, leather.friction, leather.collision_type = 0.9, 0.7, LEATHER
        floor = pymunk.Segment(space.static_body, (-400, self.floor_y + 5), (400, self.floor_y + 5), 5)
        floor.elasticity, floor.friction, floor.collision_type = (0.86, 0.8, FLOOR) if is_true else (0.97, 0.0, FLOOR)
        space.add(ball, leather, floor, *self._metal(space.static_body, is_true=is_true))
        return space, ball

    def _metal(self, body: pymunk.Body, *, is_true: bool) -> list[pymunk.Shape]:
        x, y = self.rim
        ends = [pymunk.Circle(body, 0.6, (x + side * RIM, y)) for side in (-1, 1)] if is_true else []
        board = pymunk.Segment(body, (x + RIM + 4.2, y - 20), (x + RIM + 4.2, y + 4), 0.8)
        post = pymunk.Segment(body, (x + RIM + 21.5, y - 6), (x + RIM + 21.5, self.floor_y), 1.5)
        for shape in (*ends, board, post):
            shape.elasticity, shape.friction, shape.collision_type = 0.62, 0.5, METAL
        return [*ends, board, post]


class _Ears:
    """Collects the contacts of the ball while a space runs."""

    def __init__(self, space: pymunk.Space) -> None:
        self.contacts: list[Contact] = []
        self.now = 0.0
        space.on_collision(LEATHER, FLOOR, begin=self._note, data="floor")
        space.on_collision(LEATHER, METAL, begin=self._note, data="rim")

    def _note(self, arbiter: pymunk.Arbiter, _: pymunk.Space, kind: str) -> None:
        body = body_of(arbiter.shapes[0])
        speed = abs(body.velocity.dot(arbiter.normal))
        if speed > AUDIBLE:
            self.contacts.append(Contact(self.now, body.position.x, float(speed), kind))
