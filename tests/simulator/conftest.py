"""A simulator that draws, over a real socket, and clients of it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx2
import openai
import pytest

from sora_compare.simulator.process import SimulatorProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "sk-test"
SMALL = {"seconds": "1", "size": "128x72"}


@pytest.fixture(scope="session")
def lab() -> Iterator[SimulatorProcess]:
    with SimulatorProcess("--lenient", "--stability", "off", speed=400) as running:
        yield running


@pytest.fixture
def web(lab: SimulatorProcess) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=lab.base_url, headers={"Authorization": f"Bearer {KEY}"}, timeout=30) as client:
        client.put(control(lab.base_url, "faults"), json=[])
        yield client
        client.put(control(lab.base_url, "faults"), json=[])


@pytest.fixture
def sdk(lab: SimulatorProcess) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key=KEY, base_url=lab.base_url, max_retries=0) as client:
        yield client


def control(base_url: str, what: str) -> str:
    return f"{base_url.removesuffix('/v1')}/simulator/{what}"


def create(web: httpx2.Client, **fields: object) -> dict[str, Any]:
    answer = web.post("/videos", json={"prompt": "testcard", **SMALL, **fields})
    assert answer.status_code == 200, answer.text
    video: dict[str, Any] = answer.json()
    return video


def finished(web: httpx2.Client, video_id: str, limit_s: float = 60.0) -> dict[str, Any]:
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        video: dict[str, Any] = web.get(f"/videos/{video_id}").json()
        if video["status"] in {"completed", "failed"}:
            return video
        time.sleep(0.02)
    raise AssertionError(f"not finished: {json.dumps(video)}")


def clip_of(web: httpx2.Client, **fields: object) -> bytes:
    video = finished(web, create(web, **fields)["id"])
    assert video["status"] == "completed", video
    return web.get(f"/videos/{video['id']}/content").content
