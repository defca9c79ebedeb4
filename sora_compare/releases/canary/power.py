"""After how many takes of the candidate a canary's rails notice a fault: sentences before it starts, and while it runs.

The evidence of a block grows by E[log ratio] on the average, so it reaches its limit after about log(limit) / growth
blocks (Wald 1945, "Sequential tests of statistical hypotheses"). `python -m benchmarks canary` simulates the same.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, comb, exp, log
from random import Random
from statistics import stdev
from typing import TYPE_CHECKING

from sora_compare.domain.guard_rails import Observed, Rail
from sora_compare.releases.canary.rails import false_alarms_each
from sora_compare.statistics.estimators.e_process import BLOCK, STRENGTHS, growth_of_block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.domain.guard_rails import GuardRails

SLOWER = 1.5
"""The slowdown that is named."""
FEWEST = 20
"""Takes of the base from which its own failure rate and spread are used."""
USUAL_RATE, USUAL_SPREAD = 0.05, 0.35
"""Failure rate, and standard deviation of the log of the duration, until then."""
LEAST_RATE = 0.01
DRAWS, SEED = 200, 1


def noticed_after(rails: GuardRails, share: int, base: Observed) -> dict[Rail, str]:
    """One sentence for the rails of failures and durations that are on.

    Args:
        rails: the limits.
        share: of keys that use the candidate, in percent.
        base: what is known of the base; usual values stand for what is not.
    """
    sentences = {}
    bar = log(len(STRENGTHS) / false_alarms_each(rails))
    part = min(0.9, share / 100)
    if rails.failure_rise is not None:
        rate = max(LEAST_RATE, base.failed / base.asked) if base.asked >= FEWEST else USUAL_RATE
        sentences[Rail.OUTCOMES] = _of_failures(round(rate, 2), part, bar, rails.failure_rise)
    if rails.slowdown is not None:
        logs = [log(one) for one in base.total_s if one > 0]
        spread = stdev(logs) if len(logs) >= FEWEST else USUAL_SPREAD
        sentences[Rail.TIMINGS] = _of_slowdown(round(spread, 2), part, bar, rails.slowdown)
    return sentences


def _of_failures(rate: float, part: float, bar: float, limit: float) -> str:
    doubled = min(1.0, 2 * rate)
    if doubled - rate < limit:
        return f"A doubled failure rate, {100 * rate:g} to {100 * doubled:g} %, stays within the limit."
    takes = _takes(growth_of_failures(rate, doubled, part), part, bar)
    return f"A doubled failure rate, {100 * rate:g} to {100 * doubled:g} %, {takes}"


def _of_slowdown(spread: float, part: float, bar: float, limit: float) -> str:
    if limit >= SLOWER:
        return f"A slowdown of {SLOWER:g} stays within the limit."
    return f"A slowdown of {SLOWER:g} {_takes(growth_of_slowdown(spread, part), part, bar)}"


def _takes(growth: float, part: float, bar: float) -> str:
    if growth <= 0:
        return "would not be noticed."
    takes = ceil(ceil(bar / growth) * BLOCK * part)
    return f"is noticed after about {takes:,} takes of the candidate."


@lru_cache(maxsize=256)
def growth_of_failures(base: float, candidate: float, part: float) -> float:
    """Mean growth of the log evidence per block, at the best strength, for these shares of failures."""
    sums = [0.0] * len(STRENGTHS)
    for picked in range(1, BLOCK):
        for bad in range(picked + 1):
            for other in range(BLOCK - picked + 1):
                chance = _binomial(picked, BLOCK, part) * _binomial(bad, picked, candidate)
                chance *= _binomial(other, BLOCK - picked, base)
                values = [1.0] * bad + [0.0] * (picked - bad) + [1.0] * other + [0.0] * (BLOCK - picked - other)
                _add(sums, values, picked, chance)
    return max(sums)


@lru_cache(maxsize=256)
def growth_of_slowdown(spread: float, part: float) -> float:
    """Mean growth of the log evidence per block, at the best strength, for log-normal durations."""
    draw = Random(SEED)  # noqa: S311  # a simulation, not a secret
    sums = [0.0] * len(STRENGTHS)
    for _ in range(DRAWS):
        picked = sum(draw.random() < part for _ in range(BLOCK))
        shifts = [log(SLOWER)] * picked + [0.0] * (BLOCK - picked)
        _add(sums, [exp(draw.gauss(shift, spread)) for shift in shifts], picked, 1 / DRAWS)
    return max(sums)


def _binomial(count: int, n: int, share: float) -> float:
    return float(comb(n, count) * share**count * (1 - share) ** (n - count))


def _add(sums: list[float], values: Sequence[float], picked: int, weight: float) -> None:
    chosen = tuple(place < picked for place in range(len(values)))
    for place, found in enumerate(growth_of_block(tuple(values), chosen)):
        sums[place] += weight * found
