"""Everything the first screen and the command line say of the scores: one call, pure, the same for the same table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.estimators.crossed import FEWEST, Estimate, Fit, Scope, fit
from sora_compare.statistics.estimators.threads import one_thread
from sora_compare.statistics.estimators.votes import preference
from sora_compare.statistics.planning import Needed, needed
from sora_compare.statistics.ratings import ARMS, Ratings, differences, scores_of
from sora_compare.statistics.results import LEVEL, Result, distinct
from sora_compare.statistics.reviewers.agreement import Agreement, agreement
from sora_compare.statistics.reviewers.one_by_one import ReviewerFigures, figures, sign_warning
from sora_compare.statistics.reviewers.p910 import Subjects, subjects
from sora_compare.statistics.rules import Rules
from sora_compare.statistics.verdict import Judgement, judge

if TYPE_CHECKING:
    from sora_compare.statistics.estimators.preference import Strengths

VERSION = "1"
RESTS_ON_ONE = (
    "Bias and inconsistency rest on a solution that fits one reviewer exactly: too few reviewers for this model."
)
"""Weakens P.910's figures alone; the verdict does not use them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionResult(Result):
    """All that is concluded on one criterion.

    Attributes:
        arms: mean score per arm that has any, with intervals.
        difference: B - A for any reviewer, or for these when there is only one; None without reviews of both arms.
        these_reviewers: B - A for these reviewers, on other prompts.
        warnings: sentences on what weakens the figures.
    """

    criterion: str
    arms: dict[str, Estimate]
    difference: Estimate | None
    these_reviewers: Estimate | None
    reviewers: tuple[ReviewerFigures, ...]
    people: Subjects
    agreement: Agreement
    judgement: Judgement
    needed: Needed
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """Results per criterion, in the order of the table, and the preference.

    Attributes:
        n_prompts, n_reviewers, n_reviews: behind all of it, whatever they scored.
    """

    criteria: dict[str, CriterionResult]
    preference: Strengths
    rules: Rules
    n_prompts: int
    n_reviewers: int
    n_reviews: int


def analyse(ratings: Ratings, rules: Rules | None = None) -> Analysis:
    """Analyse all plain pairs of a table; hidden repeats and A/A pairs are left to `consistency`."""
    with one_thread():
        return _analysed(ratings.without_checks(), rules or Rules())


def _analysed(plain: Ratings, rules: Rules) -> Analysis:
    asked = [n for n in range(len(plain.criteria)) if plain.is_asked[n].any()]
    fits = {plain.criteria[n]: fit(differences(plain, n)) for n in asked}
    judgements = judge(fits, rules)
    results = {
        plain.criteria[n]: _criterion(plain, n, fits[plain.criteria[n]], judgements[plain.criteria[n]], rules)
        for n in asked
    }
    return Analysis(
        results, preference(plain), rules, distinct(plain.prompt), distinct(plain.reviewer), n_reviews=len(plain)
    )


def _criterion(ratings: Ratings, number: int, fitted: Fit, judgement: Judgement, rules: Rules) -> CriterionResult:
    there = ~np.isnan(ratings.scores[number])
    scored = there.any(axis=0)
    arms = {
        name: fit(scores_of(ratings, number, arm)).estimate(LEVEL) for arm, name in enumerate(ARMS) if there[arm].any()
    }
    people = subjects(ratings, number)
    own = figures(fitted.cells, people, ratings.reviewers)
    agreed = agreement(ratings, number)
    has_both = len(fitted.cells.value) > 0
    return CriterionResult(
        criterion=ratings.criteria[number],
        arms=arms,
        difference=fitted.estimate(LEVEL) if has_both else None,
        these_reviewers=fitted.estimate(LEVEL, Scope.THESE) if has_both else None,
        reviewers=own,
        people=people,
        agreement=agreed,
        judgement=judgement,
        needed=needed(fitted, rules, judgement),
        warnings=tuple(message for message in _warnings(fitted, tuple(arms), own, people, agreed) if message),
        method="see each part",
        version=VERSION,
        n_prompts=distinct(ratings.prompt[scored]),
        n_reviewers=people.n_reviewers,
        n_reviews=int(scored.sum()),
        missing=ratings.missing(number),
    )


def _warnings(
    fitted: Fit, arms: tuple[str, ...], own: tuple[ReviewerFigures, ...], people: Subjects, agreed: Agreement
) -> tuple[str, ...]:
    cells = fitted.cells
    if not arms:
        return ("Every answer is “not applicable”: nothing can be concluded.",)
    if len(arms) < len(ARMS):
        return (f"Only arm {arms[0]} has scores: they are described, nothing is compared.", agreed.reason)
    if not len(cells.value):
        return ("No reviewer scored both arms of a pair: the arms are described, nothing is compared.", agreed.reason)
    return (
        "One reviewer: the interval holds for this reviewer's scores alone." if cells.n_reviewers < FEWEST else "",
        "One prompt: nothing can be said about other prompts." if cells.n_prompts < FEWEST else "",
        "" if fitted.is_varied else "Every difference is the same: nothing varied, so there is no interval.",
        sign_warning(own),
        agreed.reason,
        RESTS_ON_ONE if people.is_degenerate else "",
    )
