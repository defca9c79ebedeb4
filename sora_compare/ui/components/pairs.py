"""Pairs: the two takes of one repeat, and which pair comes next for a reviewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.domain.sessions import PairRef
from sora_compare.domain.takes import ArmLabel, Origin, Take, TakeState, latest_attempts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sora_compare.domain.comparisons import Comparison
    from sora_compare.store.store import Store

OFFERED = 100
"""Pairs that a list offers at once."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One repeat of a comparison whose clips are both there."""

    comparison: Comparison
    repeat: int
    a: Take
    b: Take

    @property
    def id(self) -> str:
        """The pair in an address: the comparison, and the repeat from 1."""
        return pair_id(PairRef(self.comparison.id, self.repeat))

    @property
    def is_simulated(self) -> bool:
        """Whether the simulator made either of its clips."""
        return Origin.SIMULATED in (self.a.origin, self.b.origin)


def pair_id(pair: PairRef) -> str:
    """A pair in an address: its comparison, and the repeat from 1."""
    return f"{pair.comparison_id}.{pair.repeat + 1}"


def pairs_of(comparison: Comparison, takes: Iterable[Take]) -> list[Pair]:
    """The pairs of a comparison that can be played, in order."""
    latest = {
        place: take for place, take in latest_attempts(takes).items() if take.state is TakeState.COMPLETED and take.clip
    }
    repeats = sorted({repeat for repeat, _ in latest})
    both = [(repeat, latest.get((repeat, ArmLabel.A)), latest.get((repeat, ArmLabel.B))) for repeat in repeats]
    return [Pair(comparison, repeat, a, b) for repeat, a, b in both if a and b]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pair in a reviewer's list, and whether that reviewer has scored it."""

    pair: Pair
    is_scored: bool


@dataclass(frozen=True, slots=True)
class ReviewList:
    """The pairs that a reviewer is offered, and how many there are in the whole store."""

    waiting: tuple[Waiting, ...]
    pairs: int
    unscored: int


def review_list(store: Store, reviewer: str, limit: int = OFFERED) -> ReviewList:
    """Pairs to review: those not scored by this reviewer first, newest first."""
    count = store.pairs.count()
    unscored = store.pairs.unscored(reviewer, limit)
    scored = store.pairs.scored(reviewer, limit - len(unscored)) if len(unscored) < limit else []
    left = count - store.pairs.count_scored(reviewer) if len(unscored) == limit else len(unscored)
    found = pairs_named(store, [*unscored, *scored])
    waiting = (
        *(Waiting(found[one], is_scored=False) for one in unscored if one in found),
        *(Waiting(found[one], is_scored=True) for one in scored if one in found),
    )
    return ReviewList(waiting, count, left)


def pairs_named(store: Store, wanted: Collection[PairRef]) -> dict[PairRef, Pair]:
    """Those of these pairs that can be played, read together."""
    names = {one.comparison_id for one in wanted}
    takes: dict[str, list[Take]] = {name: [] for name in names}
    for take in store.takes.of_all(names):
        takes[take.comparison_id].append(take)
    return {
        PairRef(comparison.id, pair.repeat): pair
        for comparison in store.comparisons.among(names)
        for pair in pairs_of(comparison, takes[comparison.id])
    }
