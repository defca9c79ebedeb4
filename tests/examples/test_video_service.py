"""The example service as a process: it follows its policy file without a restart, and rolls back by itself."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.store.store import open_store
from tests.commands.terminal import environment, run
from tests.simulation import KEY, Simulation, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
USERS = [f"user-{number}" for number in range(60)]


@contextmanager
def service(home: Path, policy: Path, base_url: str) -> Iterator[httpx2.Client]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    record = {"DEPLOY_ENV": "production", "OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": KEY}
    command = [
        sys.executable,
        str(ROOT / "examples" / "video_service.py"),
        "--port",
        str(port),
        "--policy",
        str(policy),
    ]
    process = subprocess.Popen(command, cwd=ROOT, env={**environment(home, **record), "PYTHONPATH": str(ROOT)})
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as web:
            wait_until(lambda: answers(web), limit_s=60)
            yield web
    finally:
        process.terminate()
        process.wait(20)


def answers(web: httpx2.Client) -> bool:
    try:
        return web.get("/version").is_success
    except httpx2.TransportError:
        return False


def models(web: httpx2.Client) -> dict[str, str]:
    return {user: web.get("/version", params={"user": user}).json()["model"] for user in USERS}


def test_lock_canary_guard_rail_and_log_without_a_restart(tmp_path: Path, simulation: Simulation) -> None:
    home, policy = tmp_path / "home", tmp_path / "sora-policy.toml"
    shutil.copy(ROOT / "examples" / "sora-policy.toml", policy)
    with service(home, policy, simulation.base_url) as web:
        assert set(models(web).values()) == {DEFAULT_A}
        start = (
            "versions",
            "canary",
            "start",
            "production",
            DEFAULT_B,
            "--policy",
            str(policy),
            "--force",
            "--reason",
            "go",
        )
        assert run(*start, home=home).code == 0
        wait_until(lambda: DEFAULT_B in models(web).values())
        routed = models(web)
        lucky = next(user for user, model in routed.items() if model == DEFAULT_B)
        plain = next(user for user, model in routed.items() if model == DEFAULT_A)
        for user in (lucky, plain):
            answer = web.post("/videos", json={"user": user, "prompt": "A cat naps in the sun"})
            assert (answer.status_code, answer.json()["model"]) == (202, routed[user])
        assert {job["model"] for job in simulation.jobs()[:2]} == {DEFAULT_A, DEFAULT_B}
        for _ in range(25):
            web.post("/outcomes", json={"model": DEFAULT_A, "is_completed": True})
            web.post("/outcomes", json={"model": DEFAULT_B, "is_completed": False})
        run("versions", "canary", "check", "production", "--policy", str(policy), home=home)
        wait_until(lambda: set(models(web).values()) == {DEFAULT_A})
    store = open_store(home)
    log = store.audit_log
    lines = [entry.event for entry in log.entries() if entry.event != "outcome"]
    assert lines == ["canary start", *["use", "use answered"] * 2, "canary rolled back"]
    assert log.verify().is_intact
    store.close()
