"""Descriptive figures per arm: scores, preference, timings, outcomes. They describe and claim nothing beyond it."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sora_compare.domain.reviews import PREFERENCE_LIMIT, Criterion, Review
from sora_compare.domain.takes import ArmLabel, Take, TakeState, Timings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VERSION = "1"
MEASURES = tuple(field.name for field in fields(Timings))
"""queued_s, render_s, download_s, first_frame_s, total_s, per_10_s."""
PREFERENCES = tuple(range(-PREFERENCE_LIMIT, PREFERENCE_LIMIT + 1))
ALONE = 1


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of one criterion and arm.

    Attributes:
        values: every score that was given, 1 to 10, in the order of the reviews.
        not_applicable: reviews that said there was nothing to score; left out of the mean.
        not_given: reviews without an answer; left out of the mean.
        mean: None without a score.
        reviewers: people behind the scores.
        pairs: pairs behind the scores.
    """

    criterion: Criterion
    arm: ArmLabel
    values: tuple[int, ...]
    not_applicable: int
    not_given: int
    mean: float | None
    reviewers: int
    pairs: int
    method: str = "arithmetic mean of the scores given"
    version: str = VERSION

    @property
    def n(self) -> int:
        """Scores given."""
        return len(self.values)

    @property
    def missing(self) -> int:
        """Reviews without a score."""
        return self.not_applicable + self.not_given


@dataclass(frozen=True, slots=True)
class Preferences:
    """How often each of the seven steps was chosen; -3 is "A much better", 3 "B much better"."""

    counts: dict[int, int]
    missing: int
    method: str = "count of each step"
    version: str = VERSION

    @property
    def n(self) -> int:
        """Preferences given."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Spread:
    """One duration over the takes of an arm, in seconds.

    Attributes:
        measure: one of MEASURES.
        values: every duration, in the order of the takes.
        missing: takes without it: not that far, imported, or served from an earlier identical request.
        median: None without a value.
        lower: first quartile, by linear interpolation between the values (R's type 7).
        upper: third quartile.
    """

    measure: str
    arm: ArmLabel
    values: tuple[float, ...]
    missing: int
    median: float | None
    lower: float | None
    upper: float | None
    method: str = "median and quartiles, linear interpolation"
    version: str = VERSION

    @property
    def n(self) -> int:
        """Takes with that duration."""
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How the takes of an arm stand; each attempt counts, since each was asked of the endpoint.

    Attributes:
        counts: by state; only states that occur.
        cached: takes served from an earlier identical request; nothing was asked, so they are counted apart.
    """

    arm: ArmLabel
    counts: dict[TakeState, int]
    cached: int
    method: str = "count of each state over all attempts"
    version: str = VERSION

    @property
    def n(self) -> int:
        """Takes asked of the endpoint."""
        return sum(self.counts.values())


def scores(reviews: Sequence[Review], criterion: Criterion, arm: ArmLabel) -> Scores:
    """The scores of one criterion and arm; give reviews that count (`domain.reviews.current`)."""
    answered = [
        (review, score.value)
        for review in reviews
        for score in review.scores
        if score.criterion == criterion and score.arm == arm
    ]
    given = [(review, value) for review, value in answered if value is not None]
    values = tuple(value for _, value in given)
    return Scores(
        criterion=criterion,
        arm=arm,
        values=values,
        not_applicable=len(answered) - len(given),
        not_given=len(reviews) - len(answered),
        mean=statistics.fmean(values) if values else None,
        reviewers=len({review.reviewer for review, _ in given}),
        pairs=len({(review.comparison_id, review.repeat) for review, _ in given}),
    )


def preferences(reviews: Sequence[Review]) -> Preferences:
    """How often each step was chosen; give reviews that count."""
    given = Counter(review.preference for review in reviews)
    missing = given.pop(None, 0)
    return Preferences({step: given.get(step, 0) for step in PREFERENCES}, missing)


def spread(takes: Sequence[Take], measure: str, arm: ArmLabel) -> Spread:
    """One duration over the takes of an arm."""
    every = [getattr(take.timings, measure) for take in takes if take.arm == arm]
    values = tuple(value for value in every if value is not None)
    lower, median, upper = _quartiles(values)
    return Spread(measure, arm, values, len(every) - len(values), median, lower, upper)


def _quartiles(values: Sequence[float]) -> tuple[float | None, float | None, float | None]:
    if not values:
        return None, None, None
    if len(values) == ALONE:
        return values[0], values[0], values[0]
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return lower, median, upper


def outcomes(takes: Iterable[Take], arm: ArmLabel) -> Outcomes:
    """How the takes of an arm stand."""
    of_arm = [take for take in takes if take.arm == arm]
    asked = Counter(take.state for take in of_arm if take.cached_from is None)
    return Outcomes(arm, {state: asked[state] for state in TakeState if asked[state]}, len(of_arm) - asked.total())
