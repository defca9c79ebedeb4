"""Durations per arm: median, 90th and 95th percentile with intervals, and the paired difference per prompt.

Intervals of quantiles are distribution-free: two order statistics chosen by the binomial distribution (Conover 1999,
section 3.2; Hahn and Meeker 1991). Where there are too few values to bound a percentile its edge is None: 95 % for the
95th percentile needs 72 values above and below. The paired difference is the median over prompts of B - A, each arm's
prompt standing for itself by the median of its takes. A job is looked at every few seconds, so its end is known that
exactly: a median difference below the resolution is no difference.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.domain.takes import ArmLabel, Timings
from sora_compare.statistics.estimators.distributions import binomial_shares
from sora_compare.statistics.results import LEVEL, Floats, Result, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sora_compare.domain.takes import Take

METHOD = "quantiles by linear interpolation, distribution-free intervals from order statistics"
VERSION = "2"
MEASURES = tuple(field.name for field in fields(Timings))
"""queued_s, render_s, download_s, first_frame_s, total_s, per_10_s, job_s."""
JOB = "job_s"
MEDIAN, P90, P95 = 0.5, 0.9, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations(Result):
    """One duration of an arm, in seconds; `missing` counts takes of the arm without it.

    Attributes:
        resolution_s: how far off one such duration may be, the median over takes; None where it is not known.
        by_server: of how many takes the server's own clock gave it.
    """

    measure: str
    arm: ArmLabel
    n: int
    median: Span
    p90: Span
    p95: Span
    resolution_s: float | None = None
    by_server: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDuration(Result):
    """Median over prompts of B - A, in seconds; `n_prompts` have both arms.

    Attributes:
        resolution_s: that of the less exact arm; None where it is not known.
        is_below_resolution: whether the difference is too small to be told from none.
    """

    measure: str
    difference: Span
    level: float
    resolution_s: float | None = None
    is_below_resolution: bool = False


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
        resolution_s=_resolution([take for take, _ in there], measure),
        by_server=sum(take.moments.server_job_s is not None for take, _ in there) if measure == JOB else 0,
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
    timed = [(take, value) for take in takes if (value := getattr(take.timings, measure)) is not None]
    for take, value in timed:
        found[take.request.prompt][take.arm].append(value)
    both = [arms for arms in found.values() if len(arms) == len(ArmLabel)]
    gaps = np.sort(np.array([median(arms[ArmLabel.B]) - median(arms[ArmLabel.A]) for arms in both], dtype=float))
    difference = quantile(gaps, MEDIAN, level=level)
    by_arm = [_resolution([take for take, _ in timed if take.arm is arm], measure) for arm in ArmLabel]
    known = max((one for one in by_arm if one is not None), default=None)
    return PairedDuration(
        measure=measure,
        difference=difference,
        level=level,
        resolution_s=known,
        is_below_resolution=known is not None and difference.mean is not None and abs(difference.mean) < known,
        method="median over prompts of B - A, distribution-free interval from order statistics",
        version=VERSION,
        n_prompts=len(both),
        n_reviewers=0,
        n_reviews=0,
        missing=len(found) - len(both),
    )


def _resolution(takes: Sequence[Take], measure: str) -> float | None:
    known = [one for take in takes if (one := getattr(take.resolution, measure)) is not None]
    return median(known) if known else None


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
