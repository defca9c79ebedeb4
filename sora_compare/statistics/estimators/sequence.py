"""How much wider an interval must be when people look after every review and may stop when they like it.

An ordinary 95 % interval is right for one look at a moment chosen beforehand. The boundary of an asymptotic confidence
sequence (Robbins 1970; Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024, "Time-uniform central limit theory and
asymptotic confidence sequences", equation 4) holds at all moments together: after t reviews
    z(t) = sqrt(2 (t r + 1) / (t r) * log(sqrt(t r + 1) / alpha)),
where r makes it tightest at a planned t. The crossed-effects interval is widened by z(t) / z, z being the normal
quantile at the same alpha: its Student quantile goes on allowing for few prompts and few reviewers. Time
counts reviews, although those of one prompt or one reviewer are alike, which only makes the boundary safer. The
simulation in tests/statistics/test_verdict.py looks after every review.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sora_compare.statistics.estimators.distributions import normal_quantile

CITATION = (
    "asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024) over crossed random effects"
)
VERSION = "1"
PLANNED_REVIEWS = 100
"""Where the boundary is tightest; another plan costs little (10 times more or fewer: about 8 to 25 % wider)."""


@lru_cache(maxsize=4096)
def widening(reviews: int, alpha: float, planned: int = PLANNED_REVIEWS) -> float:
    """Factor, at least 1, on the half-width of a two-sided interval of level 1 - alpha after so many reviews."""
    if reviews < 1:
        return np.inf
    t = reviews * _tightness(planned, alpha)
    boundary = np.sqrt(2 * (t + 1) / t * np.log(np.sqrt(t + 1) / alpha))
    return float(boundary / normal_quantile(1 - alpha / 2))


def _tightness(planned: int, alpha: float) -> float:
    """R in the formula above; the same paper, appendix B.2."""
    log = -2 * np.log(alpha)
    return float((log + np.log(1 + log)) / planned)


def fewest_prompts(alpha: float) -> int:
    """Prompts without which no verdict is given: with fewer, not even unanimous ones are beyond chance.

    Under "no difference" all of n prompts point one way with probability 2 ** (1 - n) (sign test), so an interval
    narrower than that is owed to a spread that chance made small.
    """
    return int(np.ceil(1 - np.log2(alpha)))
