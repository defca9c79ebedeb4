"""Charts as inline SVG: they open offline, print sharp, and are the same bytes for the same figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, ROW, TOP, BOTTOM = 720, 44, 26, 34
NAMES, RIGHT = 130, 170
"""Room for the names on the left and for the figures on the right."""
ROOM = 0.06
TICKS = 6
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """An estimate and its interval; `low` or `high` None draws no edge.

    `wide` is a second, wider interval, drawn thin: the one that holds however often somebody looked.
    """

    name: str
    mean: float
    low: float | None
    high: float | None
    words: str
    color: str
    wide: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the axis and its words; pixels of the drawing."""

    x: float
    words: str
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """A bar where it is drawn: x of its mean and of the ends of its intervals, y of its middle; pixels."""

    name: str
    words: str
    color: str
    x: float
    y: float
    interval: tuple[float, float] | None
    wide: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything the template draws, in pixels."""

    alt: str
    axis: str
    height: int
    ticks: Sequence[Tick]
    lines: Sequence[Tick]
    bars: Sequence[DrawnBar]
    width: int = WIDTH
    top: int = TOP
    template: str = "chart"

    @property
    def foot(self) -> int:
        """Where the plot ends and the words of the ticks begin."""
        return self.height - BOTTOM


def interval_chart(
    bars: Sequence[Bar], *, alt: str, axis: str, zero: bool, bounds: tuple[float, float], margin: float | None = None
) -> Chart | None:
    """Estimates with intervals, one below the other, with 0 and the margin as lines; None without bars.

    Intervals are drawn up to `bounds`: beyond the scale there is nothing to show.
    """
    if not bars:
        return None
    bars = [_within(bar, bounds) for bar in bars]
    edges = [edge for bar in bars for edge in (bar.mean, bar.low, bar.high, *(bar.wide or ())) if edge is not None]
    lines = ([0.0] if zero else []) + ([-margin] if margin is not None else [])
    scale = _Scale(min(edges + lines), max(edges + lines))
    return Chart(
        alt,
        axis,
        TOP + ROW * len(bars) + BOTTOM,
        [Tick(scale.x(tick), f"{tick:g}") for tick in scale.ticks()],
        [Tick(scale.x(at), "margin" if at else "no difference", is_dashed=at != 0) for at in lines],
        [_drawn(scale, bar, TOP + ROW * place + ROW / 2) for place, bar in enumerate(bars)],
    )


def _drawn(scale: _Scale, bar: Bar, y: float) -> DrawnBar:
    interval = None if bar.low is None or bar.high is None else (scale.x(bar.low), scale.x(bar.high))
    wide = (scale.x(bar.wide[0]), scale.x(bar.wide[1])) if bar.wide else None
    return DrawnBar(bar.name, bar.words, bar.color, scale.x(bar.mean), y, interval, wide)


def _within(bar: Bar, bounds: tuple[float, float]) -> Bar:
    least, most = bounds
    low, high = (None if edge is None else min(max(edge, least), most) for edge in (bar.low, bar.high))
    wide = None if bar.wide is None else (max(bar.wide[0], least), min(bar.wide[1], most))
    return replace(bar, low=low, high=high, wide=wide)


class _Scale:
    def __init__(self, low: float, high: float) -> None:
        span = (high - low) or 1.0
        self.low, self.high = low - ROOM * span, high + ROOM * span

    def x(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(NAMES + share * (WIDTH - NAMES - RIGHT), 1)

    def ticks(self) -> list[float]:
        rough = (self.high - self.low) / TICKS
        power = 10.0 ** _exponent(rough)
        step = next((power * one for one in STEPS if power * one >= rough), power * 10)
        first = int(self.low / step) - 1
        every = (step * (first + place) for place in range(4 * TICKS))
        return [round(value, 10) for value in every if self.low <= value <= self.high]


def _exponent(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])
