"""How far the reviewers themselves can be trusted: hidden repeats, A/A pairs, and the pull of the left side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.estimators.crossed import Estimate, fit
from sora_compare.statistics.estimators.proportions import METHOD, independent, share_of
from sora_compare.statistics.ratings import NO_PREFERENCE, PAIR, REPEAT, SAME_CLIP, UNKNOWN_SIDE, B, Cells, cells_of
from sora_compare.statistics.results import LEVEL, Basis, Booleans, Floats, Integers, Result, Span, distinct

if TYPE_CHECKING:
    from sora_compare.statistics.ratings import Ratings

VERSION = "2"
CLEAR_STEP = 1
"""A score difference of at least this on an A/A pair is a false alarm: the clips are the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatConsistency(Result):
    """The same pair twice, hidden.

    Attributes:
        pairs_of_scores: how many scores were given twice.
        mean_change: mean absolute change of a score; None without repeats.
        exact_share: share of scores that stayed the same.
        same_preference: share of preferences whose direction stayed the same, with its interval.
    """

    pairs_of_scores: int
    mean_change: float | None
    exact_share: Span
    same_preference: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarms(Result):
    """The same clip on both sides: share of reviews that saw a difference all the same."""

    of_scores: Span
    of_preferences: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBias(Result):
    """Whether the left side wins whatever it shows.

    Attributes:
        score: mean of left - right, by crossed random effects, arms counterbalanced by prompt and reviewer.
        preference: share of the decided preferences that went to the left, with its interval.
        is_biased: whether either interval leaves out "no bias".
    """

    score: Estimate
    preference: Span
    is_biased: bool


def repeat_consistency(ratings: Ratings, *, level: float = LEVEL) -> RepeatConsistency:
    """Compare each hidden repeat with the same reviewer's first review of that pair."""
    first, again = _twice(ratings)
    changes = np.abs(ratings.scores[:, :, first] - ratings.scores[:, :, again])
    change = changes[~np.isnan(changes)]
    scored = again[np.any(~np.isnan(changes), axis=(0, 1))]
    before, after = ratings.preference[first], ratings.preference[again]
    both = (before != NO_PREFERENCE) & (after != NO_PREFERENCE)
    same = np.sign(before[both]) == np.sign(after[both])
    return RepeatConsistency(
        pairs_of_scores=len(change),
        mean_change=float(change.mean()) if len(change) else None,
        exact_share=share_of(int((change == 0).sum()), len(change), units=_units(ratings, scored), level=level),
        same_preference=share_of(int(same.sum()), len(same), units=_units(ratings, again[both]), level=level),
        method=f"mean absolute change of hidden repeats; shares with {METHOD}",
        **_basis(ratings, again),
    )


def _twice(ratings: Ratings) -> tuple[Integers, Integers]:
    """Rows of first reviews, and of the same reviewer's hidden repeats."""
    repeats = np.flatnonzero(ratings.kind == REPEAT)
    if not len(repeats):
        return repeats, repeats
    triples = list(zip(ratings.pair.tolist(), ratings.reviewer.tolist(), ratings.session.tolist(), strict=True))
    known = {triples[row]: int(row) for row in np.flatnonzero(ratings.kind == PAIR)}
    found = [(known[triples[row]], int(row)) for row in repeats if triples[row] in known]
    first, again = np.array(found, dtype=np.int64).reshape(-1, 2).T
    return first, again


def false_alarms(ratings: Ratings, *, level: float = LEVEL) -> FalseAlarms:
    """Reviews of A/A pairs in which any criterion, or the preference, differs between the sides."""
    rows = np.flatnonzero(ratings.kind == SAME_CLIP)
    gaps = np.abs(ratings.scores[:, 1, rows] - ratings.scores[:, 0, rows])
    scored = np.flatnonzero(np.any(~np.isnan(gaps), axis=0))
    seen = np.any(np.nan_to_num(gaps) >= CLEAR_STEP, axis=0)[scored]
    voted = ratings.preference[rows] != NO_PREFERENCE
    found = ratings.preference[rows[voted]]
    return FalseAlarms(
        of_scores=share_of(int(seen.sum()), len(seen), units=_units(ratings, rows[scored]), level=level),
        of_preferences=share_of(int((found != 0).sum()), len(found), units=_units(ratings, rows[voted]), level=level),
        method=f"share of A/A reviews with a difference, {METHOD}",
        **_basis(ratings, rows),
    )


def side_bias(ratings: Ratings, *, level: float = LEVEL) -> SideBias:
    """Left - right over all criteria, half from either arrangement, and the share of votes for the left."""
    rows = np.flatnonzero(ratings.left != UNKNOWN_SIDE)
    part = ratings.where(_mask(len(ratings), rows))
    score = fit(_left_minus_right(part)).estimate(level)
    decided = (part.preference != NO_PREFERENCE) & (part.preference != 0)
    for_left = (part.preference[decided] > 0) == (part.left[decided] == B)
    units = _units(part, np.flatnonzero(decided))
    preference = share_of(int(for_left.sum()), len(for_left), units=units, level=level)
    spans = ((score.low, score.high, 0.0), (preference.low, preference.high, 0.5))
    return SideBias(
        score=score,
        preference=preference,
        is_biased=any(low is not None and high is not None and not low <= none <= high for low, high, none in spans),
        method="left minus right by crossed random effects, balanced over arrangements; votes with exact interval",
        **_basis(ratings, rows),
    )


def _left_minus_right(part: Ratings) -> Cells:
    """Half the gap between a review and what its arrangement would give, so that the arms' difference cancels."""
    gaps = part.scores[:, 1] - part.scores[:, 0]
    there = ~np.isnan(gaps)
    count = there.sum(axis=0)
    with np.errstate(invalid="ignore"):
        gap = np.where(count > 0, np.nansum(gaps, axis=0) / count, np.nan)
    sign = np.where(part.left == B, 1.0, -1.0)
    balanced = _mean_of_arrangements(gap, sign)
    return cells_of(part, sign * (gap - balanced), int((count == 0).sum()))


def _mean_of_arrangements(gap: Floats, sign: Floats) -> float:
    """B - A as the mean of both arrangements' means: neither side counts more than the other."""
    means = [gap[(sign == side) & ~np.isnan(gap)] for side in (1.0, -1.0)]
    return float(np.mean([one.mean() for one in means])) if all(len(one) for one in means) else 0.0


def _mask(size: int, rows: Integers) -> Booleans:
    mask = np.zeros(size, dtype=bool)
    mask[rows] = True
    return mask


def _units(ratings: Ratings, rows: Integers) -> int:
    return independent(ratings.reviewer[rows], ratings.prompt[rows])


def _basis(ratings: Ratings, rows: Integers) -> Basis:
    return {
        "version": VERSION,
        "n_prompts": distinct(ratings.prompt[rows]),
        "n_reviewers": distinct(ratings.reviewer[rows]),
        "n_reviews": len(rows),
        "missing": int((ratings.is_asked[:, :, rows] & np.isnan(ratings.scores[:, :, rows])).sum()),
    }
