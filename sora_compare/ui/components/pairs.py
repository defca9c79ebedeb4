"""Pairs: the two takes of one repeat, and which pair comes next for a reviewer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from sora_compare.domain.reviews import Evidence, counted
from sora_compare.domain.takes import ArmLabel, Origin, Take, TakeState, latest_attempts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sora_compare.domain.comparisons import Comparison
    from sora_compare.store.store import Store

LOOKED_AT = 200
"""Comparisons that are searched for pairs to review, newest first."""


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
        return f"{self.comparison.id}.{self.repeat + 1}"

    @property
    def is_simulated(self) -> bool:
        """Whether the simulator made either of its clips."""
        return Origin.SIMULATED in (self.a.origin, self.b.origin)


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


def review_list(store: Store, reviewer: str) -> list[Waiting]:
    """Pairs to review: those not scored by this reviewer first, newest first."""
    found = list(_recent(store, reviewer))
    return sorted(found, key=lambda one: one.is_scored)


def _recent(store: Store, reviewer: str) -> Iterator[Waiting]:
    for comparison in islice(store.comparisons.list(), LOOKED_AT):
        pairs = pairs_of(comparison, store.takes.of(comparison.id))
        if not pairs:
            continue
        given = counted(store.reviews.of(comparison.id), Evidence.ALL)
        scored = {one.repeat for one in given if one.reviewer == reviewer}
        yield from (Waiting(pair, pair.repeat in scored) for pair in pairs)
