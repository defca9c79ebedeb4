"""A real clip, made once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.simulation import KEY

if TYPE_CHECKING:
    from tests.simulation import Simulation


@pytest.fixture(scope="session")
def stock_clip(_simulation: Simulation) -> bytes:
    """The bytes of one small clip."""
    with httpx2.Client(headers={"Authorization": f"Bearer {KEY}"}, trust_env=False, timeout=20) as web:
        asked = {"model": "sora-2", "prompt": "stock", "seconds": "1", "size": "96x64"}
        job = web.post(f"{_simulation.base_url}/videos", json=asked).raise_for_status().json()
        place = f"{_simulation.base_url}/videos/{job['id']}"
        while web.get(place).json()["status"] != "completed":
            time.sleep(0.05)
        return web.get(f"{place}/content").raise_for_status().content
