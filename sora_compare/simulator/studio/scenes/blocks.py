"""A tower of wooden blocks knocked over: a tumble that settles, or blocks that float and sink into each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pymunk

from sora_compare.simulator.studio import sound
from sora_compare.simulator.studio.drawing.pictures import colour, dithered, gradient, speckle
from sora_compare.simulator.studio.drawing.sprites import Sprite, blob
from sora_compare.simulator.studio.figures.backdrops import light_spot, plank_floor, plaster, vignette, window_light
from sora_compare.simulator.studio.figures.balls import plain_ball
from sora_compare.simulator.studio.figures.motion import STEP_S, Contact, Path, Recorder, body_of

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Canvas, Point
    from sora_compare.simulator.studio.drawing.pictures import Picture
    from sora_compare.simulator.studio.scenes.scene import SceneRequest
    from sora_compare.simulator.studio.sound import Track

GRAVITY = 190.0
BALL = 6.2
PAINTS = ["#d9483b", "#e9a23b", "#f1cf5b", "#5aa469", "#3f7fbf", "#8a5aa8", "#e7d3b1", "#d98f5c"]
SECOND_BALL_S = 4.6
FLOATS_S = (0.5, 1.7)
"""When the floating block hangs, after the first hit."""
WOOD, FLOOR = 1, 2
ROUND_EDGE = 0.9
AUDIBLE, SETTLED_S = 14.0, 0.1
"""Weaker contacts make no sound, nor does the tower when it first stands."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block's measures in units, its first place and its paint."""

    width: float
    height: float
    at: tuple[float, float]
    paint: str


class Blocks:
    """A tower on a table, and balls that roll into it."""

    def __init__(self, request: SceneRequest) -> None:
        self._request = request
        canvas = request.canvas()
        self.table_y = canvas.half_height * 0.62
        self._edge_x = canvas.half_width
        self._background = self._painted(canvas)
        self.blocks = _tower(request.random("tower"), self.table_y, request.is_upright)
        self._sprites = [_wooden(block, canvas.unit, index) for index, block in enumerate(self.blocks)]
        self._ball = plain_ball(BALL * canvas.unit, "#c23a4b", stripe="#f4e7d0", gloss=0.5)
        self._contact = blob((10 * canvas.unit, 2.0 * canvas.unit), (16, 26, 44), 0.6)
        self.contacts: list[Contact] = []
        self.paths, self.ball_paths = self._tumble()

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the table, the shadows and every piece."""
        canvas.load(self._background)
        places = [path.at(t) for path in self.paths]
        self._draw_shadows(canvas, places, t)
        for sprite, (x, y, turn) in zip(self._sprites, places, strict=True):
            canvas.sprite(sprite, (x, y), turn=turn)
        for path in self.ball_paths:
            x, y, turn = path.at(t)
            self._ball.draw(canvas, (x, y), turn)

    def sound(self, track: Track) -> None:
        """A knock for each contact, deeper for heavier ones."""
        track.add(sound.noise(track.seconds, 80, 900, 4), gain=0.012)
        for index, contact in enumerate(self.contacts[:160]):
            wave = sound.knock(520 + 90 * (index % 5), index % 7)
            track.add(wave, contact.at_s, min(0.8, contact.strength / 90), contact.x / 90)

    def subject(self, t: float) -> Point:
        """The block that was highest."""
        x, y, _ = self.paths[-1].at(t)
        return x, y

    def _tumble(self) -> tuple[list[Path], list[Path]]:
        space = self._space()
        bodies = [self._body(space, index, block) for index, block in enumerate(self.blocks)]
        balls = [self._rolling(space, side) for side in (-1, 1)]
        recorder = Recorder([*bodies, *balls])
        self._listen(space)
        for step in range(int((self._request.seconds + 0.2) / STEP_S)):
            self._now = step * STEP_S
            recorder.note()
            if self._now < SECOND_BALL_S:
                self._throw(balls[1], 1)
            space.step(STEP_S)
        paths = recorder.paths()
        return paths[: len(bodies)], paths[len(bodies) :]

    def _space(self) -> pymunk.Space:
        space = pymunk.Space()
        space.iterations = 30
        space.gravity = (0.0, GRAVITY if self._request.is_precise else GRAVITY * 0.5)
        table = pymunk.Segment(space.static_body, (-900, self.table_y + 5), (900, self.table_y + 5), 5)
        table.friction, table.elasticity, table.collision_type = 0.75, 0.12, FLOOR
        if not self._request.is_precise:
            table.elasticity = 0.72
        space.add(table)
        return space

    def _body(self, space: pymunk.Space, index: int, block: Block) -> pymunk.Body:
        mass = block.width * block.height / 60
        body = pymunk.Body(mass, pymunk.moment_for_box(mass, (block.width, block.height)))
        body.position = block.at
        shape = pymunk.Poly.create_box(body, (block.width - 0.4, block.height - 0.4), 0.2)
        shape.friction, shape.elasticity, shape.collision_type = 0.62, 0.1, WOOD
        space.add(body, shape)
        if not self._request.is_precise:
            self._spoil(body, shape, index)
        return body

    def _spoil(self, body: pymunk.Body, shape: pymunk.Shape, index: int) -> None:
        """October: every third block passes through its like, and one hangs in the air for a while."""
        shape.elasticity = 0.55
        if index % 3 == 1:
            shape.filter = pymunk.ShapeFilter(group=7)
        if index == len(self.blocks) - 2:
            body.velocity_func = self._hover

    def _hover(self, body: pymunk.Body, gravity: pymunk.Vec2d, damping: float, dt: float) -> None:
        hit = 0.75
        if hit + FLOATS_S[0] < self._now < hit + FLOATS_S[1]:
            pymunk.Body.update_velocity(body, (0.0, 0.0), 0.96, dt)
        else:
            pymunk.Body.update_velocity(body, gravity, damping, dt)

    def _rolling(self, space: pymunk.Space, side: int) -> pymunk.Body:
        mass = 12.0
        body = pymunk.Body(mass, pymunk.moment_for_circle(mass, 0, BALL))
        self._throw(body, side)
        shape = pymunk.Circle(body, BALL)
        shape.friction, shape.elasticity, shape.collision_type = 0.5, 0.25, WOOD
        space.add(body, shape)
        return body

    def _throw(self, ball: pymunk.Body, side: int) -> None:
        """Put a ball outside the picture so that it meets the tower half-way up."""
        ball.position = (side * (self._edge_x + BALL + 2), self.table_y - 30.0)
        gravity = GRAVITY if self._request.is_precise else GRAVITY * 0.5
        ball.velocity = (-side * self._edge_x / 0.62, -0.31 * gravity)
        ball.angular_velocity = -side * 6.0

    def _listen(self, space: pymunk.Space) -> None:
        self._now = 0.0

        def note(arbiter: pymunk.Arbiter, _: pymunk.Space, __: object) -> None:
            strength = arbiter.total_impulse.length
            if arbiter.is_first_contact and strength > AUDIBLE and self._now > SETTLED_S:
                self.contacts.append(Contact(self._now, body_of(arbiter.shapes[0]).position.x, strength, "wood"))

        space.on_collision(WOOD, WOOD, post_solve=note)
        space.on_collision(WOOD, FLOOR, post_solve=note)

    def _painted(self, canvas: Canvas) -> Picture:
        request, unit = self._request, canvas.unit
        picture = gradient(request.width, request.height, [(0, "#c8d5cf"), (0.6, "#e4e3d3"), (1, "#d8d2bd")])
        plaster(picture, request.seed & 0xFFFF, 0.012)
        left, top = -canvas.half_width * 0.55, -canvas.half_height * 0.75
        for column in range(2):
            for row in range(2):
                x, y = left + column * 26 + row * 7, top + row * 26
                pane = [(x, y), (x + 23, y + 2), (x + 29, y + 25), (x + 6, y + 23)]
                window_light(picture, [canvas.place(corner) for corner in pane], 0.22, 1.2 * unit)
        table_top = round(canvas.place((0, self.table_y - canvas.half_height * 0.16))[1])
        plank_floor(picture, table_top, ("#b98555", "#d3a878"), 5, planks=9, vanish=2.2)
        light_spot(picture, canvas.place((-20, self.table_y + 4)), (75 * unit, 22 * unit), "#fff1d2", 0.22)
        vignette(picture, 0.26)
        return dithered(picture, 9)

    def _draw_shadows(self, canvas: Canvas, places: list[tuple[float, float, float]], t: float) -> None:
        shapes = [self._shadow_of(block, place) for block, place in zip(self.blocks, places, strict=True)]
        canvas.tints(shapes, "#2b1a10", 0.34, blur=1.1)
        for path in self.ball_paths:
            x, y, _ = path.at(t)
            if abs(x) < canvas.half_width + 3 * BALL:
                lift = 1.0 + max(0.0, self.table_y - BALL - y) / 20
                canvas.sprite(self._contact, (x + 1.5, self.table_y + 0.3), scale=(0.8 * lift, lift), alpha=1 / lift)

    def _shadow_of(self, block: Block, place: tuple[float, float, float]) -> np.ndarray:
        x, y, turn = place
        angle = math.radians(turn)
        wide = abs(block.width * math.cos(angle)) + abs(block.height * math.sin(angle))
        tall = abs(block.width * math.sin(angle)) + abs(block.height * math.cos(angle))
        gap = max(0.0, self.table_y - y - tall / 2)
        slide = 0.22 * (gap + tall / 2)
        near, far = self.table_y + 1.6, self.table_y - 1.2
        half = wide / 2 * max(0.4, 1 - gap / 120)
        return np.array(
            [(x - half, far), (x + half + slide, far - 0.4), (x + half + slide, near), (x - half * 0.9, near)]
        )


def _tower(random: np.random.Generator, table_y: float, is_upright: bool) -> list[Block]:  # noqa: FBT001 - private
    """Pairs of pillars with a plank over each pair, and a lone block on top."""
    centre = 0.0 if is_upright else 10.0
    paints = list(random.permutation(PAINTS))
    pillar_w, pillar_h, plank_h = 6.0, 13.0, 4.4
    blocks: list[Block] = []
    floor = table_y
    for level in range(3):
        spread = 11.0 - 2.2 * level + float(random.uniform(-0.6, 0.6))
        for side in (-1, 1):
            at = (centre + side * spread, floor - pillar_h / 2)
            blocks.append(Block(pillar_w, pillar_h, at, paints[(2 * level + side) % len(paints)]))
        plank = Block(
            2 * spread + pillar_w + 3,
            plank_h,
            (centre, floor - pillar_h - plank_h / 2),
            paints[(level + 5) % len(paints)],
        )
        blocks.append(plank)
        floor -= pillar_h + plank_h
    blocks.append(Block(8.0, 8.0, (centre - 2.0, floor - 4.0), paints[6]))
    blocks.append(Block(6.0, 6.0, (centre - 1.5, floor - 11.0), paints[0]))
    return blocks


def _wooden(block: Block, unit: float, seed: int) -> Sprite:
    """A painted block with grain, rounded edges, and light from above left."""
    wide, tall = max(4, round(block.width * unit)), max(4, round(block.height * unit))
    grain = speckle(wide, tall, seed, 0.5, 14.0) if wide >= tall else speckle(tall, wide, seed, 0.5, 14.0).T
    y, x = np.mgrid[0:tall, 0:wide].astype(np.float32)
    edge_px = ROUND_EDGE * unit
    inset = [np.clip(d / edge_px, 0, 1) for d in (x + 0.5, wide - x - 0.5, y + 0.5, tall - y - 0.5)]
    light = 1.0 + 0.16 * (1 - inset[2]) + 0.1 * (1 - inset[0]) - 0.24 * (1 - inset[3]) - 0.18 * (1 - inset[1])
    light = light * (1.04 - 0.1 * y / tall)
    colours = np.asarray(colour(block.paint), dtype=np.float32) * (light * (1.0 + 0.035 * grain))[:, :, None]
    px, py = np.minimum(x + 0.5, wide - x - 0.5), np.minimum(y + 0.5, tall - y - 0.5)
    corner = np.hypot(np.maximum(edge_px - px, 0), np.maximum(edge_px - py, 0))
    return Sprite(
        np.pad(colours, ((1, 1), (1, 1), (0, 0)), mode="edge"), np.pad(np.clip(edge_px - corner + 0.5, 0, 1), 1)
    )
