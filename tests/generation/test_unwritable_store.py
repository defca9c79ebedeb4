"""A store that cannot be written for a while: nothing ends for it, nothing is sent twice, and a paid job is kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from sora_compare.domain.takes import TakeState
from sora_compare.store.sqlite import DATABASE
from tests.generation.asking import ask, ended, takes_of
from tests.simulation import endpoint_at, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import OpenServices
    from tests.simulation import Simulation

S = TakeState
EVENTS, TABLES = ("INSERT", "UPDATE"), ("comparisons", "takes", "job_claims", "signals", "leases", "audit_entries")


@contextmanager
def unwritable(home: Path) -> Iterator[None]:
    """SQLite itself refuses every write of a record, in every process, as on a full disk."""
    with closing(sqlite3.connect(home / DATABASE, timeout=30)) as database:
        names = [f"{event}_{table}" for event in EVENTS for table in TABLES]
        for name in names:
            event, _, table = name.partition("_")
            refusal = "SELECT RAISE(ABORT, 'database or disk is full')"
            database.execute(f"CREATE TRIGGER full_{name} BEFORE {event} ON {table} BEGIN {refusal}; END")
        yield
        for name in names:
            database.execute(f"DROP TRIGGER full_{name}")


def test_planned_takes_wait_and_go_on(simulation: Simulation, opened: OpenServices, tmp_path: Path) -> None:
    services = opened(endpoint_at(simulation.base_url), with_runner=False)
    comparison = ask(services, repeats=2)
    with unwritable(tmp_path / "home"):
        services.runner.start()
        wait_until(lambda: services.runner.health.waits_for is not None)
        assert "the disk is full" in str(services.runner.health.waits_for)
        assert {take.state for take in takes_of(services, comparison)} == {S.PLANNED}
        assert simulation.jobs_created == 0
    assert {take.state for take in ended(services, comparison)} == {S.COMPLETED}
    assert simulation.jobs_created == 4
    wait_until(lambda: services.runner.health.waits_for is None)


def test_a_job_whose_answer_comes_meanwhile_is_kept(
    simulation: Simulation, opened: OpenServices, tmp_path: Path
) -> None:
    simulation.faults({"on": "create", "fault": "slow", "seconds": 0.6}, {"on": "list", "fault": "replica"})
    services = opened(endpoint_at(simulation.base_url))
    comparison = ask(services)
    wait_until(lambda: {take.state for take in takes_of(services, comparison)} == {S.SUBMITTING})
    with unwritable(tmp_path / "home"):
        wait_until(lambda: simulation.jobs_created == 2)
        wait_until(lambda: services.runner.health.waits_for is not None)
    assert {take.state for take in ended(services, comparison)} == {S.COMPLETED}
    assert simulation.jobs_created == 2
