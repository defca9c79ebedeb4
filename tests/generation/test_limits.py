"""The circuit of an endpoint: opens after failures in a row, rests longer each time, closes with an answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sora_compare.generation.limits import FAILURES_TO_OPEN, FIRST_OPEN_S, LONGEST_OPEN_S, Backoff, CircuitBreaker
from tests.generation.test_budget import plan
from tests.simulation import endpoint_at, wait_until

if TYPE_CHECKING:
    from sora_compare.services import Services
    from tests.conftest import OpenServices
    from tests.simulation import Simulation


class Clock:
    """Time that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def failed(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        breaker.failed()


def test_a_few_failures_leave_it_closed(clock: Clock) -> None:
    breaker = CircuitBreaker(clock)
    failed(breaker, FAILURES_TO_OPEN - 1)
    assert not breaker.is_open
    breaker.failed()
    assert breaker.is_open
    assert breaker.until == clock.now + FIRST_OPEN_S


def test_an_answer_in_between_starts_the_count_again(clock: Clock) -> None:
    breaker = CircuitBreaker(clock)
    failed(breaker, FAILURES_TO_OPEN - 1)
    breaker.answered()
    failed(breaker, FAILURES_TO_OPEN - 1)
    assert not breaker.is_open


def test_the_rest_doubles_up_to_its_limit(clock: Clock) -> None:
    breaker = CircuitBreaker(clock)
    failed(breaker, FAILURES_TO_OPEN)
    rests = []
    for _ in range(8):
        assert breaker.until is not None
        rests.append(breaker.until - clock.now)
        clock.now = breaker.until
        assert not breaker.is_open
        breaker.failed()
    assert rests[:4] == [FIRST_OPEN_S * 2**n for n in range(4)]
    assert rests[-1] == LONGEST_OPEN_S


def test_an_answer_closes_it(clock: Clock) -> None:
    breaker = CircuitBreaker(clock)
    failed(breaker, FAILURES_TO_OPEN)
    breaker.answered()
    assert not breaker.is_open
    assert breaker.until is None


async def test_passage_waits_until_it_is_closed(clock: Clock) -> None:
    breaker = CircuitBreaker(clock)
    await breaker.wait_until_closed()
    failed(breaker, FAILURES_TO_OPEN)
    waiting = asyncio.create_task(breaker.wait_until_closed())
    await asyncio.sleep(0.1)
    assert not waiting.done()
    breaker.answered()
    await asyncio.wait_for(waiting, 5)


def test_an_endpoint_that_is_down_is_told_and_nothing_is_lost(opened: OpenServices, simulation: Simulation) -> None:
    down: Services = opened(endpoint_at("http://127.0.0.1:9/v1"), endpoint_at(simulation.base_url, name="other"))
    down.send(plan(down, "first", repeats=3))
    wait_until(lambda: "lab" in down.runner.health.down)
    assert "other" not in down.runner.health.down
    assert all(take.job_id is None for take in down.store.takes.list())


def test_a_day_of_failures_is_no_fault_of_its_own() -> None:
    one = CircuitBreaker()
    failed(one, 5_000)
    assert one.is_open
    assert Backoff().wait_s(5_000) <= Backoff().cap_s
