"""Fixtures of every test folder: a started simulator, a data folder, opened services."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Protocol

import pytest

from sora_compare.settings import load
from tests.disks import small_disk_at
from tests.simulation import Simulation, open_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sora_compare.domain.endpoints import Endpoint
    from sora_compare.endpoints.protocol import Timeouts
    from sora_compare.generation.limits import RetryPolicy
    from sora_compare.services import Services
    from sora_compare.settings import Settings
    from tests.store.postgres import PostgresServer


def pytest_configure(config: pytest.Config) -> None:
    """The adapter ignores one warning of the SDK, which pytest forgets before each test; Ctrl+C works everywhere."""
    announced = "The Sora API is scheduled to permanently shut down"
    config.addinivalue_line("filterwarnings", f"ignore:{announced}:DeprecationWarning")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts what runs in its background so, and every process of a test would inherit it.
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def _simulation() -> Iterator[Simulation]:
    started = Simulation()
    yield started
    started.close()


@pytest.fixture
def simulation(_simulation: Simulation) -> Iterator[Simulation]:
    """A running simulator without faults; its jobs are counted from the test's start."""
    _simulation.reset()
    yield _simulation
    _simulation.reset()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test process."""
    from tests.store.postgres import postgres_server  # noqa: PLC0415  # only tests that use it wait for it

    with postgres_server() as server:
        yield server


class OpenServices(Protocol):
    """Opens the services of a data folder; they are closed with the test."""

    def __call__(
        self,
        *endpoints: Endpoint,
        home: Path | None = None,
        with_runner: bool = True,
        retry_policy: RetryPolicy | None = None,
        timeouts: Timeouts | None = None,
    ) -> Services:
        """The opened services."""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenServices]:
    """Opens services on the test's data folder, or another."""
    found: list[Services] = []

    def open_them(
        *endpoints: Endpoint,
        home: Path | None = None,
        with_runner: bool = True,
        retry_policy: RetryPolicy | None = None,
        timeouts: Timeouts | None = None,
    ) -> Services:
        found.append(open_with(home or tmp_path / "home", endpoints, retry_policy, timeouts))
        if with_runner:
            found[-1].runner.start()
        return found[-1]

    yield open_them
    for one in reversed(found):
        one.close()


@pytest.fixture
def read_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Read settings from these environment variables and this text of secrets.toml."""

    def reading(secrets: str | None = None, /, **environment: str) -> Settings:
        path = tmp_path / "secrets.toml"
        if secrets is not None:
            path.write_text(secrets, "utf-8")
        return load(environment, path)

    return reading


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 2 MB that fills up."""
    with small_disk_at(tmp_path / "small", 2) as disk:
        yield disk
