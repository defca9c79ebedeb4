"""Two-way cluster bootstrap of a mean: prompts and reviewers are both drawn again, beside the model's interval.

Owen (2007), "The pigeonhole bootstrap": each draw takes prompts and, independently, reviewers with replacement and
keeps every cell whose prompt and reviewer were both drawn. It assumes no normal distribution, and is somewhat
conservative for prompts but too narrow for three or four reviewers: hence beside the model and not in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.estimators.incidence import matrix
from sora_compare.statistics.results import LEVEL, Floats, Result, Span

if TYPE_CHECKING:
    from sora_compare.statistics.ratings import Cells

METHOD = "two-way cluster (pigeonhole) bootstrap over prompts and reviewers, percentile interval"
VERSION = "1"
DRAWS, FEWEST_DRAWS = 1000, 200
MOST_DRAWN = 10_000_000
"""Prompts (or reviewers) times draws: with very many, fewer draws will do, and the result says how many."""
SEED = 20251208
FEWEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrapped(Result):
    """A mean with its bootstrap interval; `low` and `high` are None with fewer than two prompts or reviewers."""

    mean: float | None
    low: float | None
    high: float | None
    level: float
    draws: int
    seed: int


def mean_interval(cells: Cells, *, level: float = LEVEL, draws: int = DRAWS, seed: int = SEED) -> Bootstrapped:
    """Mean of the cells, each counting once, with the percentile interval."""
    size = max(cells.n_prompts, cells.n_reviewers, 1)
    draws = min(draws, max(FEWEST_DRAWS, MOST_DRAWN // size))
    low = high = None
    if min(cells.n_prompts, cells.n_reviewers) >= FEWEST:
        means = _draw_means(cells, draws, seed)
        edges = Span(None, *(float(edge) for edge in np.quantile(means, [(1 - level) / 2, (1 + level) / 2])))
        low, high = edges.low, edges.high
    return Bootstrapped(
        mean=float(cells.value.mean()) if len(cells.value) else None,
        low=low,
        high=high,
        level=level,
        draws=draws,
        seed=seed,
        method=METHOD,
        version=VERSION,
        n_prompts=cells.n_prompts,
        n_reviewers=cells.n_reviewers,
        n_reviews=cells.n_reviews,
        missing=cells.missing,
    )


def _draw_means(cells: Cells, draws: int, seed: int) -> Floats:
    """Means of the draws that kept any cell, shape (at most draws,)."""
    shape = (cells.n_prompts, cells.n_reviewers)
    sums = matrix(cells.prompt, cells.reviewer, cells.value, shape)
    there = matrix(cells.prompt, cells.reviewer, np.ones(len(cells.value)), shape)
    prompts, reviewers = times_drawn(shape[0], draws, seed), times_drawn(shape[1], draws, seed + 1)
    counts = ((there.T @ prompts) * reviewers).sum(axis=0)
    totals = ((sums.T @ prompts) * reviewers).sum(axis=0)
    means: Floats = totals[counts > 0] / counts[counts > 0]
    return means


@lru_cache(maxsize=8)
def times_drawn(size: int, draws: int, seed: int) -> Floats:
    """How often each of `size` things is drawn with replacement, shape (size, draws); the same for the same seed."""
    chosen = np.random.default_rng(seed).integers(0, size, (draws, size))
    flat = np.bincount((chosen + np.arange(draws)[:, None] * size).ravel(), minlength=draws * size)
    return np.ascontiguousarray(flat.reshape(draws, size).T, dtype=np.float64)
