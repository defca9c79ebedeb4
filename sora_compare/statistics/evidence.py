"""What a figure rests on: the comparisons of the same two arms, with takes and reviews of a chosen origin."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.domain.reviews import Review, counted
from sora_compare.domain.takes import Origin, Take

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sora_compare.domain.comparisons import Comparison


@dataclass(frozen=True, slots=True)
class Matchup:
    """Two arms that met: endpoint and model of A, then of B."""

    a: tuple[str, str]
    b: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Comparisons of one matchup, with every take and the reviews that count, oldest first."""

    comparisons: tuple[Comparison, ...] = ()
    takes: tuple[Take, ...] = ()
    reviews: tuple[Review, ...] = ()

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Where its takes come from, each named once."""
        there = {take.origin for take in self.takes}
        return tuple(origin for origin in Origin if origin in there)


def by_matchup(
    comparisons: Iterable[Comparison], takes: Iterable[Take], reviews: Iterable[Review]
) -> dict[Matchup, Evidence]:
    """Everything there is, parted by the two arms that met; the matchup with the newest comparison first.

    Arms are only named A and B within a comparison: figures over several are sound where both arms are the same.
    Of reviews only the last revision of each reviewer and pair counts, and neither practice nor control pairs.
    """
    takes_of: dict[str, list[Take]] = defaultdict(list)
    for take in takes:
        takes_of[take.comparison_id].append(take)
    reviews_of: dict[str, list[Review]] = defaultdict(list)
    for review in counted(list(reviews)):
        reviews_of[review.comparison_id].append(review)
    met: dict[Matchup, list[Comparison]] = defaultdict(list)
    for comparison in sorted(comparisons, key=lambda one: one.created, reverse=True):
        met[matchup_of(comparison)].append(comparison)
    return {
        matchup: Evidence(
            tuple(reversed(group)),
            tuple(take for one in reversed(group) for take in takes_of[one.id]),
            tuple(review for one in reversed(group) for review in reviews_of[one.id]),
        )
        for matchup, group in met.items()
    }


def matchup_of(comparison: Comparison) -> Matchup:
    """The two arms of a comparison."""
    a, b = comparison.arms
    return Matchup((a.endpoint, a.model), (b.endpoint, b.model))


def of_origin(evidence: Evidence, origins: Collection[Origin]) -> Evidence:
    """Only takes of these origins, and only reviews of pairs whose takes both are."""
    takes = tuple(take for take in evidence.takes if take.origin in origins)
    kept = {take.id for take in takes}
    reviews = tuple(review for review in evidence.reviews if kept.issuperset(review.takes))
    there = {take.comparison_id for take in takes}
    return Evidence(tuple(one for one in evidence.comparisons if one.id in there), takes, reviews)
