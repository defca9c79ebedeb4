from __future__ import annotations

import numpy as np
import pytest

from sora_compare.statistics.estimators.bootstrap import SEED, mean_interval, times_drawn
from sora_compare.statistics.estimators.crossed import fit
from tests.statistics.designs import differences


def test_each_draw_is_the_mean_over_drawn_prompts_and_reviewers() -> None:
    """A loop over cells, drawn by hand from the same counts."""
    cells = differences(6, 4, (1.0, 0.5, 1.0), np.random.default_rng(1), kept=0.8)
    prompts, reviewers = times_drawn(6, 50, SEED), times_drawn(4, 50, SEED + 1)
    means = []
    for draw in range(50):
        weight = [prompts[p, draw] * reviewers[r, draw] for p, r in zip(cells.prompt, cells.reviewer, strict=True)]
        means.append(np.average(cells.value, weights=weight))
    found = mean_interval(cells, draws=50)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])))


def test_it_is_the_same_each_time_and_near_the_model() -> None:
    cells = differences(80, 25, (1.0, 0.5, 1.0), np.random.default_rng(2), mean=1)
    found, model = mean_interval(cells), fit(cells).estimate()
    assert found == mean_interval(cells)
    assert found.low == pytest.approx(model.low, abs=0.08)
    assert found.high == pytest.approx(model.high, abs=0.08)


def test_one_reviewer_has_no_interval() -> None:
    found = mean_interval(differences(10, 1, (1.0, 0.5, 1.0), np.random.default_rng(1)))
    assert found.mean is not None
    assert found.low is None
