"""How often a sound canary is rolled back, and how soon a bad one is.

`rollback_false`: the largest share, over failure rates of 2, 10 and 30 % and candidate's shares of 10, 25 and 50 %, of
canaries of two equal models that any rail ever breaks, looked at after every take and every review: at most 0.05. It
stands against the rules of the first release on the same canaries, which compared at every look as if it were the only
one. `rollback_delay`: the median of the candidate's takes, at a share of 10 %, until a failure rate of 20 instead of
10 % is noticed; `rollback_delay_…`: until a doubled failure rate, a slowdown of 1.5, or a candidate that
always fails, is noticed; canaries in which it never is count as the longest.
"""

from __future__ import annotations

import statistics
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import sqrt
from multiprocessing import get_context

import numpy as np

from benchmarks.figures import Figure
from sora_compare.domain.guard_rails import GuardRails, Observation, Observed
from sora_compare.evidence.observations import ScoreGap
from sora_compare.releases.canary.rails import readings
from sora_compare.statistics.two_samples import ONE_SIDED_95, failure_rise_lower_bound, rank_sum_z

RATES, SHARES = (0.02, 0.10, 0.30), (0.10, 0.25, 0.50)
CANARIES, TAKES = 400, 300
PAIRS, REVIEWERS = 20, 3
DELAYS, LONGEST = 100, 4000
LOOK_OF_OLD = 5
"""The old rules are looked at after every fifth take only: their figure is a lower bound."""
RAILS = GuardRails()


@dataclass(frozen=True, slots=True)
class Setting:
    """One kind of canary; the candidate's failure rate and durations are `failures` and `slowdown` times the base's."""

    rate: float
    share: float
    failures: float = 1.0
    slowdown: float = 1.0
    seed: int = 0


def simulated_takes(setting: Setting, n: int, draw: np.random.Generator) -> list[Observation]:
    """Observations of both models in the order in which they became known; durations are log-normal, in seconds."""
    is_candidate = draw.random(n) < setting.share
    failing = draw.random(n) < np.minimum(1.0, setting.rate * np.where(is_candidate, setting.failures, 1.0))
    seconds = np.exp(draw.normal(np.log(40), 0.35, n)) * np.where(is_candidate, setting.slowdown, 1.0)
    return [
        Observation(float(at), bool(mine), not failed, None if failed else float(took))
        for at, (mine, failed, took) in enumerate(zip(is_candidate, failing, seconds, strict=True))
    ]


def simulated_reviews(draw: np.random.Generator) -> list[ScoreGap]:
    """Reviewer after reviewer scores every pair: clips, pairs and reviewers have effects of their own."""
    clips, pairs, people = draw.normal(0, 1, (PAIRS, 2)), draw.normal(0, 1, PAIRS), draw.normal(0, 1, REVIEWERS)
    found = []
    for who in range(REVIEWERS):
        for pair in draw.permutation(PAIRS):
            scores = np.clip(np.round(6 + pairs[pair] + people[who] + clips[pair] + draw.normal(0, 1, 2)), 1, 10)
            found.append(ScoreGap(str(pair), str(who), float(scores[0]), float(scores[1])))
    return found


def _life(setting: Setting) -> tuple[bool, bool]:
    """Whether the rails ever break, and whether the old rules would have."""
    draw = np.random.default_rng(setting.seed)
    takes, reviews = simulated_takes(setting, TAKES, draw), simulated_reviews(draw)
    is_broken = is_old = False
    for n in range(1, TAKES + 1):
        given = reviews[: n * len(reviews) // TAKES]
        if not is_broken:
            is_broken = any(one.is_broken for one in readings(RAILS, takes[:n], given))
        if not is_old and n % LOOK_OF_OLD == 0:
            is_old = _old_rules_break(takes[:n], given)
    return is_broken, is_old


def _old_rules_break(takes: list[Observation], reviews: list[ScoreGap]) -> bool:
    """The rules of the first release: one-sided 95 % bounds that know nothing of other looks."""
    sides = [[one for one in takes if one.is_candidate is mine] for mine in (False, True)]
    base, candidate = (
        Observed(len(side), sum(one.is_completed for one in side), tuple(one.total_s for one in side if one.total_s))
        for side in sides
    )
    if min(base.asked, candidate.asked) >= RAILS.least:
        rise = candidate.failed / candidate.asked - base.failed / base.asked
        if rise > 0.05 and failure_rise_lower_bound(base, candidate) > 0:
            return True
    if min(len(base.total_s), len(candidate.total_s)) >= RAILS.least:
        ratio = statistics.median(candidate.total_s) / statistics.median(base.total_s)
        if ratio > 1.25 and rank_sum_z(base.total_s, candidate.total_s) > ONE_SIDED_95:
            return True
    before, after = [one.base for one in reviews], [one.candidate for one in reviews]
    if len(before) < 5:
        return False
    drop = statistics.fmean(before) - statistics.fmean(after)
    error = sqrt((statistics.variance(before) + statistics.variance(after)) / len(before))
    return drop > 0.5 and drop > ONE_SIDED_95 * error


def _delay(setting: Setting) -> int:
    """The candidate's takes until a rail breaks; those of the longest canary when none does."""
    takes = simulated_takes(setting, LONGEST, np.random.default_rng(setting.seed))
    low, high = 0, LONGEST // 10
    if not _is_broken_by(takes, high):
        return sum(one.is_candidate for one in takes)
    # Evidence moves when a block is full; the first block after which it is enough is found going forward.
    for low in range(1, high + 1):
        if _is_broken_by(takes, low):
            break
    return sum(one.is_candidate for one in takes[: low * 10])


def _is_broken_by(takes: list[Observation], blocks: int) -> bool:
    return any(one.is_broken for one in readings(RAILS, takes[: blocks * 10]))


def figures() -> list[Figure]:
    """Every setting's share of false rollbacks, the largest, and the delays."""
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as pool:
        found = [_false_of(pool, rate, share) for rate in RATES for share in SHARES]
        late = [figure for share in (0.10, 0.50) for figure in _delays(pool, share)]
    worst = max(found, key=lambda one: one[0].value)
    old = max(before for _, before in found)
    total = Figure(
        "rollback_false", worst[0].value, "share", "the rules of the first release, worst setting",
        round(worst[0].value / old, 4) if old else None, CANARIES * len(found),
    )  # fmt: skip
    delay = next(one for one in late if one.name == "rollback_delay_failures_10_10_median")
    return [
        total,
        Figure("rollback_false_before", old, "share", n=CANARIES),
        Figure("rollback_delay", delay.value, delay.unit, n=delay.n),
        *(one for one, _ in found),
        *late,
    ]


def _false_of(pool: ProcessPoolExecutor, rate: float, share: float) -> tuple[Figure, float]:
    settings = [Setting(rate, share, seed=number) for number in range(CANARIES)]
    ends = list(pool.map(_life, settings, chunksize=20))
    now, before = (sum(one[place] for one in ends) / len(ends) for place in (0, 1))
    name = f"rollback_false_{100 * rate:.0f}_{100 * share:.0f}"
    against = "the rules of the first release on the same canaries"
    return Figure(name, now, "share", against, round(now / before, 4) if before else None, len(ends)), before


def _delays(pool: ProcessPoolExecutor, share: float) -> list[Figure]:
    kinds = {
        "failures_5": (0.05, 2.0, 1.0),
        "failures_10": (0.10, 2.0, 1.0),
        "slowdown_1.5": (0.05, 1.0, 1.5),
        "always_fails": (0.05, 20.0, 1.0),
    }
    found = []
    for name, (rate, failures, slowdown) in kinds.items():
        settings = [Setting(rate, share, failures, slowdown, seed=number) for number in range(DELAYS)]
        delays = list(pool.map(_delay, settings, chunksize=5))
        for part, share_of in (("median", 0.5), ("p90", 0.9)):
            value = float(np.quantile(delays, share_of))
            found.append(Figure(f"rollback_delay_{name}_{100 * share:.0f}_{part}", value, "takes", n=DELAYS))
    return found
