"""What the runner itself owes: nothing in one take, endpoint or record holds up or loses the others."""

from __future__ import annotations

import dataclasses
import os
import time
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.takes import TakeState
from sora_compare.generation.runner import LEASE
from sora_compare.settings import Secret
from sora_compare.store.tables import leases, takes
from tests.endpoints.servers import DialectServer, Warehouse
from tests.generation.asking import ask, ended, reached, takes_of
from tests.releases.evidence import add_pair
from tests.simulation import KEY, KEY_SOURCE, QUICK, Simulation, endpoint_at, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import OpenServices

S = TakeState
NOWHERE = "http://127.0.0.1:9/v1"


def test_an_endpoint_that_is_no_longer_configured_fails_what_was_not_sent_and_says_so(
    simulation: Simulation, opened: OpenServices, tmp_path: Path
) -> None:
    first = opened(endpoint_at(simulation.base_url), endpoint_at(NOWHERE, name="gone"), with_runner=False)
    comparison = ask(first, endpoints=("gone", "lab"))
    second = opened(endpoint_at(simulation.base_url), home=tmp_path / "home")
    a, b = ended(second, comparison)
    assert (a.state, b.state) == (S.FAILED, S.COMPLETED)
    assert a.problem is not None
    assert "No endpoint is called “gone”" in a.problem.sentence


def test_a_job_at_an_endpoint_that_is_no_longer_configured_waits_for_it(
    simulation: Simulation, opened: OpenServices, tmp_path: Path
) -> None:
    simulation.faults({"on": "retrieve", "fault": "stick_at"})
    endpoint = endpoint_at(simulation.base_url)
    first = opened(endpoint)
    comparison = ask(first)
    for take in takes_of(first, comparison):
        reached(first, take.id, S.RUNNING)
    first.runner.stop()
    simulation.faults()
    second = opened(endpoint_at(NOWHERE, name="other"), home=tmp_path / "home")
    wait_until(lambda: second.runner.health.fault is not None)
    assert {take.state for take in takes_of(second, comparison)} == {S.RUNNING}
    second.runner.stop()
    third = opened(endpoint, home=tmp_path / "home")
    assert {take.state for take in ended(third, comparison)} == {S.COMPLETED}
    assert simulation.jobs_created == 2


def test_a_key_that_cannot_be_sent_fails_the_takes_without_showing_it(
    simulation: Simulation, opened: OpenServices
) -> None:
    services = opened(endpoint_at(simulation.base_url), with_runner=False)
    services.settings.secrets[KEY_SOURCE] = Secret("sk-broken\nkey")
    services.runner.start()
    for take in ended(services, ask(services)):
        assert take.state is S.FAILED
        assert take.problem is not None
        assert "no request can carry" in take.problem.sentence
        assert "sk-broken" not in str(take)


def test_one_record_that_cannot_be_read_does_not_hold_up_the_others(
    simulation: Simulation, opened: OpenServices
) -> None:
    services = opened(endpoint_at(simulation.base_url))
    add_pair(services.store, "a ball", 1_000.0, states=(S.PLANNED, S.COMPLETED))
    services.store.database.run(takes.update(), {"details": "{}"})
    assert {take.state for take in ended(services, ask(services))} == {S.COMPLETED}
    assert simulation.jobs_created == 2


def test_a_server_without_a_key_is_served(opened: OpenServices) -> None:
    """vLLM-Omni and SGLang at home want none."""
    with Warehouse() as warehouse, DialectServer("generic", warehouse, "") as server:
        services = opened(endpoint_at(server.base_url, key_source=""))
        for take in takes_of(services, ask(services)):
            reached(services, take.id, S.QUEUED, S.RUNNING, S.FETCHING, S.NOT_SAVED)
        assert len(server.orders) == 2
        services.close()


def test_an_endpoint_that_is_down_leaves_the_other_arm(simulation: Simulation, opened: OpenServices) -> None:
    services = opened(endpoint_at(simulation.base_url), endpoint_at(NOWHERE, name="down"))
    comparison = ask(services, endpoints=("down", "lab"))
    _, b = takes_of(services, comparison)
    assert reached(services, b.id, S.COMPLETED).clip is not None
    a = reached(services, takes_of(services, comparison)[0].id, S.PLANNED, S.SUBMITTING)
    wait_until(lambda: "cannot be reached" in (services.store.takes.get(a.id).notice or ""))


def test_a_signal_that_came_too_late_does_not_strike_later(simulation: Simulation, opened: OpenServices) -> None:
    simulation.faults({"on": "content", "fault": "truncate"})
    services = opened(endpoint_at(simulation.base_url))
    comparison = ask(services)
    (a, _) = ended(services, comparison)
    assert a.state is S.NOT_SAVED
    services.actions.cancel(a.id)
    wait_until(lambda: not services.coordination.signalled())


def test_a_cancelled_take_stops_at_once_and_not_at_the_next_poll(opened: OpenServices) -> None:
    with Warehouse() as warehouse, DialectServer("openai", warehouse, KEY) as server:
        services = opened(endpoint_at(server.base_url, poll_interval_s=600.0))
        comparison = ask(services)
        (a, _) = takes_of(services, comparison)
        wait_until(lambda: server.requests["GET status"] == 2)
        services.actions.cancel(a.id)
        reached(services, a.id, S.STOPPED_POLLING)
        services.close()


def test_the_first_look_comes_soon_and_the_next_when_the_server_says(
    simulation: Simulation, opened: OpenServices
) -> None:
    """With an interval of ten minutes a job of a tenth of a second is still saved at once."""
    services = opened(endpoint_at(simulation.base_url, poll_interval_s=600.0))
    assert {take.state for take in ended(services, ask(services))} == {S.COMPLETED}


def test_what_another_process_planned_is_picked_up(
    simulation: Simulation, opened: OpenServices, tmp_path: Path
) -> None:
    carrying = opened(endpoint_at(simulation.base_url))
    planning = opened(endpoint_at(simulation.base_url), home=tmp_path / "home", with_runner=False)
    assert {take.state for take in ended(planning, ask(planning))} == {S.COMPLETED}
    assert carrying.runner.health.is_holder


def test_stopping_waits_for_a_create_that_is_on_its_way(simulation: Simulation, opened: OpenServices) -> None:
    simulation.faults({"on": "create", "fault": "slow", "seconds": 0.5})
    services = opened(endpoint_at(simulation.base_url))
    comparison = ask(services)
    for take in takes_of(services, comparison):
        reached(services, take.id, S.SUBMITTING)
    services.runner.stop()
    stopped = takes_of(services, comparison)
    assert {take.state for take in stopped} <= {S.QUEUED, S.RUNNING}
    assert all(take.job_id for take in stopped)
    assert simulation.jobs_created == 2


def test_no_more_jobs_are_in_flight_than_the_endpoint_takes(simulation: Simulation, opened: OpenServices) -> None:
    simulation.faults({"on": "retrieve", "fault": "stick_at"})
    services = opened(endpoint_at(simulation.base_url, concurrency=2))
    comparison = ask(services, repeats=3)
    wait_until(lambda: sum(take.state is S.RUNNING for take in takes_of(services, comparison)) == 2)
    time.sleep(0.3)
    assert sum(take.state is S.PLANNED for take in takes_of(services, comparison)) == 4
    simulation.faults()
    assert {take.state for take in ended(services, comparison)} == {S.COMPLETED}
    assert simulation.jobs_created == 6


# Two runners of one store


def test_the_second_runner_waits_and_takes_over_when_the_first_stops(
    simulation: Simulation, opened: OpenServices, tmp_path: Path
) -> None:
    first = opened(endpoint_at(simulation.base_url))
    wait_until(lambda: first.runner.health.is_holder)
    second = opened(endpoint_at(simulation.base_url), home=tmp_path / "home")
    comparison = ask(second)
    assert {take.state for take in ended(second, comparison)} == {S.COMPLETED}
    assert not second.runner.health.is_holder
    first.runner.stop()
    wait_until(lambda: second.runner.health.is_holder)
    assert {take.state for take in ended(second, ask(second, "a cube"))} == {S.COMPLETED}
    assert simulation.jobs_created == 4


def test_a_lease_from_the_future_ends_after_its_own_length(simulation: Simulation, opened: OpenServices) -> None:
    """The clock was put back by an hour after a runner was killed."""
    services = opened(endpoint_at(simulation.base_url), with_runner=False)
    dead = {"owner": "run_dead", "until": time.time() + 3600, "length_s": 1.0, "since": 0.0, "who": "process 1 on gone"}
    services.store.database.put(leases, {"name": LEASE, **dead})
    comparison = ask(services)
    services.runner.start()
    assert {take.state for take in ended(services, comparison)} == {S.COMPLETED}
    who, since = services.coordination.lease_holder(LEASE) or ("", 0.0)
    assert who.startswith(f"process {os.getpid()} on ")
    assert since > time.time() - 600


@pytest.mark.parametrize("fault", [None, {"on": "create", "fault": "accept_then_drop", "p": 0.5, "seed": 3}])
def test_two_runners_that_both_believe_they_hold_the_lease_pay_once(
    fault: dict[str, object] | None, simulation: Simulation, opened: OpenServices, tmp_path: Path
) -> None:
    """Leases of no length: each runner holds it at every round, as after a clock that jumped."""
    if fault:
        simulation.faults(fault)
    reckless = dataclasses.replace(QUICK, lease_s=-1.0, renew_s=0.05)
    first = opened(endpoint_at(simulation.base_url), retry_policy=reckless)
    second = opened(endpoint_at(simulation.base_url), home=tmp_path / "home", retry_policy=reckless)
    comparison = ask(first, repeats=4)
    wait_until(lambda: all(take.state is S.COMPLETED for take in takes_of(first, comparison)))
    takes = takes_of(first, comparison)
    assert first.runner.health.is_holder
    assert second.runner.health.is_holder
    assert len({take.job_id for take in takes}) == 8 == simulation.jobs_created
    assert KEY not in str(takes)
