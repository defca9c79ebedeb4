"""The simulator as a process: what survives kill -9, who ends with whom, and what it says when it cannot start."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx2
import psutil
import pytest

from sora_compare.errors import SimulatorFailed
from sora_compare.simulator.process import SimulatorProcess
from tests.simulation import wait_until
from tests.simulator.clips import seen
from tests.simulator.conftest import KEY, create, finished

if TYPE_CHECKING:
    from pathlib import Path

HEADERS = {"Authorization": f"Bearer {KEY}"}


def client_of(running: SimulatorProcess) -> httpx2.Client:
    return httpx2.Client(base_url=running.base_url, headers=HEADERS, timeout=20)


def test_jobs_survive_kill_9_and_go_on_under_another_port(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with SimulatorProcess("--lenient", "--stability", "off", state=state, speed=400) as first, client_of(first) as web:
        done = finished(web, create(web)["id"])
        clip = web.get(f"/videos/{done['id']}/content").content
        begun = create(web, seconds="2", size="640x360")
        workers = psutil.Process(first.pid).children(recursive=True)
        os.kill(first.pid, signal.SIGKILL)
        wait_until(lambda: not any(alive(worker.pid) for worker in workers))
    with SimulatorProcess("--lenient", state=state, speed=400) as second, client_of(second) as web:
        assert second.base_url != first.base_url
        # It goes on by itself, before anybody asks.
        wait_until((state / "clips" / f"{begun['id']}.mp4").exists)
        assert web.get(f"/videos/{done['id']}").json() == done
        assert web.get(f"/videos/{done['id']}/content").content == clip
        again = finished(web, begun["id"])
        assert (again["status"], again["created_at"]) == ("completed", begun["created_at"])
        assert len(seen(web.get(f"/videos/{begun['id']}/content").content).frames) == 60
    leftovers = [path.name for path in state.rglob("*.partial")]
    assert leftovers == []


def test_two_simulators_on_one_folder_answer_for_each_others_jobs(tmp_path: Path) -> None:
    state = tmp_path / "state"
    flags = ("--lenient", "--stability", "off")
    with (
        SimulatorProcess(*flags, state=state, speed=400) as first,
        SimulatorProcess(*flags, state=state, speed=400) as second,
        client_of(first) as here,
        client_of(second) as there,
    ):
        made = create(here)
        assert finished(there, made["id"])["status"] == "completed"
        assert made["id"] in [video["id"] for video in there.get("/videos").json()["data"]]
        begun = create(here, seconds="3", size="640x360")
        os.kill(first.pid, signal.SIGKILL)
        assert finished(there, begun["id"])["status"] == "completed"


def test_content_expires(tmp_path: Path) -> None:
    flags = ("--lenient", "--no-render", "--lifetime", "0.2")
    with SimulatorProcess(*flags, state=tmp_path / "state", speed=2000) as running, client_of(running) as web:
        video = finished(web, create(web)["id"])
        time.sleep(0.3)
        answer = web.get(f"/videos/{video['id']}/content")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "video_expired")


def test_old_jobs_and_clips_are_forgotten_so_that_the_folder_stays_small(tmp_path: Path) -> None:
    state = tmp_path / "state"
    flags = ("--lenient", "--stability", "off", "--keep-jobs", "3")
    with SimulatorProcess(*flags, state=state, speed=2000) as running, client_of(running) as web:
        made = [finished(web, create(web, seed=seed)["id"])["id"] for seed in range(5)]
        kept = [video["id"] for video in web.get("/videos", params={"order": "asc"}).json()["data"]]
    assert kept == made[2:]
    assert sorted(path.stem for path in (state / "clips").glob("*.mp4")) == sorted(made[2:])
    with (
        SimulatorProcess("--lenient", "--keep-bytes", "1", state=state, speed=2000) as running,
        client_of(running) as web,
    ):
        newest = create(web)["id"]
        assert [video["id"] for video in web.get("/videos").json()["data"]] == [newest]


def test_close_ends_the_server_its_workers_and_its_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with SimulatorProcess("--lenient", speed=400) as running, client_of(running) as web:
        create(web, seconds="60", size="640x360")
        wait_until(lambda: len(psutil.Process(running.pid).children()) >= 1)
        family = [running.pid, *(child.pid for child in psutil.Process(running.pid).children(recursive=True))]
        folders = list(tmp_path.glob("sora-compare-simulator-*"))
        assert len(folders) == 1
    wait_until(lambda: not any(alive(pid) for pid in family))
    assert not folders[0].exists()


def test_the_simulator_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time\n"
        "from sora_compare.simulator.process import SimulatorProcess\n"
        "running = SimulatorProcess('--lenient', speed=400)\n"
        "print(running.pid, running.base_url, flush=True)\n"
        "time.sleep(60)\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        pid, base_url = parent.stdout.readline().split()
        httpx2.post(f"{base_url}/videos", json={"prompt": "x", "seconds": 60, "size": "640x360"}, headers=HEADERS)
        wait_until(lambda: len(psutil.Process(int(pid)).children()) >= 1)
        family = [int(pid), *(child.pid for child in psutil.Process(int(pid)).children(recursive=True))]
        parent.kill()
        wait_until(lambda: not any(alive(one) for one in family))
    assert list(tmp_path.glob("sora-compare-simulator-*")) == []


def test_a_port_in_use_is_a_sentence_and_exit_code_2() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = simulate("--port", str(port))
        assert ended.returncode == 2
        assert f"port {port} on 127.0.0.1 cannot be used" in ended.stderr
        assert "choose another with --port" in ended.stderr
        assert "Traceback" not in ended.stderr
        with pytest.raises(SimulatorFailed, match=f"port {port}"):
            SimulatorProcess(port=port)


@pytest.mark.parametrize(("flags", "words"), [
    (["--host", "0.0.0.0"], "--allow-remote"),  # noqa: S104 - the point is that it is refused
    (["--host", "example.org"], "takes an address"),
    (["--faults", "/nowhere.json"], "cannot be read"),
    (["--port", "70000"], "cannot be used"),
])  # fmt: skip
def test_what_cannot_be_used_is_said_in_a_sentence(flags: list[str], words: str) -> None:
    ended = simulate("--port", "0", *flags)
    assert ended.returncode == 2
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    ended = simulate("--port", "0", "--state", str(tmp_path))
    assert ended.returncode == 2
    assert "give --state an empty folder" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_standard_output_holds_one_json_document_and_nothing_else() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "sora_compare", "simulate", "--port", "0", "--json", "--exit-with-parent"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        assert running.stdin is not None
        base_url = json.loads(running.stdout.readline())["base_url"]
        assert base_url.startswith("http://127.0.0.1:")
        running.stdin.close()
        assert running.stdout.read() == ""
        assert running.wait(10) == 0


def test_a_damaged_job_file_does_not_keep_the_others_from_loading(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with SimulatorProcess("--lenient", "--no-render", state=state, speed=2000) as running, client_of(running) as web:
        made = create(web)
    (state / "jobs" / "video_broken.json").write_text('{"id": ')
    with SimulatorProcess("--lenient", "--no-render", state=state) as running, client_of(running) as web:
        assert [video["id"] for video in web.get("/videos").json()["data"]] == [made["id"]]
        assert web.get("/videos/video_broken").status_code == 404


def simulate(*flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sora_compare", "simulate", *flags]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def alive(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False
