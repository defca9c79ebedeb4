"""Durations per arm: median, 90th and 95th percentile with intervals, and the paired difference per prompt.

Intervals of quantiles are distribution-free: two order statistics chosen by the binomial distribution (Conover 1999,
section 3.2; Hahn and Meeker 1991). Where there are too few values to bound a percentile its edge is None: 95 % for the
95th percentile needs 72 values above and below. The paired difference is the median over prompts of B - A, each arm's
prompt standing for itself by the median of its takes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.domain.takes import ArmLabel, Timings
from sora_compare.statistics.distributions import binomial_shares
from sora_compare.statistics.results import LEVEL, Floats, Result, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sora_compare.domain.takes import Take

METHOD = "quantiles by linear interpolation, distribution-free intervals from order statistics"
VERSION = "1"
MEASURES = tuple(field.name for field in fields(Timings))
"""queued_s, render_s, download_s, first_frame_s, total_s, per_10_s."""
MEDIAN, P90, P95 = 0.5, 0.9, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations(Result):
    """One duration of an arm, in seconds; `missing` counts takes of the arm without it."""

    measure: str
    arm: ArmLabel
    n: int
    median: Span
    p90: Span
    p95: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDuration(Result):
    """Median over prompts of B - A, in seconds; `n_prompts` have both arms."""

    measure: str
    difference: Span
    level: float


def durations(takes: Iterable[Take], measure: str, arm: ArmLabel, *, level: float = LEVEL) -> Durations:
    """Quantiles of one measure over the takes of one arm."""
    of_arm = [take for take in takes if take.arm == arm]
    there = [(take, value) for take in of_arm if (value := getattr(take.timings, measure)) is not None]
    values = np.sort(np.array([value for _, value in there], dtype=float))
    return Durations(
        measure=measure,
        arm=arm,
        n=len(values),
        median=quantile(values, MEDIAN, level=level),
        p90=quantile(values, P90, level=level),
        p95=quantile(values, P95, level=level),
        method=METHOD,
        version=VERSION,
        n_prompts=len({take.request.prompt for take, _ in there}),
        n_reviewers=0,
        n_reviews=0,
        missing=len(of_arm) - len(there),
    )


def paired(takes: Sequence[Take], measure: str, *, level: float = LEVEL) -> PairedDuration:
    """The paired difference of one measure."""
    found: dict[str, dict[ArmLabel, list[float]]] = defaultdict(lambda: defaultdict(list))
    for take in takes:
        value = getattr(take.timings, measure)
        if value is not None:
            found[take.request.prompt][take.arm].append(value)
    both = [arms for arms in found.values() if len(arms) == len(ArmLabel)]
    gaps = np.sort(np.array([median(arms[ArmLabel.B]) - median(arms[ArmLabel.A]) for arms in both], dtype=float))
    return PairedDuration(
        measure=measure,
        difference=quantile(gaps, MEDIAN, level=level),
        level=level,
        method="median over prompts of B - A, distribution-free interval from order statistics",
        version=VERSION,
        n_prompts=len(both),
        n_reviewers=0,
        n_reviews=0,
        missing=len(found) - len(both),
    )


def quantile(ordered: Floats, share: float, *, level: float = LEVEL) -> Span:
    """A quantile of sorted values with its interval; an edge is None where even the outermost value is no bound."""
    n, tail = len(ordered), (1 - level) / 2
    if not n:
        return Span(None, None, None)
    # P(at most k values lie below the quantile) for k = 0..n-1.
    below = binomial_shares(np.arange(n, dtype=float), n, share)
    lower = int(np.searchsorted(below, tail, side="right"))
    upper = int(np.searchsorted(below, 1 - tail, side="left")) + 1
    return Span(
        float(np.quantile(ordered, share)),
        float(ordered[lower - 1]) if lower >= 1 else None,
        float(ordered[upper - 1]) if upper <= n else None,
    )
