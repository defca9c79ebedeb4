"""A service that uses the version manager: run by `test_store_away.py`, told line by line what to do."""

from __future__ import annotations

import json
import logging
import resource
import sys
from pathlib import Path
from typing import Any

from sora_compare.domain.endpoints import Endpoint
from sora_compare.releases.policy import reconnecting
from sora_compare.releases.version_manager import SoraVersionManager
from sora_compare.settings import Settings

FULL_AT = 64 * 1024
"""Bytes a file may have on the disk that is full: more than the log, less than the database."""

reconnecting.RETRY_S = 0.2
reconnecting.LOCK_WAIT_S = 0.3


def answer(manager: SoraVersionManager, word: str) -> Any:  # noqa: ANN401  # JSON
    """What the service does for one word."""
    if word == "switch":
        return manager.switch_version("latest", reason="a test")
    if word == "report":
        return manager.report_outcome("sora-2-2025-12-08", is_completed=True, total_s=40.0)
    if word == "video":
        return manager.generate_video("A cat", seconds=4)["success"]
    if word == "check":
        return manager.check_canary()
    if word == "full":
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        return resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_AT, hard))
    return [manager.get_model_version(), manager.model_for(key="user-1"), manager.current_version]


def main(home: str, base_url: str, key: str, policy: str) -> None:
    """Open the manager, then answer each line of standard input with one of standard output."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    settings = Settings(home=Path(home), endpoints={"simulator": Endpoint("simulator", "", profile="simulator")})
    manager = SoraVersionManager(key, base_url, policy=policy or None, environment="production", settings=settings)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(manager, line.strip())) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
