"""Charts as inline SVG: they open offline, print sharp, and are the same bytes for the same figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sora_compare.reports.report_pieces import text

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


def interval_chart(
    bars: Sequence[Bar], *, alt: str, axis: str, zero: bool, bounds: tuple[float, float], margin: float | None = None
) -> str:
    """Estimates with intervals, one below the other, with 0 and the margin as lines; nothing without bars.

    Intervals are drawn up to `bounds`: beyond the scale there is nothing to show.
    """
    if not bars:
        return ""
    bars = [_within(bar, bounds) for bar in bars]
    edges = [edge for bar in bars for edge in (bar.mean, bar.low, bar.high, *(bar.wide or ())) if edge is not None]
    lines = ([0.0] if zero else []) + ([-margin] if margin is not None else [])
    scale = _Scale(min(edges + lines), max(edges + lines))
    height = TOP + ROW * len(bars) + BOTTOM
    parts = [_grid(scale, height), *(_line(scale, at, height) for at in lines)]
    parts += [_bar(scale, bar, TOP + ROW * place + ROW / 2) for place, bar in enumerate(bars)]
    parts.append(f'<text class="soft" x="0" y="{height - 4}">{text(axis)}</text>')
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{text(alt)}"><title>{text(alt)}</title>'
        f"{''.join(parts)}</svg>"
    )


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


def _grid(scale: _Scale, height: int) -> str:
    foot = height - BOTTOM
    parts = []
    for tick in scale.ticks():
        x = scale.x(tick)
        parts.append(f'<line x1="{x}" y1="{TOP - 6}" x2="{x}" y2="{foot}" stroke="#d5dce2"/>')
        parts.append(f'<text class="soft" x="{x}" y="{foot + 14}" text-anchor="middle">{tick:g}</text>')
    return "".join(parts)


def _line(scale: _Scale, at: float, height: int) -> str:
    x, is_zero = scale.x(at), at == 0
    dash = "" if is_zero else ' stroke-dasharray="5 4"'
    word = "no difference" if is_zero else "margin"
    anchor = "start" if is_zero else "end"
    return (
        f'<line x1="{x}" y1="{TOP - 6}" x2="{x}" y2="{height - BOTTOM}" stroke="#16202a" stroke-width="1.5"{dash}/>'
        f'<text class="soft" x="{x}" y="{TOP - 11}" text-anchor="{anchor}">{word}</text>'
    )


def _bar(scale: _Scale, bar: Bar, y: float) -> str:
    x = scale.x(bar.mean)
    parts = [f'<text x="0" y="{y + 4}">{text(bar.name)}</text>']
    if bar.low is not None and bar.high is not None:
        left, right = scale.x(bar.low), scale.x(bar.high)
        parts.append(f'<line x1="{left}" y1="{y}" x2="{right}" y2="{y}" stroke="{bar.color}" stroke-width="3"/>')
        parts += [
            f'<line x1="{e}" y1="{y - 6}" x2="{e}" y2="{y + 6}" stroke="{bar.color}" stroke-width="2"/>'
            for e in (left, right)
        ]
    if bar.wide:
        left, right = (scale.x(edge) for edge in bar.wide)
        parts.append(f'<line x1="{left}" y1="{y}" x2="{right}" y2="{y}" stroke="{bar.color}" stroke-width="1"/>')
    parts.append(f'<circle cx="{x}" cy="{y}" r="6" fill="{bar.color}"/>')
    parts.append(f'<text x="{WIDTH}" y="{y + 4}" text-anchor="end">{text(bar.words)}</text>')
    return "".join(parts)
