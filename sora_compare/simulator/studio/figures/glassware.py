"""A drinking glass and an enamel jug."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.simulator.studio.drawing.canvas import curve
from sora_compare.simulator.studio.drawing.cutout import Cutout

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Canvas, Point
    from sora_compare.simulator.studio.drawing.sprites import Sprite

TOP_HALF, BOTTOM_HALF, TALL = 13.0, 10.4, 40.0
JUG_BODY = [(-11, -16), (-12.2, 0), (-13, 12), (-11.5, 16.6), (0, 17.6), (11.5, 16.6), (13, 12), (12.2, 0), (11, -16)]
JUG_HANDLE = [(-11, -9), (-21, -12), (-24, 0), (-19, 9), (-12, 10)]
ENAMEL, BLUE = "#e6e9e4", "#2f6f8f"


@dataclass(frozen=True, slots=True)
class Glass:
    """A glass that stands at `bottom_y`, widening upwards, around the middle of the picture."""

    bottom_y: float

    @property
    def top_y(self) -> float:
        """Its rim."""
        return self.bottom_y - TALL

    def half_width(self, y: float) -> float:
        """Half its width at a height."""
        return BOTTOM_HALF + (TOP_HALF - BOTTOM_HALF) * (self.bottom_y - y) / TALL

    def draw_back(self, canvas: Canvas) -> None:
        """What is seen through its contents."""
        canvas.tint(self._corners(), "#e9f4f8", 0.16)
        canvas.ellipse((0, self.top_y), (TOP_HALF, 2.4), "#dfeaee", arc=(180, 360), line=0.4)

    def draw_front(self, canvas: Canvas) -> None:
        """Edges and reflections, over its contents."""
        top, low = self.top_y, self.bottom_y
        left_top, right_top, right_low, left_low = self._corners()
        gleam = [(-11.4, top + 4), (-9.6, top + 4), (-8.0, low - 5), (-9.3, low - 5)]
        canvas.tint(gleam, "#ffffff", 0.55, blur=0.4)
        canvas.tint([(10.4, top + 6), (11.5, top + 6), (9.8, low - 6), (9.2, low - 6)], "#ffffff", 0.38, blur=0.4)
        canvas.tint([(-BOTTOM_HALF, low - 2.2), (BOTTOM_HALF, low - 2.2), right_low, left_low], "#ffffff", 0.35)
        canvas.stroke([left_top, left_low, right_low, right_top], "#f4fafc", 0.42)
        canvas.ellipse((0, low), (BOTTOM_HALF, 1.5), "#e6f0f3", arc=(0, 180), line=0.4)
        canvas.ellipse((0, top), (TOP_HALF, 2.4), "#ffffff", arc=(0, 180), line=0.5)

    def _corners(self) -> list[Point]:
        top, low = self.top_y, self.bottom_y
        return [(-TOP_HALF, top), (TOP_HALF, top), (BOTTOM_HALF, low), (-BOTTOM_HALF, low)]


def jug_sprite(unit: float) -> Sprite:
    """An upright jug, anchored at its lip."""
    jug = Cutout(60, 52, unit, ENAMEL)
    jug.stroke(curve(JUG_HANDLE, 8), "#d9ddd8", 3.0)
    jug.polygon([(8, -16), (17, -17.5), (12, -8)], ENAMEL)
    jug.polygon(curve(JUG_BODY, 6), ENAMEL)
    jug.paint.tint([(3, -16), (17, -18), (15, 18), (5, 18)], "#5d6d75", 0.5, blur=2.8)
    jug.paint.tint([(-8.6, -15), (-5.6, -15), (-6.4, 15), (-9.8, 15)], "#ffffff", 0.85, blur=0.9)
    jug.paint.tint([(-16, 13.5), (16, 13.5), (16, 20), (-16, 20)], BLUE, 0.8)
    jug.stroke([(-11, -16), (17, -17.5)], BLUE, 1.2)
    return jug.sprite((17.0, -16.8))
