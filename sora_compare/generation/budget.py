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

    from sora_compare.domain.comparisons import SuiteRun
    from sora_compare.store.store import Store

FREE_OUTCOMES = frozenset({TakeState.FAILED, TakeState.CANCELLED})
"""Outcomes that cost nothing when there is no job behind them."""
CENT_SHARE = 1e-6
"""Dollars; sums of prices are not exact, and a budget may be used up to its last cent."""


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


def check(
    store: Store, budget: Budget, takes: Sequence[Take], *, now: float | None = None, run: str | None = None
) -> None:
    """Refuse takes that would pass the budget. Call it inside the transaction that keeps them.

    Args:
        store: where spent money is looked up.
        budget: as set.
        takes: about to be kept; those that an earlier identical request answers cost nothing.
        now: seconds since the epoch.
        run: id of the suite run these takes belong to, whose own promise does not count against it.

    Raises:
        OverBudget: with the sums.
        PriceUnknown: a take without a price while a budget is set.
    """
    if budget.run_dollars is None and budget.day_dollars is None:
        return
    billed = [take for take in takes if not is_answered(store, take)]
    for origin in (Origin.LIVE, Origin.SIMULATED):
        mine = [take for take in billed if take.origin is origin]
        if mine:
            _check_one(budget, mine, spent_today(store, origin, now or time.time(), run=run))


def _check_one(budget: Budget, takes: Sequence[Take], spent: float) -> None:
    for take in takes:
        if take.estimated_dollars is None:
            raise PriceUnknown(take.request.model, take.endpoint)
    cost = dollars(takes)
    if budget.run_dollars is not None and cost > budget.run_dollars + CENT_SHARE:
        raise OverBudget("run", cost, budget.run_dollars, 0.0)
    if budget.day_dollars is not None and spent + cost > budget.day_dollars + CENT_SHARE:
        raise OverBudget("day", cost, budget.day_dollars, spent)


def is_answered(store: Store, take: Take) -> bool:
    """Whether the take will be served from an earlier identical request."""
    return not take.is_fresh and store.takes.answer_to(take.fingerprint) is not None


def spent_today(store: Store, origin: Origin, now: float, *, run: str | None = None) -> float:
    """Estimated dollars planned since midnight UTC: takes that cost something, and what suite runs still hold back.

    Args:
        store: where they are.
        origin: live and simulated takes are counted apart.
        now: seconds since the epoch.
        run: id of a suite run whose own promise is left out.
    """
    since = midnight(now)
    kept = dollars(take for take in store.takes.since(since) if take.origin is origin and not _was_free(take))
    held = sum(_held(store, one, origin) for one in store.suite_runs.promised_since(since) if one.id != run)
    return kept + held


def midnight(now: float) -> float:
    """The start of the day in UTC, in seconds since the epoch."""
    return datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def _held(store: Store, run: SuiteRun, origin: Origin) -> float:
    """What a run has promised and not kept yet."""
    if run.is_planned:
        return 0.0
    kept = [take for one in run.suite.prompts for take in store.takes.of(run.comparison_id(one))]
    return max(0.0, run.promised.get(origin, 0.0) - dollars(take for take in kept if take.origin is origin))


def promise(takes: Iterable[Take]) -> dict[str, float]:
    """Estimated dollars of takes by their origin."""
    every = list(takes)
    return {str(origin): dollars(one for one in every if one.origin is origin) for origin in Origin}


def _was_free(take: Take) -> bool:
    return take.cached_from is not None or (take.state in FREE_OUTCOMES and take.job_id is None)


def dollars(takes: Iterable[Take]) -> float:
    """Their estimated cost together; unknown prices count nothing."""
    return sum(take.estimated_dollars or 0.0 for take in takes)
