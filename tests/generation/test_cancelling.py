"""Cancelling takes effect in every wait of a take: each lasts far longer here than the test waits for the end."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.domain.takes import TakeState
from sora_compare.generation.limits import Backoff
from tests.generation.asking import ask, ended, reached, takes_of
from tests.generation.test_downloads import ContentServer
from tests.generation.test_runner import NOWHERE
from tests.simulation import QUICK, endpoint_at, wait_until

if TYPE_CHECKING:
    from sora_compare.domain.comparisons import Comparison
    from sora_compare.domain.takes import Take
    from sora_compare.services import Services
    from tests.conftest import OpenServices
    from tests.simulation import Simulation

S = TakeState
LONG = Backoff(base_s=100_000.0, cap_s=100_000.0)
SOON_S = 10.0


def cancelled(services: Services, comparison: Comparison, end: TakeState) -> list[Take]:
    """Cancel what is open and return the takes that came to that end."""
    under_way = [take for take in takes_of(services, comparison) if not take.is_ended]
    assert under_way
    for take in under_way:
        services.actions.cancel(take.id)
    return [reached(services, take.id, end, limit_s=SOON_S) for take in under_way]


def test_while_the_rate_limit_holds_a_request_back(simulation: Simulation, opened: OpenServices) -> None:
    services = opened(endpoint_at(simulation.base_url, requests_per_minute=1))
    comparison = ask(services)
    wait_until(lambda: any(take.state is S.COMPLETED for take in takes_of(services, comparison)))
    assert len(cancelled(services, comparison, S.CANCELLED)) == 1
    assert simulation.jobs_created == 1


def test_while_a_request_waits_to_be_sent_again(simulation: Simulation, opened: OpenServices) -> None:
    simulation.faults({"on": "create", "fault": "status", "code": 429, "headers": {"retry-after": "300"}})
    services = opened(endpoint_at(simulation.base_url))
    comparison = ask(services)
    wait_until(lambda: all(take.retries for take in takes_of(services, comparison)))
    cancelled(services, comparison, S.CANCELLED)
    assert simulation.jobs_created == 0


def test_while_the_breaker_is_open(opened: OpenServices) -> None:
    services = opened(endpoint_at(NOWHERE), retry_policy=dataclasses.replace(QUICK, create=Backoff(0.0, 0.0)))
    comparison = ask(services, repeats=4)
    wait_until(lambda: bool(services.runner.health.down))
    cancelled(services, comparison, S.CANCELLED)


def test_while_a_job_that_may_exist_is_looked_for(simulation: Simulation, opened: OpenServices) -> None:
    simulation.faults({"on": "create", "fault": "accept_then_drop"}, {"on": "list", "fault": "replica"})
    services = opened(endpoint_at(simulation.base_url), retry_policy=dataclasses.replace(QUICK, search_s=(300.0,)))
    comparison = ask(services)
    wait_until(lambda: simulation.struck() == 4)
    takes = cancelled(services, comparison, S.AMBIGUOUS)
    assert all("Look for it again" in take.problem.sentence for take in takes if take.problem)
    simulation.faults()
    for take in takes:
        services.actions.resume(take.id)
    assert {take.state for take in ended(services, comparison)} == {S.COMPLETED}
    assert simulation.jobs_created == 2


@pytest.mark.parametrize("rule", [{"fault": "status", "code": 500}, {"fault": "status", "code": 409}])
def test_while_a_clip_waits_to_be_fetched_again(
    simulation: Simulation, opened: OpenServices, rule: dict[str, Any]
) -> None:
    simulation.faults({"on": "content", **rule})
    services = opened(endpoint_at(simulation.base_url), retry_policy=dataclasses.replace(QUICK, fetch=LONG))
    comparison = ask(services)
    wait_until(lambda: all(take.notice for take in takes_of(services, comparison)))
    takes = cancelled(services, comparison, S.NOT_SAVED)
    simulation.faults()
    for take in takes:
        services.actions.resume(take.id)
    assert {take.state for take in ended(services, comparison)} == {S.COMPLETED}
    assert simulation.jobs_created == 2


def test_while_a_clip_is_downloaded(opened: OpenServices) -> None:
    with ContentServer(gap_s=0.1) as server:
        services = opened(endpoint_at(server.base_url))
        comparison = ask(services)
        wait_until(lambda: server.content_requests == 2)
        takes = cancelled(services, comparison, S.NOT_SAVED)
        services.close()
    assert all("costs nothing" in take.problem.sentence for take in takes if take.problem)


def test_a_pause_of_what_is_not_sent_stops_no_download(opened: OpenServices) -> None:
    with ContentServer(gap_s=0.1) as server:
        services = opened(endpoint_at(server.base_url))
        comparison = ask(services)
        wait_until(lambda: server.content_requests == 2)
        for take in takes_of(services, comparison):
            services.actions.pause(take.id)
        wait_until(lambda: not services.coordination.signalled())
        assert {take.state for take in takes_of(services, comparison)} == {S.FETCHING}
        assert server.content_requests == 2
        services.close()
