"""Two finished samples: every figure agrees with an independent library."""

from __future__ import annotations

import math

import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from sora_compare.domain.guard_rails import Observed
from sora_compare.statistics.two_samples import ONE_SIDED_95, failure_rise_lower_bound, mean_z, rank_sum_z, wilson


@given(st.integers(1, 400), st.integers(1, 400), st.data())
@settings(max_examples=50, deadline=None)
def test_intervals_agree_with_statsmodels(n: int, m: int, data: st.DataObject) -> None:
    fails, more = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    theirs = proportion_confint(fails, n, alpha=0.1, method="wilson")
    assert wilson(fails, n, ONE_SIDED_95) == pytest.approx(theirs, abs=1e-9)
    low, _ = confint_proportions_2indep(more, m, fails, n, method="newcomb", alpha=0.1)
    assert failure_rise_lower_bound(Observed(n, n - fails), Observed(m, m - more)) == pytest.approx(low, abs=1e-9)


@given(st.lists(st.integers(0, 9), min_size=2, max_size=40), st.lists(st.integers(0, 9), min_size=2, max_size=40))
@settings(max_examples=50, deadline=None)
def test_the_rank_sum_agrees_with_scipy(base: list[int], candidate: list[int]) -> None:
    ours = rank_sum_z(tuple(map(float, base)), tuple(map(float, candidate)))
    if len({*base, *candidate}) == 1:
        assert ours == 0
        return
    theirs = scipy.stats.mannwhitneyu(candidate, base, alternative="greater", method="asymptotic", use_continuity=False)
    assert scipy.stats.norm.sf(ours) == pytest.approx(theirs.pvalue, abs=1e-9)


VARIED = st.lists(st.integers(1, 10), min_size=2, max_size=30).filter(lambda found: len(set(found)) > 1)


@given(VARIED, VARIED)
@settings(max_examples=50, deadline=None)
def test_the_difference_of_means_agrees_with_scipy(base: list[int], candidate: list[int]) -> None:
    theirs = scipy.stats.ttest_ind(candidate, base, equal_var=False)
    assert mean_z(base, candidate) == pytest.approx(theirs.statistic, abs=1e-9)


def test_means_without_any_spread_differ_beyond_doubt_or_not_at_all() -> None:
    assert mean_z([7, 7], [7, 7, 7]) == 0
    assert mean_z([7, 7], [5, 5]) == -math.inf
