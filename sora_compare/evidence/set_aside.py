"""Reviews that do not decide under the rules: counted, and shown beside the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.domain.reviews import Evidence
from sora_compare.evidence.words import of_estimate
from sora_compare.statistics.estimators.crossed import fit
from sora_compare.statistics.ratings import PAIR, ReviewStatus, differences
from sora_compare.statistics.results import listed

if TYPE_CHECKING:
    from sora_compare.statistics.ratings import Ratings

REASONS = {
    ReviewStatus.NOT_BLIND: "not blind",
    ReviewStatus.AFTER_REVEAL: "given after the reveal",
    ReviewStatus.SAW_OTHERS: "given while others' scores were shown",
}
HOW_TO_DECIDE = (
    "Ask for blind reviews, in a session or on the Review page; or let all reviews decide: --evidence all, or the "
    "rules on Results."
)


@dataclass(frozen=True, slots=True)
class SetAside:
    """Last revisions that are not independent.

    Attributes:
        by_reason: how many, each under its first reason.
        deciding: reviews that do decide.
        is_counted: whether the rules let them decide all the same.
        differences: B - A with all reviews in words, by criterion; empty when there is nothing to add.
    """

    by_reason: dict[str, int]
    deciding: int
    is_counted: bool
    differences: dict[str, str]

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.by_reason.values())

    @property
    def sentences(self) -> tuple[str, ...]:
        """What must be known of them wherever a verdict is shown."""
        if not self.total:
            return ()
        each = listed(f"{count} {reason}" for reason, count in self.by_reason.items())
        if self.is_counted:
            return (f"{self.total} of the {self.deciding} reviews that decide are not independent: {each}.",)
        one = self.total == 1
        who = "1 review does not decide, since it is" if one else f"{self.total} reviews do not decide, since they are"
        sentence = f"{who} not independent: {each}."
        if not self.deciding:
            return ("No review is independent, so nothing is decided.", sentence, HOW_TO_DECIDE)
        shown = "; ".join(f"{name} {words}" for name, words in self.differences.items())
        return (sentence, f"With them B - A would be: {shown}.") if shown else (sentence,)


def set_aside(ratings: Ratings, evidence: Evidence) -> SetAside:
    """Count them in a table that still holds every revision that stands."""
    plain = ratings.where((ratings.review_status & int(ReviewStatus.LATEST) > 0) & (ratings.kind == PAIR))
    late = plain.review_status & int(ReviewStatus.INDEPENDENT) == 0
    by_reason: dict[str, int] = {}
    for flag, reason in REASONS.items():
        found = late & (plain.review_status & int(flag) > 0)
        late = late & ~found
        if found.any():
            by_reason[reason] = int(np.count_nonzero(found))
    is_counted = evidence is Evidence.ALL
    deciding = ratings.deciding(evidence).without_checks()
    shown = {} if is_counted or not by_reason or not len(deciding) else _differences(plain)
    return SetAside(by_reason, len(deciding), is_counted, shown)


def _differences(plain: Ratings) -> dict[str, str]:
    fits = {name: fit(differences(plain, number)) for number, name in enumerate(plain.criteria)}
    return {name: of_estimate(one.estimate(), signed=True) for name, one in fits.items() if one.mean is not None}
