"""Budgets: refused before anything is kept, never passed by two sends at once, live and simulated apart."""

from __future__ import annotations

import dataclasses
import threading
import time
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.comparisons import Arm
from sora_compare.domain.endpoints import SIMULATOR, Capabilities, Endpoint, Price
from sora_compare.domain.requests import ClipSettings
from sora_compare.domain.takes import ArmLabel, Origin, TakeState
from sora_compare.generation.budget import Budget, OverBudget, PriceUnknown, midnight, spent_today
from tests.simulation import endpoint_at

if TYPE_CHECKING:
    from sora_compare.domain.comparisons import Comparison
    from sora_compare.generation.planning import Plan
    from sora_compare.services import Services
    from tests.conftest import OpenServices

PRICED = {"*": Capabilities(price=Price(0.1, "test"))}
SETTINGS = ClipSettings(seconds=4, size="1280x720")
PAIR = 0.8
"""Dollars of one pair: two clips of 4 s at 0.1."""


@pytest.fixture
def services(opened: OpenServices) -> Services:
    """Nothing is sent: what is planned stays planned."""
    nowhere = "http://127.0.0.1:9/v1"
    free = endpoint_at(nowhere, name="free")
    simulator = Endpoint(name=SIMULATOR, base_url="", profile="simulator")
    return opened(endpoint_at(nowhere, models=PRICED), free, simulator, with_runner=False)


def plan(services: Services, prompt: str = "a ball", endpoint: str = "lab", repeats: int = 1) -> Plan:
    arms = (Arm(ArmLabel.A, endpoint, "sora-2-2025-10-06"), Arm(ArmLabel.B, endpoint, "sora-2-2025-12-08"))
    return services.planner.plan(prompt, SETTINGS, arms, repeats=repeats)


def send(services: Services, prompt: str = "a ball", endpoint: str = "lab", repeats: int = 1) -> Comparison:
    return services.send(plan(services, prompt, endpoint, repeats))


def spent(services: Services, origin: Origin = Origin.LIVE) -> float:
    return round(spent_today(services.store, origin, time.time()), 6)


def end_as(services: Services, comparison: Comparison, state: TakeState, **changes: object) -> None:
    for take in services.store.takes.of(comparison.id):
        services.store.takes.save(dataclasses.replace(take, state=state, **changes))  # type: ignore[arg-type]


def test_a_run_over_its_limit_is_refused_with_the_sums_and_not_kept(services: Services) -> None:
    services.set_budget(Budget(run_dollars=1.5))
    with pytest.raises(OverBudget, match=r"about \$1.60, more than the budget of \$1.50 per run. Nothing was sent"):
        send(services, repeats=2)
    assert not list(services.store.comparisons.list())
    send(services)


def test_a_day_may_be_spent_to_its_last_cent_and_no_further(services: Services) -> None:
    services.set_budget(Budget(day_dollars=PAIR * 3))
    for number in range(3):
        send(services, f"ball {number}")
    with pytest.raises(OverBudget, match=r"after \$2.40 already today"):
        send(services, "one more")
    assert spent(services) == pytest.approx(PAIR * 3)


def test_two_sends_at_once_cannot_pass_the_day_together(services: Services) -> None:
    services.set_budget(Budget(day_dollars=PAIR * 2))
    plans = [plan(services, f"ball {number}") for number in range(8)]
    refused = []

    def try_it(one: Plan) -> None:
        try:
            services.send(one)
        except OverBudget:
            refused.append(one)

    threads = [threading.Thread(target=try_it, args=(one,)) for one in plans]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(refused) == 6
    assert spent(services) == pytest.approx(PAIR * 2)


def test_live_and_simulated_are_counted_apart(services: Services) -> None:
    services.set_budget(Budget(day_dollars=PAIR))
    send(services, endpoint=SIMULATOR)
    send(services)
    assert (spent(services), spent(services, Origin.SIMULATED)) == (PAIR, PAIR)
    for endpoint in ("lab", SIMULATOR):
        with pytest.raises(OverBudget):
            send(services, "one more", endpoint)


def test_without_a_price_a_budget_cannot_be_kept(services: Services) -> None:
    services.set_budget(Budget(day_dollars=100))
    with pytest.raises(PriceUnknown, match=r"no price is known for sora-2-2025-1[02]-0[68] on free"):
        send(services, endpoint="free")
    services.set_budget(Budget())
    send(services, endpoint="free")


@pytest.mark.parametrize(
    ("state", "changes", "cost"),
    [
        (TakeState.FAILED, {}, 0.0),
        (TakeState.CANCELLED, {}, 0.0),
        (TakeState.FAILED, {"job_id": "made"}, PAIR),
        (TakeState.COMPLETED, {"job_id": "made"}, PAIR),
        (TakeState.COMPLETED, {"cached_from": "take_earlier"}, 0.0),
        (TakeState.AMBIGUOUS, {}, PAIR),
        (TakeState.STOPPED_POLLING, {"job_id": "made"}, PAIR),
    ],
)
def test_what_each_outcome_counts(
    services: Services, state: TakeState, changes: dict[str, object], cost: float
) -> None:
    end_as(services, send(services), state, **changes)
    assert spent(services) == pytest.approx(cost)


def test_what_an_identical_request_answers_costs_nothing(services: Services) -> None:
    services.set_budget(Budget(day_dollars=PAIR))
    end_as(services, send(services), TakeState.COMPLETED, job_id="made")
    send(services)  # the same prompt and settings
    with pytest.raises(OverBudget):
        send(services, "another")


def test_a_retry_and_a_fresh_one_are_within_the_budget_too(services: Services) -> None:
    services.set_budget(Budget(day_dollars=PAIR))
    comparison = send(services)
    end_as(services, comparison, TakeState.AMBIGUOUS)
    with pytest.raises(OverBudget):
        services.actions.retry(services.store.takes.of(comparison.id)[0].id)
    assert len(services.store.takes.of(comparison.id)) == 2
    services.set_budget(Budget(day_dollars=PAIR * 2))
    again = services.actions.retry(services.store.takes.of(comparison.id)[0].id, is_fresh=True)
    assert (again.attempt, again.is_fresh) == (1, True)


def test_yesterday_does_not_count(services: Services) -> None:
    comparison = send(services)
    tomorrow = midnight(time.time()) + 86_400 + 1
    assert spent_today(services.store, Origin.LIVE, tomorrow) == 0
    assert spent_today(services.store, Origin.LIVE, comparison.created) == pytest.approx(PAIR)
