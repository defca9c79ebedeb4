"""How a canary's guard rails stand: safe to look at after every observation.

A rail breaks when the estimate passes its limit and the evidence excludes "no worse than the base". The chance
`FALSE_ALARMS` of ever breaking any rail of a candidate that is as good as the base is shared equally among the tests
(Bonferroni): failures, durations and reported scores by the block e-process of `statistics.e_process`, scores of
reviews by the interval of the verdict (`statistics.crossed`, widened by `statistics.sequence`), since several reviews
of one pair are one observation.
"""

from __future__ import annotations

from statistics import fmean, median
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.domain.guard_rails import FALSE_ALARMS, GuardRails, Observation, Rail, Reading
from sora_compare.statistics.estimators.crossed import Scope, fit
from sora_compare.statistics.estimators.e_process import evidence
from sora_compare.statistics.estimators.sequence import fewest_prompts, widening
from sora_compare.statistics.ratings import cells_of_arrays
from sora_compare.statistics.results import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sora_compare.evidence.observations import ScoreGap
    from sora_compare.statistics.ratings import Cells

TESTS_OF = {Rail.OUTCOMES: 1, Rail.TIMINGS: 1, Rail.SCORES: 2}
"""Scores come by reviews of pairs, and as services report them."""


def readings(
    rails: GuardRails, observations: Sequence[Observation], gaps: Sequence[ScoreGap] = ()
) -> tuple[Reading, ...]:
    """How each rail that is on stands.

    Args:
        rails: the limits.
        observations: of both models, in any order.
        gaps: of reviews in which base and candidate met.
    """
    ordered = sorted(observations, key=lambda one: one.at)
    alpha = false_alarms_each(rails)
    found = []
    if rails.failure_rise is not None:
        found.append(_outcomes(ordered, rails.failure_rise, rails.least, alpha))
    if rails.slowdown is not None:
        found.append(_timings(ordered, rails.slowdown, rails.least, alpha))
    if rails.score_drop is not None:
        found.append(_scores(ordered, gaps, rails.score_drop, alpha))
    if rails.is_model_checked:
        found.append(_model(ordered))
    return tuple(found)


def false_alarms_each(rails: GuardRails) -> float:
    """The chance of a false alarm that each test of the rails that are on may have."""
    limits = {Rail.OUTCOMES: rails.failure_rise, Rail.TIMINGS: rails.slowdown, Rail.SCORES: rails.score_drop}
    return FALSE_ALARMS / max(1, sum(TESTS_OF[rail] for rail, limit in limits.items() if limit is not None))


def _outcomes(ordered: Sequence[Observation], limit: float, least: int, alpha: float) -> Reading:
    sides = _sides(ordered)
    sizes = len(sides[0]), len(sides[1])
    failed = [sum(not one.is_completed for one in side) for side in sides]
    rise = failed[1] / sizes[1] - failed[0] / sizes[0] if all(sizes) else None
    found = _evidence(ordered, lambda one: float(not one.is_completed))
    words = "" if rise is None else (
        f"{failed[1]} of {sizes[1]} takes of the candidate failed, {failed[0]} of {sizes[0]} of the "
        f"base: {100 * rise:+.1f} points, {100 * limit:g} allowed."
    )  # fmt: skip
    return _reading(Rail.OUTCOMES, sizes, least, value=rise, limit=limit, found=found, alpha=alpha, sentence=words)


def _timings(ordered: Sequence[Observation], limit: float, least: int, alpha: float) -> Reading:
    timed = [one for one in ordered if one.total_s is not None or not one.is_known]
    base, candidate = ([one.total_s or 0.0 for one in side] for side in _sides(timed))
    sizes = len(base), len(candidate)
    ratio = median(candidate) / max(median(base), 1e-9) if all(sizes) else None
    found = _evidence(timed, lambda one: one.total_s or 0.0)
    words = "" if ratio is None else (
        f"The median clip takes {median(candidate):.1f} s with the candidate, {median(base):.1f} s "
        f"with the base: {ratio:.2f} times, {limit:g} allowed."
    )  # fmt: skip
    return _reading(Rail.TIMINGS, sizes, least, value=ratio, limit=limit, found=found, alpha=alpha, sentence=words)


def _reading(
    rail: Rail,
    sizes: tuple[int, int],
    least: int,
    *,
    value: float | None,
    limit: float,
    found: float,
    alpha: float,
    sentence: str,
) -> Reading:
    is_broken = value is not None and value > limit and found >= 1 / alpha
    is_enough = min(sizes) >= least or is_broken
    if not is_enough or value is None:
        sentence = _too_few(rail, sizes, least)
    return Reading(rail, is_enough, is_broken, value, limit, *sizes, sentence, found, 1 / alpha)


def _scores(ordered: Sequence[Observation], gaps: Sequence[ScoreGap], limit: float, alpha: float) -> Reading:
    scored = [one for one in ordered if one.score is not None]
    reported = [[one.score or 0.0 for one in side] for side in _sides(scored)]
    cells = _cells(gaps)
    base = [*(one.base for one in gaps), *reported[0]]
    candidate = [*(one.candidate for one in gaps), *reported[1]]
    sizes = len(base), len(candidate)
    fewest = fewest_prompts(alpha)
    too_few = f"Too few scores to judge: {cells.n_prompts} pairs were reviewed, {fewest} are needed."
    if not all(sizes):
        return Reading(Rail.SCORES, False, False, None, limit, *sizes, too_few)  # noqa: FBT003  # not enough, not broken
    found = _evidence(scored, lambda one: -(one.score or 0.0))
    reported_drop = fmean(reported[0]) - fmean(reported[1]) if all(reported) else 0.0
    reviewed_drop = -float(cells.value.mean()) if len(cells.value) else 0.0
    is_reported = reported_drop > limit and found >= 1 / alpha
    is_reviewed = reviewed_drop > limit and _is_lower(cells, alpha)
    drop = fmean(base) - fmean(candidate)
    is_broken = is_reported or is_reviewed
    is_enough = is_broken or cells.n_prompts >= fewest or min(map(len, reported)) > 0
    words = (
        f"The mean score is {fmean(candidate):.1f} for the candidate, {fmean(base):.1f} for the base: "
        f"{-drop:+.1f}, a fall of {limit:g} allowed."
    )
    return Reading(
        Rail.SCORES, is_enough, is_broken, drop, limit, *sizes, words if is_enough else too_few, None, 1 / alpha
    )


def _model(ordered: Sequence[Observation]) -> Reading:
    """Whether a server named another model than the candidate; a sound candidate is never named otherwise by chance."""
    sizes = tuple(len(side) for side in _sides(ordered))
    others = [one.other_model for one in ordered if one.is_candidate and one.other_model]
    sentence = f"{len(others)} of {sizes[1]} takes of the candidate come from another model, as the server says"
    sentence += f": {', '.join(sorted(set(others)))}." if others else "."
    return Reading(Rail.MODEL, sizes[1] > 0, bool(others), float(len(others)), 0.0, sizes[0], sizes[1], sentence)


def _cells(gaps: Sequence[ScoreGap]) -> Cells:
    """Differences by pair and reviewer: reviews of one pair are no independent observations."""
    codes = []
    for names in ([one.pair for one in gaps], [one.reviewer for one in gaps]):
        places = {name: place for place, name in enumerate(dict.fromkeys(names))}
        codes.append(compact(np.array([places[name] for name in names], dtype=np.int64))[0])
    values = np.array([one.candidate - one.base for one in gaps], dtype=float)
    return cells_of_arrays(codes[0], codes[1], values, 0)


def _is_lower(cells: Cells, alpha: float) -> bool:
    """Whether the candidate's scores are lower beyond chance, however often somebody looked."""
    if cells.n_prompts < fewest_prompts(alpha):
        return False
    if float(np.ptp(cells.value)) == 0:
        # Every pair alike and below 0: a run that chance begins with in 2 ** -pairs of all canaries (sign test).
        return float(cells.value[0]) < 0
    fitted = fit(cells)
    half = fitted.half_width(1 - alpha, Scope.THESE)
    if half is None or fitted.mean is None:
        return False
    return fitted.mean + half[0] * widening(cells.n_reviews, alpha) < 0


def _sides(ordered: Sequence[Observation]) -> tuple[list[Observation], list[Observation]]:
    known = [one for one in ordered if one.is_known]
    return [one for one in known if not one.is_candidate], [one for one in known if one.is_candidate]


def _evidence(ordered: Sequence[Observation], value: Callable[[Observation], float]) -> float:
    return evidence([value(one) if one.is_known else None for one in ordered], [one.is_candidate for one in ordered])


def _too_few(rail: Rail, sizes: tuple[int, int], least: int) -> str:
    return f"Too few {rail} to judge: {sizes[0]} of the base and {sizes[1]} of the candidate, {least} each are needed."
