"""Whether a review is independent evidence, and why not."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from sora_compare.statistics.ratings import Standing

if TYPE_CHECKING:
    from sora_compare.domain.reviews import Review


def standing_of(review: Review) -> Standing:
    """The bits of a review that is the last of its answer."""
    if review.is_independent:
        return Standing.LATEST | Standing.INDEPENDENT
    reasons = {
        Standing.NOT_BLIND: not review.is_blind,
        Standing.AFTER_REVEAL: review.was_revealed,
        Standing.SAW_OTHERS: review.saw_others,
    }
    return reduce(or_, (flag for flag, is_so in reasons.items() if is_so), Standing.LATEST)
