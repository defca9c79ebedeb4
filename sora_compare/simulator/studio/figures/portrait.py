"""The parts of a drawn face: what never moves is cut out once, eyes and mouth are drawn for every frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.simulator.studio.drawing.canvas import curve
from sora_compare.simulator.studio.drawing.cutout import Cutout
from sora_compare.simulator.studio.drawing.pictures import colour, mixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.simulator.studio.drawing.canvas import Canvas, Point
    from sora_compare.simulator.studio.drawing.sprites import Sprite

MOUTH_Y = 13.5
EYES_Y = -3.5
EYE_X = 8.6
WARM_SHADOW = (34, 30, 78)
DARK, WHITE = (0, 0, 0), (255, 255, 255)
CORNERS_LIFT = 0.7


@dataclass(frozen=True, slots=True)
class Person:
    """Colours of a person."""

    skin: str
    hair: str
    shirt: str
    lips: str


PEOPLE = [
    Person("#e0ac85", "#4a2c1d", "#2f6f8f", "#b5544f"),
    Person("#8d5a3c", "#1d1412", "#a8433a", "#7d3a35"),
    Person("#f0c8a6", "#a8642c", "#4a7d5c", "#c46a62"),
    Person("#c68e63", "#20191a", "#6a4c93", "#9a4a44"),
]


@dataclass(frozen=True, slots=True)
class Pose:
    """The face at a moment.

    Attributes:
        at: middle of the head, in units.
        turn: lean of the head in degrees.
        opening, rounding: of the mouth, 0 to 1.
        blink: how far the lids are closed, 0 to 1.
        brow: how far the brows are raised, 0 to 1.
        gaze: where the eyes look, units off the middle.
    """

    at: Point
    turn: float
    opening: float
    rounding: float
    blink: float
    brow: float
    gaze: Point

    def placed(self, points: np.ndarray | Sequence[Point]) -> np.ndarray:
        """Points on the head to points in the picture."""
        angle = math.radians(self.turn)
        turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        return np.asarray(np.asarray(points) @ turn + np.asarray(self.at))


def arch(half: Sequence[Point], centre_x: float = 0.0) -> np.ndarray:
    """A smooth symmetrical line: its right half, from the middle outwards, is mirrored to the left."""
    left = [(centre_x - x, y) for x, y in reversed(half)]
    right = [(centre_x + x, y) for x, y in half if x > 0]
    return curve(left + right, 6)


def closed_arch(half: Sequence[Point]) -> np.ndarray:
    """A symmetrical outline: its right half from top to bottom, mirrored."""
    right = list(half)
    left = [(-x, y) for x, y in reversed(half) if x > 0]
    return curve(right + left, 8, closed=True)


def draw_eyes(canvas: Canvas, person: Person, pose: Pose) -> None:
    """Both eyes and brows."""
    for side in (-1, 1):
        _draw_eye(canvas, person, pose, side * EYE_X)
        y = EYES_Y - 6.4 - 1.5 * pose.brow
        brow = curve([(side * 4.4, y + 0.9), (side * 8.4, y - 0.5), (side * 13.0, y + 1.2)], 6)
        widths = np.interp(np.linspace(0, 1, len(brow)), [0, 0.35, 1], [1.5, 1.7, 0.4])
        canvas.ribbon(pose.placed(brow), widths, mixed(colour(person.hair), (10, 10, 14), 0.2))


def _draw_eye(canvas: Canvas, person: Person, pose: Pose, x: float) -> None:
    skin = colour(person.skin)
    lid = mixed(skin, (40, 50, 90), 0.13)
    upper = arch([(1.6, EYES_Y + 0.4 - 2.6 * (1 - pose.blink)), (4.4, EYES_Y + 0.5)], x)
    lower = arch([(1.4, EYES_Y + 2.0), (4.4, EYES_Y + 0.5)], x)[::-1]
    canvas.polygon(pose.placed(np.concatenate([upper, lower])), "#f6f3ee")
    if pose.blink < 0.8:  # noqa: PLR2004 - all but shut
        centre = pose.placed([(x + pose.gaze[0], EYES_Y + 0.1 + pose.gaze[1])])[0]
        _draw_iris(canvas, (float(centre[0]), float(centre[1])))
    fold = arch([(1.5, EYES_Y - 3.4), (3.4, EYES_Y - 2.3), (4.6, EYES_Y + 0.4)], x)[::-1]
    canvas.polygon(pose.placed(np.concatenate([upper, fold])), lid)
    bag = arch([(1.4, EYES_Y + 2.9), (4.4, EYES_Y + 0.6)], x)
    canvas.polygon(pose.placed(np.concatenate([lower, bag])), mixed(skin, (40, 50, 90), 0.05))
    canvas.stroke(pose.placed(upper), "#2a1a16", 0.75)
    canvas.stroke(pose.placed(lower), mixed(skin, (30, 30, 60), 0.35), 0.3)


def _draw_iris(canvas: Canvas, centre: Point) -> None:
    canvas.disc(centre, 2.15, "#3d5a4a")
    canvas.disc(centre, 1.75, "#6f9a7c")
    canvas.disc(centre, 0.95, "#10100f")
    canvas.disc((centre[0] - 0.7, centre[1] - 0.8), 0.5, "#ffffff")


def draw_mouth(canvas: Canvas, person: Person, pose: Pose) -> None:
    """Lips, teeth and tongue for the pose's opening and rounding."""
    wide = 6.8 - 3.1 * pose.rounding + 0.7 * pose.opening * (1 - pose.rounding)
    gap = 0.15 + 5.0 * pose.opening
    corner = MOUTH_Y - CORNERS_LIFT * (1 - pose.rounding)
    top, bottom = MOUTH_Y - 0.32 * gap, MOUTH_Y + 0.68 * gap
    inner_top = arch([(0, top + 0.15), (wide / 2, top), (wide - 0.7, corner)])
    inner_bottom = arch([(0, bottom + 0.2), (wide / 2, bottom), (wide - 0.7, corner)])[::-1]
    outer_top = arch([(0, top - 1.05), (wide * 0.42, top - 1.5), (wide, corner)])
    outer_bottom = arch([(0, bottom + 2.15), (wide * 0.5, bottom + 1.7), (wide, corner)])[::-1]
    lips = colour(person.lips)
    canvas.polygon(pose.placed(np.concatenate([outer_top, outer_bottom])), lips)
    canvas.polygon(pose.placed(np.concatenate([inner_top, inner_bottom])), "#3a1014")
    _draw_teeth(canvas, pose, inner_top, wide, gap)
    shine = arch([(0, bottom + 1.45), (wide * 0.35, bottom + 1.15)])
    canvas.stroke(pose.placed(shine), mixed(lips, WHITE, 0.32), 0.4)


def _draw_teeth(canvas: Canvas, pose: Pose, inner_top: np.ndarray, wide: float, gap: float) -> None:
    if gap > 1.0:
        kept = inner_top[4:-4]
        depth = np.array([0.0, min(1.5, 0.34 * gap)])
        canvas.polygon(pose.placed(np.concatenate([kept, (kept + depth)[::-1]])), "#f3efe6")
    if gap > 2.2:  # noqa: PLR2004 - wide enough to see the tongue
        low = MOUTH_Y + 0.68 * gap
        tongue = arch([(0, low - 0.26 * gap), (wide * 0.42, low - 0.2)])
        canvas.polygon(pose.placed(np.concatenate([tongue, [(0.0, low + 0.1)]])), "#b5555a")


def head_sprite(person: Person, unit: float) -> Sprite:
    """The head without eyes, brows and mouth."""
    skin = colour(person.skin)
    shade, glow = mixed(skin, WARM_SHADOW, 0.3), mixed(skin, (225, 240, 255), 0.45)
    head = Cutout(56, 72, unit, skin)
    back = closed_arch([(0, -31), (15, -27), (22, -12), (20, 6), (16, 14)])
    head.polygon(back, mixed(colour(person.hair), DARK, 0.3))
    for side in (-1, 1):
        head.ellipse((side * 18.6, 0.5), (3.2, 5.4), mixed(skin, (40, 40, 120), 0.2), turn=side * 8)
        head.paint.ellipse((side * 18.8, 0.8), (1.6, 3.2), shade, turn=side * 8)
    head.polygon(closed_arch([(0, -27), (14, -22), (18, -8), (17.6, 4), (14.6, 15), (7.5, 23.4), (0, 25.6)]), skin)
    _model_face(head, shade, glow)
    _add_hair(head, person)
    return head.sprite()


def _model_face(head: Cutout, shade: tuple[int, int, int], glow: tuple[int, int, int]) -> None:
    tint = head.paint.tint
    tint([(6, -24), (19, -14), (18, 6), (13, 17), (4, 24), (11, 6)], shade, 0.6, blur=4.0)
    tint([(-13, -18), (-3, -20), (-4, -9), (-12, -8)], glow, 0.5, blur=3.2)
    angles = np.linspace(0, 2 * math.pi, 16)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    for side in (-1, 1):
        tint(ring * (4, 3.2) + (side * 11, 8), "#d8604f", 0.22, blur=2.0)
        tint(ring * (5.2, 3.2) + (side * EYE_X, EYES_Y), shade, 0.4, blur=1.6)
    tint([(0.6, -4), (3.6, 6.4), (0.6, 7.6), (-0.2, 2)], shade, 0.6, blur=0.9)
    tint([(-1.6, -4), (-0.3, -4), (-0.2, 5), (-1.8, 5)], glow, 0.5, blur=0.7)
    nose = arch([(0, 7.2), (2.0, 7.6), (3.2, 6.2)])
    head.paint.stroke(nose, mixed(shade, (20, 20, 50), 0.35), 0.5)
    tint([(-5, 18.6), (5, 18.6), (3, 20.2), (-3, 20.2)], shade, 0.4, blur=1.0)


def _add_hair(head: Cutout, person: Person) -> None:
    hair = colour(person.hair)
    fringe = [
        (-19.5, -3), (-21, -16), (-14, -29), (0, -33), (14, -29), (21, -16), (19.5, -3),
        (16.6, -12), (8, -19.5), (-4, -17), (-13, -20), (-17, -11),
    ]  # fmt: skip
    head.polygon(curve(fringe, 8, closed=True), hair)
    crown = [(-14, -26), (-4, -30.5), (6, -29.5), (0, -26), (-9, -22.5)]
    head.paint.tint(crown, mixed(hair, (200, 225, 255), 0.5), 0.5, blur=1.8)
    parting = [(6, -31), (15, -24), (19, -12), (16, -14), (9, -21)]
    head.paint.tint(parting, mixed(hair, DARK, 0.6), 0.5, blur=1.6)


def body_sprite(person: Person, unit: float) -> Sprite:
    """Neck, shoulders and shirt."""
    skin, shirt = colour(person.skin), colour(person.shirt)
    body = Cutout(104, 180, unit, shirt)
    shoulders = [(-50, 90), (-50, 44), (-45, 16), (-32, 8), (-10, 1), (10, 1), (32, 8), (45, 16), (50, 44), (50, 90)]
    body.polygon(curve(shoulders, 8), shirt)
    body.polygon([(-8.5, -17), (8.5, -17), (10, 3), (0, 9), (-10, 3)], mixed(skin, WARM_SHADOW, 0.25))
    body.paint.tint([(-9, -12), (9, -12), (10, -3), (-10, -3)], mixed(skin, (20, 16, 60), 0.6), 0.7, blur=2.2)
    body.polygon([(-10.6, 0), (-1, 10.5), (-7, 15), (-16, 3.4)], mixed(shirt, WHITE, 0.16))
    body.polygon([(10.6, 0), (1, 10.5), (7, 15), (16, 3.4)], mixed(shirt, DARK, 0.12))
    body.paint.tint([(14, 6), (50, 20), (56, 90), (18, 90)], "#0a0c18", 0.42, blur=6.0)
    body.paint.tint([(-38, 14), (-24, 9), (-26, 26), (-40, 34)], WHITE, 0.16, blur=4.0)
    body.paint.stroke([(0, 11), (0.6, 90)], mixed(shirt, DARK, 0.3), 0.4)
    return body.sprite()
