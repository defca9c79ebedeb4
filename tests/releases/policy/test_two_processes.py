"""Two processes that switch and read a thousand times each: nothing torn, nothing lost, each conflict told."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.snapshots import registry
from sora_compare.releases.policy.file import read_policy
from sora_compare.store.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

SWITCHES = 1000


@pytest.mark.heavy
@pytest.mark.parametrize("place", ["store", "file"])
def test_no_read_is_torn_and_the_log_is_complete(tmp_path: Path, place: str) -> None:
    home, policy = tmp_path / "home", tmp_path / "policy.toml"
    open_store(home).close()
    kept = str(policy) if place == "file" else ""
    command = [sys.executable, "-m", "tests.releases.policy.switcher", str(home), kept]
    processes = [
        subprocess.Popen([*command, who, str(SWITCHES)], stdout=subprocess.PIPE, text=True) for who in ("one", "two")
    ]
    lines = [json.loads(process.communicate(timeout=150)[0]) for process in processes]
    done = {name for one in lines for name in one["done"]}
    refused = sum(one["told"] for one in lines)
    assert len(done) + refused == 2 * SWITCHES
    store = open_store(home)
    found = store.audit_log.verify()
    entries = list(store.audit_log.entries())
    store.close()
    assert found.is_intact
    assert found.count == 2 * SWITCHES
    switches = [one for one in entries if one.event == "switch"]
    assert {one.facts["by"] for one in switches} == done
    assert [one.facts["revision"] for one in switches] == list(range(1, len(done) + 1))
    assert sum(one.event == "switch refused" for one in entries) == refused
    if place == "file":
        assert read_policy(policy, registry())[0].revision == len(done)
