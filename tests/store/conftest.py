"""One contract for both databases: tests that take `store` or `open_again` run over SQLite and over PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.requests import ClipRequest, ClipSettings, fingerprint
from sora_compare.domain.takes import ArmLabel, Moments, Origin, Take
from sora_compare.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sora_compare.store.store import Store
    from tests.store.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A folder, and the address of a database or "" for a file in the folder: where a new store is opened."""
    if request.param == "sqlite":
        return tmp_path / "home", ""
    server: PostgresServer = request.getfixturevalue("postgres")
    return tmp_path / "home", server.new_store_database()


@pytest.fixture
def open_again(place: tuple[Path, str]) -> Iterator[Callable[[], Store]]:
    """Open the test's store, once more at every call."""
    opened: list[Store] = []

    def opening() -> Store:
        opened.append(open_store(*place))
        return opened[-1]

    yield opening
    for one in opened:
        one.close()


@pytest.fixture
def store(open_again: Callable[[], Store]) -> Store:
    return open_again()


@pytest.fixture
def make_take() -> Callable[..., Take]:
    """Make a take; what is not given does not matter to the test."""

    def make(**details: Any) -> Take:  # noqa: ANN401  # the fields of Take
        request = ClipRequest("sora-2-2025-12-08", "a ball falls", ClipSettings(8, "1280x720"))
        known: dict[str, Any] = {
            "id": new_identifier("take"),
            "comparison_id": "cmp_1",
            "arm": ArmLabel.A,
            "endpoint": "simulator",
            "origin": Origin.SIMULATED,
            "request": request,
            "fingerprint": fingerprint("simulator", request, 0),
            "moments": Moments(planned=1.0),
        }
        return Take(**{**known, **details})

    return make
