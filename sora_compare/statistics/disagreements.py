"""The pairs on which reviewers disagree most: worth looking at together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sora_compare.statistics.ratings import Ratings

FEWEST = 2
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One pair: how far reviewers' B - A spread (standard deviation), and each one's."""

    pair: str
    prompt: str
    spread: float
    differences: dict[str, float]


def disagreements(ratings: Ratings, criterion: int, *, limit: int = SHOWN) -> tuple[Disagreement, ...]:
    """The pairs with the widest spread of B - A, widest first; only pairs of two reviewers or more."""
    gaps = ratings.scores[criterion, 1] - ratings.scores[criterion, 0]
    rows = np.flatnonzero(~np.isnan(gaps))
    pair, size = ratings.pair[rows], len(ratings.pairs.names)
    count = np.bincount(pair, minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(pair, gaps[rows], size) / count
        square = np.bincount(pair, (gaps[rows] - mean[pair]) ** 2, size)
        spread = np.where(count >= FEWEST, np.sqrt(square / (count - 1)), 0.0)
    widest = [int(one) for one in np.argsort(-spread, kind="stable")[:limit] if spread[one] > 0]
    return tuple(
        Disagreement(
            pair=ratings.pairs.names[one],
            prompt=ratings.pairs.prompts[ratings.pairs.prompt[one]],
            spread=float(spread[one]),
            differences={ratings.reviewers[ratings.reviewer[row]]: float(gaps[row]) for row in rows[pair == one]},
        )
        for one in widest
    )
