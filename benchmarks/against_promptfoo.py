"""Our `suite run` beside `promptfoo eval`: the same prompts, simulator, concurrency and poll interval, caches off.

promptfoo (npm) runs its own OpenAI video provider with `apiBaseUrl` at our simulator. `wall` is the whole command as
somebody types it; `wall_of_jobs` leaves the start of either program out: from the first job's creation to the last
clip. `survives_bad_poll` is the share of clips saved when exactly one status request answers HTTP 500.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

from benchmarks import _rig
from benchmarks.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

PROMPTFOO = "0.121.20"
PROMPTS = [f"promptfoo and we, prompt {n}" for n in range(6)]
MODELS = (_rig.MODEL_A, _rig.MODEL_B)
SECONDS = 8
SPEED = 10.0
POLL_MS = 94
"""What the simulator asks for at this speed; promptfoo does not read the header, so it is told."""
CONCURRENCY = 4
ROUNDS = 2
PROJECT = Path(__file__).resolve().parent.parent
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run of a tool: seconds of the command and of the jobs, and the share of clips it has in the end."""

    wall_s: float
    jobs_s: float
    share_saved: float


def figures() -> list[Figure]:
    """The figures of `python -m benchmarks against_promptfoo`."""
    tool = _installed()
    rounds = [(_ours([]), _theirs(tool, [])) for _ in range(ROUNDS)]
    one_bad_poll = [{"on": "retrieve", "fault": "status", "code": 500, "times": 1, "after": 20}]
    ours_bad, theirs_bad = _ours(one_bad_poll), _theirs(tool, one_bad_poll)
    against, n = f"promptfoo {PROMPTFOO}", len(PROMPTS) * len(MODELS)
    ours, theirs = min(rounds, key=lambda pair: pair[0].wall_s)[0], min(rounds, key=lambda pair: pair[1].wall_s)[1]
    return [
        Figure("wall", ours.wall_s, "s", against, ours.wall_s / theirs.wall_s, ROUNDS),
        Figure("wall_promptfoo", theirs.wall_s, "s", n=ROUNDS),
        Figure("wall_of_jobs", ours.jobs_s, "s", against, ours.jobs_s / theirs.jobs_s, ROUNDS),
        Figure("clips", ours.share_saved, "share", against, ours.share_saved / theirs.share_saved, n),
        Figure("survives_bad_poll", ours_bad.share_saved, "share", against,
               ours_bad.share_saved / max(theirs_bad.share_saved, 1 / n), n),
        Figure("survives_bad_poll_promptfoo", theirs_bad.share_saved, "share", n=n),
    ]  # fmt: skip


def _installed() -> Path:
    """The program, installed once into the user's cache, never into the project."""
    folder = user_cache_path("sora-compare", appauthor=False) / f"promptfoo-{PROMPTFOO}"
    tool = folder / "node_modules" / ".bin" / "promptfoo"
    if not tool.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError("npm is not installed: promptfoo comes from it.")
        folder.mkdir(parents=True, exist_ok=True)
        words = [npm, "install", f"promptfoo@{PROMPTFOO}", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(words, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return tool


def _ours(faults: list[dict[str, Any]]) -> Outcome:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, _rig.simulator(speed=SPEED) as server:
        _warmed(server.base_url, faults)
        suite = Path(folder) / "prompts.jsonl"
        suite.write_text("".join(json.dumps({"prompt": prompt}) + "\n" for prompt in PROMPTS))
        words = [sys.executable, "-m", "sora_compare", "suite", "run", str(suite), "--seconds", str(SECONDS), "--json"]
        record = {
            "OPENAI_BASE_URL": server.base_url,
            "OPENAI_API_KEY": _rig.KEY,
            "SORA_COMPARE_HOME": f"{folder}/home",
            "PYTHONPATH": str(PROJECT),
        }
        wall = _timed(words, record, Path(folder))
        clips = {path for path in Path(folder, "home", "clips").glob("??/*.mp4") if ".preview" not in path.name}
        return _outcome(wall, server.base_url, sorted(clips))


def _theirs(tool: Path, faults: list[dict[str, Any]]) -> Outcome:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, _rig.simulator(speed=SPEED) as server:
        _warmed(server.base_url, faults)
        config = Path(folder) / "promptfooconfig.json"
        config.write_text(json.dumps(_promptfoo_config(server.base_url)))
        out = ["-c", str(config), "-o", f"{folder}/out.json", "-j", str(CONCURRENCY)]
        quiet = ["--no-cache", "--no-write", "--no-table", "--no-progress-bar"]
        record = {
            "OPENAI_API_KEY": _rig.KEY,
            "PROMPTFOO_CONFIG_DIR": f"{folder}/config",
            "PROMPTFOO_CACHE_ENABLED": "false",
            "PROMPTFOO_DISABLE_TELEMETRY": "1",
            "PROMPTFOO_DISABLE_UPDATE": "1",
            "PROMPTFOO_DISABLE_REMOTE_GENERATION": "1",
        }
        wall = _timed([str(tool), "eval", *out, *quiet], record, Path(folder))
        clips = sorted(Path(folder, "config", "media").rglob("*.mp4"))
        return _outcome(wall, server.base_url, clips)


def _promptfoo_config(base_url: str) -> dict[str, Any]:
    settings = {
        "apiBaseUrl": base_url,
        "seconds": SECONDS,
        "size": _rig.SIZE,
        "poll_interval_ms": POLL_MS,
        "download_thumbnail": False,
        "download_spritesheet": False,
    }
    providers = [{"id": f"openai:video:{model}", "config": settings} for model in MODELS]
    return {"prompts": ["{{prompt}}"], "providers": providers, "tests": [{"vars": {"prompt": one}} for one in PROMPTS]}


def _timed(words: Sequence[str], data: dict[str, str], folder: Path) -> float:
    """Seconds that a command took; what it says goes nowhere, and how it judges its own run does not matter."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    started = time.monotonic()
    subprocess.run(words, cwd=folder, env={**environment, **data}, check=False, capture_output=True, timeout=600)
    return time.monotonic() - started


def _warmed(base_url: str, faults: list[dict[str, Any]]) -> None:
    """The stock clip is drawn before anybody is timed; then the faults are ordered."""
    with _rig.control(base_url) as web:
        asked = {"model": _rig.MODEL_B, "prompt": "warm-up", "seconds": str(SECONDS), "size": _rig.SIZE}
        job = web.post("/v1/videos", json=asked).raise_for_status().json()["id"]
        while web.get(f"/v1/videos/{job}").json()["status"] != "completed":
            time.sleep(0.1)
        web.get(f"/v1/videos/{job}/content").raise_for_status()
        web.delete(f"/v1/videos/{job}").raise_for_status()
        web.put("/simulator/faults", json={"rules": faults}).raise_for_status()


def _outcome(wall_s: float, base_url: str, clips: list[Path]) -> Outcome:
    with _rig.control(base_url) as web:
        jobs = web.get("/v1/videos", params={"limit": 100}).raise_for_status().json()["data"]
    first = min(job["created_at"] for job in jobs)
    last = max((path.stat().st_mtime for path in clips), default=float("nan"))
    return Outcome(wall_s, last - first, len(clips) / (len(PROMPTS) * len(MODELS)))
