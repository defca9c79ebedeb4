"""Agreement of reviewers: Krippendorff's alpha, for ordered steps and for numbers, with a bootstrap interval.

Krippendorff (2011), "Computing Krippendorff's alpha-reliability". alpha = 1 - disagreement observed within a stimulus /
disagreement expected between any two scores. With squared differences both sums need only counts, sums and squares:
alpha for numbers from the scores, alpha for ordered steps from their mid-ranks (the ordinal metric is the squared
distance of mid-ranks). Stimuli with one score say nothing and are left out. The bootstrap draws prompts, with both
arms' stimuli, and keeps the mid-ranks of the whole sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.estimators.bootstrap import SEED, times_drawn
from sora_compare.statistics.results import LEVEL, Floats, Integers, Result, Span, compact, distinct

if TYPE_CHECKING:
    from sora_compare.statistics.ratings import Ratings

METHOD = "Krippendorff's alpha (ordinal, interval), percentile bootstrap over prompts"
VERSION = "1"
DRAWS = 500
MOST_DRAWN = 2_000_000
"""Prompts times draws: with very many prompts fewer draws will do, since the interval is narrow."""
FEWEST_DRAWS = 100
FEWEST_SCORES = 2
WIDEST_SCALE = 1000
TOO_LOW = 0.2
"""Below, agreement is "slight" at best (Landis and Koch 1977). Krippendorff asks for 0.667 before conclusions are drawn
from single scores; video scores seldom reach that, and means over many reviewers and prompts stand on less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement(Result):
    """Alpha, with intervals of the given level.

    Attributes:
        alpha_ordinal, alpha_interval: None where nobody's scores can be compared or all scores are equal.
        low, high: of `alpha_ordinal`.
        interval_low, interval_high: of `alpha_interval`.
        is_too_low: whether the criterion should be greyed; `reason` says why.
    """

    alpha_ordinal: float | None
    alpha_interval: float | None
    low: float | None
    high: float | None
    interval_low: float | None
    interval_high: float | None
    level: float
    is_too_low: bool
    reason: str


@dataclass(frozen=True, slots=True)
class _Units:
    """Sums for each prompt (P,), so that a draw of prompts is one product: within is already divided by m - 1."""

    within: Floats
    count: Floats
    total: Floats
    squares: Floats

    def alpha(self, drawn: Floats | None = None) -> Floats:
        """Alpha of everything, or of each draw (P, draws); NaN where scores do not vary."""
        parts = np.stack([self.within, self.count, self.total, self.squares])
        within, n, total, squares = parts.sum(axis=1) if drawn is None else parts @ drawn
        with np.errstate(divide="ignore", invalid="ignore"):
            # Expected disagreement that is nothing but rounding error counts as none.
            expected = n * squares - total**2
            expected = np.where(expected > 1e-9 * np.maximum(n * squares, 1e-300), expected, np.nan)
            alpha: Floats = 1 - (n - 1) * within / expected
        return alpha


def agreement(ratings: Ratings, criterion: int, *, level: float = LEVEL, seed: int = SEED) -> Agreement:
    """Alpha over all stimuli (prompt and arm) of one criterion."""
    flat = ratings.scores[criterion].ravel()
    there = np.flatnonzero(~np.isnan(flat))
    (arm, row), values = np.divmod(there, max(1, len(ratings))), flat[there]
    (stimulus, which), (prompt, prompts) = compact(ratings.pair[row] * 2 + arm), compact(ratings.prompt[row])
    homes = np.zeros(len(which), dtype=np.int64)
    homes[stimulus] = prompt
    scales = (_mid_ranks(stimulus, values), values)
    found = [_alpha(_units(stimulus, homes, scale, len(prompts)), level, seed) for scale in scales]
    (ordinal, low, high), (interval, interval_low, interval_high) = found
    reason = _reason(ordinal, low, high)
    return Agreement(
        alpha_ordinal=ordinal,
        alpha_interval=interval,
        low=low,
        high=high,
        interval_low=interval_low,
        interval_high=interval_high,
        level=level,
        is_too_low=bool(reason),
        reason=reason,
        method=METHOD,
        version=VERSION,
        n_prompts=len(prompts),
        n_reviewers=distinct(ratings.reviewer[row]),
        n_reviews=distinct(row),
        missing=ratings.missing(criterion),
    )


def _units(stimulus: Integers, homes: Integers, values: Floats, n_prompts: int) -> _Units:
    """Sums for each prompt over its stimuli with two scores or more; `homes` (S,) is the prompt of each stimulus."""
    centred = values - values.mean() if len(values) else values
    count = np.bincount(stimulus, minlength=len(homes)).astype(float)
    total, squares = (np.bincount(stimulus, part, len(homes)) for part in (centred, centred**2))
    paired = count >= FEWEST_SCORES
    count, total, squares, home = count[paired], total[paired], squares[paired], homes[paired]
    within = (count * squares - total**2) / (count - 1)
    return _Units(*(np.bincount(home, part, n_prompts).astype(float) for part in (within, count, total, squares)))


def _mid_ranks(stimulus: Integers, values: Floats) -> Floats:
    """Each score's place among all comparable scores: those below, and half of those equal."""
    paired = (np.bincount(stimulus) >= FEWEST_SCORES)[stimulus]
    place = _places(values)
    counts = np.bincount(place[paired], minlength=int(place.max(initial=-1)) + 1)
    ranks: Floats = (np.cumsum(counts) - counts / 2)[place]
    return ranks


def _places(values: Floats) -> Integers:
    """A code for each value that sorts like it; whole numbers, the usual case, need no sorting."""
    if not len(values):
        return np.empty(0, dtype=np.int64)
    lowest = values.min()
    if values.max() - lowest <= WIDEST_SCALE:
        steps: Integers = (values - lowest).astype(np.int64)
        if np.array_equal(steps, values - lowest):
            return steps
    places: Integers = np.unique(values, return_inverse=True)[1]
    return places


def _alpha(units: _Units, level: float, seed: int) -> tuple[float | None, float | None, float | None]:
    point = float(units.alpha())
    if np.isnan(point):
        return None, None, None
    n_prompts = len(units.count)
    draws = min(DRAWS, max(FEWEST_DRAWS, MOST_DRAWN // n_prompts))
    drawn = units.alpha(times_drawn(n_prompts, draws, seed))
    drawn = drawn[~np.isnan(drawn)]
    if n_prompts < FEWEST_SCORES or not len(drawn):
        return point, None, None
    edges = Span(point, *(float(edge) for edge in np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])))
    return point, edges.low, edges.high


def _reason(alpha: float | None, low: float | None, high: float | None) -> str:
    if alpha is None:
        return "Agreement cannot be told: it needs two reviewers of the same clip, and scores that differ."
    if alpha >= TOO_LOW:
        return ""
    span = f" ({low:.2f} to {high:.2f})" if low is not None and high is not None else ""
    return f"Reviewers agree too little: alpha is {alpha:.2f}{span}, below {TOO_LOW}."
