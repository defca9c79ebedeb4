"""What the store holds of two compared models: pairs, timings, failures, retries, notes; one origin at a time.

Kept up to date by reading again only the comparisons in which something changed; between processes in the local cache.
"""

from __future__ import annotations

import statistics
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping  # noqa: TC003  # pydantic reads the annotations
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from sora_compare.domain.guard_rails import Observation, Observed
from sora_compare.domain.outcomes import is_of_model, left_out
from sora_compare.domain.reviews import counted
from sora_compare.domain.takes import MOST_TELLING, Origin, Take, TakeState
from sora_compare.evidence.index.version import EvidenceVersion, version_of
from sora_compare.evidence.observations import observed_of
from sora_compare.evidence.origins import MIXED
from sora_compare.store.database import in_batches

if TYPE_CHECKING:
    from sora_compare.domain.comparisons import Comparison
    from sora_compare.domain.reviews import Review
    from sora_compare.store.cache import LocalCache
    from sora_compare.store.store import Store

FORMAT = 1
MIN_NEW = 200
"""Comparisons read, new or changed, after which what is known is kept again; fewer are read in no time."""


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


@dataclass(frozen=True, slots=True)
class OfModel:
    """One model's takes of one comparison and origin; `asked`, `completed` and `total_s` as in `Observed`."""

    asked: int
    completed: int
    total_s: tuple[float, ...]
    repeated_requests: int
    retried_takes: int


@dataclass(frozen=True, slots=True)
class OfOrigin:
    """One comparison's takes of one origin, by model; `outcomes` are begun, model, is completed, total seconds."""

    pairs: int
    timed_pairs: int
    reviewers: tuple[str, ...]
    noted: int
    sides: dict[str, OfModel]
    outcomes: tuple[tuple[float, str, bool, float | None], ...]
    left_out: dict[str, int]


@dataclass(frozen=True, slots=True)
class OfComparison:
    """What counts of one comparison; `kinds` are its pairs by origin, those of two origins as mixed."""

    prompt: str
    has_clip: tuple[str, ...]
    kinds: dict[str, int]
    origins: dict[str, OfOrigin]


@dataclass(slots=True)
class _Known:
    """What is known of two models, by comparison, as of a version of the evidence."""

    version: EvidenceVersion
    comparisons: dict[str, OfComparison] = field(default_factory=dict)
    unsaved: int = 0
    merged: dict[str, ModelPairs] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Saved:
    version: EvidenceVersion
    comparisons: dict[str, OfComparison]


_ADAPTER = TypeAdapter(_Saved)


class ModelPairsIndex:
    """The pairs of any two models of one store; safe to share between threads."""

    def __init__(self, store: Store, cache: LocalCache | None = None) -> None:
        """Nothing is read yet; `cache` is where it is kept between processes, if anywhere."""
        self._store = store
        self._cache = cache
        self._lock = threading.Lock()
        self._known: dict[tuple[str, ...], _Known] = {}

    def of(self, base: str, candidate: str) -> ModelPairs:
        """Everything of the two models, of the most telling origin that there is."""
        models = tuple(sorted({base, candidate}))
        with self._lock:
            version = version_of(self._store)
            known = self._known.get(models) or self._load(models)
            if known is None or not version.continues(known.version, self._store):
                known = _Known(version)
                self._add(known, self._store.comparisons.between(models))
            elif known.version != version:
                known.merged.clear()
                self._add(known, self._changed(known.version, models))
            known.version = version
            self._known[models] = known
            self._save(models, known)
            if candidate not in known.merged:
                known.merged[candidate] = _merged(known.comparisons.values(), base, candidate)
            return known.merged[candidate]

    def _changed(self, before: EvidenceVersion, models: tuple[str, ...]) -> Iterable[Comparison]:
        """Comparisons of the models with a take or a review that is newer."""
        names = {take.comparison_id for take in self._store.takes.changed_after(before.change)}
        names |= {review.comparison_id for review in self._store.reviews.list(after=before.reviews)}
        every = self._store.comparisons.among(names)
        return (one for one in every if {arm.model for arm in one.arms} == set(models))

    def _add(self, known: _Known, several: Iterable[Comparison]) -> None:
        for batch in in_batches(several):
            known.comparisons.update(self._read(batch))
            known.unsaved += len(batch)

    def _read(self, several: list[Comparison]) -> dict[str, OfComparison]:
        takes: dict[str, list[Take]] = {one.id: [] for one in several}
        reviews: dict[str, list[Review]] = {one.id: [] for one in several}
        for take in self._store.takes.of_all(takes):
            takes[take.comparison_id].append(take)
        for review in self._store.reviews.of_all(reviews):
            reviews[review.comparison_id].append(review)
        return {one.id: _of_comparison(one, takes[one.id], reviews[one.id]) for one in several}

    def _key(self, models: tuple[str, ...]) -> str:
        return f"model pairs/{FORMAT}/{self._store.identity}/{models!r}"

    def _load(self, models: tuple[str, ...]) -> _Known | None:
        raw = self._cache.get(self._key(models)) if self._cache else None
        if not isinstance(raw, bytes):
            return None
        try:
            saved = _ADAPTER.validate_json(raw)
        except ValidationError:
            return None
        return _Known(saved.version, saved.comparisons)

    def _save(self, models: tuple[str, ...], known: _Known) -> None:
        if self._cache and known.unsaved >= MIN_NEW:
            known.unsaved = 0
            self._cache.set(self._key(models), _ADAPTER.dump_json(_Saved(known.version, known.comparisons)))


def _of_comparison(comparison: Comparison, takes: list[Take], reviews: list[Review]) -> OfComparison:
    there = {take.origin for take in takes}
    pairs = _pairs(takes)
    kinds = Counter(str(pair[0].origin) if len({take.origin for take in pair}) == 1 else MIXED for pair in pairs)
    return OfComparison(
        comparison.prompt,
        tuple(sorted({str(take.origin) for take in takes if take.state is TakeState.COMPLETED})),
        dict(kinds),
        {str(one): _of_origin([take for take in takes if take.origin is one], reviews) for one in there},
    )


def _of_origin(takes: list[Take], reviews: list[Review]) -> OfOrigin:
    pairs, kept = _pairs(takes), {take.id for take in takes}
    given = [one for one in counted(reviews) if kept.issuperset(one.takes)]
    by_model: dict[str, list[Take]] = defaultdict(list)
    for take in takes:
        by_model[take.request.model].append(take)
    return OfOrigin(
        pairs=len(pairs),
        timed_pairs=sum(all(take.timings.total_s is not None for take in pair) for pair in pairs),
        reviewers=tuple(one.reviewer for one in given),
        noted=sum(bool(one.note.strip() or one.markers) for one in given),
        sides={model: _of_model(several) for model, several in by_model.items()},
        outcomes=tuple(_outcome(take) for take in takes if is_of_model(take)),
        left_out=dict(left_out(takes)),
    )


def _pairs(takes: list[Take]) -> list[list[Take]]:
    """Completed takes of both arms, by repeat."""
    by_repeat: dict[int, dict[str, Take]] = defaultdict(dict)
    for take in takes:
        if take.state is TakeState.COMPLETED:
            by_repeat[take.repeat][take.arm] = take
    return [list(both.values()) for both in by_repeat.values() if len(both) > 1]


def _of_model(takes: list[Take]) -> OfModel:
    every = [take for take in takes if take.cached_from is None]
    observed, again = observed_of(every), sum(take.retries for take in every)
    return OfModel(observed.asked, observed.completed, observed.total_s, again, sum(take.attempt > 0 for take in every))


def _outcome(take: Take) -> tuple[float, str, bool, float | None]:
    is_completed, begun = take.state is TakeState.COMPLETED, take.moments.submitting or take.moments.planned
    return begun, take.request.model, is_completed, take.timings.total_s if is_completed else None


def _merged(comparisons: Iterable[OfComparison], base: str, candidate: str) -> ModelPairs:
    every = list(comparisons)
    there = {origin for one in every for origin in one.has_clip}
    origin = next((one for one in MOST_TELLING if str(one) in there), Origin.SIMULATED)
    kinds: Counter[str] = Counter()
    aside: Counter[str] = Counter()
    for one in every:
        kinds.update({kind: count for kind, count in one.kinds.items() if kind != origin})
    chosen = [(one.prompt, one.origins[origin]) for one in every if origin in one.origins]
    for _, found in chosen:
        aside.update(found.left_out)
    outcomes = sorted((outcome for _, found in chosen for outcome in found.outcomes), key=itemgetter(0))
    return ModelPairs(
        origin=origin,
        prompts=len({prompt for prompt, found in chosen if found.pairs}),
        pairs=sum(found.pairs for _, found in chosen),
        timed_pairs=sum(found.timed_pairs for _, found in chosen),
        reviews=sum(len(found.reviewers) for _, found in chosen),
        reviewers=len({name for _, found in chosen for name in found.reviewers}),
        noted=sum(found.noted for _, found in chosen),
        base=_side(found.sides[base] for _, found in chosen if base in found.sides),
        candidate=_side(found.sides[candidate] for _, found in chosen if candidate in found.sides),
        observations=tuple(
            Observation(begun, model == candidate, is_completed, total_s)
            for begun, model, is_completed, total_s in outcomes
        ),
        left_out=aside,
        other_origins=kinds,
    )


def _side(parts: Iterable[OfModel]) -> Side:
    every = list(parts)
    seconds = tuple(total for one in every for total in one.total_s)
    return Side(
        observed=Observed(sum(one.asked for one in every), sum(one.completed for one in every), seconds, ()),
        median_s=statistics.median(seconds) if seconds else None,
        repeated_requests=sum(one.repeated_requests for one in every),
        retried_takes=sum(one.retried_takes for one in every),
    )
