"""Records on one machine's disk, on diskcache, made safe: nothing is evicted, nothing is unpickled.

diskcache evicts by default and runs pickle on what it reads (CVE-2025-69872, no maintainer). Here the eviction
policy is "none" and checked at every open, since the database remembers it and any opener could have changed
it; values are JSON text in the database and any other row is refused. See docs/decisions/0002-diskcache.md.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import diskcache

from sora_compare.errors import StoreUnusable, TamperedRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sora_compare.storage.records import Value

SEPARATOR = "/"
AFTER_SEPARATOR = "0"
"""The character after "/" in code point order: ends the range of a table's keys."""
SCAN_PAGE = 1000
SAFE = {
    "eviction_policy": "none",
    "cull_limit": 0,
    "statistics": 0,
    "tag_index": 0,
    "sqlite_journal_mode": "wal",
    "sqlite_synchronous": 2,
}


class JsonTextDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache ships no types
    """Stores JSON text inside the database and refuses every other kind of row."""

    def put(self, key: object) -> tuple[str, bool]:
        """A key for the database: text only."""
        if not isinstance(key, str):
            raise TypeError(key)
        return key, True

    def get(self, key: object, raw: object) -> str:
        """A key from the database; raw=0 would be a pickle."""
        if not isinstance(key, str) or not raw:
            raise TamperedRecord("a key that is not text")
        return key

    def store(self, value: object, read: bool, key: object = None) -> tuple[int, int, None, str]:  # noqa: ARG002, FBT001  # diskcache's signature
        """A value for the database: JSON text, never a file, never a pickle."""
        if read:
            raise TypeError("records are not streams")
        return (
            0,
            diskcache.core.MODE_RAW,
            None,
            json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False),
        )

    def fetch(self, mode: object, filename: object, value: object, read: object) -> Any:  # noqa: ARG002, ANN401  # diskcache's signature
        """A value from the database."""
        return _decoded(mode, filename, value)


class _OrderedCache(diskcache.Cache):  # type: ignore[misc]  # diskcache ships no types
    """A cache that can walk a range of keys with their values in one query.

    The public `iterkeys` starts at one end of the whole database only; `_sql` is the library's own hook for
    subclasses and its version is pinned.
    """

    def walk(self, low: str, high: str, *, newest_first: bool, limit: int) -> list[tuple[str, Any]]:
        order = "DESC" if newest_first else "ASC"
        statement = (
            "SELECT key, raw, mode, filename, value FROM Cache WHERE key > ? AND key < ? "  # noqa: S608  # order is one of two constants
            f"ORDER BY key {order} LIMIT ?"
        )
        rows = self._sql(statement, (low, high, limit)).fetchall()
        return [(self.disk.get(key, raw), _decoded(mode, name, value)) for key, raw, mode, name, value in rows]

    def count_between(self, low: str, high: str) -> int:
        ((number,),) = self._sql("SELECT COUNT(*) FROM Cache WHERE key > ? AND key < ?", (low, high)).fetchall()
        return int(number)


def _decoded(mode: object, filename: object, value: object) -> Any:  # noqa: ANN401  # whatever JSON holds
    if mode != diskcache.core.MODE_RAW or filename is not None or not isinstance(value, str):
        raise TamperedRecord(f"mode {mode}, file {filename}")
    try:
        return json.loads(value)
    except ValueError as error:
        raise TamperedRecord("text that is not JSON") from error


class DiskcacheRecords:
    """`Records` in one SQLite database; safe between threads and processes of one machine."""

    def __init__(self, folder: Path) -> None:
        """Open or make the database in `folder`.

        Raises:
            StoreUnusable: the folder cannot be made, written or read as a database.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            self._cache = _OrderedCache(str(folder), disk=JsonTextDisk, **SAFE)
        except (OSError, sqlite3.Error, diskcache.Timeout) as error:
            raise StoreUnusable(folder, _reason(error)) from error
        self._check_policy(folder)

    def _check_policy(self, folder: Path) -> None:
        kept = {name: getattr(self._cache, name) for name in ("eviction_policy", "cull_limit")}
        if kept != {"eviction_policy": "none", "cull_limit": 0}:
            raise StoreUnusable(folder, f"its eviction settings are unsafe ({kept})")

    def get(self, table: str, key: str) -> Value | None:
        """The record, or None when there is none."""
        found: Value | None = self._cache.get(_key(table, key), retry=True)
        return found

    def put(self, table: str, key: str, value: Value) -> None:
        """Write the record; on return it survives a killed process."""
        with _full_disk_is_a_sentence(self._cache.directory):
            self._cache.set(_key(table, key), value, retry=True)

    def delete(self, table: str, key: str) -> bool:
        """Remove the record; whether there was one."""
        return bool(self._cache.delete(_key(table, key), retry=True))

    def scan(
        self,
        table: str,
        *,
        after: str = "",
        before: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[tuple[str, Value]]:
        """Records whose key lies strictly between `after` and `before`, in the order of their keys."""
        low, high = _key(table, after), _key(table, before) if before else table + AFTER_SEPARATOR
        left = limit
        while left is None or left > 0:
            page = self._cache.walk(low, high, newest_first=newest_first, limit=min(SCAN_PAGE, left or SCAN_PAGE))
            for key, value in page:
                yield key.partition(SEPARATOR)[2], value
            if len(page) < SCAN_PAGE:
                return
            left = None if left is None else left - len(page)
            low, high = (low, page[-1][0]) if newest_first else (page[-1][0], high)

    def count(self, table: str) -> int:
        """How many records the table has."""
        return self._cache.count_between(table + SEPARATOR, table + AFTER_SEPARATOR)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen together or not at all; others wait. Never await inside."""
        with _full_disk_is_a_sentence(self._cache.directory), self._cache.transact(retry=True):
            yield

    def close(self) -> None:
        """Release this thread's connection."""
        self._cache.close()


def _key(table: str, key: str) -> str:
    return f"{table}{SEPARATOR}{key}"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


@contextmanager
def _full_disk_is_a_sentence(folder: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreUnusable(Path(folder), _reason(error)) from error
