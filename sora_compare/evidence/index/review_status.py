"""Whether a review is independent evidence, and why not."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from sora_compare.statistics.ratings import ReviewStatus

if TYPE_CHECKING:
    from sora_compare.domain.reviews import Review


def review_status_of(review: Review) -> ReviewStatus:
    """The bits of a review that is the last of its answer."""
    if review.is_independent:
        return ReviewStatus.LATEST | ReviewStatus.INDEPENDENT
    reasons = {
        ReviewStatus.NOT_BLIND: not review.is_blind,
        ReviewStatus.AFTER_REVEAL: review.was_revealed,
        ReviewStatus.SAW_OTHERS: review.saw_others,
    }
    return reduce(or_, (flag for flag, is_so in reasons.items() if is_so), ReviewStatus.LATEST)
