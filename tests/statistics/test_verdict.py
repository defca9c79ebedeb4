"""Verdicts, their rules, what more is needed, and what happens when somebody peeks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sora_compare.errors import UsageError
from sora_compare.statistics.estimators.crossed import Scope, fit
from sora_compare.statistics.estimators.sequence import fewest_prompts, widening
from sora_compare.statistics.planning import needed
from sora_compare.statistics.ratings import cells_of_arrays
from sora_compare.statistics.rules import Rules, RulesChange, warnings
from sora_compare.statistics.verdict import Verdict, judge
from tests.statistics.designs import differences

SPREADS = (0.8, 0.3, 1.0)


def _judged(
    mean: float, *, prompts: int = 60, reviewers: int = 8, seed: int = 1, rules: Rules | None = None
) -> Verdict:
    cells = differences(prompts, reviewers, SPREADS, np.random.default_rng(seed), mean=mean)
    return judge({"physics": fit(cells)}, rules or Rules())["physics"].verdict


@pytest.mark.parametrize(
    ("mean", "verdict"),
    [(2.0, Verdict.BETTER), (0.3, Verdict.NOT_WORSE), (-2.0, Verdict.WORSE), (-0.45, Verdict.UNDECIDED)],
)
def test_each_verdict_is_reached(mean: float, verdict: Verdict) -> None:
    assert _judged(mean, prompts=60 if verdict != Verdict.UNDECIDED else 12) == verdict


def test_a_wider_margin_lets_more_pass() -> None:
    assert _judged(-0.3, rules=Rules(margin=0.2)) != Verdict.NOT_WORSE
    assert _judged(-0.3, rules=Rules(margin=1.5)) == Verdict.NOT_WORSE


@given(seed=st.integers(0, 500), mean=st.floats(-3, 3))
@settings(max_examples=40, deadline=None)
def test_better_turned_round_is_worse(seed: int, mean: float) -> None:
    cells = differences(20, 5, SPREADS, np.random.default_rng(seed), mean=mean)
    turned = cells_of_arrays(cells.prompt, cells.reviewer, -cells.value, 0)
    rules = Rules(margin=0.0)
    there, back = (judge({"x": fit(one)}, rules)["x"] for one in (cells, turned))
    opposite = {Verdict.BETTER: Verdict.WORSE, Verdict.WORSE: Verdict.BETTER}
    assert back.verdict == opposite.get(there.verdict, there.verdict)
    assert back.low == pytest.approx(-there.high)  # type: ignore[operator]


def test_few_prompts_decide_nothing_however_clear_they_look() -> None:
    """Five prompts of one accord happen by chance once in sixteen times."""
    assert _judged(5.0, prompts=5) == Verdict.UNDECIDED
    assert fewest_prompts(0.05) == 6
    assert 2.0 ** (1 - fewest_prompts(0.01)) <= 0.01 < 2.0 ** (2 - fewest_prompts(0.01))


def test_one_reviewer_decides_only_for_that_reviewer() -> None:
    assert _judged(2.0, reviewers=1) == Verdict.UNDECIDED
    assert _judged(2.0, reviewers=1, rules=Rules(scope=Scope.THESE)) == Verdict.BETTER


def test_holm_shares_alpha_and_passes_on_what_is_left() -> None:
    draw = np.random.default_rng(2)
    fits = {str(mean): fit(differences(40, 6, SPREADS, draw, mean=mean)) for mean in (3.0, 2.5, -0.5)}
    found = judge(fits, Rules())
    assert [one.alpha for one in found.values()] == pytest.approx([0.05 / 3, 0.05 / 3, 0.05])
    assert list(found) == list(fits)


def test_a_criterion_alone_is_judged_less_strictly_than_among_others() -> None:
    cells = differences(40, 6, SPREADS, np.random.default_rng(2), mean=-0.5)
    others = {str(n): fit(differences(40, 6, SPREADS, np.random.default_rng(n), mean=-0.5)) for n in range(3, 6)}
    alone, among = judge({"x": fit(cells)}, Rules())["x"], judge({"x": fit(cells), **others}, Rules())["x"]
    assert alone.high - alone.low < among.high - among.low  # type: ignore[operator]


@pytest.mark.parametrize("bad", [{"margin": -1.0}, {"margin": float("nan")}, {"alpha": 0.0}, {"alpha": 0.9}])
def test_rules_that_no_verdict_can_rest_on_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        Rules(**bad)


def test_a_change_after_the_first_review_is_said() -> None:
    before, after = RulesChange(Rules(margin=1.0), 1.0, "Ada", 0), RulesChange(Rules(margin=2.0), 2.0, "Ben", 12)
    assert warnings([before]) == ()
    (message,) = warnings([before, after])
    assert "after 12 reviews, by Ben: margin 1 to 2" in message


def test_the_number_of_prompts_needed_is_about_what_it_takes() -> None:
    """As many prompts as undecided pilots ask for decide in many repetitions, a third of them in fewer."""
    draw = np.random.default_rng(7)
    spreads, mean = (1.0, 0.1, 1.0), 0.6
    pilots = [fit(differences(14, 8, spreads, draw, mean=mean)) for _ in range(40)]
    asked = []
    for pilot in pilots:
        judgement = judge({"x": pilot}, Rules(margin=0.0))["x"]
        more = needed(pilot, Rules(margin=0.0), judgement).prompts
        if more:
            asked.append(14 + more)
    enough = int(np.median(asked))

    def decided(prompts: int) -> float:
        tries = (fit(differences(prompts, 8, spreads, draw, mean=mean)) for _ in range(60))
        return float(np.mean([judge({"x": one}, Rules(margin=0.0))["x"].verdict == Verdict.BETTER for one in tries]))

    assert decided(enough) > 0.35
    assert decided(max(8, enough // 3)) < decided(enough)


def test_when_reviewers_are_what_is_missing_it_says_so() -> None:
    cells = differences(200, 2, (0.2, 1.5, 0.2), np.random.default_rng(3), mean=0.5)
    fitted = fit(cells)
    found = needed(fitted, Rules(), judge({"x": fitted}, Rules())["x"])
    assert found.prompts is None
    assert found.reviewers is None or found.reviewers > 0
    assert found.sentence


def test_nothing_more_is_needed_once_it_is_decided() -> None:
    fitted = fit(differences(60, 8, SPREADS, np.random.default_rng(1), mean=2))
    found = needed(fitted, Rules(), judge({"x": fitted}, Rules())["x"])
    assert (found.prompts, found.reviewers, found.sentence) == (0, 0, "")


def test_the_boundary_holds_for_a_random_walk_looked_at_after_every_step() -> None:
    """The plain case of the theory: 4,000 walks of 1,000 steps with known variance, a look after each."""
    alpha, draw = 0.05, np.random.default_rng(11)
    steps = np.arange(1, 1001)
    walks = np.cumsum(draw.standard_normal((4000, 1000)), axis=1) / np.sqrt(steps)
    bound = np.array([1.959964 * widening(int(n), alpha) for n in steps])
    assert (np.abs(walks) > bound).any(axis=1).mean() < alpha
    # The ordinary interval, looked at as often, is wrong many times as often as it says.
    assert (np.abs(walks) > 1.959964).any(axis=1).mean() > 0.3


ORDERS = {
    "prompt by prompt": lambda p, r: np.lexsort((r, p)),
    "reviewer by reviewer": lambda p, r: np.lexsort((p, r)),
}


def _false_alarms(runs: int, reviewers: int, spreads: tuple[float, float, float], order: str) -> float:
    """Share of sessions without a difference in which some look, one after every review, shows one."""
    draw, alarms = np.random.default_rng(reviewers), 0
    for _ in range(runs):
        cells = differences(16, reviewers, spreads, draw)
        turn = ORDERS[order](cells.prompt, cells.reviewer)
        for seen in range(6, len(turn) + 1):
            now = turn[:seen]
            part = cells_of_arrays(cells.prompt[now], cells.reviewer[now], cells.value[now], 0)
            if judge({"x": fit(part)}, Rules())["x"].verdict in {Verdict.BETTER, Verdict.WORSE}:
                alarms += 1
                break
    return alarms / runs


@pytest.mark.parametrize("order", ORDERS)
def test_looking_after_every_review_raises_no_more_false_alarms_than_alpha(order: str) -> None:
    """24 sessions: 5 % would be 1, and more than 3 would come by chance once in thirty times."""
    assert _false_alarms(24, 3, (1.0, 0.4, 1.2), order) <= 3 / 24


@pytest.mark.heavy
@pytest.mark.parametrize("spreads", [(1.0, 0.5, 1.2), (0.5, 0.2, 1.2)])
@pytest.mark.parametrize(("reviewers", "runs"), [(3, 100), (6, 40)])
def test_false_alarms_stay_under_alpha(reviewers: int, runs: int, spreads: tuple[float, float, float]) -> None:
    """Under 5 % over both orders, give or take one standard error."""
    found = [_false_alarms(runs, reviewers, spreads, order) for order in ORDERS]
    assert np.mean(found) <= 0.05 + np.sqrt(0.05 * 0.95 / (2 * runs)), found
