"""`compare` as a process: what it prints, where, and how it ends."""

from __future__ import annotations

import hashlib
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from sora_compare.cli import main
from sora_compare.commands import compare
from tests.commands.terminal import Said, environment, is_one_sentence, run
from tests.endpoints.servers import Served
from tests.simulation import KEY, Simulation, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

TAKE = {"arm", "model", "echoed_model", "status", "simulated", "error", "clip", "timings"}
CLIP = {"path", "sha256", "bytes", "width", "height", "fps", "frames", "duration_s", "has_audio"}
TIMINGS = {"queued_s", "render_s", "download_s", "first_frame_s", "total_s"}
SMALL = ("--seconds", "2", "--size", "96x64")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def at(base_url: str, key: str = KEY) -> dict[str, str]:
    return {"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": key, "SORA_COMPARE_POLL_S": "0.05"}


def test_with_nothing_configured_the_built_in_simulator_serves_a_pair(home: Path) -> None:
    message = run(
        "compare", "testcard", "--seconds", "4", "--json", home=home, timeout_s=170, SORA_COMPARE_SIMULATOR_SPEED="100"
    )
    assert message.code == 0, message.err
    found = message.document
    assert set(found) == {"comparison", "wall_s", "takes"}
    assert [take["arm"] for take in found["takes"]] == ["A", "B"]
    for take in found["takes"]:
        assert set(take) >= TAKE
        assert set(take["clip"]) == CLIP
        assert set(take["timings"]) >= TIMINGS
        assert (take["status"], take["simulated"], take["error"]) == ("completed", True, None)
        clip = take["clip"]
        assert (clip["width"], clip["height"], clip["fps"], clip["frames"]) == (1280, 720, 30.0, 120)
        assert hashlib.sha256(Path(clip["path"]).read_bytes()).hexdigest() == clip["sha256"]
        assert Path(clip["path"]).stat().st_size == clip["bytes"]
        assert all(isinstance(take["timings"][name], float) for name in TIMINGS)
    assert found["wall_s"] >= max(take["timings"]["total_s"] for take in found["takes"])
    lines = message.err.splitlines()
    assert {line[:3] for line in lines} == {"A: ", "B: "}, "how each take stands, also where nobody's terminal listens"
    assert {"A: completed", "B: completed"} <= set(lines)


def test_a_second_time_costs_nothing_and_repeats_are_pairs(simulation: Simulation, home: Path) -> None:
    first = run("compare", "a ball", *SMALL, "--repeats", "2", "--json", home=home, **at(simulation.base_url)).document
    assert [(take["repeat"], take["arm"]) for take in first["takes"]] == [(0, "A"), (0, "B"), (1, "A"), (1, "B")]
    assert simulation.jobs_created == 4
    again = run("compare", "a ball", *SMALL, "--json", home=home, **at(simulation.base_url)).document
    assert [take["from_cache"] for take in again["takes"]] == [True, True]
    assert simulation.jobs_created == 4
    fresh = run("compare", "a ball", *SMALL, "--fresh", "--json", home=home, **at(simulation.base_url)).document
    assert [take["from_cache"] for take in fresh["takes"]] == [False, False]
    assert simulation.jobs_created == 6


def test_without_json_people_read_where_the_clips_are(simulation: Simulation, home: Path) -> None:
    message = run("compare", "a ball", *SMALL, home=home, **at(simulation.base_url))
    assert message.code == 0
    assert message.out.count("completed") == 2
    paths = [line.strip() for line in message.out.splitlines() if line.strip().endswith(".mp4")]
    assert len(paths) == 2
    assert all(Path(path).is_file() for path in paths)


def test_one_arm_that_fails_is_told_and_the_other_is_saved(simulation: Simulation, home: Path) -> None:
    words = ("compare", "a ball", *SMALL, "--model-a", "no-such-model", "--json")
    message = run(*words, home=home, **at(simulation.base_url))
    assert message.code == 1
    a, b = message.document["takes"]
    assert (a["status"], b["status"]) == ("failed", "completed")
    assert "no-such-model" in a["error"]
    assert is_one_sentence(a["error"])
    assert a["clip"] is None


def test_stopped_with_the_keyboard_it_says_what_goes_on_and_the_next_run_goes_on(
    simulation: Simulation, home: Path
) -> None:
    simulation.faults({"on": "retrieve", "fault": "stick_at"})
    words = [sys.executable, "-m", "sora_compare", "compare", "a ball", *SMALL, "--json"]
    found = environment(home, **at(simulation.base_url))
    with subprocess.Popen(words, env=found, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: simulation.jobs_created == 2 and simulation.struck() >= 4)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert err.splitlines()[-1].startswith("Stopped.")
    assert "Traceback" not in err
    simulation.faults()
    again = run("compare", "a ball", *SMALL, "--json", home=home, **at(simulation.base_url)).document
    assert [take["status"] for take in again["takes"]] == ["completed"] * 2
    assert simulation.jobs_created == 2, "the request was paid for again"


# Bad input: a sentence each


def refused(text: Said, *words: str, code: int = 2) -> None:
    """It ended with that code, printed nothing, and said one sentence that has these words."""
    assert text.code == code, text
    assert text.out == ""
    assert is_one_sentence(text.err), text.err
    for word in words:
        assert word in text.err


@pytest.mark.parametrize("prompt", ["", " \n"])
def test_an_empty_prompt(prompt: str, home: Path) -> None:
    refused(run("compare", prompt, "--json", home=home), "The prompt is empty", "describe")


def test_a_prompt_that_is_too_long(home: Path) -> None:
    refused(run("compare", "x" * 4001, home=home), "4,001 characters", "1 more", "shorten")


@pytest.mark.parametrize("seconds", ["0", "5"])
def test_seconds_that_an_arm_does_not_take(seconds: str, home: Path) -> None:
    refused(run("compare", "a ball", "--seconds", seconds, home=home), "cannot make", "choose")


def test_seconds_that_only_one_arm_takes(home: Path) -> None:
    refused(run("compare", "a ball", "--seconds", "25", home=home), "sora-2-2025-10-06 cannot make 25 s clips")


@pytest.mark.parametrize("size", ["99x99", "-1x-1", "huge"])
def test_a_size_that_an_arm_does_not_take(size: str, home: Path) -> None:
    refused(run("compare", "a ball", f"--size={size}", home=home), "choose")


def test_repeats_that_are_none(home: Path) -> None:
    refused(run("compare", "a ball", "--repeats", "0", home=home), "--repeats must be 1 or more")


def test_an_endpoint_that_is_not_configured(home: Path) -> None:
    message = run("compare", "a ball", "--endpoint-a", "nowhere", home=home)
    refused(message, "No endpoint is called “nowhere”", "simulator")


@pytest.mark.parametrize("url", ["host/v1", "https://me:secret@host/v1"])
def test_a_base_url_that_is_none(url: str, home: Path) -> None:
    message = run("compare", "a ball", home=home, OPENAI_BASE_URL=url)
    refused(message, "base URL")
    assert "secret" not in message.err


def test_a_setting_that_is_no_number(home: Path) -> None:
    refused(run("compare", "a ball", home=home, SORA_COMPARE_SIMULATOR_SPEED="fast"), "SORA_COMPARE_SIMULATOR_SPEED")


def test_a_secrets_file_that_is_broken(home: Path, tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit/secrets.toml").write_text("OPENAI_API_KEY = sk-secret")
    message = run("compare", "a ball", home=home, cwd=tmp_path)
    refused(message, "secrets.toml is not valid TOML")
    assert "sk-secret" not in message.err


def test_a_folder_that_is_somebody_elses(home: Path) -> None:
    home.mkdir()
    (home / "letters.txt").write_text("mine")
    refused(run("compare", "a ball", home=home), "was not made by Sora Compare", "SORA_COMPARE_HOME")
    assert [path.name for path in home.iterdir()] == ["letters.txt"]


def test_a_folder_that_cannot_be_made(home: Path) -> None:
    home.write_text("a file")
    for place in (home, home / "deeper"):
        refused(run("compare", "a ball", home=place, cwd=home.parent), "SORA_COMPARE_HOME")


def test_a_folder_that_is_not_writable(tmp_path: Path) -> None:
    """Nobody may write there, not even the administrator, as whom tests may run."""
    del tmp_path
    refused(run("compare", "a ball", home=Path("/proc/self/sora-compare"), cwd=Path("/")), "SORA_COMPARE_HOME")


def test_a_folder_of_a_newer_version(home: Path) -> None:
    home.mkdir()
    (home / "sora-compare.json").write_text(json.dumps({"made_by": "sora-compare", "format": 99}))
    refused(run("compare", "a ball", home=home), "format 99")


def test_a_port_that_is_in_use(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused(run("simulate", "--port", port, "--json", home=home), f"port {port}", "--port")


def failed_both(text: Said, *words: str) -> None:
    """Both takes failed with one sentence that has these words, and the document is still one."""
    assert text.code == 1, text
    assert "Traceback" not in text.err
    for take in text.document["takes"]:
        assert take["status"] == "failed"
        assert is_one_sentence(take["error"].replace(". ", " "))
        for word in words:
            assert word in take["error"]


def test_a_key_that_is_refused(simulation: Simulation, home: Path) -> None:
    message = run("compare", "a ball", *SMALL, "--json", home=home, **at(simulation.base_url, "sk-bad-0123456789"))
    failed_both(message, "the key is not accepted", "Set the right key")
    assert "sk-bad" not in message.out + message.err
    assert simulation.jobs_created == 0


def test_a_key_that_is_missing(simulation: Simulation, home: Path) -> None:
    record = {"OPENAI_BASE_URL": simulation.base_url, "SORA_COMPARE_POLL_S": "0.05"}
    failed_both(run("compare", "a ball", *SMALL, "--json", home=home, **record), "no key was sent")


@pytest.fixture
def website() -> Iterator[Served]:
    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse("<!doctype html><title>Welcome</title>")

    with Served(Starlette(routes=[Route("/{path:path}", page, methods=["GET", "POST"])])) as started:
        yield started


def test_an_address_that_answers_with_a_page(website: Served, home: Path) -> None:
    message = run("compare", "a ball", *SMALL, "--json", home=home, **at(website.origin))
    failed_both(message, "an HTML page instead of the Videos API", "/v1")


def test_an_endpoint_that_cannot_be_reached_is_given_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    for name, value in {**at(base_url), "SORA_COMPARE_HOME": str(home)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(compare, "UNREACHED_LIMIT_S", 0.5)
    code = main(["compare", "a ball", *SMALL, "--json"])
    out, err = capsys.readouterr()
    assert "cannot be reached (nothing answers at that address and port)" in err
    assert "Try 2 of 6 comes at" in err
    assert code == 1
    takes = json.loads(out)["takes"]
    assert [take["status"] for take in takes] == ["cancelled"] * 2
    assert all("Cancelled before anything was sent. " in take["error"] for take in takes)
    assert all("cannot be reached" in take["error"] for take in takes)
