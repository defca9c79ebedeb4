"""A runner that is killed -9 at every state a take can be in, and another that goes on from the store."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from sora_compare.domain.takes import TakeState
from sora_compare.simulator.studio.clip_source import free_box
from tests.endpoints.servers import DialectServer, Warehouse
from tests.generation.asking import ask, ended, takes_of
from tests.simulation import KEY, Simulation, endpoint_at, wait_until

if TYPE_CHECKING:
    from sora_compare.services import Services
    from tests.conftest import OpenServices

S = TakeState
PROJECT = Path(__file__).resolve().parents[2]


class Carrier:
    """A process of its own that carries the takes of a data folder."""

    def __init__(self, home: Path, base_url: str, **details: object) -> None:
        found = json.dumps({"home": str(home), "base_url": base_url, **details})
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.generation.carrier", found],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"carrying\n"

    def kill(self) -> None:
        """As the system does when memory runs out: no goodbye."""
        self._process.kill()
        self._close()

    def _close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._close()


@dataclass(frozen=True)
class Hold:
    """How the server holds a take in a state, and how many jobs it has made by then."""

    state: TakeState
    fault: dict[str, Any]
    jobs: int
    after: TakeState = field(default=S.COMPLETED)


HOLDS = {
    "planned": Hold(S.PLANNED, {"on": "create", "fault": "status", "code": 429, "headers": {"retry-after": "60"}}, 0),
    "submitting, job made": Hold(S.SUBMITTING, {"on": "create", "fault": "accept_then_hang"}, 2),
    "submitting, no job": Hold(S.SUBMITTING, {"on": "create", "fault": "hang"}, 0, S.AMBIGUOUS),
    "queued": Hold(S.QUEUED, {"on": "retrieve", "fault": "hang"}, 2),
    "running": Hold(S.RUNNING, {"on": "retrieve", "fault": "stick_at", "progress": 50}, 2),
    "fetching": Hold(S.FETCHING, {"on": "content", "fault": "hang"}, 2),
}


@pytest.fixture
def asking(simulation: Simulation, opened: OpenServices) -> Services:
    """Services that plan and look, and carry nothing."""
    return opened(endpoint_at(simulation.base_url), with_runner=False)


@pytest.mark.parametrize("name", HOLDS)
def test_a_take_goes_on_after_its_runner_was_killed(
    name: str, simulation: Simulation, asking: Services, tmp_path: Path
) -> None:
    hold = HOLDS[name]
    simulation.faults(hold.fault)
    comparison = ask(asking, f"a ball, {name}")

    def is_held() -> bool:
        takes = takes_of(asking, comparison)
        is_there = all(take.state is hold.state for take in takes)
        # A planned take counts once its first create was refused: before that, nothing had begun.
        return is_there and simulation.struck() >= 2 and (hold.state is not S.PLANNED or all(t.retries for t in takes))

    with Carrier(tmp_path / "home", simulation.base_url) as first:
        wait_until(is_held)
        first.kill()
    assert simulation.jobs_created == hold.jobs
    assert all(take.state is hold.state for take in takes_of(asking, comparison))
    simulation.faults()
    with Carrier(tmp_path / "home", simulation.base_url):
        takes = ended(asking, comparison)
    assert {take.state for take in takes} == {hold.after}
    assert simulation.jobs_created == (2 if hold.after is S.COMPLETED else 0)
    if hold.after is S.COMPLETED:
        assert len({take.job_id for take in takes}) == 2
        assert all(take.clip and asking.files.has(take.clip.sha256) for take in takes)


def test_the_waiting_process_takes_over_when_the_other_is_killed(
    simulation: Simulation, asking: Services, tmp_path: Path
) -> None:
    simulation.faults({"on": "retrieve", "fault": "stick_at"})
    comparison = ask(asking)
    with Carrier(tmp_path / "home", simulation.base_url) as first:
        wait_until(lambda: all(take.state is S.RUNNING for take in takes_of(asking, comparison)))
        with Carrier(tmp_path / "home", simulation.base_url):
            first.kill()
            simulation.faults()
            takes = ended(asking, comparison)
    assert {take.state for take in takes} == {S.COMPLETED}
    assert simulation.jobs_created == 2


def test_a_disk_without_room_leaves_the_clip_fetchable_and_says_so(
    opened: OpenServices, tmp_path: Path, stock_clip: bytes
) -> None:
    """The process may write no file as large as a clip, which the system tells like a full disk."""
    with Warehouse() as warehouse, DialectServer("openai", warehouse, KEY) as server:
        warehouse.movie = stock_clip + free_box(bytes(12_000_000))
        asking = opened(endpoint_at(server.base_url), with_runner=False)
        comparison = ask(asking)
        with Carrier(tmp_path / "home", server.base_url, largest_file=10_000_000):
            takes = ended(asking, comparison)
        assert {take.state for take in takes} == {S.NOT_SAVED}
        assert all("Free some space, then fetch it again" in take.problem.sentence for take in takes if take.problem)
        assert not list((tmp_path / "home" / "clips").rglob("*.part"))
        for take in takes:
            asking.actions.resume(take.id)
        with Carrier(tmp_path / "home", server.base_url):
            takes = ended(asking, comparison)
        assert {take.state for take in takes} == {S.COMPLETED}
        assert {take.clip.bytes for take in takes if take.clip} == {len(warehouse.movie)}
        assert len(server.orders) == 2
