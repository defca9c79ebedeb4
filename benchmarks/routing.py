"""How quickly production code learns which model a key uses.

`decision`: `SoraVersionManager.model_for` with a canary, over one `hashlib.blake2b` of the same key (the hash that any
stable routing needs): ratio at most 5. Both run in turns in one process, so that a busy machine slows both.
"""

from __future__ import annotations

import hashlib
import statistics
import tempfile
from pathlib import Path
from time import perf_counter_ns

from benchmarks.figures import Figure
from sora_compare import SoraVersionManager
from sora_compare.domain.endpoints import Endpoint
from sora_compare.domain.policies import Author
from sora_compare.domain.snapshots import DEFAULT_B
from sora_compare.settings import Settings

ROUNDS = 40
KEYS = [f"user-{number}" for number in range(5_000)]
LIMIT = 5.0


def figures() -> list[Figure]:
    """The figure `decision`, in nanoseconds a call."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder) / "home", endpoints={"simulator": Endpoint("simulator", "")})
        with SoraVersionManager(environment="production", settings=settings) as manager:
            author = Author("benchmark", "measure the routing")
            manager.releases.start_canary("production", DEFAULT_B, force=True, author=author)
            ours, hashes = [], []
            for _ in range(ROUNDS):
                ours.append(_routed(manager))
                hashes.append(_hashed())
    ratios = [mine / theirs for mine, theirs in zip(ours, hashes, strict=True)]
    ratio = statistics.median(ratios)
    against = "one hashlib.blake2b of the same key"
    return [Figure("decision", statistics.median(ours), "ns", against, round(ratio, 3), ROUNDS * len(KEYS))]


def _routed(manager: SoraVersionManager) -> float:
    model_for = manager.model_for
    begin = perf_counter_ns()
    for key in KEYS:
        model_for("production", key)
    return (perf_counter_ns() - begin) / len(KEYS)


def _hashed() -> float:
    blake2b = hashlib.blake2b
    begin = perf_counter_ns()
    for key in KEYS:
        blake2b(key.encode()).digest()
    return (perf_counter_ns() - begin) / len(KEYS)
