"""Quantiles against scipy, shares against statsmodels, costs by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from sora_compare.domain.clips import Clip
from sora_compare.domain.requests import ClipRequest, ClipSettings
from sora_compare.domain.takes import ArmLabel, Moments, Origin, Take, TakeState
from sora_compare.statistics.costs import costs
from sora_compare.statistics.durations import durations, paired, quantile
from sora_compare.statistics.outcomes import shares
from sora_compare.statistics.ratings import table
from sora_compare.statistics.results import Span

SETTINGS = ClipSettings(seconds=8, size="1280x720")
CLIP = Clip("0" * 64, 1, "mp4", "h264", 1280, 720, "24", 192, 8.0, has_audio=False)


def _take(prompt: str, arm: ArmLabel, total_s: float, state: TakeState = TakeState.COMPLETED, **more: object) -> Take:
    moments = Moments(0.0, submitting=0.0, saved=total_s if state is TakeState.COMPLETED else None, ended=total_s)
    details: dict[str, object] = {"state": state, "clip": CLIP, "estimated_dollars": 0.8, **more}
    request = ClipRequest("model", prompt, SETTINGS)
    return Take(f"{prompt}{arm}", prompt, arm, "lab", Origin.LIVE, request, "f", moments, **details)  # type: ignore[arg-type]


@pytest.mark.parametrize("n", [1, 2, 5, 6, 20, 72, 101])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.95])
def test_intervals_of_quantiles_are_those_of_scipy(n: int, share: float) -> None:
    values = np.sort(np.random.default_rng(n).exponential(size=n))
    found = quantile(values, share)
    expected = stats.quantile_test(values, p=share).confidence_interval(0.95)
    for ours, theirs in ((found.low, expected.low), (found.high, expected.high)):
        assert ours is None if np.isnan(theirs) else ours == pytest.approx(theirs)
    assert found.mean == pytest.approx(np.quantile(values, share))


def test_nothing_asked_is_no_share() -> None:
    assert shares([], ArmLabel.A).completed.mean is None
    assert durations([], "total_s", ArmLabel.A).median.mean is None


def test_outcomes_are_told_apart_and_what_was_not_asked_is_left_out() -> None:
    a = ArmLabel.A
    takes = [
        _take("1", a, 40), _take("2", a, 40, retries=2), _take("3", a, 5, TakeState.MODERATED),
        _take("4", a, 5, TakeState.FAILED), _take("5", a, 900, TakeState.STOPPED_POLLING),
        _take("6", a, 5, TakeState.CANCELLED), _take("7", a, 0, cached_from="x"), _take("8", a, 1, TakeState.RUNNING),
        _take("9", ArmLabel.B, 40),
    ]  # fmt: skip
    found = shares(takes, a)
    lines = [one.mean for one in (found.completed, found.refused, found.failed, found.timed_out, found.retried)]
    assert found.n == 5
    assert lines == pytest.approx([0.4, 0.2, 0.2, 0.2, 0.2])
    assert found.missing == 3


@pytest.mark.parametrize(("gap", "is_below"), [(0.5, True), (-1.5, True), (2.0, False), (-5.0, False)])
def test_a_difference_below_the_resolution_is_no_difference(gap: float, *, is_below: bool) -> None:
    """Jobs are looked at every 2 s: nobody can tell half a second from none."""

    def take(prompt: str, arm: ArmLabel, total_s: float) -> Take:
        made = _take(prompt, arm, total_s)
        ends = replace(made.moments, completed=total_s - 1, last_unfinished=total_s - 3)
        return replace(made, moments=ends)

    takes = [take(str(n), ArmLabel.A, 40 + n) for n in range(9)]
    takes += [take(str(n), ArmLabel.B, 40 + n + gap) for n in range(9)]
    found = paired(takes, "total_s")
    assert (found.difference.mean, found.resolution_s, found.is_below_resolution) == (gap, 2.0, is_below)
    assert durations(takes, "total_s", ArmLabel.A).resolution_s == 2.0
    old = [_take(str(n), arm, 40.0) for n in range(9) for arm in ArmLabel]
    assert not paired(old, "total_s").is_below_resolution, "how exact these are is not known"


def test_the_paired_difference_compares_within_a_prompt() -> None:
    """Slow prompts are slow for both arms: B is 5 s quicker on each, though on average its takes are longer.

    It never varies, so there is no interval.
    """
    takes = [_take(str(n), ArmLabel.A, 40 + 10 * n) for n in range(10)]
    takes += [_take(str(n), ArmLabel.B, 35 + 10 * n) for n in range(10)]
    takes += [_take(f"only b {n}", ArmLabel.B, 500) for n in range(9)]
    found = paired(takes, "total_s")
    assert found.difference == Span(-5.0, None, None)
    assert (found.n_prompts, found.missing) == (10, 9)


def test_time_is_also_told_per_ten_seconds_of_clip() -> None:
    assert durations([_take("1", ArmLabel.A, 40)], "per_10_s", ArmLabel.A).median.mean == pytest.approx(50)


def test_an_accepted_clip_pays_for_those_that_were_not() -> None:
    takes = [_take(str(n), ArmLabel.A, 40) for n in range(4)] + [_take("4", ArmLabel.A, 5, TakeState.FAILED)]
    scores = table([(str(n), "ada", "A", "physics", score) for n, score in enumerate((9, 7, 3, 2))])
    found = costs(takes, scores, ArmLabel.A)
    assert found.spent == pytest.approx(4.0)
    assert found.per_completed == pytest.approx(1.0)
    assert found.per_accepted.mean == pytest.approx(2.0)
    assert found.per_accepted.low < 2 < found.per_accepted.high  # type: ignore[operator]


def test_no_price_is_no_cost() -> None:
    found = costs([_take("1", ArmLabel.A, 4, estimated_dollars=None)], table([("1", "a", "A", "x", 9.0)]), ArmLabel.A)
    assert (found.spent, found.per_accepted.mean, found.unpriced) == (None, None, 1)


def test_a_cost_per_clip_counts_takes_with_a_known_price_on_both_sides() -> None:
    """Two clips at 0.80 and two without a price: a clip costs 0.80, not 0.40."""
    prices = (0.8, 0.8, None, None)
    takes = [_take(str(n), ArmLabel.A, 40, estimated_dollars=price) for n, price in enumerate(prices)]
    scores = table([(f"{n}:0", "ada", "A", "physics", score) for n, score in enumerate((9, 2, 9, 9))])
    found = costs(takes, scores, ArmLabel.A)
    assert (found.spent, found.priced_completed, found.unpriced) == (pytest.approx(1.6), 2, 2)
    assert found.per_completed == pytest.approx(0.8)
    assert found.accepted.mean == pytest.approx(0.75)
    assert found.per_accepted.mean == pytest.approx(1.6)
