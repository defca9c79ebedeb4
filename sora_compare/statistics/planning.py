"""How many more prompts, or reviewers, would turn "undecided" into a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.estimators.crossed import FEWEST, Fit, Scope
from sora_compare.statistics.estimators.distributions import normal_quantile, student_quantiles
from sora_compare.statistics.estimators.sequence import fewest_prompts, widening
from sora_compare.statistics.results import Result

if TYPE_CHECKING:
    from sora_compare.statistics.rules import Rules
    from sora_compare.statistics.verdict import Judgement

METHOD = "smallest design whose widened interval is decided when the difference and variances stay as estimated"
VERSION = "1"
MOST = 2000
"""More prompts than this are no plan."""
MOST_REVIEWERS = 60
NOTHING_VARIED = "How many more are needed can be told once the scores vary."
GUESS = (1.0, 0.25, 1.5)
"""Variances of prompts, reviewers and residuals until there are own ones: of differences on a 10-step scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed(Result):
    """More prompts with the reviewers there are, or None when no number would do; and more reviewers likewise."""

    prompts: int | None
    reviewers: int | None
    sentence: str


def needed(fitted: Fit, rules: Rules, judgement: Judgement) -> Needed:
    """How much more it takes; 0 when the verdict stands."""
    cells = fitted.cells
    prompts: int | None = 0
    reviewers: int | None = 0
    if not fitted.is_varied:
        prompts = reviewers = None
    elif judgement.verdict == "undecided":
        prompts, reviewers = _prompts(fitted, rules, judgement.alpha), _reviewers(fitted, rules, judgement.alpha)
    return Needed(
        prompts=prompts,
        reviewers=reviewers,
        sentence=_sentence(prompts, reviewers) if fitted.is_varied else NOTHING_VARIED,
        method=METHOD,
        version=VERSION,
        n_prompts=cells.n_prompts,
        n_reviewers=cells.n_reviewers,
        n_reviews=cells.n_reviews,
        missing=cells.missing,
    )


def _prompts(fitted: Fit, rules: Rules, alpha: float) -> int | None:
    now, reviewers = fitted.cells.n_prompts, fitted.cells.n_reviewers
    if reviewers < FEWEST and rules.scope is Scope.ANY:
        return None
    wanted = np.arange(max(now + 1, fewest_prompts(alpha)), MOST + 1)
    enough = _half_widths(fitted, rules, alpha, wanted, np.full(len(wanted), max(1, reviewers))) < _distance(
        fitted, rules
    )
    return int(wanted[np.argmax(enough)] - now) if enough.any() else None


def _reviewers(fitted: Fit, rules: Rules, alpha: float) -> int | None:
    now, prompts = fitted.cells.n_reviewers, fitted.cells.n_prompts
    if prompts < fewest_prompts(alpha):
        return None
    wanted = np.arange(max(now + 1, FEWEST), MOST_REVIEWERS + 1)
    enough = _half_widths(fitted, rules, alpha, np.full(len(wanted), prompts), wanted) < _distance(fitted, rules)
    return int(wanted[np.argmax(enough)] - now) if len(wanted) and enough.any() else None


def _distance(fitted: Fit, rules: Rules) -> float:
    """From the estimate to the nearest edge that decides; without an estimate, half of the margin."""
    mean = fitted.mean
    if mean is None:
        return rules.margin
    return max(mean + rules.margin, -mean) if mean < 0 else mean + rules.margin


def _half_widths(fitted: Fit, rules: Rules, alpha: float, prompts: np.ndarray, reviewers: np.ndarray) -> np.ndarray:
    """Expected half-width for designs of so many prompts and reviewers, each prompt seen as densely as now."""
    of_prompts, of_reviewers, noise = _variances(fitted)
    cells = fitted.cells
    density = len(cells.value) / max(1, cells.n_prompts * cells.n_reviewers) if len(cells.value) else 1.0
    reviews = np.maximum(1.0, prompts * reviewers * density)
    from_prompts, from_noise = of_prompts / prompts, noise / reviews
    from_reviewers = of_reviewers / reviewers if rules.scope is Scope.ANY else 0.0 * reviewers
    total = from_prompts + from_reviewers + from_noise
    spread = (from_prompts + from_noise) ** 2 / np.maximum(prompts - 1, 1)
    spread = spread + (from_reviewers + from_noise * (rules.scope is Scope.ANY)) ** 2 / np.maximum(reviewers - 1, 1)
    quantile = student_quantiles(np.maximum(1.0, total**2 / np.maximum(spread, 1e-300)), 1 - alpha / 2)
    wide = np.array([widening(int(n), alpha, rules.planned_reviews) for n in reviews])
    return np.asarray(np.maximum(quantile, normal_quantile(1 - alpha / 2)) * wide * np.sqrt(total))


def _variances(fitted: Fit) -> tuple[float, float, float]:
    return tuple(  # type: ignore[return-value]  # three in, three out
        guess if found is None else max(found, 0.0) for found, guess in zip(fitted.variances, GUESS, strict=True)
    )


def _sentence(prompts: int | None, reviewers: int | None) -> str:
    if prompts == 0:
        return ""
    ways = [f"about {prompts} more prompts with the same reviewers"] if prompts else []
    ways += [f"about {reviewers} more reviewers on the same prompts"] if reviewers else []
    if not ways:
        return "Neither more prompts alone nor more reviewers alone would decide it: both are needed."
    return f"It would take {', or '.join(ways)}, if the difference stays as it is."
