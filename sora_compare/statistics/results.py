"""What every result carries: how it was made, in which version, and how much it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

LEVEL = 0.95
"""Of intervals, unless said otherwise."""
SMALLEST_WIDTH = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Root of all results.

    Attributes:
        method: the estimator, in words with its source.
        version: raised whenever the same data would give another figure.
        n_prompts, n_reviewers, n_reviews: behind the figure.
        missing: scores that were asked for and are not there ("not applicable", or no answer).
    """

    method: str
    version: str
    n_prompts: int
    n_reviewers: int
    n_reviews: int
    missing: int


class Basis(TypedDict):
    """The fields of `Result` but its method."""

    version: str
    n_prompts: int
    n_reviewers: int
    n_reviews: int
    missing: int


@dataclass(frozen=True, slots=True)
class Span:
    """An estimate with its interval; `low` and `high` are None where the data cannot bound it.

    Values that do not vary bound nothing: an interval of no width becomes none.
    """

    mean: float | None
    low: float | None
    high: float | None

    def __post_init__(self) -> None:
        """Drop the edges of an interval of no width."""
        if self.low is not None and self.high is not None and is_flat(self.low, self.high):
            object.__setattr__(self, "low", None)
            object.__setattr__(self, "high", None)


def is_flat(low: float, high: float) -> bool:
    """Whether two edges differ by no more than rounding."""
    return high - low <= SMALLEST_WIDTH * max(1.0, abs(low), abs(high))


NOTHING = Span(None, None, None)


def finite(value: float | np.floating | None) -> float | None:
    """The number, or None for what JSON and people have no use for: NaN and infinity."""
    return None if value is None or not np.isfinite(value) else float(value)


def compact(codes: Integers) -> tuple[Integers, Integers]:
    """Codes from 0 without gaps, in the same order, and the codes that are there, ascending."""
    present = np.bincount(codes) > 0
    if present.all():
        return codes, np.arange(len(present))
    return (np.cumsum(present) - 1)[codes], np.flatnonzero(present)


def distinct(codes: Integers) -> int:
    """How many different codes there are (much quicker than np.unique on long arrays of small codes)."""
    return int(np.count_nonzero(np.bincount(codes)))


def listed(words: Iterable[str]) -> str:
    """Words in a row for a sentence: Ada, Ben and Eve."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
