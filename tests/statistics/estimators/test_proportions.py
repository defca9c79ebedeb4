"""Shares: exact intervals, over independent votes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from sora_compare.statistics.estimators.proportions import independent, share_of
from sora_compare.statistics.estimators.votes import preference
from sora_compare.statistics.ratings import Ratings, table
from sora_compare.statistics.results import NOTHING, Span
from sora_compare.statistics.reviewers.consistency import side_bias


def votes(given: list[tuple[int, int, int]], left: int = 0) -> Ratings:
    """Votes of (reviewer, prompt, step): above 0 for B."""
    rows = [(f"p{prompt}", f"r{reviewer}", arm, "physics", 5.0) for reviewer, prompt, _ in given for arm in "AB"]
    ratings = table(rows)
    steps = np.array([step for _, _, step in given])
    return replace(ratings, preference=steps, left=np.full(len(given), left))


@pytest.mark.parametrize(("successes", "n"), [(0, 5), (3, 10), (10, 10), (995, 1000)])
def test_intervals_are_those_of_statsmodels(successes: int, n: int) -> None:
    found = share_of(successes, n)
    assert (found.low, found.high) == pytest.approx(proportion_confint(successes, n, method="beta"), abs=1e-9)


def test_nothing_is_no_share_and_one_unit_bounds_nothing() -> None:
    assert share_of(0, 0) == NOTHING
    assert share_of(4, 4, units=1) == Span(1.0, None, None)


def test_units_are_the_votes_until_a_reviewer_or_a_prompt_repeats() -> None:
    assert independent(np.array([0, 1, 2]), np.array([0, 1, 2])) == 3
    assert independent(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])) == 2
    assert independent(np.array([0, 1, 2]), np.array([0, 0, 0])) == 1


@pytest.mark.parametrize(
    "given",
    [[(n, n, 2) for n in range(3)], [(r, p, 1) for r in range(3) for p in range(5)]],
    ids=["three votes", "three reviewers of five prompts"],
)
def test_three_of_three_is_29_to_100_percent(given: list[tuple[int, int, int]]) -> None:
    found = preference(votes(given))
    assert (found.win_share.mean, found.win_share.high) == (1.0, 1.0)
    assert found.win_share.low == pytest.approx(0.2924, abs=1e-4)
    assert found.contrast == NOTHING
    assert found.side == NOTHING


def test_three_ties_are_no_share_and_no_certainty() -> None:
    found = preference(votes([(n, n, 0) for n in range(3)]))
    assert (found.ties, found.wins) == (3, (0, 0))
    assert found.win_share == found.contrast == NOTHING


def test_nine_of_ten_on_one_side_are_nine_of_ten() -> None:
    """B won every vote on the left and all but one on the right: the side has no finite pull, the share is known."""
    given = votes([(n, n, -1 if n == 0 else 1) for n in range(10)])
    found = preference(replace(given, left=np.array([0] * 5 + [1] * 5)))
    assert found.win_share.mean == pytest.approx(0.9, abs=0.001)
    assert found.win_share.low <= proportion_confint(9, 10, method="beta")[0] + 0.001  # type: ignore[operator]
    assert found.side == NOTHING


def test_a_share_is_never_narrower_than_its_units_allow() -> None:
    draw = np.random.default_rng(4)
    given = [(r, p, 1 if draw.random() < 0.6 else -1) for r in range(4) for p in range(30)]
    found = preference(votes(given)).win_share
    low, high = proportion_confint(4 * found.mean, 4, method="beta")  # type: ignore[operator]
    assert found.low <= low + 1e-9  # type: ignore[operator]
    assert found.high >= high - 1e-9  # type: ignore[operator]


def test_a_side_that_always_wins_for_one_reviewer_proves_no_bias() -> None:
    found = side_bias(votes([(0, n, -1) for n in range(8)]))
    assert found.preference == Span(1.0, None, None)
    assert not found.is_biased
