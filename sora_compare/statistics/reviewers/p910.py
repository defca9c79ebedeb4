"""Bias and inconsistency of each reviewer by maximum likelihood (ITU-T P.910 (2023), Annex E).

The model is score = quality of the stimulus + bias of the reviewer + inconsistency of the reviewer x noise. Solved by
alternating projection as Li, Bampis, Krasula, Janowski and Katsavounidis (2020), "A simple model for subject behavior
in subjective experiments", section V; biases are centred on 0. A stimulus is one arm's clip for a prompt.

The likelihood has no maximum when one reviewer's scores can be met exactly: with two or three reviewers the solution
may run there and give one reviewer nearly all the weight. The iteration is the standard's, and such a solution is said
to be degenerate instead of being shown as fact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.estimators.incidence import Matrix, matrix
from sora_compare.statistics.results import Floats, Integers, Result, compact, distinct

if TYPE_CHECKING:
    from sora_compare.statistics.ratings import Ratings

METHOD = "ITU-T P.910 Annex E: bias and inconsistency by maximum likelihood, alternating projection"
VERSION = "2"
ITERATIONS = 1000
MOST_ITERATIONS, MOST_WORK = 30, 6_000_000
"""A solution that runs away creeps on; it is followed for so many iterations, or so many scores over all iterations.
Others take about ten iterations."""
CLOSE = 1e-8
EPSILON = 1e-8
"""Keeps the weight of a reviewer with no residue finite."""
DEGENERATE = 1e-2
"""An inconsistency below this share of a score step is no observation of a person but a run-away solution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects(Result):
    """What the scores say of the reviewers, and quality with that taken out.

    Attributes:
        reviewers: names, in the order of the arrays.
        bias: (R,) how much higher than the others each one scores; their mean is 0.
        inconsistency: (R,) standard deviation of what neither clip nor bias explains.
        stimuli: (S, 2) prompt or pair, and arm.
        quality: (S,) score of each stimulus, bias removed, consistent reviewers counting more.
        arm_quality: mean quality of arm A's and of arm B's stimuli, over prompts that have both where any has.
        is_degenerate: whether the solution rests on one reviewer and should not be used.
    """

    reviewers: tuple[str, ...]
    bias: Floats
    inconsistency: Floats
    stimuli: Integers
    quality: Floats
    arm_quality: tuple[float | None, float | None]
    iterations: int
    is_degenerate: bool


def subjects(ratings: Ratings, criterion: int) -> Subjects:
    """Fit the model to all scores of one criterion, both arms together."""
    scores = ratings.scores[criterion].ravel()
    there = np.flatnonzero(~np.isnan(scores))
    arm, row = np.divmod(there, max(1, len(ratings)))
    (stimulus, which), (reviewer, who) = compact(ratings.pair[row] * 2 + arm), compact(ratings.reviewer[row])
    keys = np.column_stack([which // 2, which % 2])
    quality, bias, inconsistency, iterations = solve(stimulus, reviewer, scores[there], len(which), len(who))
    return Subjects(
        reviewers=tuple(ratings.reviewers[one] for one in who),
        bias=bias,
        inconsistency=inconsistency,
        stimuli=keys,
        quality=quality,
        arm_quality=(_mean(quality[keys[:, 1] == 0]), _mean(quality[keys[:, 1] == 1])),
        iterations=iterations,
        is_degenerate=_runs_away(np.square(inconsistency)),
        method=METHOD,
        version=VERSION,
        n_prompts=distinct(ratings.prompt[row]),
        n_reviewers=len(who),
        n_reviews=distinct(row),
        missing=ratings.missing(criterion),
    )


def solve(
    stimulus: Integers, reviewer: Integers, scores: Floats, n_stimuli: int, n_reviewers: int
) -> tuple[Floats, Floats, Floats, int]:
    """Quality (S,), bias (R,), inconsistency (R,) and the iterations needed, for scores (N,) given by code."""
    if not len(scores):
        return np.empty(0), np.empty(0), np.empty(0), 0
    centre = float(scores.mean())
    problem = _Problem(stimulus, reviewer, scores - centre, (n_stimuli, n_reviewers))
    quality = problem.by_stimulus / problem.n_stimulus
    bias = problem.bias(quality)
    step, most_iterations = 0, max(MOST_ITERATIONS, MOST_WORK // len(scores))
    for step in range(1, ITERATIONS + 1):
        before, variance = quality, problem.variance(quality)
        quality = problem.quality(bias, 1 / (variance + EPSILON))
        bias = problem.bias(quality)
        if np.linalg.norm(quality - before) < CLOSE or (step >= most_iterations and _runs_away(variance)):
            break
    spread = np.sqrt(problem.variance(quality))
    shift = float(bias.mean())
    return quality + shift + centre, bias - shift, spread, step


def _runs_away(variance: Floats) -> bool:
    """Whether the solution rests on one reviewer: from here on it only creeps, and is not to be used anyway."""
    return bool(len(variance) > 1 and variance.min() < DEGENERATE**2 < variance.max())


class _Problem:
    """The sums that every iteration needs, so that one costs four products instead of passes over all scores."""

    def __init__(self, stimulus: Integers, reviewer: Integers, scores: Floats, shape: tuple[int, int]) -> None:
        self.there: Matrix = matrix(stimulus, reviewer, np.ones(len(scores)), shape)
        self.scores: Matrix = matrix(stimulus, reviewer, scores, shape)
        self.n_stimulus = np.bincount(stimulus, minlength=shape[0]).astype(float)
        self.n_reviewer = np.bincount(reviewer, minlength=shape[1]).astype(float)
        self.by_stimulus = np.bincount(stimulus, scores, minlength=shape[0])
        self.by_reviewer = np.bincount(reviewer, scores, minlength=shape[1])
        self.squares = np.bincount(reviewer, scores**2, minlength=shape[1])

    def bias(self, quality: Floats) -> Floats:
        """Mean of score - quality, for each reviewer."""
        bias: Floats = (self.by_reviewer - self.there.T @ quality) / self.n_reviewer
        return bias

    def variance(self, quality: Floats) -> Floats:
        """Variance of score - quality, for each reviewer."""
        sums = self.there.T @ np.column_stack([quality, quality**2])
        mean = (self.by_reviewer - sums[:, 0]) / self.n_reviewer
        square = (self.squares - 2 * (self.scores.T @ quality) + sums[:, 1]) / self.n_reviewer
        variance: Floats = np.maximum(square - mean**2, 0.0)
        return variance

    def quality(self, bias: Floats, weight: Floats) -> Floats:
        """Weighted mean of score - bias, for each stimulus."""
        quality: Floats = (self.scores @ weight - self.there @ (weight * bias)) / (self.there @ weight)
        return quality


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None
