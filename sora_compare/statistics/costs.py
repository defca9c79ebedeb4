"""What a clip that reviewers accept costs, retries and refused takes included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.domain.takes import ArmLabel, TakeState
from sora_compare.statistics.estimators.proportions import share_of
from sora_compare.statistics.outcomes import counts_as_requested
from sora_compare.statistics.ratings import ARMS
from sora_compare.statistics.results import Result, Span, distinct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.domain.takes import Take
    from sora_compare.statistics.ratings import Ratings

METHOD = "list price of takes over clips completed, and over clips whose mean score reaches the bar; priced takes alone"
VERSION = "2"
ACCEPTED_FROM = 6.0
"""A clip is accepted when the mean of its scores, over criteria and reviewers, is at least this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs(Result):
    """Dollars of an arm, by list price: estimates, no bill.

    Attributes:
        spent: for the takes that were asked of the endpoint and have a known price; None when none has.
        priced_completed: completed takes with a known price, which `spent` is divided by.
        per_completed: None without such a take.
        accepted: share of reviewed clips that were accepted.
        per_accepted: `per_completed` over the share of accepted ones among reviewed clips with a known price; low and
            high from that share's interval.
        unpriced: takes without a known price, left out of both sides of each division.
    """

    arm: ArmLabel
    spent: float | None
    priced_completed: int
    per_completed: float | None
    accepted: Span
    per_accepted: Span
    bar: float
    unpriced: int


def costs(takes: Sequence[Take], ratings: Ratings, arm: ArmLabel, *, bar: float = ACCEPTED_FROM) -> Costs:
    """Cost of one arm's clips; `ratings` tell which were accepted."""
    of_arm = [take for take in takes if take.arm == arm]
    asked = [take for take in of_arm if counts_as_requested(take)]
    priced = {take.id: take.estimated_dollars for take in asked if take.estimated_dollars is not None}
    completed = sum(take.state is TakeState.COMPLETED and take.id in priced for take in asked)
    spent = sum(priced.values()) if priced else None
    per_completed = spent / completed if spent is not None and completed else None
    side = ARMS.index(arm)
    means = _clip_means(ratings, side)
    without_price = _pairs_without_price(of_arm)
    accepted_priced = _share_accepted([mean for pair, mean in means.items() if pair not in without_price], bar)
    return Costs(
        arm=arm,
        spent=spent,
        priced_completed=completed,
        per_completed=per_completed,
        accepted=_share_accepted(list(means.values()), bar),
        per_accepted=Span(
            *(_over(per_completed, part) for part in (accepted_priced.mean, accepted_priced.high, accepted_priced.low))
        ),
        bar=bar,
        unpriced=len(asked) - len(priced),
        method=METHOD,
        version=VERSION,
        n_prompts=len({take.request.prompt for take in asked}),
        n_reviewers=distinct(ratings.reviewer),
        n_reviews=len(ratings),
        missing=int((ratings.is_asked[:, side] & np.isnan(ratings.scores[:, side])).sum()),
    )


def _pairs_without_price(takes: Sequence[Take]) -> set[str]:
    """Names of the pairs whose clip has no known price."""
    return {
        f"{take.comparison_id}:{take.repeat}"
        for take in takes
        if take.state is TakeState.COMPLETED and take.estimated_dollars is None
    }


def _share_accepted(means: Sequence[float], bar: float) -> Span:
    return share_of(sum(mean >= bar for mean in means), len(means))


def _over(dollars: float | None, share: float | None) -> float | None:
    return dollars / share if dollars is not None and share else None


def _clip_means(ratings: Ratings, arm: int) -> dict[str, float]:
    """Mean score of each clip of one arm, by its pair's name."""
    scores = ratings.scores[:, arm]
    there = ~np.isnan(scores)
    counts = np.bincount(ratings.pair, there.sum(axis=0), len(ratings.pairs.names))
    totals = np.bincount(ratings.pair, np.nansum(scores, axis=0), len(ratings.pairs.names))
    return {ratings.pairs.names[pair]: float(totals[pair] / counts[pair]) for pair in np.flatnonzero(counts > 0)}
