"""What a clip that reviewers accept costs, retries and refused takes included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.domain.takes import ArmLabel, TakeState
from sora_compare.statistics.outcomes import counts_as_asked
from sora_compare.statistics.proportions import share_of
from sora_compare.statistics.ratings import ARMS
from sora_compare.statistics.results import Result, Span, distinct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.domain.takes import Take
    from sora_compare.statistics.ratings import Ratings

METHOD = "list price of all takes over clips completed, and over clips whose mean score reaches the bar"
VERSION = "1"
ACCEPTED_FROM = 6.0
"""A clip is accepted when the mean of its scores, over criteria and reviewers, is at least this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs(Result):
    """Dollars of an arm, by list price: estimates, no bill.

    Attributes:
        spent: for all takes that were asked of the endpoint; None when no price is known.
        per_completed: None without a completed clip.
        accepted: share of reviewed clips that were accepted.
        per_accepted: `per_completed` over that share; low and high from the share's interval.
        unpriced: takes without a known price, left out of `spent`.
    """

    arm: ArmLabel
    spent: float | None
    per_completed: float | None
    accepted: Span
    per_accepted: Span
    bar: float
    unpriced: int


def costs(takes: Sequence[Take], ratings: Ratings, arm: ArmLabel, *, bar: float = ACCEPTED_FROM) -> Costs:
    """Cost of one arm's clips; `ratings` tell which were accepted."""
    asked = [take for take in takes if take.arm == arm and counts_as_asked(take)]
    priced = [take.estimated_dollars for take in asked if take.estimated_dollars is not None]
    completed = sum(take.state is TakeState.COMPLETED for take in asked)
    spent = sum(priced) if priced else None
    per_completed = spent / completed if spent is not None and completed else None
    side = ARMS.index(arm)
    means = _clip_means(ratings, side)
    accepted = share_of(sum(mean >= bar for mean in means), len(means))
    return Costs(
        arm=arm,
        spent=spent,
        per_completed=per_completed,
        accepted=accepted,
        per_accepted=Span(*(_over(per_completed, part) for part in (accepted.mean, accepted.high, accepted.low))),
        bar=bar,
        unpriced=len(asked) - len(priced),
        method=METHOD,
        version=VERSION,
        n_prompts=len({take.request.prompt for take in asked}),
        n_reviewers=distinct(ratings.reviewer),
        n_reviews=len(ratings),
        missing=int((ratings.is_asked[:, side] & np.isnan(ratings.scores[:, side])).sum()),
    )


def _over(dollars: float | None, share: float | None) -> float | None:
    return dollars / share if dollars is not None and share else None


def _clip_means(ratings: Ratings, arm: int) -> list[float]:
    scores = ratings.scores[:, arm]
    there = ~np.isnan(scores)
    counts = np.bincount(ratings.pair, there.sum(axis=0), len(ratings.pairs.names))
    totals = np.bincount(ratings.pair, np.nansum(scores, axis=0), len(ratings.pairs.names))
    means: list[float] = (totals[counts > 0] / counts[counts > 0]).tolist()
    return means
