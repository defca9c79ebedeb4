"""Both implementations of the seam, and a disk that fills up."""

from __future__ import annotations

import copy
import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.requests import ClipRequest, ClipSettings, fingerprint
from sora_compare.domain.takes import ArmLabel, Moments, Origin, Take
from sora_compare.store.damaged import Damaged
from sora_compare.store.diskcache_records import DiskcacheRecords
from sora_compare.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sora_compare.store.records import Records, Value


class MemoryRecords:
    """`Records` in a dictionary: what the contract is held against, and quick."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, str]] = {}
        self._lock = threading.RLock()
        self.damaged = Damaged()

    def get(self, table: str, key: str) -> Value | None:
        with self._lock:
            text = self._tables.get(table, {}).get(key)
        return None if text is None else dict(json.loads(text))

    def put(self, table: str, key: str, value: Value) -> None:
        with self._lock:
            self._tables.setdefault(table, {})[key] = json.dumps(value, allow_nan=False)

    def delete(self, table: str, key: str) -> bool:
        with self._lock:
            return self._tables.get(table, {}).pop(key, None) is not None

    def scan(
        self,
        table: str,
        *,
        after: str = "",
        before: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[tuple[str, Value]]:
        with self._lock:
            rows = sorted(self._tables.get(table, {}).items(), reverse=newest_first)
        chosen = [(key, text) for key, text in rows if key > after and (before is None or key < before)]
        yield from ((key, json.loads(text)) for key, text in chosen[:limit])

    def check(self) -> list[str]:
        return []

    def count(self, table: str) -> int:
        with self._lock:
            return len(self._tables.get(table, {}))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            before = copy.deepcopy(self._tables)
            try:
                yield
            except BaseException:
                self._tables = before
                raise

    def close(self) -> None:
        """Nothing to release."""


@pytest.fixture(params=["disk", "memory"])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Records]:
    """An empty, open implementation of the seam; each test runs against every one."""
    opened: Records = DiskcacheRecords(tmp_path / "records") if request.param == "disk" else MemoryRecords()
    yield opened
    opened.close()


@pytest.fixture
def store(records: Records) -> Store:
    return Store(records)


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
