"""A process that carries takes until it is killed: `python -m benchmarks._carrier URL HOME`."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import _rig
from sora_compare.endpoints.protocol import Timeouts
from sora_compare.generation.limits import Backoff, RetryPolicy
from sora_compare.generation.runner import Runner

IN_FLIGHT = 12
SHORT = RetryPolicy(
    lease_s=1.5,
    renew_s=0.3,
    inbox_s=0.1,
    pause_s=1.0,
    search_s=(0.2, 0.5),
    create=Backoff(base_s=0.1, cap_s=1.0),
    fetch=Backoff(base_s=0.1, cap_s=0.5),
    gone_after_s=5.0,
)
"""The product's waits, shortened alike, so that hours of faults pass in minutes."""


def endpoint_facts() -> dict[str, object]:
    """How the endpoint is set up."""
    return {"poll_interval_s": 0.1, "concurrency": IN_FLIGHT, "watch_limit_s": 8.0}


def main() -> None:
    """Say "ready" on standard output, then carry until standard input ends."""
    base_url, home = sys.argv[1:]
    with _rig.services(_rig.lab(base_url, **endpoint_facts()), Path(home)) as opened:
        opened.client_pool.timeouts = Timeouts(connect_s=2.0, create_s=0.6, answer_s=1.5)
        runner = Runner(
            opened.store, opened.coordination, opened.files, opened.worker, opened.client_pool, retry_policy=SHORT
        )
        runner.start()
        print("ready", flush=True)
        sys.stdin.read()
        runner.stop()


if __name__ == "__main__":
    main()
