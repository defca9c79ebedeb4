"""A database server that goes away in the middle of takes: they wait, go on, and each job is paid for once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.takes import TakeState
from tests.generation.asking import ask, ended, takes_of
from tests.simulation import endpoint_at, open_with, wait_until
from tests.store.postgres import postgres_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.services import Services
    from tests.simulation import Simulation
    from tests.store.postgres import PostgresServer

S = TakeState
DOWN_S = 1.0


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One of its own, since it crashes."""
    with postgres_server() as started:
        yield started


@pytest.fixture
def services(server: PostgresServer, simulation: Simulation, tmp_path: Path) -> Iterator[Services]:
    found = open_with(tmp_path / "home", [endpoint_at(simulation.base_url)], database_url=server.new_store_database())
    yield found
    found.close()


@pytest.mark.parametrize("state", [S.PLANNED, S.SUBMITTING, S.FETCHING])
def test_takes_wait_for_it_and_go_on(
    state: TakeState, server: PostgresServer, services: Services, simulation: Simulation
) -> None:
    slow = {"on": "create", "fault": "slow", "seconds": 0.8}, {"on": "content", "fault": "slow", "seconds": 0.8}
    simulation.faults(*slow)
    comparison = ask(services, repeats=2)
    if state is not S.PLANNED:
        services.runner.start()
        wait_until(lambda: state in {take.state for take in takes_of(services, comparison)})
    server.crash()
    if state is S.PLANNED:
        services.runner.start()
    wait_until(lambda: services.runner.health.waits_for is not None)
    assert "the server does not answer" in str(services.runner.health.waits_for)
    time.sleep(DOWN_S)
    server.start_again()
    assert {take.state for take in ended(services, comparison)} == {S.COMPLETED}
    assert simulation.jobs_created == 4
    wait_until(lambda: services.runner.health.waits_for is None)
