"""Krippendorff's alpha against the krippendorff package, and its interval."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sora_compare.statistics.ratings import Ratings, table
from sora_compare.statistics.reviewers.agreement import agreement
from tests.statistics.designs import as_matrix, opinions


def _of(matrix: list[list[float | None]]) -> Ratings:
    """Stimuli x reviewers, all of arm A."""
    return table(
        [
            (f"p{prompt}", f"r{reviewer}", "A", "x", score)
            for prompt, row in enumerate(matrix)
            for reviewer, score in enumerate(row)
        ]
    )


@pytest.mark.parametrize(("prompts", "reviewers", "missing"), [(10, 3, 0.0), (25, 6, 0.3), (40, 2, 0.5)])
def test_alpha_is_that_of_the_krippendorff_package(prompts: int, reviewers: int, missing: float) -> None:
    ratings = opinions(prompts, reviewers, shift=1, missing=missing)
    scores = as_matrix(ratings).T
    found = agreement(ratings, 0)
    assert found.alpha_ordinal == pytest.approx(krippendorff.alpha(scores, level_of_measurement="ordinal"))
    assert found.alpha_interval == pytest.approx(krippendorff.alpha(scores, level_of_measurement="interval"))


def test_alpha_of_krippendorffs_own_example() -> None:
    """Krippendorff (2011), "Computing Krippendorff's alpha-reliability", section C: interval 0.849, ordinal 0.815."""
    nan = None
    scores: list[list[float | None]] = [
        [1, 1, nan, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4],
        [4, 4, 4, 4], [1, 1, 2, 1], [2, 2, 2, 2], [nan, 5, 5, 5], [nan, nan, 1, 1], [nan, nan, 3, nan],
    ]  # fmt: skip
    found = agreement(_of(scores), 0)
    assert found.alpha_interval == pytest.approx(0.849, abs=0.001)
    assert found.alpha_ordinal == pytest.approx(0.815, abs=0.001)


@given(seed=st.integers(0, 1000), step=st.sampled_from([0.5, 2.0, 3.0]), start=st.integers(-5, 5))
@settings(max_examples=25, deadline=None)
def test_alpha_does_not_change_with_names_or_scale(seed: int, step: float, start: int) -> None:
    scores = np.random.default_rng(seed).integers(1, 6, (8, 4)).astype(float)
    before, renamed = agreement(_of(scores.tolist()), 0), agreement(_of(scores[:, ::-1].tolist()), 0)
    scaled = agreement(_of((scores * step + start).tolist()), 0)
    assert renamed.alpha_ordinal == pytest.approx(before.alpha_ordinal)
    assert scaled.alpha_ordinal == pytest.approx(before.alpha_ordinal)
    assert scaled.alpha_interval == pytest.approx(before.alpha_interval)


def test_the_interval_contains_alpha_and_narrows_with_prompts() -> None:
    few, many = agreement(opinions(10, 4), 0), agreement(opinions(200, 4), 0)
    for found in (few, many):
        assert found.low is not None
        assert found.low <= found.alpha_ordinal <= found.high  # type: ignore[operator]
    assert many.high - many.low < (few.high - few.low) / 2  # type: ignore[operator]


def test_the_same_scores_give_the_same_interval() -> None:
    ratings = opinions(30, 4)
    assert agreement(ratings, 0) == agreement(ratings, 0)


@pytest.mark.parametrize(
    "scores", [[[5.0, 5.0], [5.0, 5.0]], [[5.0], [6.0]], [[None, None]], [[5.0, None], [None, 6.0]]]
)
def test_what_cannot_be_told_is_none_with_a_reason(scores: list[list[float | None]]) -> None:
    """All scores equal, one reviewer, nothing scored, nobody on the same clip."""
    found = agreement(_of(scores), 0)
    assert found.alpha_ordinal is None
    assert found.low is None
    assert found.is_too_low
    assert "cannot be told" in found.reason


def test_reviewers_who_roll_dice_are_greyed() -> None:
    scores = np.random.default_rng(1).integers(1, 11, (40, 4)).astype(float)
    found = agreement(_of(scores.tolist()), 0)
    assert found.is_too_low
    assert found.reason.startswith("Reviewers agree too little")
    assert not agreement(opinions(60, 6, shift=2), 0).is_too_low
