"""Shares with exact intervals, over what is independent in them.

Clopper and Pearson (1934): the edges are quantiles of beta distributions. Votes of one person, or on one prompt, are
alike; where either repeats, the interval is the one of as many votes as there are independent units, at the same share
(the beta quantiles take real counts, as in Korn and Graubard 1998 for clustered surveys).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.statistics.estimators.distributions import beta_quantile
from sora_compare.statistics.results import LEVEL, NOTHING, Span, distinct

if TYPE_CHECKING:
    from sora_compare.statistics.results import Integers

METHOD = "Clopper-Pearson (1934) interval over independent units"
FEWEST = 2
"""Of one unit the interval is nearly everything there is, and is not given."""


def share_of(successes: int, n: int, *, units: int | None = None, level: float = LEVEL) -> Span:
    """A share and its exact interval; everything None for n = 0, the edges None with fewer than two units.

    Args:
        successes: of `n`.
        n: observations.
        units: independent ones among them, when they are fewer.
        level: of the interval.
    """
    if not n:
        return NOTHING
    return Span(successes / n, *exact_edges(successes / n, n if units is None else units, level))


def exact_edges(share: float, units: int, level: float = LEVEL) -> tuple[float | None, float | None]:
    """Edges of the interval for this share of so many independent units."""
    if units < FEWEST:
        return None, None
    count, tail = share * units, (1 - level) / 2
    low = beta_quantile(count, units - count + 1, tail) if count > 0 else 0.0
    high = beta_quantile(count + 1, units - count, 1 - tail) if count < units else 1.0
    return low, high


def independent(reviewers: Integers, prompts: Integers) -> int:
    """Independent units among votes: the votes, or where a reviewer or a prompt repeats, the fewer of the two.

    Args:
        reviewers: codes, one entry a vote.
        prompts: likewise.
    """
    people, shown = distinct(reviewers), distinct(prompts)
    is_repeated = min(people, shown) < len(reviewers)
    return min(people, shown) if is_repeated else len(reviewers)
