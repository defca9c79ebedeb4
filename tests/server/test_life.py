"""The app's server as a process: started, asked for a page, stopped, killed, started again."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import httpx2
import psutil
import pytest

from sora_compare.domain.comparisons import Arm
from sora_compare.domain.requests import ClipSettings
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import ArmLabel, TakeState
from sora_compare.services import Services, open_services
from sora_compare.settings import load
from tests.simulation import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import RunApp
    from tests.server.running import RunningApp

AGENT = "/_stcore/agent/interact"
SMALL = ClipSettings(seconds=4, size="1280x720")
DONE_S = 120.0

pytestmark = pytest.mark.heavy


@pytest.fixture
def beside(tmp_path: Path) -> Services:
    """The same data folder, opened by another process: this one. Nothing is carried here."""
    return open_services(load({"SORA_COMPARE_HOME": str(tmp_path / "home")}), with_runner=False)


def texts(tree: Any) -> str:  # noqa: ANN401  # the agent API answers JSON
    return json.dumps(tree)


def simulators(app: RunningApp) -> list[psutil.Process]:
    children = psutil.Process(app.process.pid).children(recursive=True)
    return [one for one in children if "simulate" in one.cmdline()]


@pytest.mark.parametrize("page", ["review", "results", "library", "settings", "guide"])
def test_a_deep_link_opened_first_is_drawn_within_the_shell(page: str, run_app: RunApp) -> None:
    """The first session of a fresh server runs the shell, not the page alone."""
    app = run_app(STREAMLIT_SERVER_ENABLE_AGENT_API="true").wait()
    answer = httpx2.post(f"{app.url}{AGENT}", json={"page": page}, trust_env=False, timeout=60).json()
    assert answer["status"] == "ready", answer
    assert page.capitalize() in texts(answer["tree"])
    assert "Simulator" in texts(answer["tree"])
    assert {one["url_path"] for one in answer["pages"]} >= {"review", "results", "library", "settings", "guide"}
    assert "Traceback" not in app.said()


def test_the_default_simulator_is_warm_before_it_is_asked_for(run_app: RunApp) -> None:
    app = run_app().wait()
    wait_until(lambda: len(simulators(app)) == 1)


def test_no_simulator_is_started_where_an_endpoint_is_configured(run_app: RunApp) -> None:
    app = run_app(OPENAI_BASE_URL="http://127.0.0.1:9/v1").wait()
    wait_until(lambda: httpx2.get(f"{app.url}/api/health", trust_env=False).status_code == 200)
    assert simulators(app) == []


def test_sigterm_ends_everything_that_was_started(run_app: RunApp, beside: Services) -> None:
    app = run_app().wait()
    wait_until(lambda: bool(simulators(app)))
    wait_until(lambda: beside.coordination.lease_owner("runner") is not None)
    everybody = psutil.Process(app.process.pid).children(recursive=True)
    assert app.end() in {0, -15}
    _, alive = psutil.wait_procs(everybody, timeout=20)
    assert alive == []
    assert beside.coordination.lease_owner("runner") is None
    assert "Traceback" not in app.said()


def test_after_kill_9_the_next_start_goes_on_from_the_same_job(run_app: RunApp, beside: Services) -> None:
    """Nothing is sent a second time: the take keeps its id, its attempt and its job."""
    app = run_app(SORA_COMPARE_SIMULATOR_SPEED="5").wait()
    arms = (Arm(ArmLabel.A, "simulator", DEFAULT_A), Arm(ArmLabel.B, "simulator", DEFAULT_B))
    made = beside.send(beside.planner.plan("A ball falls", SMALL, arms))
    wait_until(lambda: all(take.job_id for take in beside.store.takes.of(made.id)), limit_s=DONE_S)
    jobs = {take.id: take.job_id for take in beside.store.takes.of(made.id)}
    children = psutil.Process(app.process.pid).children(recursive=True)
    app.kill()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []
    assert not all(take.is_ended for take in beside.store.takes.of(made.id))
    run_app().wait()
    wait_until(lambda: all(take.is_ended for take in beside.store.takes.of(made.id)), limit_s=DONE_S, gap_s=0.2)
    takes = beside.store.takes.of(made.id)
    assert {take.id: take.job_id for take in takes} == jobs
    assert {take.state for take in takes} == {TakeState.COMPLETED}


def test_a_port_in_use_is_a_sentence(run_app: RunApp) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        app = run_app(port=held.getsockname()[1])
        assert app.process.wait(60) != 0
    assert "Traceback" not in app.said()
    assert "is not available" in app.said()


def test_a_data_folder_that_is_not_ours_is_a_sentence_on_the_page_and_in_the_log(
    run_app: RunApp, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "photo.jpg").write_bytes(b"")
    app = run_app(STREAMLIT_SERVER_ENABLE_AGENT_API="true").wait()
    answer = httpx2.post(f"{app.url}{AGENT}", json={}, trust_env=False, timeout=60).json()
    assert "cannot be used" in texts(answer["tree"])
    assert "Set SORA_COMPARE_HOME to a folder of your own" in app.said()
    assert "Traceback" not in app.said()


def test_it_listens_on_this_machine_only_and_under_its_own_names(run_app: RunApp) -> None:
    app = run_app().wait()
    listening = [one for one in psutil.Process(app.process.pid).net_connections("tcp") if one.status == "LISTEN"]
    assert {one.laddr.ip for one in listening if one.laddr.port == app.port} == {"127.0.0.1"}
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Host": "evil.example",
    }
    answer = httpx2.get(f"{app.url}/_stcore/stream", headers=upgrade, trust_env=False, timeout=10)
    assert answer.status_code == 403
