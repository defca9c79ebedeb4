"""Budgets: what may be spent per run and per day; a plan that would pass one is refused before it is kept.

Live and simulated takes are counted apart, so that a rehearsal with the simulator shows what would happen and
spends nothing of the real budget.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sora_compare.domain.takes import Origin, Take, TakeState
from sora_compare.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sora_compare.storage.store import Store

FREE_OUTCOMES = frozenset({TakeState.FAILED, TakeState.CANCELLED})
"""Outcomes that cost nothing when there is no job behind them."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Dollars per run (one comparison or suite) and per day (UTC); None for no limit."""

    run_dollars: float | None = None
    day_dollars: float | None = None


class OverBudget(UsageError):
    """Sending would pass a budget; nothing was sent."""

    def __init__(self, what: str, cost: float, limit: float, spent: float) -> None:
        before = f", after ${spent:.2f} already today" if spent else ""
        super().__init__(
            f"This would cost about ${cost:.2f}{before}, more than the budget of ${limit:.2f} per {what}. Nothing was "
            "sent: make fewer or shorter clips, or raise the budget in Settings."
        )


class PriceUnknown(UsageError):
    """A budget is set, but what would be sent has no known price."""

    def __init__(self, model: str, endpoint: str) -> None:
        super().__init__(
            f"A budget is set, but no price is known for {model} on {endpoint}, so that it could not be kept. Add the "
            "price to the endpoint in Settings, or take the budget away."
        )


def check(store: Store, budget: Budget, takes: Sequence[Take], *, now: float | None = None) -> None:
    """Refuse takes that would pass the budget. Call it inside the transaction that keeps them.

    Raises:
        OverBudget: with the sums.
        PriceUnknown: a take without a price while a budget is set.
    """
    for origin in (Origin.LIVE, Origin.SIMULATED):
        _check_one(store, budget, [take for take in takes if take.origin is origin], origin, now or time.time())


def _check_one(store: Store, budget: Budget, takes: Sequence[Take], origin: Origin, now: float) -> None:
    if not takes or (budget.run_dollars is None and budget.day_dollars is None):
        return
    for take in takes:
        if take.estimated_dollars is None:
            raise PriceUnknown(take.request.model, take.endpoint)
    cost = dollars(takes)
    if budget.run_dollars is not None and cost > budget.run_dollars:
        raise OverBudget("run", cost, budget.run_dollars, 0.0)
    if budget.day_dollars is None:
        return
    spent = spent_today(store, origin, now)
    if spent + cost > budget.day_dollars:
        raise OverBudget("day", cost, budget.day_dollars, spent)


def spent_today(store: Store, origin: Origin, now: float) -> float:
    """Estimated dollars of the takes of this kind planned since midnight UTC, those that cost nothing left out."""
    midnight = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    return dollars(take for take in store.takes_since(midnight) if take.origin is origin and not _was_free(take))


def _was_free(take: Take) -> bool:
    return take.cached_from is not None or (take.state in FREE_OUTCOMES and take.job_id is None)


def dollars(takes: Iterable[Take]) -> float:
    """Their estimated cost together; unknown prices count nothing."""
    return sum(take.estimated_dollars or 0.0 for take in takes)
