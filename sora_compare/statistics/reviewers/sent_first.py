"""Which arm's request left first, pair by pair: a difference in time could come from a place in the queue."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sora_compare.domain.takes import ArmLabel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.takes import Take


def sent_first(takes: Iterable[Take]) -> dict[ArmLabel, int]:
    """How many pairs each arm began, by the moments at which the first requests of both were sent."""
    sent: dict[tuple[str, int], dict[ArmLabel, float]] = {}
    for take in takes:
        if take.attempt == 0 and take.cached_from is None and take.moments.submitting is not None:
            sent.setdefault((take.comparison_id, take.repeat), {})[take.arm] = take.moments.submitting
    begun = Counter(min(pair, key=lambda arm: pair[arm]) for pair in sent.values() if len(pair) == len(ArmLabel))
    return {arm: begun[arm] for arm in ArmLabel}
