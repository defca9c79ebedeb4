"""ITU-T P.910 Annex E against Netflix's sureal."""

from __future__ import annotations

import contextlib
import io
import json
import types
from typing import Any

import numpy as np
import pytest

from sora_compare.statistics.ratings import table
from sora_compare.statistics.reviewers.p910 import solve, subjects
from tests.statistics.designs import as_matrix, opinions


def _sureal(matrix: np.ndarray) -> dict[str, Any]:
    from sureal.dataset_reader import RawDatasetReader  # noqa: PLC0415  # slow to load, for this test alone
    from sureal.subjective_model import (  # noqa: PLC0415  # as above
        MaximumLikelihoodEstimationModelContentObliviousAlternativeProjection2 as Model,
    )

    contents = range(len(matrix))
    data = types.SimpleNamespace(
        ref_score=None,
        ref_videos=[{"content_id": n, "content_name": str(n), "path": ""} for n in contents],
        dis_videos=[{"content_id": n, "asset_id": n, "os": list(row), "path": str(n)} for n, row in enumerate(matrix)],
    )
    with contextlib.redirect_stdout(io.StringIO()):
        found: dict[str, Any] = Model(RawDatasetReader(data)).run_modeling()
    return found


@pytest.mark.parametrize(("prompts", "reviewers", "missing"), [(20, 3, 0.0), (15, 8, 0.2), (30, 12, 0.4), (6, 3, 0.1)])
@pytest.mark.filterwarnings("ignore")  # sureal is unmaintained and warns about itself
def test_bias_inconsistency_and_quality_are_those_of_sureal(prompts: int, reviewers: int, missing: float) -> None:
    ratings = opinions(prompts, reviewers, shift=1, missing=missing)
    matrix = as_matrix(ratings)
    theirs, ours = _sureal(matrix[~np.isnan(matrix).all(axis=1)]), subjects(ratings, 0)
    assert ours.bias == pytest.approx(np.array(theirs["observer_bias"]), abs=1e-6)
    assert ours.inconsistency == pytest.approx(np.array(theirs["observer_inconsistency"]), abs=1e-6)
    assert ours.quality == pytest.approx(np.array(theirs["quality_scores"]), abs=1e-6)


def test_a_constant_bias_is_found_exactly() -> None:
    draw = np.random.default_rng(1)
    quality, bias = draw.uniform(3, 8, 30), np.array([-1.0, 0.25, 0.75])
    scores = quality[:, None] + bias
    stimulus, reviewer = np.nonzero(scores)
    found = solve(stimulus, reviewer, scores.ravel(), 30, 3)
    assert found[1] == pytest.approx(bias, abs=1e-6)
    assert found[0] == pytest.approx(quality, abs=1e-6)


def test_an_inattentive_reviewer_is_inconsistent_and_counts_little() -> None:
    draw = np.random.default_rng(2)
    quality = draw.uniform(2, 9, 60)
    scores = quality[:, None] + draw.normal(0, 0.5, (60, 6))
    scores[:, 5] = draw.uniform(1, 10, 60)
    stimulus, reviewer = np.nonzero(scores)
    found = solve(stimulus, reviewer, scores.ravel(), 60, 6)
    assert found[2][5] > 3 * found[2][:5].max()
    assert np.abs(found[0] - quality).mean() < np.abs(scores.mean(axis=1) - quality).mean() / 2


def test_a_solution_that_fits_one_reviewer_exactly_says_so() -> None:
    """With three reviewers the likelihood often has no maximum; sureal gives such a solution without a word."""
    assert subjects(opinions(40, 3, shift=1, seed=3), 0).is_degenerate
    assert not subjects(opinions(40, 25, shift=1), 0).is_degenerate


@pytest.mark.parametrize("rows", [[], [("p", "r", "A", "x", None)], [("p", "r", "A", "x", 5.0)]])
def test_hardly_any_data_gives_numbers_or_nothing_but_no_nan(rows: list[Any]) -> None:
    ratings = table(rows or [("p", "r", "A", "x", None)])
    found = subjects(ratings, 0)
    json.dumps([found.bias.tolist(), found.inconsistency.tolist(), found.quality.tolist()], allow_nan=False)
