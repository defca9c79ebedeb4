"""The verdict per criterion: better, not worse by the margin, worse, or undecided; safe to look at any time.

With low and high the edges of the widened interval (`sequence.py`) of B - A and the margin fixed beforehand:
    better      low > 0
    not worse   low > -margin
    worse       high < 0 and not "not worse"
    undecided   otherwise
"Better" and "not worse" (non-inferiority) are nested and need no correction between them (Morikawa and Yoshida 1995).
Over several criteria alpha is shared by Holm (1979): all are judged at alpha / m; the decided ones leave, the rest are
judged again at alpha / (m - decided).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sora_compare.statistics.estimators.crossed import FEWEST, Fit, Scope
from sora_compare.statistics.estimators.sequence import CITATION, fewest_prompts, widening
from sora_compare.statistics.results import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sora_compare.statistics.rules import Rules

VERSION = "2"


class Verdict(StrEnum):
    """What can be said of arm B against arm A."""

    BETTER = "better"
    NOT_WORSE = "not worse"
    WORSE = "worse"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement(Result):
    """The verdict on one criterion.

    Attributes:
        low, high: of B - A, valid however often anybody looked; None when the data leave it unbounded.
        alpha: share of the error rate that Holm gave to this criterion.
        reason: why it is undecided, or what the verdict means, in a sentence.
    """

    verdict: Verdict
    scope: Scope
    mean: float | None
    low: float | None
    high: float | None
    margin: float
    alpha: float
    reason: str


def judge(fits: Mapping[str, Fit], rules: Rules) -> dict[str, Judgement]:
    """Verdicts on all criteria together."""
    found: dict[str, Judgement] = {}
    left = dict(fits)
    while left:
        alpha = rules.alpha / len(left)
        looked = {name: _one(fitted, rules, alpha) for name, fitted in left.items()}
        decided = {name: one for name, one in looked.items() if one.verdict is not Verdict.UNDECIDED}
        if not decided:
            found.update(looked)
            break
        found.update(decided)
        left = {name: fitted for name, fitted in left.items() if name not in decided}
    return {name: found[name] for name in fits}


def _one(fitted: Fit, rules: Rules, alpha: float) -> Judgement:
    cells, scope = fitted.cells, rules.scope
    half = fitted.half_width(1 - alpha, scope)
    wide = None if half is None else half[0] * widening(cells.n_reviews, alpha, rules.planned_reviews)
    mean = fitted.mean
    low = None if wide is None or mean is None else mean - wide
    high = None if wide is None or mean is None else mean + wide
    verdict, reason = _decided(low, high, rules.margin)
    blocked = _blocked(fitted, rules, alpha)
    if blocked:
        verdict, reason = Verdict.UNDECIDED, blocked
    return Judgement(
        verdict=verdict,
        scope=scope,
        mean=mean,
        low=low,
        high=high,
        margin=rules.margin,
        alpha=alpha,
        reason=reason,
        method=f"{CITATION}; Holm over criteria",
        version=VERSION,
        n_prompts=cells.n_prompts,
        n_reviewers=cells.n_reviewers,
        n_reviews=cells.n_reviews,
        missing=cells.missing,
    )


def _decided(low: float | None, high: float | None, margin: float) -> tuple[Verdict, str]:
    if low is None or high is None:
        return Verdict.UNDECIDED, "The scores leave the difference unbounded."
    if low > 0:
        return Verdict.BETTER, f"B is better by at least {low:.2f}."
    if low > -margin:
        return Verdict.NOT_WORSE, f"B is at most {max(0.0, -low):.2f} worse, within the margin of {margin:g}."
    if high < 0:
        return Verdict.WORSE, f"B is worse by at least {-high:.2f}."
    return Verdict.UNDECIDED, f"The difference lies between {low:+.2f} and {high:+.2f}: that allows too much."


def _blocked(fitted: Fit, rules: Rules, alpha: float) -> str:
    """Why no verdict can be given whatever the interval says; empty when one can."""
    cells, fewest = fitted.cells, fewest_prompts(alpha)
    if not len(cells.value):
        return "No review has scored both arms."
    if not fitted.is_varied:
        return f"Nothing varied: every difference is {fitted.mean:+g}, so that nobody can tell it from chance."
    if rules.scope is Scope.ANY and cells.n_reviewers < FEWEST:
        return "One reviewer says nothing about other people: ask at least one more, better four."
    if cells.n_prompts < fewest:
        return f"{cells.n_prompts} of at least {fewest} prompts: with fewer even a unanimous result may be chance."
    return ""
