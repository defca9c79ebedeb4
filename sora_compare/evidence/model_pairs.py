"""What the store holds of two compared models: pairs, timings, failures, retries, notes; one origin at a time."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sora_compare.domain.guard_rails import Observation, Observed
from sora_compare.domain.outcomes import is_of_model, left_out
from sora_compare.domain.reviews import counted
from sora_compare.domain.takes import MOST_TELLING, Origin, Take, TakeState
from sora_compare.evidence.observations import observed_of
from sora_compare.evidence.origins import MIXED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sora_compare.domain.comparisons import Comparison
    from sora_compare.domain.reviews import Review
    from sora_compare.store.store import Store


@dataclass(frozen=True, slots=True)
class Side:
    """One model's takes in these comparisons.

    Attributes:
        observed: outcomes and durations.
        median_s: of completed takes that were generated here; None without any.
        repeated_requests: creates sent again because they surely were not received.
        retried_takes: second and later attempts that somebody asked for.
    """

    observed: Observed
    median_s: float | None
    repeated_requests: int
    retried_takes: int


@dataclass(frozen=True, slots=True)
class ModelPairs:
    """Comparisons in which the base and the candidate were compared.

    Attributes:
        prompts: distinct prompts of which both models have a clip.
        pairs: pairs with both clips.
        timed_pairs: pairs with both durations: sent at the same moment, so under the same load.
        noted: reviews with a note or a marker.
        observations: takes with an outcome of the model, of both sides.
        left_out: takes of both sides that are in no share, by why.
        other_origins: pairs with both clips that do not count, by their origin.
    """

    origin: Origin = Origin.SIMULATED
    prompts: int = 0
    pairs: int = 0
    timed_pairs: int = 0
    reviews: int = 0
    reviewers: int = 0
    noted: int = 0
    base: Side = Side(Observed(), None, 0, 0)
    candidate: Side = Side(Observed(), None, 0, 0)
    observations: tuple[Observation, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    other_origins: Mapping[str, int] = field(default_factory=dict)


def model_pairs(store: Store, base: str, candidate: str) -> ModelPairs:
    """Everything of the two models, of the most telling origin that there is."""
    found = list(store.comparisons.between((base, candidate)))
    takes: dict[str, list[Take]] = {one.id: [] for one in found}
    for take in store.takes.of_all(takes):
        takes[take.comparison_id].append(take)
    there = {take.origin for several in takes.values() for take in several if take.state is TakeState.COMPLETED}
    origin = next((one for one in MOST_TELLING if one in there), Origin.SIMULATED)
    of_origin = {name: [take for take in several if take.origin is origin] for name, several in takes.items()}
    every = [take for several in of_origin.values() for take in several]
    return replace(
        _pairs_and_reviews(store, found, of_origin),
        origin=origin,
        base=_side(take for take in every if take.request.model == base),
        candidate=_side(take for take in every if take.request.model == candidate),
        observations=tuple(_observation(take, candidate) for take in every if is_of_model(take)),
        left_out=left_out(every),
        other_origins=_pairs_by_origin(takes.values(), but=origin),
    )


def _pairs_by_origin(takes: Iterable[list[Take]], *, but: Origin) -> dict[str, int]:
    pairs = [pair for several in takes for pair in _pairs(several)]
    kinds = [str(pair[0].origin) if len({take.origin for take in pair}) == 1 else MIXED for pair in pairs]
    return {kind: count for kind, count in Counter(kinds).items() if kind != but}


def _pairs_and_reviews(store: Store, found: list[Comparison], takes: dict[str, list[Take]]) -> ModelPairs:
    prompts: set[str] = set()
    pairs = timed = 0
    reviews: list[Review] = []
    for comparison in found:
        for pair in _pairs(takes[comparison.id]):
            prompts.add(comparison.prompt)
            pairs += 1
            timed += all(take.timings.total_s is not None for take in pair)
        kept = {take.id for take in takes[comparison.id]}
        reviews += [one for one in counted(store.reviews.of(comparison.id)) if kept.issuperset(one.takes)]
    return ModelPairs(
        prompts=len(prompts),
        pairs=pairs,
        timed_pairs=timed,
        reviews=len(reviews),
        reviewers=len({one.reviewer for one in reviews}),
        noted=sum(bool(one.note.strip() or one.markers) for one in reviews),
    )


def _pairs(takes: list[Take]) -> list[list[Take]]:
    """Completed takes of both arms, by repeat."""
    by_repeat: dict[int, dict[str, Take]] = defaultdict(dict)
    for take in takes:
        if take.state is TakeState.COMPLETED:
            by_repeat[take.repeat][take.arm] = take
    return [list(both.values()) for both in by_repeat.values() if len(both) > 1]


def _observation(take: Take, candidate: str) -> Observation:
    is_completed, begun = take.state is TakeState.COMPLETED, take.moments.submitting or take.moments.planned
    total_s = take.timings.total_s if is_completed else None
    return Observation(begun, take.request.model == candidate, is_completed, total_s)


def _side(takes: Iterable[Take]) -> Side:
    every = [take for take in takes if take.cached_from is None]
    observed = observed_of(every)
    return Side(
        observed=observed,
        median_s=statistics.median(observed.total_s) if observed.total_s else None,
        repeated_requests=sum(take.retries for take in every),
        retried_takes=sum(take.attempt > 0 for take in every),
    )
