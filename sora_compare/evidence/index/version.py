"""Which state of the store a figure was computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sora_compare.store.store import Store


@dataclass(frozen=True, slots=True)
class EvidenceVersion:
    """Raised by every write to a take and every review.

    Attributes:
        store: its identity.
        change: number of the last write to any take.
        take: the take that it was about, with its version.
        reviews: how many reviews and revisions there are.
        review: id of the last one.
    """

    store: str
    change: int
    take: str
    reviews: int
    review: str

    def continues(self, earlier: EvidenceVersion, store: Store) -> bool:
        """Whether what was read at an earlier version holds still, but for what is newer.

        A store that was put back from a backup may have gone on with other records under the same numbers.
        """
        return (
            self.store == earlier.store
            and self.change >= earlier.change
            and (store.reviews.identifier(earlier.reviews) or "") == earlier.review
            and store.takes.is_known_change(earlier.change, earlier.take)
        )


def version_of(store: Store) -> EvidenceVersion:
    """The version of now."""
    change, reviews = store.takes.last_change, store.reviews.count()
    return EvidenceVersion(
        store.identity, change, store.takes.name_of_change(change), reviews, store.reviews.identifier(reviews) or ""
    )
