"""Bradley-Terry against choix and statsmodels, with ties, sides and clusters."""

from __future__ import annotations

import choix
import numpy as np
import pytest
import statsmodels.api as sm

from sora_compare.statistics.estimators.preference import LEFT_WINS, RIGHT_WINS, TIE, Votes, strengths
from sora_compare.statistics.results import NOTHING


def _votes(
    items: int, number: int, *, side: float = 0.0, ties: float = 0.0, reviewers: int = 30, seed: int = 1
) -> tuple[Votes, np.ndarray]:
    draw = np.random.default_rng(seed)
    truth = draw.normal(0, 0.8, items)
    left = draw.integers(0, items, number)
    right = (left + draw.integers(1, items, number)) % items
    half = (truth[left] + side - truth[right]) / 2
    weight = np.stack([np.exp(half), np.full(number, ties), np.exp(-half)])
    share = np.cumsum(weight / weight.sum(axis=0), axis=0)
    outcome = (draw.random(number) > share).sum(axis=0)
    return Votes(left, right, outcome, draw.integers(0, reviewers, number), items, reviewers), truth - truth.mean()


def _pairs(votes: Votes) -> list[tuple[int, int]]:
    is_left = votes.outcome == LEFT_WINS
    winners, losers = np.where(is_left, votes.left, votes.right), np.where(is_left, votes.right, votes.left)
    return list(zip(winners.tolist(), losers.tolist(), strict=True))


def test_strengths_are_those_of_choix() -> None:
    votes, _ = _votes(6, 3000)
    plain = Votes(votes.left, votes.right, votes.outcome, votes.reviewer, 6, 30, has_side=False)
    found = strengths(plain, "abcdef")
    expected = choix.opt_pairwise(6, _pairs(plain))
    assert [one.mean for one in found.strengths] == pytest.approx(list(expected - expected.mean()), abs=1e-4)


def test_contrast_side_and_clustered_errors_are_those_of_statsmodels() -> None:
    """Two items without ties are a logistic regression of "left wins"."""
    votes, _ = _votes(2, 900, side=0.6, reviewers=12)
    design = np.column_stack([np.where(votes.left == 1, 1.0, -1.0), np.ones(900)])
    groups = {"groups": votes.reviewer, "use_correction": False}
    model = sm.Logit((votes.outcome == LEFT_WINS).astype(float), design).fit(
        disp=0, cov_type="cluster", cov_kwds=groups
    )
    found = strengths(votes, "AB", units=10**9)  # the exact interval does not bind
    assert found.contrast.mean == pytest.approx(model.params[0], abs=1e-3)
    assert found.side.mean == pytest.approx(model.params[1], abs=1e-3)
    half = 2.200985 * model.bse[0] * np.sqrt(12 / 11)  # Student's 97.5 % with 11 degrees of freedom
    assert found.contrast.high - found.contrast.mean == pytest.approx(half, rel=1e-3)  # type: ignore[operator]


def test_ties_and_the_pull_of_a_side_are_recovered() -> None:
    votes, truth = _votes(5, 40_000, side=0.5, ties=0.8)
    found = strengths(votes, "abcde")
    assert [one.mean for one in found.strengths] == pytest.approx(list(truth), abs=0.05)
    assert found.side.mean == pytest.approx(0.5, abs=0.04)
    assert found.tie_share == pytest.approx(0.8 / 2.8, abs=0.01)


def test_votes_of_few_people_say_less_than_as_many_votes_of_many() -> None:
    """Every reviewer votes one way throughout: 400 votes are worth 8."""
    draw = np.random.default_rng(3)
    reviewer = np.repeat(np.arange(8), 50)
    left = np.tile([0, 1], 200)
    favours_b = np.array([1, 1, 1, 1, 1, 0, 0, 0], dtype=bool)[reviewer]
    outcome = np.where(favours_b == (left == 1), LEFT_WINS, RIGHT_WINS)
    clustered = strengths(Votes(left, 1 - left, outcome, reviewer, 2, 8), "AB").contrast
    shuffled = draw.permutation(reviewer)
    spread = strengths(Votes(left, 1 - left, outcome, shuffled, 2, 8), "AB").contrast
    assert clustered.mean == pytest.approx(spread.mean)
    assert clustered.low < 0 < clustered.high  # type: ignore[operator]
    assert spread.low > 0  # type: ignore[operator]


def test_turning_every_pair_round_changes_the_side_and_nothing_else() -> None:
    votes, _ = _votes(3, 2000, side=0.4, ties=0.3)
    turned = Votes(votes.right, votes.left, 2 - votes.outcome, votes.reviewer, 3, 30)
    there, back = strengths(votes, "abc"), strengths(turned, "abc")
    assert [one.mean for one in there.strengths] == pytest.approx([one.mean for one in back.strengths], abs=1e-6)
    assert there.side.mean == pytest.approx(-back.side.mean, abs=1e-6)  # type: ignore[operator]


def test_a_unanimous_vote_has_a_share_with_its_exact_interval_and_no_strength() -> None:
    zeros = np.zeros(12, dtype=np.int64)
    votes = Votes(zeros, zeros + 1, zeros + RIGHT_WINS, np.arange(12) % 4, 2, 4, has_side=False)
    found = strengths(votes, "AB", units=4)
    assert found.is_converged
    assert found.contrast == NOTHING
    assert (found.win_share.mean, found.win_share.high) == (1.0, 1.0)
    assert found.win_share.low == pytest.approx(0.025**0.25)
    assert found.wins == (0, 12)


@pytest.mark.parametrize(("outcomes", "ties"), [([], 0), ([TIE, TIE], 2), ([LEFT_WINS], 0)])
def test_hardly_any_votes_give_no_nan(outcomes: list[int], ties: int) -> None:
    number = len(outcomes)
    zeros = np.zeros(number, dtype=np.int64)
    found = strengths(Votes(zeros, zeros + 1, np.array(outcomes, dtype=np.int64), zeros, 2, 1), "AB")
    assert found.ties == ties
    assert found.contrast.low is None
    assert found.contrast.mean is None
    assert found.win_share.low is None
