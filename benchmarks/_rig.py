"""What the generation benchmarks share: a simulator that does not draw, our services, and the bare SDK beside them."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import openai

from sora_compare.domain.comparisons import Arm
from sora_compare.domain.endpoints import Endpoint
from sora_compare.domain.requests import ClipSettings
from sora_compare.domain.takes import ArmLabel
from sora_compare.services import Services, open_services
from sora_compare.settings import Secret, Settings
from sora_compare.simulator.process import SimulatorProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sora_compare.domain.comparisons import Comparison
    from sora_compare.domain.takes import Take

KEY = "sk-benchmark-0123456789"
KEY_SOURCE = "env:BENCHMARK_KEY"
MODEL_A, MODEL_B = "sora-2-2025-10-06", "sora-2-2025-12-08"
SIZE = "1280x720"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The clip that both sides ask for."""

    seconds: int
    size: str = SIZE


@contextmanager
def simulator(*arguments: str, speed: float) -> Iterator[SimulatorProcess]:
    """A simulator that hands out stock clips, so that drawing on the same cores does not decide the figures."""
    flags = ("--no-render", "--lenient", "--stability", "off", "--max-jobs", "5000")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as state,
        SimulatorProcess(*flags, *arguments, speed=speed, state=Path(state)) as started,
    ):
        yield started


def control(base_url: str) -> httpx2.Client:
    """A client of the simulator, for its counts and faults; paths are below the server's root."""
    root = base_url.removesuffix("/v1")
    return httpx2.Client(base_url=root, headers={"Authorization": f"Bearer {KEY}"}, trust_env=False, timeout=300)


def jobs_created(base_url: str) -> int:
    """Jobs the simulator has made: what would have been billed."""
    with control(base_url) as web:
        return int(web.get("/simulator/counts").raise_for_status().json()["jobs_created"])


def lab(base_url: str, **changes: Any) -> Endpoint:  # noqa: ANN401  # fields of Endpoint
    """The simulator as an endpoint."""
    return Endpoint(**{"name": "lab", "base_url": base_url, "key_source": KEY_SOURCE, **changes})


@contextmanager
def services(endpoint: Endpoint, home: Path) -> Iterator[Services]:
    """Our services with this one endpoint; the runner is not started."""
    settings = Settings(home, {endpoint.name: endpoint}, endpoint.name, {KEY_SOURCE: Secret(KEY)})
    opened = open_services(settings, with_runner=False)
    try:
        yield opened
    finally:
        opened.close()


def ask(opened: Services, prompt: str, clip: Wanted) -> Comparison:
    """Send one prompt to both arms."""
    arms = (Arm(ArmLabel.A, "lab", MODEL_A), Arm(ArmLabel.B, "lab", MODEL_B))
    return opened.send(opened.planner.plan(prompt, ClipSettings(clip.seconds, clip.size), arms))


def ended(opened: Services, comparison: Comparison, look_s: float) -> list[Take]:
    """The takes once all have their outcome."""
    while True:
        takes = opened.store.takes.of(comparison.id)
        if all(take.is_ended for take in takes):
            return takes
        time.sleep(look_s)


@dataclass(frozen=True, slots=True)
class Bare:
    """One clip made with the SDK alone, as its manual shows: seconds it took, and when the end was noticed."""

    job_id: str
    wall_s: float
    noticed: float


def bare_client(base_url: str) -> openai.AsyncOpenAI:
    """The SDK's client as it comes; the machine's proxy settings do not matter to a local server."""
    warnings.filterwarnings("ignore", message="The Sora API is scheduled", category=DeprecationWarning)
    return openai.AsyncOpenAI(
        base_url=base_url, api_key=KEY, http_client=openai.DefaultAsyncHttpxClient(trust_env=False)
    )


async def bare(client: openai.AsyncOpenAI, model: str, prompt: str, clip: Wanted, target: Path) -> Bare:
    """Create, ask as often as the server says, download to a file: no store, no check, nothing to resume from."""
    start = time.monotonic()
    asked: dict[str, Any] = {"model": model, "prompt": prompt, "seconds": str(clip.seconds), "size": clip.size}
    video = await client.videos.create(**asked)
    while video.status not in {"completed", "failed"}:
        answer = await client.videos.with_raw_response.retrieve(video.id)
        video = answer.parse()
        if video.status not in {"completed", "failed"}:
            await asyncio.sleep(int(answer.headers["openai-poll-after-ms"]) / 1000)
    noticed = time.time()
    async with client.videos.with_streaming_response.download_content(video.id) as content:
        await content.stream_to_file(target)
    return Bare(video.id, time.monotonic() - start, noticed)


def done_at(state: Path, job_id: str) -> float:
    """When the simulator had the job done, in seconds since the epoch; its API tells whole seconds only."""
    job = json.loads((state / "jobs" / f"{job_id}.json").read_bytes())
    return float(job["created_at"]) + float(job["plan"]["due_s"])
