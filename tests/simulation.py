"""The simulator as tests use it: a process on a real socket, with faults ordered and jobs counted over HTTP."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx2

from sora_compare.domain.endpoints import Endpoint
from sora_compare.endpoints.protocol import Timeouts
from sora_compare.generation.limits import Backoff, RetryPolicy
from sora_compare.services import Services, open_services
from sora_compare.settings import Secret, Settings
from sora_compare.simulator.process import SimulatorProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

KEY = "sk-test-0123456789abcdef"
KEY_SOURCE = "env:TEST_KEY"
POLL_S = 0.05


def endpoint_at(base_url: str, **changes: object) -> Endpoint:
    """An endpoint that is asked often, so that tests are quick."""
    details: dict[str, object] = {
        "name": "lab", "base_url": base_url, "key_source": KEY_SOURCE, "poll_interval_s": POLL_S, "concurrency": 16,
    }  # fmt: skip
    return Endpoint(**{**details, **changes})  # type: ignore[arg-type]


QUICK = RetryPolicy(
    lease_s=1.5,
    renew_s=0.3,
    inbox_s=0.05,
    pause_s=0.5,
    unwritable_s=0.1,
    search_s=(0.1, 0.1),
    create=Backoff(base_s=0.02, cap_s=0.2),
    fetch=Backoff(base_s=0.02, cap_s=0.1),
    gone_after_s=0.5,
)
"""The runner's waits, shortened."""
SOON = Timeouts(connect_s=2.0, create_s=1.0, answer_s=2.0)


def open_with(
    home: Path,
    endpoints: Sequence[Endpoint],
    retry_policy: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
    database_url: str = "",
) -> Services:
    """Services on a data folder with these endpoints and one key; their runner waits less and is not started."""
    settings = Settings(
        home=home,
        endpoints={one.name: one for one in endpoints},
        default_endpoint=endpoints[0].name,
        secrets={KEY_SOURCE: Secret(KEY)},
        database_url=Secret(database_url),
        key_hosts={KEY_SOURCE.removeprefix("env:"): frozenset({"127.0.0.1"})},
    )
    found = open_services(settings, with_runner=False)
    found.client_pool.timeouts = timeouts or SOON
    # The composition root has no parameter for it, since the product has no use for one.
    found.runner._retry_policy = found.runner._downloader._retry_policy = retry_policy or QUICK
    return found


def wait_until(is_so: Callable[[], bool], *, limit_s: float = 30.0, gap_s: float = 0.02) -> None:
    """Return as soon as it is so; fail when it is not within the limit."""
    end = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < end, f"did not come true within {limit_s:g} s"
        time.sleep(gap_s)


class Simulation:
    """A running simulator whose clips come from a stock, so that a test waits for the product and not for drawing."""

    def __init__(self, *arguments: str, speed: float = 100.0) -> None:
        flags = ("--lenient", "--no-render", "--stability", "off", "--max-jobs", "5000")
        self._process = SimulatorProcess(*flags, *arguments, speed=speed)
        self.base_url = self._process.base_url
        self._control = self.base_url.removesuffix("/v1") + "/simulator"
        self._web = httpx2.Client(headers={"Authorization": f"Bearer {KEY}"}, trust_env=False, timeout=10)
        self._jobs_before = 0

    def reset(self) -> None:
        """No faults, and jobs are counted from here."""
        self.faults()
        self._jobs_before = self._counts()["jobs_created"]

    def faults(self, *rules: dict[str, Any]) -> None:
        """Order these faults and no others."""
        self._web.put(f"{self._control}/faults", json={"rules": list(rules)}).raise_for_status()

    def struck(self) -> int:
        """How often the ordered faults have happened."""
        rules = self._web.get(f"{self._control}/faults").raise_for_status().json()["rules"]
        return sum(rule["struck"] for rule in rules)

    @property
    def jobs_created(self) -> int:
        """Jobs made since `reset`: what would have been billed."""
        return int(self._counts()["jobs_created"]) - self._jobs_before

    def requests(self, route: str) -> int:
        """Requests on a route since the simulator started."""
        return int(self._counts()["requests"].get(route, 0))

    def _counts(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._web.get(f"{self._control}/counts").raise_for_status().json()
        return answer

    def jobs(self) -> list[dict[str, Any]]:
        """The newest jobs, as the API lists them."""
        answer = self._web.get(f"{self.base_url}/videos", params={"limit": 100}).raise_for_status()
        data: list[dict[str, Any]] = answer.json()["data"]
        return data

    def close(self) -> None:
        """End it."""
        self._web.close()
        self._process.close()
