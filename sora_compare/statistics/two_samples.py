"""How two finished samples differ: compared once, as by the drift watch.

What is looked at again and again (a running canary) is judged by `statistics.estimators.e_process` instead.
"""

from __future__ import annotations

from math import copysign, inf, sqrt
from statistics import fmean, variance
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.estimators.distributions import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.domain.guard_rails import Observed

ONE_SIDED_95 = normal_quantile(0.95)
TWO_SIDED_99 = normal_quantile(0.995)
"""For a watch that looks again and again: chance alone should seldom raise an alarm."""


def failure_rise_lower_bound(base: Observed, candidate: Observed, z: float = ONE_SIDED_95) -> float:
    """Lower bound of the rise in the share of failures.

    Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in
    Medicine 17, 1998, method 10: from two Wilson intervals.
    """
    share_b, share_c = base.failed / base.asked, candidate.failed / candidate.asked
    _, upper_b = wilson(base.failed, base.asked, z)
    lower_c, _ = wilson(candidate.failed, candidate.asked, z)
    return share_c - share_b - sqrt((share_c - lower_c) ** 2 + (upper_b - share_b) ** 2)


def wilson(count: int, n: int, z: float) -> tuple[float, float]:
    """Wilson's interval of a share (E. B. Wilson, Journal of the American Statistical Association 22, 1927)."""
    share, square = count / n, z * z
    middle = share + square / (2 * n)
    half = z * sqrt(share * (1 - share) / n + square / (4 * n * n))
    return max(0.0, (middle - half) / (1 + square / n)), min(1.0, (middle + half) / (1 + square / n))


def rank_sum_z(base: Sequence[float], candidate: Sequence[float]) -> float:
    """The rank-sum statistic as a normal deviate, above 0 when the candidate's values are larger.

    Ties count half and shrink the variance. Source: H. B. Mann and D. R. Whitney,
    Annals of Mathematical Statistics 18, 1947.
    """
    n, m = len(base), len(candidate)
    # By hand: scipy.stats has both in one call, and takes a third of the start of every command to load.
    _, place, ties = np.unique(np.concatenate([base, candidate]), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[place]
    total = float(n + m)
    spread = n * m / 12 * (total + 1 - float((ties.astype(float) ** 3 - ties).sum()) / max(1.0, total * (total - 1)))
    rise = float(ranks[n:].sum()) - m * (m + 1) / 2 - n * m / 2
    return 0.0 if spread <= 0 else float(rise / sqrt(spread))


def mean_z(base: Sequence[float], candidate: Sequence[float]) -> float:
    """The difference of two means by its standard error, variances apart; at least two values each.

    Source: B. L. Welch, Biometrika 34, 1947.
    """
    rise = fmean(candidate) - fmean(base)
    error = sqrt(variance(base) / len(base) + variance(candidate) / len(candidate))
    if error:
        return rise / error
    return copysign(inf, rise) if rise else 0.0
