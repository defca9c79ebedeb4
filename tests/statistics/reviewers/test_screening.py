"""BT.500 screening names who is erratic, and never changes a figure."""

from __future__ import annotations

import numpy as np

from sora_compare.statistics.analysis import analyse
from sora_compare.statistics.ratings import Ratings, table
from sora_compare.statistics.reviewers.screening import screening

PEOPLE = 40
"""With fewer, one score far out widens the spread so much that the rule no longer sees it."""


def _with_an_erratic_reviewer() -> Ratings:
    draw = np.random.default_rng(4)
    quality = draw.uniform(4, 7, 40)
    scores = quality[:, None] + draw.normal(0, 0.6, (40, PEOPLE))
    scores[:, 7] = np.where(draw.random(40) < 0.5, 1.0, 10.0)
    return table([(f"p{p}", f"r{r}", "A", "x", float(scores[p, r])) for p in range(40) for r in range(PEOPLE)])


def test_a_reviewer_who_is_far_off_on_both_sides_is_named() -> None:
    assert screening(_with_an_erratic_reviewer(), 0).rejected == ("r7",)


def test_a_reviewer_who_is_always_low_is_biased_and_not_rejected() -> None:
    ratings = _with_an_erratic_reviewer()
    row = ratings.reviewer == 7
    ratings.scores[0, 0, row] = 1.0
    found = screening(ratings, 0)
    assert found.below[7] > 20
    assert found.rejected == ()


def test_nobody_is_left_out_of_the_figures() -> None:
    ratings = _with_an_erratic_reviewer()
    assert analyse(ratings).criteria["x"].n_reviewers == PEOPLE


def test_equal_scores_reject_nobody() -> None:
    ratings = table([(f"p{p}", f"r{r}", "A", "x", 5.0) for p in range(5) for r in range(5)])
    assert screening(ratings, 0).rejected == ()
