"""`worker` as somebody runs it: it carries what another process planned, says so, and stops clean on SIGTERM."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.comparisons import Arm
from sora_compare.domain.requests import ClipSettings
from sora_compare.domain.takes import ArmLabel, TakeState
from sora_compare.generation.runner import LEASE
from tests.commands.terminal import environment
from tests.simulation import KEY, KEY_SOURCE, endpoint_at, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sora_compare.services import Services
    from tests.conftest import OpenServices
    from tests.simulation import Simulation

ARMS = (Arm(ArmLabel.A, "lab", "sora-2-2025-10-06"), Arm(ArmLabel.B, "lab", "sora-2-2025-12-08"))
Started = subprocess.Popen[str]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def planner(opened: OpenServices, home: Path, simulation: Simulation) -> Services:
    """A process that plans and carries nothing; the endpoint is one that was added on the Settings page."""
    services = opened(endpoint_at("http://127.0.0.1:9/v1", name="unused"), home=home, with_runner=False)
    services.endpoint_registry.save(endpoint_at(simulation.base_url))
    return services


@pytest.fixture
def worker(home: Path) -> Iterator[Callable[..., Started]]:
    started: list[Started] = []

    def start(*flags: str) -> Started:
        words = [sys.executable, "-m", "sora_compare", "worker", *flags]
        name = KEY_SOURCE.removeprefix("env:")
        keys = {name: KEY, "SORA_COMPARE_KEYS": f"{name}=127.0.0.1"}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen(words, env=environment(home, **keys), cwd=home, **pipes))  # type: ignore[call-overload]
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()
        for pipe in (one.stdout, one.stderr):
            if pipe:
                pipe.close()


def send(planner: Services, prompt: str) -> str:
    return planner.send(planner.planner.plan(prompt, ClipSettings(4, "1280x720"), ARMS)).id


def test_it_carries_what_is_open_and_stops_clean(
    planner: Services, worker: Callable[..., Started], simulation: Simulation
) -> None:
    comparison = send(planner, "a ball")
    process = worker("--json")
    wait_until(lambda: all(take.is_ended for take in planner.store.takes.of(comparison)), limit_s=60)
    # It looks twice a second: what it saw ending, it tells.
    assert process.stderr is not None
    lines = [process.stderr.readline() for _ in range(4)]
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "2 open" in lines[0]
    assert sum("completed" in line for line in lines) == 2
    assert "Stopped. 2 takes ended, 2 completed." in err
    assert json.loads(out) == {"ended": 2, "by_state": {"completed": 2}, "open": 0}
    assert simulation.jobs_created == 2
    assert planner.coordination.lease_owner(LEASE) is None


def test_stopped_in_the_middle_it_leaves_the_rest_open(planner: Services, worker: Callable[..., Started]) -> None:
    planner.endpoint_registry.save(endpoint_at("http://127.0.0.1:9/v1"))
    comparison = send(planner, "a ball")
    process = worker("--json")
    wait_until(lambda: any(take.notice for take in planner.store.takes.of(comparison)), limit_s=60)
    process.terminate()
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "2 are still open and go on at the next start" in err
    assert json.loads(out)["open"] == 2
    assert {take.state for take in planner.store.takes.of(comparison)} <= {TakeState.PLANNED, TakeState.SUBMITTING}


def test_until_idle_ends_by_itself(planner: Services, worker: Callable[..., Started]) -> None:
    send(planner, "a ball")
    process = worker("--until-idle")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "")
    assert "2 completed" in err
