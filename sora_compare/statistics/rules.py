"""What is fixed before the first review: the margin, the error rate, the scope; with every later change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.domain.reviews import Evidence
from sora_compare.errors import UsageError
from sora_compare.statistics.estimators.crossed import Scope
from sora_compare.statistics.estimators.sequence import PLANNED_REVIEWS

if TYPE_CHECKING:
    from collections.abc import Iterable

MARGIN = 0.5
"""On the scale of 1 to 10: half a step is what reviewers hardly notice between sessions."""
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Rules:
    """How verdicts are reached.

    Attributes:
        margin: B may be this much worse and still pass, in steps of the scale; called delta in the literature.
        alpha: chance of any false verdict over all criteria and all looks.
        scope: to whom verdicts speak.
        planned_reviews: at which number of reviews the peeking boundary is tightest.
        evidence: which reviews decide.
    """

    margin: float = MARGIN
    alpha: float = ALPHA
    scope: Scope = Scope.ANY
    planned_reviews: int = PLANNED_REVIEWS
    evidence: Evidence = Evidence.INDEPENDENT

    def __post_init__(self) -> None:
        """Refuse what no verdict can rest on.

        Raises:
            UsageError: a value out of range.
        """
        if not (math.isfinite(self.margin) and self.margin >= 0):
            raise UsageError(f"The margin is {self.margin:g}: give a number of 0 or more.")
        if not 0 < self.alpha <= 0.5:  # noqa: PLR2004  # above, an interval would say less than a coin
            raise UsageError(f"Alpha is {self.alpha:g}: give a share above 0 and up to 0.5, such as 0.05.")


@dataclass(frozen=True, slots=True)
class RulesChange:
    """Rules as they were set; `reviews` is how many there were by then: 0 means fixed beforehand."""

    rules: Rules
    at: float
    by: str
    reviews: int


def warnings(history: Iterable[RulesChange]) -> tuple[str, ...]:
    """A sentence for each change made after the first review."""
    message, before = [], Rules()
    for change in history:
        if change.reviews and change.rules != before:
            message.append(
                f"The rules were changed after {change.reviews} reviews, by {change.by or 'somebody'}: margin "
                f"{before.margin:g} to {change.rules.margin:g}, alpha {before.alpha:g} to {change.rules.alpha:g}, "
                f"scope {before.scope} to {change.rules.scope}, evidence {before.evidence} to {change.rules.evidence}."
            )
        before = change.rules
    return tuple(message)


def shared_warnings(history: Iterable[RulesChange]) -> tuple[str, ...]:
    """A sentence for each later change of what holds in every session: the scope and the evidence."""
    found, before = [], Rules()
    for change in history:
        changed = {
            "scope": (before.scope, change.rules.scope),
            "evidence": (before.evidence, change.rules.evidence),
        }
        found += [
            f"The {name} was changed after {change.reviews} reviews, by {change.by or 'somebody'}: {old} to {new}."
            for name, (old, new) in changed.items()
            if change.reviews and old is not new
        ]
        before = change.rules
    return tuple(found)
