"""What was seen of models that are compared by releases: takes, reviews and reported outcomes, as observations."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import ceil, inf
from statistics import fmean
from typing import TYPE_CHECKING, Any

from sora_compare.domain.guard_rails import Observation, Observed
from sora_compare.domain.outcomes import COUNTED, cause_of, cause_of_code, is_of_model
from sora_compare.domain.reviews import counted
from sora_compare.domain.snapshots import contradicts
from sora_compare.domain.takes import ON_THE_WAY, Origin, TakeState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sora_compare.domain.policies import Environment
    from sora_compare.domain.reviews import Review
    from sora_compare.domain.takes import ArmLabel, Take
    from sora_compare.store.store import Store

OUTCOME = "outcome"
"""Event of an outcome that a service reports of its own traffic."""
HANGS_AFTER = 3.0
"""Times the base's 99th percentile after which a take that has no outcome counts as failed."""
FEWEST_DURATIONS = 20
"""Durations of the base under which only the endpoint's watch limit ends the waiting."""


def observed_of(takes: Iterable[Take], scores: tuple[float, ...] = ()) -> Observed:
    """Outcomes and durations of takes whose outcome is the model's; others are in no share."""
    of_model = [take for take in takes if is_of_model(take)]
    done = [take for take in of_model if take.state is TakeState.COMPLETED]
    seconds = tuple(take.timings.total_s for take in done if take.timings.total_s is not None)
    return Observed(len(of_model), len(done), seconds, scores)


def scores_of(store: Store, takes: Iterable[Take], arms: Collection[ArmLabel]) -> tuple[float, ...]:
    """Every score that a counted review gave to one of the arms, whatever the criterion."""
    reviews = counted(store.reviews.of_all({take.comparison_id for take in takes}))
    scores = [score for review in reviews for score in review.scores if score.arm in arms]
    return tuple(float(score.value) for score in scores if score.value is not None)


@dataclass(frozen=True, slots=True)
class ScoreGap:
    """One review of base and candidate: the candidate's mean score less the base's, over what was scored for both."""

    pair: str
    reviewer: str
    base: float
    candidate: float


@dataclass(slots=True)
class _Seen:
    """Observations of one origin while they are gathered."""

    observations: list[Observation] = field(default_factory=list)
    gaps: list[ScoreGap] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def observed(self, *, is_candidate: bool) -> Observed:
        side = [one for one in self.observations if one.is_candidate is is_candidate and one.is_known]
        reviewed = [one.candidate if is_candidate else one.base for one in self.gaps]
        return Observed(
            asked=len(side),
            completed=sum(one.is_completed for one in side),
            total_s=tuple(one.total_s for one in side if one.total_s is not None),
            scores=(*reviewed, *(one.score for one in side if one.score is not None)),
        )


@dataclass(frozen=True, slots=True)
class CanaryObservations:
    """Base and candidate as observed since the canary began, of one origin: live where there is any.

    `left_out` counts outcomes that are no fault of a model, by cause.
    """

    base: Observed
    candidate: Observed
    origin: Origin
    observations: tuple[Observation, ...]
    gaps: tuple[ScoreGap, ...]
    left_out: Mapping[str, int]


def observe_canary(store: Store, environment: Environment, now: float) -> CanaryObservations:
    """Takes, reviews and reported outcomes of both models since the canary began.

    Raises:
        ValueError: none runs there.
    """
    canary = environment.canary
    if canary is None:
        raise ValueError(environment.name)
    models = {environment.model: False, canary.candidate: True}
    seen = {origin: _Seen() for origin in Origin}
    takes = list(store.takes.since(canary.started, models))
    for origin in Origin:
        of_origin = [take for take in takes if take.origin is origin and take.cached_from is None]
        seen[origin].observations += _observations(of_origin, environment.model, now)
        causes = (cause_of(take) for take in of_origin if take.is_ended)
        seen[origin].left_out.update(str(cause) for cause in causes if cause not in COUNTED)
    _add_gaps(store, takes, models, seen)
    for entry in store.audit_log.of_event(OUTCOME, after=canary.since_entry):
        details = entry.facts
        if details.get("environment") == environment.name and details.get("model") in models:
            one, cause = seen[Origin(details.get("origin", Origin.LIVE))], cause_of_code(details.get("code"))
            if details.get("is_completed") or cause in COUNTED:
                one.observations.append(_reported(details, entry.at, is_candidate=models[details["model"]]))
            else:
                one.left_out[str(cause)] += 1
    origin = (
        Origin.LIVE
        if any(one.is_known for one in seen[Origin.LIVE].observations) or seen[Origin.LIVE].gaps
        else Origin.SIMULATED
    )
    chosen = seen[origin]
    return CanaryObservations(
        chosen.observed(is_candidate=False),
        chosen.observed(is_candidate=True),
        origin,
        tuple(chosen.observations),
        tuple(chosen.gaps),
        dict(chosen.left_out),
    )


def _reported(details: Mapping[str, Any], at: float, *, is_candidate: bool) -> Observation:
    is_completed, total_s, score = bool(details.get("is_completed")), details.get("total_s"), details.get("score")
    return Observation(
        at - (total_s or 0.0),
        is_candidate,
        is_completed,
        total_s if is_completed else None,
        None if score is None else float(score),
        other_model=echoed if contradicts(details["model"], echoed := details.get("echoed_model")) else None,
    )


def _observations(takes: Sequence[Take], base: str, now: float) -> Iterator[Observation]:
    """Takes with an outcome of the model; those that were waited for too long count as failed, others hold a place."""
    limit_s = waiting_limit_s([take.timings.total_s for take in takes if take.request.model == base])
    for take in takes:
        is_candidate, begun = take.request.model != base, take.moments.submitting
        waited_s = 0.0 if begun is None else (take.moments.ended or now) - begun
        at = take.moments.planned if begun is None else begun
        is_with_server = take.state in ON_THE_WAY and take.state is not TakeState.PLANNED
        if waited_s > limit_s and (is_with_server or is_of_model(take)):
            yield Observation(at, is_candidate, is_completed=False, other_model=take.other_model)
        elif is_of_model(take):
            is_completed = take.state is TakeState.COMPLETED
            total_s = take.timings.total_s if is_completed else None
            yield Observation(at, is_candidate, is_completed, total_s, other_model=take.other_model)
        elif take.state in ON_THE_WAY:
            yield Observation(at, is_candidate, is_completed=False, is_known=False)


def waiting_limit_s(base_totals: Sequence[float | None]) -> float:
    """How long a take is waited for before it counts as failed; infinite until the base has enough durations."""
    totals = sorted(total for total in base_totals if total is not None)
    if len(totals) < FEWEST_DURATIONS:
        return inf
    return HANGS_AFTER * totals[ceil(0.99 * len(totals)) - 1]


def _add_gaps(store: Store, takes: list[Take], models: dict[str, bool], seen: dict[Origin, _Seen]) -> None:
    by_id = {take.id: take for take in takes}
    for review in counted(store.reviews.of_all({take.comparison_id for take in takes})):
        shown = [by_id[name] for name in review.takes if name in by_id]
        gap = _gap(review, shown, models)
        if gap:
            seen[shown[0].origin].gaps.append(gap)


def _gap(review: Review, shown: Sequence[Take], models: dict[str, bool]) -> ScoreGap | None:
    """The mean scores of base and candidate; None when the two did not meet, or nothing was scored for both."""
    sides = {models[take.request.model]: take for take in shown}
    if len(sides) < len(models) or len({take.origin for take in shown}) > 1:
        return None
    given = {(score.criterion, score.arm): score.value for score in review.scores if score.value is not None}
    base, candidate = sides[False].arm, sides[True].arm
    both = [name for name, arm in given if arm == base and (name, candidate) in given]
    if not both:
        return None
    means = [fmean(given[name, arm] for name in both) for arm in (base, candidate)]
    return ScoreGap(f"{review.comparison_id}:{review.repeat}", review.reviewer, *means)
