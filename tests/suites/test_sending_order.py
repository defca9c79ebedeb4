"""Which arm of a pair is sent first: drawn, balanced, kept by resumed and retried work, and true on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.takes import ArmLabel, TakeState
from sora_compare.endpoints.protocol import Timeouts
from sora_compare.generation.planning import arm_order, in_sending_order
from tests.generation.asking import ask, ended, takes_of
from tests.simulation import endpoint_at, wait_until
from tests.suites.child import ARMS, PATIENT, PROMPTS, suite

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.domain.takes import Take
    from sora_compare.services import Services
    from tests.conftest import OpenServices
    from tests.simulation import Simulation

A, B = ArmLabel
SEEDS = 200


def first_arms(takes: list[Take]) -> dict[tuple[str, int], ArmLabel]:
    """The arm that was drawn to be sent first, by prompt and repeat."""
    return {(take.request.prompt, take.repeat): take.arm for take in takes if take.is_sent_first}


def run_suite(services: Services, *, seed: int = 7, repeats: int = 1) -> list[Take]:
    preview = services.suites.preview(suite(), ARMS, seconds=4, size="1280x720", seed=seed, repeats=repeats)
    return services.suites.takes_of(services.suites.start(preview))


def test_each_block_of_two_pairs_begins_once_with_each_arm() -> None:
    for seed in range(SEEDS):
        firsts = [arm_order(str(seed), pair)[0] for pair in range(10)]
        assert [set(firsts[at : at + 2]) for at in range(0, 10, 2)] == [{A, B}] * 5
    begins_with_a = sum(arm_order(str(seed), 0)[0] is A for seed in range(SEEDS))
    assert 70 < begins_with_a < 130, "the first of all pairs is no fair draw"


@pytest.mark.parametrize("repeats", [1, 3])
def test_a_suite_is_balanced_and_its_seed_repeats_the_draw(
    opened: OpenServices, simulation: Simulation, tmp_path: Path, repeats: int
) -> None:
    draws = []
    for number, seed in enumerate((7, 7, 8)):
        services = opened(endpoint_at(simulation.base_url), home=tmp_path / str(number), with_runner=False)
        draws.append(first_arms(run_suite(services, seed=seed, repeats=repeats)))
    assert draws[0] == draws[1] != draws[2]
    for draw in draws:
        assert len(draw) == PROMPTS * repeats
        assert sum(first is A for first in draw.values()) == PROMPTS * repeats // 2


def test_requests_leave_in_the_drawn_order_and_at_the_same_time(opened: OpenServices, simulation: Simulation) -> None:
    services = opened(endpoint_at(simulation.base_url, concurrency=64), retry_policy=PATIENT, timeouts=Timeouts())
    run_suite(services)
    run = services.suites.find()
    wait_until(lambda: services.suites.progress(run).ended == PROMPTS * 2, limit_s=60)
    takes = services.suites.takes_of(run)
    sent = {(take.request.prompt, take.arm): take.moments.submitting or 0.0 for take in takes}
    for (prompt, _), first in first_arms(takes).items():
        second = B if first is A else A
        assert sent[prompt, first] < sent[prompt, second] < sent[prompt, first] + 1.0
    assert {first_arms(takes)[prompt, 0] for prompt in {take.request.prompt for take in takes}} == {A, B}


def test_a_resumed_suite_draws_what_it_would_have_drawn(
    opened: OpenServices, simulation: Simulation, tmp_path: Path
) -> None:
    whole = opened(endpoint_at(simulation.base_url), home=tmp_path / "whole", with_runner=False)
    expected = first_arms(run_suite(whole))
    services = opened(endpoint_at(simulation.base_url), home=tmp_path / "stopped", with_runner=False)
    stopped_after(services, 5)
    resumed = services.suites.resume(services.suites.find())
    assert first_arms(services.suites.takes_of(resumed)) == expected


def stopped_after(services: Services, comparisons: int) -> None:
    """Start a suite that ends in the middle of planning."""
    store, kept = services.store, services.store.comparisons.add

    def plan(*what: object) -> None:
        if len(list(store.comparisons.list())) == comparisons:
            raise InterruptedError
        kept(*what)  # type: ignore[arg-type]

    store.comparisons.add = plan  # type: ignore[method-assign]
    with pytest.raises(InterruptedError):
        run_suite(services)
    store.comparisons.add = kept  # type: ignore[method-assign]


def test_retries_keep_the_order_of_their_pair(opened: OpenServices, simulation: Simulation) -> None:
    simulation.faults({"on": "create", "fault": "status", "code": 400})
    services = opened(endpoint_at(simulation.base_url))
    comparison = ask(services, repeats=4)
    failed = ended(services, comparison)
    services.runner.stop()
    simulation.faults()
    for take in failed:
        services.actions.retry(take.id)
    again = [take for take in takes_of(services, comparison) if take.attempt == 1]
    assert first_arms(again) == first_arms(failed)
    taken_up = [take for take in in_sending_order(again) if take.state is TakeState.PLANNED]
    assert [take.is_sent_first for take in taken_up] == [True, False] * 4


def test_single_comparisons_begin_with_either_arm(opened: OpenServices, simulation: Simulation) -> None:
    services = opened(endpoint_at(simulation.base_url), with_runner=False)
    firsts = [next(iter(services.store.takes.of(ask(services, f"ball {n}").id))).arm for n in range(24)]
    assert set(firsts) == {A, B}
