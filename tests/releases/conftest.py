"""Fixtures of the release tests: settings on a data folder, a clock that can be set, an opened policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.endpoints import Endpoint
from sora_compare.domain.policies import Author
from sora_compare.releases.policy.changes import Releases
from sora_compare.releases.policy.repository import PolicyFile, PolicyInStore
from sora_compare.settings import Settings
from sora_compare.store.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOVEMBER = 1_793_500_000.0
"""2026-11-01: both snapshots are retired."""
MARCH = 1_772_400_000.0
"""2026-03-01: both will be."""

WHY = Author(reason="a test")
"""Production wants a reason for each change."""


class Clock:
    """A clock that stands where it was set."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(NOVEMBER)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home, endpoints={"simulator": Endpoint("simulator", "", profile="simulator")})


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    opened = open_store(home)
    yield opened
    opened.close()


@pytest.fixture(params=["store", "file"])
def releases(request: pytest.FixtureRequest, store: Store, home: Path, tmp_path: Path, clock: Clock) -> Releases:
    """The default policy, kept in the store and then in a file."""
    in_file = request.param == "file"
    policies = PolicyFile(tmp_path / "policy.toml", home) if in_file else PolicyInStore(store, home)
    return Releases(policies, store.audit_log, clock)
