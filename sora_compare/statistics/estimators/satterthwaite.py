"""Quantiles for a mean whose variance is a sum of mean squares, each with its own degrees of freedom.

Satterthwaite (1946) takes one Student quantile whose degrees of freedom are read off the observed mean squares.
With three reviewers their mean square is so uncertain that the degrees of freedom come out too high just when the
variance comes out too low, and 95 % intervals cover about 92 %. Here the quantile is averaged over what the data
leave open: each mean square is multiplied by df / chi-squared (its fiducial distribution, as in generalised
confidence intervals: Weerahandi 1993; Hannig, Iyer and Patterson 2006), the degrees of freedom are read off each
draw, and the quantiles averaged. The draws are a fixed low-discrepancy sequence, so the same data give the same
interval. docs/statistics.md shows the coverage of both rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.estimators.distributions import (
    chi_squared_quantiles,
    student_quantile,
    student_quantiles,
    student_share,
)

if TYPE_CHECKING:
    from sora_compare.statistics.results import Floats

DRAWS = 256
PLASTIC = 1.2207440846057596
"""Root of x**4 = x + 1; its powers space points evenly in three dimensions (Roberts 2018, "R3" sequence)."""
FEWEST_DF = 0.5
"""Below, a chi-squared quantile says nothing any more."""


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Variance of a mean as prompts + reviewers - residual.

    Attributes:
        prompts: variance due to prompts, the residual's share included; so is `reviewers`.
        residual: the residual's share, counted in both.
        df_prompts, df_reviewers, df_residual: of each.
    """

    prompts: float
    reviewers: float
    residual: float
    df_prompts: float
    df_reviewers: float
    df_residual: float

    def error(self, *, with_reviewers: bool) -> float:
        """Standard error of the mean; without reviewers it holds for these reviewers only."""
        if not with_reviewers:
            return float(np.sqrt(self.prompts))
        return float(np.sqrt(_total(self.prompts, self.reviewers, self.residual)))


def t_quantile(squares: MeanSquares, level: float, *, with_reviewers: bool) -> tuple[float, float, float]:
    """Standard error, two-sided quantile and degrees of freedom (those that have this Student quantile)."""
    error, tail = squares.error(with_reviewers=with_reviewers), (1 + level) / 2
    if not with_reviewers:
        return error, student_quantile(squares.df_prompts, tail), squares.df_prompts
    if squares.df_reviewers < FEWEST_DF or squares.df_prompts < FEWEST_DF:
        return error, np.inf, 0.0
    if error == 0:
        df = min(squares.df_prompts, squares.df_reviewers)
        return error, student_quantile(df, tail), df
    quantile = float(student_quantiles(_open_df(squares), tail).mean())
    return error, quantile, _df_of(quantile, tail)


def _open_df(squares: MeanSquares) -> Floats:
    """Satterthwaite's degrees of freedom at each draw, shape (DRAWS,)."""
    prompts = squares.prompts * _stretch(squares.df_prompts, 0)
    reviewers = squares.reviewers * _stretch(squares.df_reviewers, 1)
    residual = squares.residual * _stretch(squares.df_residual, 2)
    total = _total(prompts, reviewers, residual)
    spread = prompts**2 / squares.df_prompts + reviewers**2 / squares.df_reviewers + residual**2 / squares.df_residual
    return np.maximum(np.asarray(total**2 / spread), FEWEST_DF)


def _total(prompts: Floats | float, reviewers: Floats | float, residual: Floats | float) -> Floats:
    """Never below the larger of two: the true sum cannot be."""
    return np.maximum(prompts + reviewers - residual, np.maximum(prompts, reviewers))


@lru_cache(maxsize=512)
def _stretch(df: float, axis: int) -> Floats:
    """Df / chi-squared at fixed, evenly spread probabilities."""
    points: Floats = (0.5 + np.arange(1.0, DRAWS + 1) * PLASTIC ** -(axis + 1)) % 1
    stretch: Floats = df / chi_squared_quantiles(df, points)
    return stretch


def _df_of(quantile: float, tail: float) -> float:
    """The degrees of freedom whose Student quantile this is, by bisection on 1/df."""
    low, high = 1e-9, 1 / FEWEST_DF
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if student_share(1 / middle, quantile) < tail else (middle, high)
    return float(2 / (low + high))
