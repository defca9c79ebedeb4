"""Bradley-Terry strengths from pairwise votes, with ties and a side term, intervals clustered by reviewer.

Bradley and Terry (1952) with Davidson's (1970) ties and a term for the left side (Davidson and Beaver 1977):
P(left wins) : P(tie) : P(right wins) = e**(d/2) : nu : e**(-d/2), where d = strength(left) + side - strength(right).
Fitted by maximum likelihood with Newton steps on counts of equal votes. Votes of one person are alike, so the
intervals use the sandwich variance over reviewers (Liang and Zeger 1986) with the factor R / (R - 1) and Student
quantiles with R - 1 degrees of freedom; with one reviewer there is no interval. Between two items the interval is never
narrower than the exact one of the decided votes over independent units (`proportions.py`). Unanimous votes have a share
of 100 % and no strength: the most likely one is infinite.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.estimators.distributions import log_odds, logistic, student_quantile
from sora_compare.statistics.estimators.incidence import matrix
from sora_compare.statistics.estimators.proportions import exact_edges
from sora_compare.statistics.results import LEVEL, NOTHING, Floats, Integers, Result, Span, finite

if TYPE_CHECKING:
    from collections.abc import Sequence

METHOD = "Bradley-Terry with Davidson ties and a side term, sandwich intervals clustered by reviewer"
VERSION = "2"
LEFT_WINS, TIE, RIGHT_WINS = 0, 1, 2
STEPS = 60
CLOSE = 1e-10
PENALTY = 1e-3
"""A weak pull to 0 (a thousandth of a vote's information), so that an arm that won every vote has a finite strength."""
LONGEST_STEP = 2.0
FEWEST = 2
PAIR = 2


@dataclass(frozen=True, slots=True)
class Votes:
    """One entry a vote: items on both sides, LEFT_WINS, TIE or RIGHT_WINS, and who voted."""

    left: Integers
    right: Integers
    outcome: Integers
    reviewer: Integers
    n_items: int
    n_reviewers: int
    has_side: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Strengths(Result):
    """Strengths in log odds.

    Attributes:
        items: names, in the order of `strengths`.
        strengths: mean 0, with intervals.
        contrast: second item less the first, for two items; mean None when the votes are unanimous or all ties.
        win_share: share of decided votes for the second item without sides, that is expit(contrast); two items only.
        side: pull of the left side; mean None when sides are not known, or one item won every vote on a side.
        units: independent units behind the decided votes.
        tie_share: share of ties expected between equals.
        wins, ties: votes for each item, and without a winner.
    """

    items: tuple[str, ...]
    strengths: tuple[Span, ...]
    contrast: Span
    win_share: Span
    side: Span
    tie_share: float | None
    wins: tuple[int, ...]
    ties: int
    units: int
    level: float
    is_converged: bool


def strengths(
    votes: Votes,
    items: Sequence[str],
    *,
    units: int | None = None,
    level: float = LEVEL,
    n_prompts: int = 0,
    missing: int = 0,
) -> Strengths:
    """Fit all votes; every figure is None without a vote.

    Args:
        votes: who won.
        items: names.
        units: independent units behind the decided votes; all decided votes when left out.
        level: of the intervals.
        n_prompts: prompts behind the votes.
        missing: reviews without a vote.
    """
    kinds = _Kinds(votes)
    theta, is_converged = _newton(kinds)
    cover = _sandwich(kinds, theta)
    k = votes.n_items
    to_strengths = np.eye(k) - 1 / k
    estimates = to_strengths @ theta[:k]
    quantile = student_quantile(kinds.n_clusters - 1, (1 + level) / 2) if kinds.n_clusters >= FEWEST else np.nan

    def span(value: float, row: Floats) -> Span:
        if not len(votes.outcome):
            return NOTHING
        half = quantile * float(np.sqrt(np.maximum(0.0, row @ cover @ row)))
        return Span(value, finite(value - half), finite(value + half))

    rows = np.hstack([to_strengths, np.zeros((k, len(theta) - k))])
    found = [span(float(value), row) for value, row in zip(estimates, rows, strict=True)]
    wins = tuple(int(n) for n in _wins(votes))
    units = sum(wins) if units is None else units
    contrast = share = NOTHING
    if k == PAIR:
        contrast, share = _between_two(span(float(theta[1] - theta[0]), rows[1] - rows[0]), wins, units, level)
        found = [_part_of(contrast, -0.5), _part_of(contrast, 0.5)]
    return Strengths(
        items=tuple(items),
        strengths=tuple(found),
        contrast=contrast,
        win_share=share,
        side=span(float(theta[k]), np.eye(len(theta))[k]) if votes.has_side else NOTHING,
        tie_share=float(np.exp(theta[-1]) / (2 + np.exp(theta[-1]))) if len(votes.outcome) else None,
        wins=wins,
        ties=int((votes.outcome == TIE).sum()),
        units=units,
        level=level,
        is_converged=is_converged,
        method=METHOD,
        version=VERSION,
        n_prompts=n_prompts,
        n_reviewers=kinds.n_clusters,
        n_reviews=len(votes.outcome),
        missing=missing,
    )


def _between_two(contrast: Span, wins: tuple[int, ...], units: int, level: float) -> tuple[Span, Span]:
    """Contrast and share of the second item, neither narrower than the exact interval of the share."""
    decided = sum(wins)
    if not decided or contrast.mean is None:
        return NOTHING, NOTHING
    is_unanimous = 0 in wins
    share = float(wins[1] > 0) if is_unanimous else logistic(contrast.mean)
    low, high = exact_edges(share, units, level)
    if is_unanimous or low is None or high is None:
        return NOTHING if is_unanimous else Span(contrast.mean, None, None), Span(share, low, high)
    if contrast.low is not None and contrast.high is not None:
        low, high = min(low, logistic(contrast.low)), max(high, logistic(contrast.high))
    return Span(contrast.mean, log_odds(low), log_odds(high)), Span(share, low, high)


def _part_of(span: Span, factor: float) -> Span:
    edges = [None if edge is None else factor * edge for edge in (span.low, span.high)]
    low, high = edges if factor > 0 else reversed(edges)
    return Span(None if span.mean is None else factor * span.mean, low, high)


def _wins(votes: Votes) -> Integers:
    winners = np.where(votes.outcome == LEFT_WINS, votes.left, votes.right)[votes.outcome != TIE]
    return np.bincount(winners, minlength=votes.n_items)


class _Kinds:
    """Votes counted by kind: which items, which side, which outcome; and by reviewer for the sandwich."""

    def __init__(self, votes: Votes) -> None:
        k = votes.n_items
        keys = (votes.left * k + votes.right) * 3 + votes.outcome
        counts = np.bincount(keys, minlength=3 * k * k)
        kinds = np.flatnonzero(counts)
        place = np.zeros(len(counts), dtype=np.int64)
        place[kinds] = np.arange(len(kinds))
        self.counts = counts[kinds].astype(float)
        self.outcome = kinds % 3
        left, right = kinds // 3 // k, kinds // 3 % k
        self.has_ties = bool((votes.outcome == TIE).any())
        # Parameters: a strength for each item, the pull of the left, the log weight of a tie.
        self.design = np.zeros((len(kinds), k + 1))
        self.design[np.arange(len(kinds)), left] += 1
        self.design[np.arange(len(kinds)), right] -= 1
        self.design[:, k] = float(votes.has_side)
        shape = (max(votes.n_reviewers, 1), max(len(kinds), 1))
        self.by_reviewer = matrix(votes.reviewer, place[keys], np.ones(len(keys)), shape)
        self.n_clusters = int(np.count_nonzero(np.bincount(votes.reviewer)))
        self.n_parameters = k + 2


def _newton(kinds: _Kinds) -> tuple[Floats, bool]:
    theta = np.zeros(kinds.n_parameters)
    if not kinds.has_ties:
        theta[-1] = -np.inf
    for _ in range(STEPS):
        gradient, information = _slope(kinds, theta)
        step = np.linalg.solve(information, gradient)
        step *= min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), 1e-300))
        theta = theta + step
        if np.abs(step).max() < CLOSE:
            return theta, True
    return theta, False


def _slope(kinds: _Kinds, theta: Floats) -> tuple[Floats, Floats]:
    """Gradient of the penalised log likelihood, and its information."""
    scores, weights = _scores(kinds, theta)
    pull = np.append(np.nan_to_num(theta[:-1]), 0.0)
    gradient = kinds.counts @ scores - PENALTY * pull
    information = _information(kinds, weights * kinds.counts[:, None, None])
    return gradient, information + PENALTY * np.eye(len(theta))


def _information(kinds: _Kinds, weighted: Floats) -> Floats:
    """Sum over kinds of J' W J, where J maps parameters to (d / 2, log tie weight)."""
    half = kinds.design / 2
    top = half.T @ (half * weighted[:, 0, 0, None])
    edge = half.T @ weighted[:, 0, 1]
    corner = weighted[:, 1, 1].sum()
    return np.block([[top, edge[:, None]], [edge[None, :], np.array([[corner]])]])


def _scores(kinds: _Kinds, theta: Floats) -> tuple[Floats, Floats]:
    """Score of one vote of each kind (kinds, parameters) and its information on (d / 2, log tie weight)."""
    half = kinds.design @ theta[:-1] / 2
    top = np.maximum(np.abs(half), theta[-1])
    left, tie, right = np.exp(half - top), np.exp(theta[-1] - top), np.exp(-half - top)
    total = left + tie + right
    left, tie, right = left / total, tie / total, right / total
    mean = left - right
    won = np.array([1.0, 0.0, -1.0])[kinds.outcome]
    tied = (kinds.outcome == TIE).astype(float)
    scores = np.hstack([kinds.design / 2 * (won - mean)[:, None], (tied - tie)[:, None]])
    weights = np.empty((len(half), 2, 2))
    weights[:, 0, 0] = left + right - mean**2
    weights[:, 0, 1] = weights[:, 1, 0] = -mean * tie
    weights[:, 1, 1] = tie * (1 - tie)
    return scores, weights


def _sandwich(kinds: _Kinds, theta: Floats) -> Floats:
    _, information = _slope(kinds, theta)
    scores, _ = _scores(kinds, theta)
    by_reviewer = kinds.by_reviewer @ scores if len(scores) else np.zeros((1, len(theta)))
    bread = np.linalg.inv(information)
    clusters = kinds.n_clusters
    factor = clusters / (clusters - 1) if clusters >= FEWEST else 1.0
    cover: Floats = bread @ (by_reviewer.T @ by_reviewer) @ bread * factor
    return cover
