"""The drawing surface of the scenes: antialiased, sub-pixel, in units that do not depend on the size.

The origin is the middle of the picture, x to the right, y down, and the shorter side is 100 units long, so that a
scene drawn within -50 to 50 is seen whole at every size and orientation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np

from sora_compare.simulator.studio.drawing.pictures import Colour, Picture, colour

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.simulator.studio.drawing.sprites import Sprite

Point: TypeAlias = tuple[float, float]
Points: TypeAlias = "Sequence[Point] | np.ndarray"
Ink: TypeAlias = "str | Colour"

SHIFT = 4
FRACTION = 1 << SHIFT
SHORT_SIDE_UNITS = 100.0


def as_colour(ink: Ink) -> Colour:
    """A colour from `#rrggbb` or (blue, green, red)."""
    return colour(ink) if isinstance(ink, str) else ink


class Canvas:
    """A picture being drawn.

    Attributes:
        pixels: height x width x 3, blue first.
        unit: pixels per unit.
        half_width, half_height: units from the middle to the sides.
    """

    def __init__(self, width: int, height: int) -> None:
        self.pixels: Picture = np.zeros((height, width, 3), dtype=np.uint8)
        self.width, self.height = width, height
        self.zoom()

    def zoom(self, short_side: float = SHORT_SIDE_UNITS) -> None:
        """Take in more or less: the shorter side is that many units long from now on."""
        self.unit = min(self.width, self.height) / short_side
        self.half_width = self.width / self.unit / 2
        self.half_height = self.height / self.unit / 2

    def load(self, picture: Picture) -> None:
        """Begin a frame from a prerendered background of the same size."""
        np.copyto(self.pixels, picture)

    def place(self, point: Point) -> Point:
        """Units to pixels."""
        return self.width / 2 + point[0] * self.unit, self.height / 2 + point[1] * self.unit

    def _fixed(self, points: Points, corner: Point = (0.0, 0.0)) -> np.ndarray:
        array = np.asarray(points, dtype=np.float64) * self.unit
        array += np.array([self.width / 2 - corner[0] - 0.5, self.height / 2 - corner[1] - 0.5])
        return np.rint(array * FRACTION).astype(np.int32)

    def _pen(self, width: float) -> int:
        return max(1, round(width * self.unit))

    def disc(self, centre: Point, radius: float, ink: Ink) -> None:
        """A filled circle."""
        x, y = self._fixed([centre])[0]
        size = max(1, round(radius * self.unit * FRACTION))
        cv2.circle(self.pixels, (int(x), int(y)), size, as_colour(ink), -1, cv2.LINE_AA, SHIFT)

    def ellipse(
        self,
        centre: Point,
        radii: Point,
        ink: Ink,
        *,
        turn: float = 0.0,
        arc: Point = (0.0, 360.0),
        line: float | None = None,
    ) -> None:
        """A filled ellipse, or its outline (`line` units thick); `turn` and `arc` in degrees."""
        x, y = self._fixed([centre])[0]
        sizes = [max(1, round(r * self.unit * FRACTION)) for r in radii]
        thickness = -1 if line is None else self._pen(line)
        cv2.ellipse(
            self.pixels,
            (int(x), int(y)),
            (sizes[0], sizes[1]),
            turn,
            arc[0],
            arc[1],
            as_colour(ink),
            thickness,
            cv2.LINE_AA,
            SHIFT,
        )

    def polygon(self, points: Points, ink: Ink) -> None:
        """A filled polygon of any shape."""
        cv2.fillPoly(self.pixels, [self._fixed(points)], as_colour(ink), cv2.LINE_AA, SHIFT)

    def stroke(self, points: Points, ink: Ink, width: float, *, closed: bool = False) -> None:
        """A line through the points, `width` units thick."""
        cv2.polylines(self.pixels, [self._fixed(points)], closed, as_colour(ink), self._pen(width), cv2.LINE_AA, SHIFT)

    def ribbon(self, points: Points, widths: Sequence[float] | np.ndarray, ink: Ink) -> None:
        """A band along the points whose width changes, with round ends; such as a tail."""
        outline = band(np.asarray(points, dtype=np.float64), np.asarray(widths, dtype=np.float64))
        self.polygon(outline, ink)

    def tint(self, points: Points, ink: Ink, alpha: float, *, blur: float = 0.0) -> None:
        """A polygon laid over with `alpha` (0 to 1), its edge softened over `blur` units."""
        self.tints([points], ink, alpha, blur=blur)

    def tints(self, shapes: Sequence[Points], ink: Ink, alpha: float, *, blur: float = 0.0) -> None:
        """Several polygons laid over as one, so that where they overlap nothing darkens twice."""
        margin = blur * self.unit * 2.5 + 2
        box = self._box(np.concatenate([np.asarray(shape, dtype=np.float64) for shape in shapes]), margin)
        if box is None:
            return
        left, top, right, bottom = box
        step = 1 << max(0, min(3, int(np.log2(max(blur * self.unit / 2.0, 1.0)))))
        mask = self._mask(shapes, box, step, blur)
        if step > 1:
            mask = cv2.resize(mask, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
        lay_over(self.pixels[top:bottom, left:right], mask, as_colour(ink), alpha)

    def _mask(self, shapes: Sequence[Points], box: tuple[int, int, int, int], step: int, blur: float) -> np.ndarray:
        left, top, right, bottom = box
        mask = np.zeros(((bottom - top + step - 1) // step, (right - left + step - 1) // step), dtype=np.uint8)
        for shape in shapes:
            fixed = self._fixed(shape, (left, top)) // step
            cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, SHIFT)
        sigma = blur * self.unit / step
        return cv2.GaussianBlur(mask, (0, 0), sigma) if sigma > 0.3 else mask  # noqa: PLR2004 - under a third of a pixel no blur shows

    def _box(self, points: np.ndarray, margin: float) -> tuple[int, int, int, int] | None:
        x = points[:, 0] * self.unit + self.width / 2
        y = points[:, 1] * self.unit + self.height / 2
        left, right = max(0, int(x.min() - margin)), min(self.width, int(x.max() + margin) + 1)
        top, bottom = max(0, int(y.min() - margin)), min(self.height, int(y.max() + margin) + 1)
        return (left, top, right, bottom) if right > left and bottom > top else None

    def sprite(
        self,
        sprite: Sprite,
        at: Point,
        *,
        turn: float = 0.0,
        scale: float | Point = 1.0,
        alpha: float = 1.0,
    ) -> None:
        """A prerendered piece with its anchor at `at`; `turn` in degrees clockwise, `scale` per axis."""
        sprite.draw(
            self.pixels, self.place(at), turn, (scale, scale) if isinstance(scale, (int, float)) else scale, alpha
        )


def lay_over(region: Picture, mask: np.ndarray, ink: Colour, alpha: float) -> None:
    """Blend a colour into `region` in place, as strongly as `mask` (0 to 255) and `alpha` say."""
    strength = mask if alpha >= 1.0 else cv2.convertScaleAbs(mask, alpha=alpha)
    kept = cv2.bitwise_not(strength)
    cv2.multiply(region, cv2.merge([kept, kept, kept]), region, 1 / 255)
    if any(ink):
        cv2.add(region, cv2.merge([cv2.convertScaleAbs(strength, alpha=part / 255) for part in ink]), region)


def lay_at(pixels: Picture, mask: np.ndarray, corner: tuple[int, int], ink: Ink) -> None:
    """Blend a colour into a picture through a mask whose left top corner is put at `corner`; the rest is cut off."""
    left, top = corner
    cut = mask[max(0, -top) : max(0, pixels.shape[0] - top), max(0, -left) : max(0, pixels.shape[1] - left)]
    if cut.size:
        row, column = max(0, top), max(0, left)
        lay_over(pixels[row : row + cut.shape[0], column : column + cut.shape[1]], cut, as_colour(ink), 1.0)


def band(points: np.ndarray, widths: np.ndarray, *, is_round: bool = True) -> np.ndarray:
    """The outline of a band around a line: n x 2 points, n widths; its end round or cut off."""
    along = np.gradient(points, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    side = np.stack([-along[:, 1], along[:, 0]], axis=1) * (widths[:, None] / 2)
    if not is_round:
        return np.concatenate([points + side, (points - side)[::-1]])
    half_turn = np.linspace(-np.pi / 2, np.pi / 2, 9)[1:-1]
    cap = points[-1] + widths[-1] / 2 * (
        np.cos(half_turn)[:, None] * along[-1] - np.sin(half_turn)[:, None] * side[-1] / max(widths[-1] / 2, 1e-9)
    )
    return np.concatenate([points + side, cap, (points - side)[::-1]])


def curve(points: Sequence[Point], steps: int = 12, *, closed: bool = False) -> np.ndarray:
    """A smooth line through the points (Catmull-Rom spline); `steps` points per span."""
    knots = np.asarray(points, dtype=np.float64)
    ends = (knots[-1:], knots[:2]) if closed else (knots[:1], knots[-1:])
    padded = np.concatenate([ends[0], knots, ends[1]])
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[:, None]
    spans = [_span(padded[i : i + 4], t) for i in range(len(padded) - 3)]
    return np.concatenate(spans if closed else [*spans, knots[-1:]])


def _span(p: np.ndarray, t: np.ndarray) -> np.ndarray:
    return np.asarray(
        0.5
        * (
            2 * p[1]
            + (p[2] - p[0]) * t
            + (2 * p[0] - 5 * p[1] + 4 * p[2] - p[3]) * t**2
            + (3 * p[1] - p[0] - 3 * p[2] + p[3]) * t**3
        )
    )
