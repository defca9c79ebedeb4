"""A real gateway, the LiteLLM proxy, between the adapter and the simulator; the test installs, starts and stops it."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import time
import venv
from typing import TYPE_CHECKING

import httpx2
import pytest
from platformdirs import user_cache_path

from sora_compare.domain.takes import TakeState
from sora_compare.endpoints.protocol import Timeouts
from tests.generation.asking import A_MODEL, B_MODEL, ask, ended
from tests.simulation import KEY, Simulation, endpoint_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import OpenServices

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(1500)]

LITELLM = "1.106.2"
READY_S = 240.0
PATIENT = Timeouts(connect_s=10, create_s=60, answer_s=60, check_s=60)


def installed() -> Path:
    """The proxy's program, in an environment of its own that outlives the test."""
    folder = user_cache_path("sora-compare", appauthor=False) / f"litellm-{LITELLM}"
    program, mark = folder / "bin" / "litellm", folder / "installed"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        # Other workers and other runs install it too.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists():
            venv.create(folder, with_pip=True, clear=True)
            words = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", f"litellm[proxy]=={LITELLM}"]
            subprocess.run(words, check=True)
            mark.touch()
    return program


def config(base_url: str) -> str:
    models = "".join(
        f"  - model_name: {model}\n    litellm_params:\n      model: openai/{model}\n"
        f"      api_base: {base_url}\n      api_key: sk-upstream\n"
        for model in (A_MODEL, B_MODEL)
    )
    return f"model_list:\n{models}general_settings:\n  master_key: {KEY}\nlitellm_settings:\n  num_retries: 0\n"


@pytest.fixture(scope="module")
def gateway(_simulation: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a running proxy in front of the simulator."""
    folder = tmp_path_factory.mktemp("gateway")
    (folder / "config.yaml").write_text(config(_simulation.base_url))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [installed(), "--config", "config.yaml", "--host", "127.0.0.1", "--port", str(port)]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    record = {**kept, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "127.0.0.1"}
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(words, cwd=folder, env=record, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_ready(process, f"http://127.0.0.1:{port}/health/liveliness", folder / "log.txt")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(30)
        sys.stderr.write((folder / "log.txt").read_text(errors="replace")[-3000:])


def _wait_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx2.get(url, trust_env=False, timeout=5).is_success:
                return
        except httpx2.HTTPError:
            time.sleep(0.5)
    pytest.fail(f"the proxy did not start:\n{log.read_text(errors='replace')[-3000:]}")


def test_a_pair_goes_through_the_gateway(gateway: str, simulation: Simulation, opened: OpenServices) -> None:
    services = opened(endpoint_at(gateway, profile="litellm"), timeouts=PATIENT)
    takes = ended(services, ask(services, "through a gateway"), limit_s=180)
    assert {take.state for take in takes} == {TakeState.COMPLETED}, [take.problem for take in takes]
    assert simulation.jobs_created == 2
    upstream = {job["id"] for job in simulation.jobs() if job["prompt"] == "through a gateway"}
    assert len(upstream) == 2
    assert all(take.job_id and take.job_id not in upstream for take in takes), "the gateway gives ids of its own"


def test_bad_answers_behind_the_gateway_lose_nothing(
    gateway: str, simulation: Simulation, opened: OpenServices
) -> None:
    simulation.faults(
        {"on": "retrieve", "fault": "status", "code": 500, "times": 2},
        {"on": "content", "fault": "status", "code": 502, "body": "html", "times": 2},
    )
    services = opened(endpoint_at(gateway, profile="litellm"), timeouts=PATIENT)
    takes = ended(services, ask(services, "through a bad gateway"), limit_s=180)
    assert {take.state for take in takes} == {TakeState.COMPLETED}, [take.problem for take in takes]
    assert simulation.jobs_created == 2


def test_what_the_model_refuses_is_told_through_the_gateway(
    gateway: str, simulation: Simulation, opened: OpenServices
) -> None:
    services = opened(endpoint_at(gateway, profile="litellm"), timeouts=PATIENT)
    takes = ended(services, ask(services, "a ball [moderation]"), limit_s=180)
    assert {take.state for take in takes} == {TakeState.MODERATED}, [take.problem for take in takes]
    refused = ended(services, ask(services, "a ball", models=("nobody-has-this", B_MODEL)), limit_s=180)
    assert [take.state for take in refused] == [TakeState.FAILED, TakeState.COMPLETED], [t.problem for t in refused]
    assert simulation.jobs_created == 3
