"""The exact frame rate of a clip from the times of its frames."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

STANDARD = tuple(
    Fraction(n, d)
    for n, d in (
        (8, 1), (10, 1), (12, 1), (15, 1), (16, 1), (20, 1), (24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1),
        (48, 1), (50, 1), (60000, 1001), (60, 1), (120, 1),
    )
)  # fmt: skip
MILLISECOND = Fraction(1, 1000)
"""Matroska and WebM round the time of each frame to this."""
SNAP = Fraction(2, 10_000)
"""Relative; the standard rates that are closest together, 24 and 23.976, are five times as far apart."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Frames per second; the mean when the rate is variable."""

    fps: Fraction
    is_variable: bool


def rate_of(ticks: list[int], time_base: Fraction, declared: list[Fraction]) -> Rate:
    """The rate that every frame keeps, within the rounding of the container.

    Args:
        ticks: presentation times of all frames, at least one, any order.
        time_base: seconds per tick.
        declared: rates that the container claims, best first; believed only when the frames keep them.
    """
    times = sorted(ticks)
    if len(times) == 1 or times[0] == times[-1]:
        return Rate(declared[0] if declared else Fraction(1), is_variable=False)
    mean = Fraction(len(times) - 1, times[-1] - times[0]) / time_base
    likely = sorted(STANDARD, key=lambda rate: abs(rate - mean))[:2]
    candidates = (*map(_snapped, declared), *likely)
    even = {after - before for before, after in pairwise(times)}
    for rate in candidates:
        if even == {1 / (rate * time_base)}:
            return Rate(rate, is_variable=False)
    for rate in (*candidates, mean):
        if _is_kept(rate, times, time_base):
            return Rate(rate, is_variable=False)
    return Rate(mean.limit_denominator(1001), is_variable=True)


def _snapped(rate: Fraction) -> Fraction:
    """The standard rate that a container's rounding made this one of, else the rate itself."""
    nearest = min(STANDARD, key=lambda standard: abs(standard - rate))
    return nearest if abs(nearest - rate) < nearest * SNAP else rate


def _is_kept(rate: Fraction, times: list[int], time_base: Fraction) -> bool:
    """Whether each frame lies within one rounding of where that rate puts it."""
    per_frame = 1 / (rate * time_base)
    tolerance = max(Fraction(1), MILLISECOND / time_base)
    return all(abs(time - times[0] - index * per_frame) <= tolerance for index, time in enumerate(times))
