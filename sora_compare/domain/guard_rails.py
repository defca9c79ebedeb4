"""Guard rails of a canary: pure rules on what was observed of the base and of the candidate at the same time.

A rail breaks when the estimate passes its limit and chance is an unlikely reason: the one-sided 95 % bound excludes
"no change". It is a trip wire that is looked at again and again, so it errs to the safe side; the verdict of the
review, and not a rail, says which snapshot is better.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from statistics import NormalDist, fmean, median, variance

ONE_SIDED_95 = NormalDist().inv_cdf(0.95)
LEAST_SCORES = 5
"""Scores per side under which a mean says nothing; the other rails use `GuardRails.least`."""


@dataclass(frozen=True, slots=True)
class GuardRails:
    """Limits; None switches a rail off.

    Attributes:
        failure_rise: by how much the share of failed takes may rise, as a share (0.05 is five percentage points).
        slowdown: how many times the base's median total time the candidate's may be.
        score_drop: by how many points of 1 to 10 the mean score may fall.
        least: takes per side under which nothing is judged.
    """

    failure_rise: float | None = 0.05
    slowdown: float | None = 1.25
    score_drop: float | None = 0.5
    least: int = 20


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of one model while the canary ran.

    Attributes:
        asked: takes with an outcome that says something of the model.
        completed: those that gave a clip.
        total_s: durations of completed takes.
        scores: 1 to 10, whatever the criterion.
    """

    asked: int = 0
    completed: int = 0
    total_s: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()

    @property
    def failed(self) -> int:
        """Takes without a clip."""
        return self.asked - self.completed


class Rail(StrEnum):
    """What a guard rail watches."""

    OUTCOMES = "outcomes"
    TIMINGS = "timings"
    SCORES = "scores"


@dataclass(frozen=True, slots=True)
class Reading:
    """How one rail stands.

    Attributes:
        is_enough: whether there is enough to judge.
        value: the rise, the ratio or the drop; None when there is nothing to compute it from.
        limit: what it may be at most.
        base_n, candidate_n: observations behind it.
    """

    rail: Rail
    is_enough: bool
    is_broken: bool
    value: float | None
    limit: float
    base_n: int
    candidate_n: int
    sentence: str


def readings(rails: GuardRails, base: Observed, candidate: Observed) -> tuple[Reading, ...]:
    """How each rail that is on stands."""
    found = (_outcomes(rails, base, candidate), _timings(rails, base, candidate), _scores(rails, base, candidate))
    return tuple(one for one in found if one)


def _outcomes(rails: GuardRails, base: Observed, candidate: Observed) -> Reading | None:
    if rails.failure_rise is None:
        return None
    sizes = base.asked, candidate.asked
    if not all(sizes):
        return _too_few(Rail.OUTCOMES, rails.failure_rise, sizes, rails.least, None)
    rise = candidate.failed / candidate.asked - base.failed / base.asked
    if min(sizes) < rails.least:
        return _too_few(Rail.OUTCOMES, rails.failure_rise, sizes, rails.least, rise)
    is_broken = rise > rails.failure_rise and rise_lower_bound(base, candidate) > 0
    said = (
        f"{candidate.failed} of {candidate.asked} takes of the candidate failed, {base.failed} of {base.asked} of the "
        f"base: {100 * rise:+.1f} points, {100 * rails.failure_rise:g} allowed."
    )
    return Reading(Rail.OUTCOMES, True, is_broken, rise, rails.failure_rise, *sizes, said)  # noqa: FBT003  # is_enough


def rise_lower_bound(base: Observed, candidate: Observed, z: float = ONE_SIDED_95) -> float:
    """Lower bound of the rise in the share of failures (Newcombe 1998, method 10: from two Wilson intervals)."""
    share_b, share_c = base.failed / base.asked, candidate.failed / candidate.asked
    _, upper_b = wilson(base.failed, base.asked, z)
    lower_c, _ = wilson(candidate.failed, candidate.asked, z)
    return share_c - share_b - sqrt((share_c - lower_c) ** 2 + (upper_b - share_b) ** 2)


def wilson(count: int, n: int, z: float) -> tuple[float, float]:
    """Wilson's interval of a share (1927)."""
    share, square = count / n, z * z
    middle = share + square / (2 * n)
    half = z * sqrt(share * (1 - share) / n + square / (4 * n * n))
    return max(0.0, (middle - half) / (1 + square / n)), min(1.0, (middle + half) / (1 + square / n))


def _timings(rails: GuardRails, base: Observed, candidate: Observed) -> Reading | None:
    if rails.slowdown is None:
        return None
    sizes = len(base.total_s), len(candidate.total_s)
    ratio = median(candidate.total_s) / max(median(base.total_s), 1e-9) if all(sizes) else None
    if ratio is None or min(sizes) < rails.least:
        return _too_few(Rail.TIMINGS, rails.slowdown, sizes, rails.least, ratio)
    is_broken = ratio > rails.slowdown and rank_z(base.total_s, candidate.total_s) > ONE_SIDED_95
    said = (
        f"The median clip takes {median(candidate.total_s):.1f} s with the candidate, {median(base.total_s):.1f} s "
        f"with the base: {ratio:.2f} times, {rails.slowdown:g} allowed."
    )
    return Reading(Rail.TIMINGS, True, is_broken, ratio, rails.slowdown, *sizes, said)  # noqa: FBT003  # is_enough


def rank_z(base: tuple[float, ...], candidate: tuple[float, ...]) -> float:
    """The rank-sum statistic as a normal deviate, above 0 when the candidate's values are larger (Mann, Whitney 1947).

    Ties count half and shrink the variance.
    """
    n, m = len(base), len(candidate)
    together = sorted([(value, 0) for value in base] + [(value, 1) for value in candidate])
    ranks, ties, start = 0.0, 0.0, 0
    while start < n + m:
        end = start
        while end < n + m and together[end][0] == together[start][0]:
            end += 1
        ranks += (start + end + 1) / 2 * sum(side for _, side in together[start:end])
        ties += (end - start) ** 3 - (end - start)
        start = end
    spread = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
    return 0.0 if spread <= 0 else (ranks - m * (m + 1) / 2 - n * m / 2) / sqrt(spread)


def _scores(rails: GuardRails, base: Observed, candidate: Observed) -> Reading | None:
    if rails.score_drop is None:
        return None
    sizes = len(base.scores), len(candidate.scores)
    drop = fmean(base.scores) - fmean(candidate.scores) if all(sizes) else None
    if drop is None or min(sizes) < LEAST_SCORES:
        return _too_few(Rail.SCORES, rails.score_drop, sizes, LEAST_SCORES, drop)
    error = sqrt(variance(base.scores) / sizes[0] + variance(candidate.scores) / sizes[1])
    is_broken = drop > rails.score_drop and drop > ONE_SIDED_95 * error
    said = (
        f"The mean score is {fmean(candidate.scores):.1f} for the candidate, {fmean(base.scores):.1f} for the base: "
        f"{-drop:+.1f}, a fall of {rails.score_drop:g} allowed."
    )
    return Reading(Rail.SCORES, True, is_broken, drop, rails.score_drop, *sizes, said)  # noqa: FBT003  # is_enough


def _too_few(rail: Rail, limit: float, sizes: tuple[int, int], least: int, value: float | None) -> Reading:
    said = f"Too few {rail} to judge: {sizes[0]} of the base and {sizes[1]} of the candidate, {least} each are needed."
    return Reading(rail, False, False, value, limit, *sizes, said)  # noqa: FBT003  # not enough, not broken
