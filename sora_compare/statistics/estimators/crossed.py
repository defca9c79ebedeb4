"""Crossed random effects: a mean whose uncertainty knows that prompts share reviewers and reviewers share prompts.

The model is y = mu + prompt + reviewer + residual, all three random. Variances by the analysis-of-variance method
(Henderson 1953, method I; Searle, Casella and McCulloch 1992, chapter 5), which needs no balance and no iteration
and equals the classical mean squares where every reviewer rated every prompt. The mean is the generalised
least-squares one under these variances. Degrees of freedom by Satterthwaite (1946), averaged over what the data
leave open about the mean squares (see `satterthwaite.py`), since the plain rule covers too little with three reviewers.
Mean squares of prompts and reviewers can both be small by chance, in a Latin square even 0: the interval is never
narrower than the one of the same values without any structure (for these reviewers: within reviewers). Differences
that are all the same have no interval.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.estimators.distributions import student_quantile
from sora_compare.statistics.estimators.incidence import gram, placed
from sora_compare.statistics.estimators.satterthwaite import MeanSquares, t_quantile
from sora_compare.statistics.results import LEVEL, Floats, Integers, Result, finite, is_flat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sora_compare.statistics.ratings import Cells

METHOD = "crossed random effects (prompt, reviewer, residual), Satterthwaite degrees of freedom"
VERSION = "2"
FEWEST = 2
"""Prompts, and reviewers: a spread needs two."""
SMALLEST_SHARE = 1e-9


class Scope(StrEnum):
    """To whom a figure speaks: other prompts always, and other reviewers or only these."""

    THESE = "these reviewers"
    ANY = "any reviewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(Result):
    """A mean with its interval.

    Attributes:
        low, high: None where too few prompts or reviewers leave the mean unbounded, or nothing varied.
        is_varied: False when there are several values and all are the same.
        df: degrees of freedom behind the interval.
        prompt_variance, reviewer_variance, residual_variance: as estimated; may be below 0 by chance.
    """

    mean: float | None
    low: float | None
    high: float | None
    is_varied: bool
    level: float
    scope: Scope
    df: float | None
    standard_error: float | None
    prompt_variance: float | None
    reviewer_variance: float | None
    residual_variance: float | None


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model, from which intervals of any level and scope follow.

    Attributes:
        spread: parts of the variance of `mean` (see `MeanSquares`), or None with fewer than two prompts.
        floors: of each scope the standard error, with its degrees of freedom, that ignores the structure.
        variances: of prompts, reviewers, residuals.
    """

    cells: Cells
    mean: float | None
    spread: MeanSquares | None
    variances: tuple[float | None, float | None, float | None]
    floors: Mapping[Scope, tuple[float, float]] = field(default_factory=dict)

    @property
    def is_varied(self) -> bool:
        """False when there are several values and all are the same: of that chance no interval can be computed."""
        values = self.cells.value
        return len(values) < FEWEST or not is_flat(float(values.min()), float(values.max()))

    def best_scope(self) -> Scope:
        """Any reviewer where there are at least two, else these."""
        return Scope.ANY if self.cells.n_reviewers >= FEWEST else Scope.THESE

    def half_width(self, level: float, scope: Scope) -> tuple[float, float] | None:
        """Half of the interval's width and its degrees of freedom; None when the data leave it unbounded."""
        if self.spread is None or not self.is_varied or (scope is Scope.ANY and self.cells.n_reviewers < FEWEST):
            return None
        error, quantile, df = t_quantile(self.spread, level, with_reviewers=scope is Scope.ANY)
        half = quantile * error
        if not np.isfinite(half):
            return None
        least_error, least_df = self.floors.get(scope, (0.0, 1.0))
        least = student_quantile(least_df, (1 + level) / 2) * least_error
        return (least, least_df) if error < least_error or half < least else (half, df)

    def estimate(self, level: float = LEVEL, scope: Scope | None = None) -> Estimate:
        """The mean with its interval; the scope is `best_scope` when left out."""
        chosen = scope or self.best_scope()
        found = self.half_width(level, chosen)
        half, df = found or (None, None)
        error = None
        if found and self.spread:
            error = max(self.spread.error(with_reviewers=chosen is Scope.ANY), self.floors.get(chosen, (0.0, 1.0))[0])
        mean = self.mean
        return Estimate(
            mean=mean,
            low=None if mean is None or half is None else mean - half,
            high=None if mean is None or half is None else mean + half,
            is_varied=self.is_varied,
            level=level,
            scope=chosen,
            df=df,
            standard_error=error,
            prompt_variance=self.variances[0],
            reviewer_variance=self.variances[1],
            residual_variance=self.variances[2],
            method=METHOD,
            version=VERSION,
            n_prompts=self.cells.n_prompts,
            n_reviewers=self.cells.n_reviewers,
            n_reviews=self.cells.n_reviews,
            missing=self.cells.missing,
        )


def fit(cells: Cells) -> Fit:
    """Fit the model: no cell gives no mean, one prompt no spread, one reviewer no variance of reviewers."""
    if not len(cells.value):
        return Fit(cells, None, None, (None, None, None))
    if cells.n_prompts < FEWEST:
        return Fit(cells, float(cells.value.mean()), None, (None, None, None))
    if cells.n_reviewers < FEWEST:
        between = float(cells.value.var(ddof=1))
        spread = MeanSquares(between / cells.n_prompts, 0.0, 0.0, cells.n_prompts - 1.0, 0.0, 0.0)
        return Fit(cells, float(cells.value.mean()), spread, (between, None, None))
    variances = components(cells)
    weights = gls_weights(cells, *variances)
    of_prompts, of_reviewers = _sums(cells, weights)
    a, b, c = (float(np.square(part).sum()) for part in (of_prompts, of_reviewers, weights))
    prompts, reviewers, residual = variances
    noise = max(residual, 0.0) * c
    spread = MeanSquares(
        max(prompts * a + noise, 0.0), max(reviewers * b + noise, 0.0), noise,
        1 / a - 1, 1 / b - 1, max(1.0, len(weights) - cells.n_prompts - cells.n_reviewers + 1.0),
    )  # fmt: skip
    found = (finite(prompts), finite(reviewers), finite(residual))
    return Fit(cells, float((weights * cells.value).sum()), spread, found, _floors(cells, c))


def _floors(cells: Cells, concentration: float) -> dict[Scope, tuple[float, float]]:
    """Standard errors without structure, with degrees of freedom; `concentration` is the sum of the squared weights."""
    n, y = len(cells.value), cells.value - cells.value.mean()
    of_reviewers = np.bincount(cells.reviewer, y) / np.bincount(cells.reviewer)
    floors = {Scope.ANY: (float(np.sqrt(np.square(y).sum() / (n - 1) * concentration)), n - 1.0)}
    if n > cells.n_reviewers:
        df = float(n - cells.n_reviewers)
        within = float(np.square(y - of_reviewers[cells.reviewer]).sum()) / df
        floors[Scope.THESE] = (float(np.sqrt(within * concentration)), df)
    return floors


def components(cells: Cells) -> tuple[float, float, float]:
    """Variances of prompts, reviewers and residuals; unbiased, so below 0 now and then.

    Three sums of squares are set equal to their expectations; where the design cannot tell two variances apart
    (each prompt by one reviewer), the least-squares solution splits what only their sum decides.
    """
    y, n = cells.value - cells.value.mean(), float(len(cells.value))
    n_p, n_r = np.bincount(cells.prompt).astype(float), np.bincount(cells.reviewer).astype(float)
    sum_p, sum_r = _sums(cells, y)
    observed = np.array([sum_p @ (sum_p / n_p), sum_r @ (sum_r / n_r), np.square(y).sum()])
    k_p, k_r = n_p @ n_p / n, n_r @ n_r / n
    expected = np.array(
        [
            [n - k_p, len(n_p) - k_r, len(n_p) - 1],
            [len(n_r) - k_p, n - k_r, len(n_r) - 1],
            [n - k_p, n - k_r, n - 1],
        ]
    )
    prompts, reviewers, residual = np.linalg.lstsq(expected, observed, rcond=1e-10)[0]
    return float(prompts), float(reviewers), float(residual)


def gls_weights(cells: Cells, prompts: float, reviewers: float, residual: float) -> Floats:
    """Weights (N,), summing to 1, of the generalised least-squares mean; equal where the design is complete."""
    n = len(cells.value)
    total = max(prompts, 0.0) + max(reviewers, 0.0) + max(residual, 0.0)
    if n == cells.n_prompts * cells.n_reviewers or total == 0:
        return np.full(n, 1 / n)
    noise = max(residual, total * SMALLEST_SHARE)
    with np.errstate(divide="ignore"):
        ridge_p, ridge_r = noise / np.float64(max(prompts, 0.0)), noise / np.float64(max(reviewers, 0.0))
    if cells.n_reviewers <= cells.n_prompts:
        u_p, u_r = _effects(cells.prompt, cells.reviewer, ridge_p, ridge_r)
    else:
        u_r, u_p = _effects(cells.reviewer, cells.prompt, ridge_r, ridge_p)
    raw: Floats = 1 - u_p[cells.prompt] - u_r[cells.reviewer]
    weights: Floats = raw / raw.sum()
    return weights


def _effects(many: Integers, few: Integers, ridge_many: float, ridge_few: float) -> tuple[Floats, Floats]:
    """Solve the mixed-model equations for y = 1, eliminating the factor with more levels (Schur complement)."""
    n_many, n_few = np.bincount(many).astype(float), np.bincount(few).astype(float)
    inverse = 1 / (n_many + ridge_many)
    if np.isinf(ridge_few):
        return n_many * inverse, np.zeros(len(n_few))
    who = placed(many, few, (len(n_many), len(n_few)))
    left = np.diag(n_few + ridge_few) - gram(who, inverse)
    u_few = np.linalg.solve(left, n_few - who.T @ (n_many * inverse))
    return (n_many - who @ u_few) * inverse, u_few


def _sums(cells: Cells, values: Floats) -> tuple[Floats, Floats]:
    return np.bincount(cells.prompt, values).astype(float), np.bincount(cells.reviewer, values).astype(float)
