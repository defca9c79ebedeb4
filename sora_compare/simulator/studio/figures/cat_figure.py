"""The parts of the cat that are cut out once: body, head, and the cushion under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.simulator.studio.drawing.canvas import band, curve
from sora_compare.simulator.studio.drawing.cutout import Cutout
from sora_compare.simulator.studio.drawing.pictures import speckle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.simulator.studio.drawing.canvas import Canvas, Point
    from sora_compare.simulator.studio.drawing.sprites import Sprite

BODY = [
    (-33, 17), (-34, 8), (-27, -2), (-14, -10.5), (2, -14), (17, -12.4), (28, -4.5), (32.5, 6), (30.5, 15),
    (22, 18.5), (0, 19.4), (-22, 18.8),
]  # fmt: skip
BELLY = [(-34, 19), (-20, 12.5), (0, 14.5), (20, 13), (34, 19), (0, 24)]
BACK = [(-26, -1), (-8, -11), (14, -11.5), (4, -6), (-14, -3)]
HAUNCH = [(10, 17.5), (8.5, 6), (16, -2.5), (26, -0.5), (31, 8), (29, 16), (20, 19)]
THIGH = [(12, 12), (13, 4), (19, 0), (25, 1.5), (20, 6)]
HIND_PAW = [(6, 17.4), (9, 14), (19, 13.6), (22, 16.4), (18, 19.4), (9, 19.6)]
FORE_PAW = [(-34, 17), (-30, 12.6), (-17, 12), (-11.5, 15), (-14, 19), (-28, 19.6)]
HEAD = [
    (-12.6, 1), (-10.4, -6.6), (-3, -9.8), (4, -9.4), (10.8, -5.4), (12.8, 1.4), (9.8, 7.4), (2, 10.6), (-6, 10),
    (-11.4, 6.2),
]  # fmt: skip
MUZZLE = [(-6, 5.2), (-4.4, 2.4), (-0.6, 3.2), (3.2, 2.4), (4.8, 5.2), (2, 9.2), (-3, 9.2)]
SMILE = [(-3.4, 6.6), (-2.0, 7.2), (-0.6, 5.2), (0.8, 7.2), (2.2, 6.6)]
PILLOW = [(-43, 17), (-34, 12.6), (0, 13.4), (34, 12.6), (43, 17), (39, 23), (0, 25.6), (-39, 23)]
SEAM = [(-43, 17.4), (-20, 20.6), (0, 21), (20, 20.6), (43, 17.4)]
PILLOW_SHADOW = [(-44, 22), (0, 29), (52, 25), (40, 17), (-38, 17)]
INNER_EAR = "#d98a78"
MIDDLE_X = -0.6


@dataclass(frozen=True, slots=True)
class Coat:
    """Colours of a cat."""

    fur: str
    stripe: str
    belly: str


COATS = [
    Coat("#e58a35", "#b9601c", "#f7d9ae"),
    Coat("#ec9640", "#bd6a22", "#fbe6c8"),
    Coat("#d97d2e", "#a85516", "#f3cf9f"),
]


def tapered(line: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """The outline of a stripe whose ends are cut off."""
    return band(line, widths, is_round=False)


def body_sprite(coat: Coat, unit: float) -> Sprite:
    """The curled body; anchored where it lies."""
    body = Cutout(80, 48, unit, coat.fur)
    body.polygon(curve(BODY, 10, closed=True), coat.fur)
    _stripe(body, coat)
    tint = body.paint.tint
    tint(curve(BELLY, 8, closed=True), "#7d3f12", 0.6, blur=2.6)
    tint(BACK, "#ffe3b0", 0.5, blur=2.8)
    tint(curve(HAUNCH, 8, closed=True), coat.stripe, 0.28, blur=2.2)
    tint(curve(THIGH, 8, closed=True), "#ffd99c", 0.42, blur=2.0)
    for paw, paleness in ((HIND_PAW, 0.55), (FORE_PAW, 0.45)):
        outline = curve(paw, 8, closed=True)
        body.polygon(outline, coat.fur)
        tint(outline, coat.belly, paleness, blur=1.1)
    for place in (9.6, 12.4):
        body.paint.stroke([(place, 16.4), (place - 0.7, 18.6)], coat.stripe, 0.35)
    body.texture(speckle(round(80 * unit), round(48 * unit), 3, 0.9, 3.0), 0.035)
    return body.sprite((0.0, 19.0))


def _stripe(body: Cutout, coat: Coat) -> None:
    for k, x in enumerate(np.linspace(-20, 27, 9).tolist()):
        top = -14.5 + abs(x - 4) ** 1.6 / 30
        lean = 1.2 + 0.08 * x
        line = curve([(x, top), (x + lean * 1.4, top + 5.0), (x + lean * 1.2, top + 10.5 + (k % 2) * 2)], 6)
        widths = np.interp(np.linspace(0, 1, len(line)), [0, 0.4, 1], [2.5, 2.1, 0.3])
        body.paint.tint(tapered(line, widths), coat.stripe, 0.85, blur=0.35)


def head_sprite(coat: Coat, unit: float) -> Sprite:
    """The sleeping head, without the ear that twitches."""
    head = Cutout(44, 36, unit, coat.fur)
    head.polygon([(-10.6, -3.6), (-11.4, -14.4), (-2.6, -8.6)], coat.fur)
    head.polygon([(-9.8, -5.4), (-10.4, -11.6), (-4.8, -8.0)], INNER_EAR)
    head.polygon(curve(HEAD, 8, closed=True), coat.fur)
    tint = head.paint.tint
    tint([(2, -9), (12, -4), (13, 4), (8, 9), (6, 0)], coat.stripe, 0.42, blur=2.4)
    tint([(-10, -4), (-3, -9), (3, -8), (-4, -3), (-10, 2)], "#ffe6ba", 0.5, blur=1.8)
    for x, lean in ((-4.2, -0.5), (-0.6, 0.0), (3.0, 0.5)):
        mark = curve([(x - lean, -9.6), (x, -6.6), (x + lean * 0.6, -4.2)], 6)
        tint(tapered(mark, np.linspace(1.5, 0.4, len(mark))), coat.stripe, 0.9, blur=0.2)
    tint(curve(MUZZLE, 8, closed=True), coat.belly, 0.95, blur=0.8)
    for side in (-1, 1):
        _add_eye_and_whiskers(head, side)
    head.paint.polygon([(-1.9, 3.4), (0.7, 3.4), (-0.6, 5.0)], "#c9665c")
    head.paint.stroke(curve(SMILE, 6), "#7d4a2c", 0.32)
    head.texture(speckle(round(44 * unit), round(36 * unit), 4, 0.9, 2.0), 0.03)
    return head.sprite()


def _add_eye_and_whiskers(head: Cutout, side: int) -> None:
    def across(distance: float) -> float:
        return MIDDLE_X + side * distance

    eye = curve([(across(3.4), 0.2), (across(5.6), 1.7), (across(8.0), 0.4)], 8)
    head.paint.ribbon(eye, np.interp(np.linspace(0, 1, len(eye)), [0, 0.5, 1], [0.3, 0.85, 0.3]), "#4a2410")
    for k in range(3):
        whisker = [(across(3.4), 5.6 + 0.7 * k), (across(9.6), 4.6 + 1.2 * k), (across(15.6), 5.0 + 2.0 * k)]
        head.stroke(curve(whisker, 8), "#fff6e6", 0.16)


def paint_cushion(canvas: Canvas, at: Point) -> None:
    """The cushion and its shadow, under a cat at `at`."""

    def placed(points: Sequence[Point]) -> list[Point]:
        return [(at[0] + x, at[1] + y) for x, y in points]

    canvas.tint(curve(placed(PILLOW_SHADOW), 8, closed=True), "#1e0f08", 0.5, blur=2.4)
    canvas.polygon(curve(placed(PILLOW), 8, closed=True), "#4f7a86")
    canvas.tint(placed([(-40, 21), (40, 21), (36, 26), (-36, 26)]), "#10262e", 0.55, blur=1.6)
    canvas.tint(placed([(-36, 13.4), (-6, 14), (-10, 17), (-38, 17)]), "#ffe9c0", 0.35, blur=1.4)
    canvas.stroke(curve(placed(SEAM), 8), "#2f5560", 0.45)
