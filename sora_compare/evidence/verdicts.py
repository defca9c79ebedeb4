"""Verdicts as releases ask for them: a candidate against a base, whichever was arm A."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.domain.takes import MOST_TELLING
from sora_compare.evidence.selection import session_of
from sora_compare.statistics.analysis import Analysis, analyse
from sora_compare.statistics.ratings import NO_PREFERENCE, UNKNOWN_SIDE

if TYPE_CHECKING:
    from sora_compare.evidence.findings import Results
    from sora_compare.statistics.ratings import Ratings
    from sora_compare.statistics.results import Booleans


def stored_verdicts(results: Results, base: str, candidate: str) -> dict[str, str]:
    """The verdict on the candidate by criterion, as words; empty when nobody reviewed a pair of the two.

    Reviews of the most telling origin count (`MOST_TELLING`); origins are never added up. Endpoints are. The rules are
    those of the one session that the reviews come from; of several or none, the ones that hold outside sessions.
    """
    version = results.version
    ratings = results.index.ratings()
    groups = [group if {group.model_a, group.model_b} == {base, candidate} else None for group in ratings.groups]
    there = set(np.unique(ratings.group))
    origins = {group.origin for code, group in enumerate(groups) if group and code in there}
    origin = next((str(one) for one in MOST_TELLING if str(one) in origins), None)
    if origin is None:
        return {}
    fits = np.array([group is not None and group.origin == origin for group in groups], dtype=bool)
    is_turned = np.array([group is not None and group.model_a == candidate for group in groups], dtype=bool)
    chosen = ratings.where(fits[ratings.group])
    rules = results.rules.holding(session_of(chosen))

    def compute() -> Analysis:
        return analyse(turned(chosen.deciding(rules.evidence), is_turned), rules)

    found = results.memory.get((base, candidate, rules), version, compute)
    return {name: str(result.judgement.verdict) for name, result in found.criteria.items()}


def turned(ratings: Ratings, is_turned: Booleans) -> Ratings:
    """The table with arms A and B exchanged in the rows of those groups; `is_turned` is one flag a group."""
    rows = is_turned[ratings.group]
    if not rows.any():
        return ratings
    scores, asked = ratings.scores.copy(), ratings.is_asked.copy()
    scores[:, :, rows], asked[:, :, rows] = scores[:, ::-1][:, :, rows], asked[:, ::-1][:, :, rows]
    has_preference, has_side = ratings.preference != NO_PREFERENCE, ratings.left != UNKNOWN_SIDE
    return replace(
        ratings,
        scores=scores,
        is_asked=asked,
        preference=np.where(rows & has_preference, -ratings.preference, ratings.preference),
        left=np.where(rows & has_side, 1 - ratings.left, ratings.left),
    )
