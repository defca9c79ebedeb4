"""A process that switches and reads: run by `test_two_processes.py`, twice at once."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from sora_compare.domain.endpoints import Endpoint
from sora_compare.domain.policies import DEFAULT_VERSIONS
from sora_compare.releases.refusals import ChangedMeanwhile
from sora_compare.releases.version_manager import SoraVersionManager
from sora_compare.settings import Settings

KEYS = ("latest", "stable")


def main(home: str, policy: str, who: str, count: int) -> None:
    """Switch and read `count` times; print what was done and what was refused."""
    settings = Settings(home=Path(home), endpoints={"simulator": Endpoint("simulator", "", profile="simulator")})
    manager = SoraVersionManager(policy=policy or None, environment="production", settings=settings)
    done, found = [], 0
    for number in range(count):
        key = KEYS[number % 2]
        try:
            manager.switch_version(key, by=f"{who}-{number}")
            done.append(f"{who}-{number}")
        except ChangedMeanwhile:
            found += 1
        assert manager.current_version in DEFAULT_VERSIONS.values(), manager.current_version
        seen = manager.releases.policy
        assert seen.environments["production"].model in DEFAULT_VERSIONS.values()
        assert len(seen.history) <= seen.revision
    manager.close()
    sys.stdout.write(json.dumps({"done": done, "told": found}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
