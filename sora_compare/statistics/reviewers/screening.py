"""Which reviewers a screening per ITU-R BT.500-14 (Annex 1 to Part 1, A1-2.3.1) would leave out; shown, never applied.

For each stimulus the kurtosis decides how far from its mean a score may lie: 2 standard deviations where it is
between 2 and 4 (near normal), else the square root of 20. A reviewer is rejected when more than 5 % of their scores
lie outside, and on both sides alike (the gap between the sides below 0.3 of their sum). It is made for 15 reviewers
and more; with fewer it hardly rejects anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.results import Booleans, Floats, Integers, Result, compact, distinct

if TYPE_CHECKING:
    from sora_compare.statistics.ratings import Ratings

METHOD = "ITU-R BT.500-14 screening of observers (kurtosis rule), shown and not applied"
VERSION = "1"
NORMAL_KURTOSIS = (2.0, 4.0)
NEAR, FAR = 2.0, float(np.sqrt(20))
MOST_OUTSIDE, MOST_ONE_SIDED = 0.05, 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening(Result):
    """How often each reviewer's scores lie far out.

    Attributes:
        reviewers: names, in the order of the arrays.
        above, below: scores outside the allowed distance, on each side.
        scores: given by each reviewer.
        rejected: names of those that the rule would leave out.
    """

    reviewers: tuple[str, ...]
    above: Integers
    below: Integers
    scores: Integers
    rejected: tuple[str, ...]


def screening(ratings: Ratings, criterion: int) -> Screening:
    """Apply the rule to all stimuli (prompt and arm) of one criterion."""
    flat = ratings.scores[criterion].ravel()
    there = np.flatnonzero(~np.isnan(flat))
    (arm, row), values = np.divmod(there, max(1, len(ratings))), flat[there]
    (stimulus, which), (reviewer, who) = compact(ratings.pair[row] * 2 + arm), compact(ratings.reviewer[row])
    names = tuple(ratings.reviewers[one] for one in who)
    counts = [np.bincount(reviewer[far], minlength=len(who)) for far in outside(stimulus, values, len(which))]
    given = np.bincount(reviewer, minlength=len(who))
    out = counts[0] + counts[1]
    even = np.abs(counts[0] - counts[1]) < MOST_ONE_SIDED * np.maximum(out, 1)
    is_rejected = (out > MOST_OUTSIDE * given) & even & (out > 0)
    return Screening(
        reviewers=names,
        above=counts[0],
        below=counts[1],
        scores=given,
        rejected=tuple(name for name, so in zip(names, is_rejected, strict=True) if so),
        method=METHOD,
        version=VERSION,
        n_prompts=distinct(ratings.prompt[row]),
        n_reviewers=len(who),
        n_reviews=distinct(row),
        missing=ratings.missing(criterion),
    )


def outside(stimulus: Integers, values: Floats, n_stimuli: int) -> tuple[Booleans, Booleans]:
    """Which scores (N,) lie too far above and below the mean of their stimulus; standard deviation with n - 1."""
    count = np.bincount(stimulus, minlength=n_stimuli)
    mean = np.bincount(stimulus, values, n_stimuli) / count
    away = values - mean[stimulus]
    second, fourth = (np.bincount(stimulus, away**power, n_stimuli) / count for power in (2, 4))
    with np.errstate(divide="ignore", invalid="ignore"):
        kurtosis = fourth / second**2
        deviation = np.sqrt(second * count / (count - 1))
    is_normal = (kurtosis >= NORMAL_KURTOSIS[0]) & (kurtosis <= NORMAL_KURTOSIS[1])
    allowed = np.where(is_normal, NEAR, FAR) * np.nan_to_num(deviation, nan=np.inf)
    is_spread = second[stimulus] > 0
    return (away >= allowed[stimulus]) & is_spread, (away <= -allowed[stimulus]) & is_spread
