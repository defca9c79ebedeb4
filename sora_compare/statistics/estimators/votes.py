"""Preferences of reviews as votes between the two arms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.estimators.preference import LEFT_WINS, RIGHT_WINS, TIE, Strengths, Votes, strengths
from sora_compare.statistics.estimators.proportions import independent
from sora_compare.statistics.ratings import ARMS, NO_PREFERENCE, UNKNOWN_SIDE, A
from sora_compare.statistics.results import LEVEL, compact, distinct

if TYPE_CHECKING:
    from sora_compare.statistics.ratings import Ratings

KINDS_OF_WIN = 4
"""Either arm, on either side."""


def preference(ratings: Ratings, *, level: float = LEVEL) -> Strengths:
    """Strength of B over A from all preferences; the seven steps count by their direction alone.

    The side term is fitted when every vote says which arm was on the left, and either arm won and lost on either
    side: otherwise it has no finite value.
    """
    given = ratings.preference != NO_PREFERENCE
    steps, left = ratings.preference[given], ratings.left[given]
    b_wins, is_tie = steps > 0, steps == 0
    is_known = bool((left != UNKNOWN_SIDE).all())
    has_side = is_known and distinct(2 * left[~is_tie] + b_wins[~is_tie]) == KINDS_OF_WIN
    left = left if has_side else np.full(len(left), A)
    left_wins = b_wins == (left != A)
    outcome = np.where(is_tie, TIE, np.where(left_wins, LEFT_WINS, RIGHT_WINS))
    reviewer, who = compact(ratings.reviewer[given])
    votes = Votes(left, 1 - left, outcome, reviewer, len(ARMS), len(who), has_side)
    decided = np.flatnonzero(given)[~is_tie]
    return strengths(
        votes,
        ARMS,
        units=independent(ratings.reviewer[decided], ratings.prompt[decided]),
        level=level,
        n_prompts=distinct(ratings.prompt[given]),
        missing=int((~given).sum()),
    )
