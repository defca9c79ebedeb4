"""Records on one machine's disk, on diskcache, made safe: nothing is evicted, nothing is unpickled.

diskcache evicts by default and runs pickle on what it reads (CVE-2025-69872, no maintainer). Here the eviction
policy is "none" and checked at every open, since the database remembers it and any opener could have changed
it; values are JSON text in the database and any other row is refused. See docs/decisions/0002-diskcache.md.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import diskcache

from sora_compare.errors import StoreUnusable, TamperedRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sora_compare.storage.records import Value

SEPARATOR = "/"
AFTER_SEPARATOR = "0"
"""The character after "/" in code point order: ends the range of a table's keys."""
SCAN_PAGE = 1000
DATABASE = "cache.db"
"""diskcache's name for the file."""
PATIENCE_S = 60.0
"""How long a write waits for another process's; each lasts milliseconds."""
SAFE = {
    "eviction_policy": "none",
    "cull_limit": 0,
    "statistics": 0,
    "tag_index": 0,
    "sqlite_journal_mode": "wal",
    "sqlite_synchronous": 2,
}
OURS = {*diskcache.DEFAULT_SETTINGS, *diskcache.core.METADATA, *SAFE}
DAMAGED = "Stop every process that uses it and put a copy of the folder in its place; doctor tells more."
REASONS = (
    ("is full", "the disk is full", "Free some space: what waits goes on by itself."),
    ("readonly", "it is read-only", "Make it writable; until then it can be read and exported."),
    ("is locked", "another process is writing to it and does not end", "Find that process and end it."),
    ("malformed", "its database is damaged", DAMAGED),
    ("not a database", "its database is damaged", DAMAGED),
    ("decode", "one of its records is damaged", DAMAGED),
    ("disk I/O", "the disk does not read or write as it should", "Look at the disk, and keep a copy of the folder."),
)


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
        return 0, diskcache.core.MODE_RAW, None, json.dumps(value, separators=(",", ":"), allow_nan=False)

    def fetch(self, mode: object, filename: object, value: object, read: object) -> Value:  # noqa: ARG002  # diskcache's signature
        """A value from the database."""
        return _decoded(mode, filename, value)


class _OrderedCache(diskcache.Cache):  # type: ignore[misc]  # diskcache ships no types
    """A cache that can walk a range of keys with their values in one query.

    The public `iterkeys` starts at one end of the whole database only; `_sql` is the library's own hook for
    subclasses and its version is pinned.
    """

    _txn_id: int | None

    def __init__(self, folder: str, patience_s: float, **settings: object) -> None:
        self._patience_s = patience_s  # before the library's own, which opens with it
        super().__init__(folder, timeout=patience_s, disk=JsonTextDisk, **settings)

    @property
    def _sql_retry(self) -> Callable[..., Any]:
        """As the library's, which tries for 60 s whatever the timeout is."""

        def execute(*arguments: Any) -> Any:  # noqa: ANN401  # as sqlite3 takes and gives them
            limit = time.monotonic() + self._patience_s
            while True:
                try:
                    return self._sql(*arguments)
                except sqlite3.OperationalError as error:
                    if "is locked" not in str(error) or time.monotonic() > limit:
                        raise
                time.sleep(0.001)

        return execute

    def walk(self, low: str, high: str, *, newest_first: bool, limit: int) -> list[tuple[str, Value]]:
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

    @contextmanager
    def _transact(
        self,
        retry: bool = False,  # noqa: ARG002, FBT001, FBT002  # diskcache's signature
        filename: object = None,  # noqa: ARG002  # diskcache's signature
    ) -> Iterator[tuple[Callable[..., Any], Callable[..., None]]]:
        """As the library's, but a disk that cannot be written raises instead of being tried again for ever.

        And no file is removed afterwards: no record has one, so a name in the database is somebody else's doing.
        """
        thread = threading.get_ident()
        if self._txn_id == thread:
            yield self._sql, _nothing_to_clean
            return
        connection = self._con
        self._sql("BEGIN IMMEDIATE")
        self._txn_id = thread
        try:
            yield self._sql, _nothing_to_clean
            self._txn_id = None
            self._sql("COMMIT")
        except BaseException:
            self._txn_id = None
            if connection.in_transaction:
                self._sql("ROLLBACK")
            raise


def _nothing_to_clean(_filename: object) -> None:
    """Records have no files."""


def _decoded(mode: object, filename: object, value: object) -> Value:
    if mode != diskcache.core.MODE_RAW or filename is not None or not isinstance(value, str):
        raise TamperedRecord(f"mode {mode}, file {filename}")
    try:
        record = json.loads(value)
    except ValueError as error:
        raise TamperedRecord("text that is not JSON") from error
    if not isinstance(record, dict):
        raise TamperedRecord("JSON that is no record")
    return record


class DiskcacheRecords:
    """`Records` in one SQLite database; safe between threads and processes of one machine."""

    def __init__(self, folder: Path, *, patience_s: float = PATIENCE_S) -> None:
        """Open or make the database in `folder`.

        Raises:
            StoreUnusable: the folder cannot be made, written or read as a database.
        """
        self._folder = folder
        if any(sign in str(folder) for sign in "$~"):
            raise StoreUnusable(folder, "its name holds $ or ~, which diskcache would expand")
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
        except OSError as error:
            raise StoreUnusable(folder, (error.strerror or str(error)).lower()) from error
        with self._in_sentences():
            self._refuse_foreign_settings(patience_s)
            self._cache = _OrderedCache(str(folder), patience_s, **SAFE)
        self._check_policy()
        self._opened = self._file_identity()

    def is_in_place(self) -> bool:
        """Whether the database that was opened still lies in its folder, not removed, moved away or exchanged."""
        return self._opened is not None and self._file_identity() == self._opened

    def _file_identity(self) -> tuple[int, int] | None:
        try:
            found = (self._folder / DATABASE).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _refuse_foreign_settings(self, patience_s: float) -> None:
        """Checked before diskcache opens: it runs settings as pragmas and sets them as attributes."""
        database = self._folder / DATABASE
        if not database.exists():
            return
        with closing(sqlite3.connect(database, timeout=patience_s)) as connection:
            tables = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'Settings'").fetchall()
            keys = connection.execute("SELECT key FROM Settings").fetchall() if tables else []
        foreign = sorted({str(key) for (key,) in keys} - OURS)
        if foreign:
            raise StoreUnusable(self._folder, f"it holds settings that are not ours: {', '.join(foreign)}")

    def _check_policy(self) -> None:
        kept = {name: getattr(self._cache, name) for name in ("eviction_policy", "cull_limit")}
        if kept != {"eviction_policy": "none", "cull_limit": 0}:
            self._cache.close()
            raise StoreUnusable(self._folder, f"its eviction settings are unsafe ({kept})")

    def get(self, table: str, key: str) -> Value | None:
        """The record, or None when there is none."""
        with self._in_sentences():
            found: Value | None = self._cache.get(_key(table, key))
        return found

    def put(self, table: str, key: str, value: Value) -> None:
        """Write the record; on return it survives a killed process and a power cut."""
        with self._in_sentences():
            self._cache.set(_key(table, key), value)

    def delete(self, table: str, key: str) -> bool:
        """Remove the record; whether there was one."""
        with self._in_sentences():
            return bool(self._cache.delete(_key(table, key)))

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
        low, high = _key(table, after), table + AFTER_SEPARATOR if before is None else _key(table, before)
        left = limit
        while left is None or left > 0:
            size = SCAN_PAGE if left is None else min(SCAN_PAGE, left)
            with self._in_sentences():
                page = self._cache.walk(low, high, newest_first=newest_first, limit=size)
            for key, value in page:
                yield key.partition(SEPARATOR)[2], value
            if len(page) < SCAN_PAGE:
                return
            left = None if left is None else left - len(page)
            low, high = (low, page[-1][0]) if newest_first else (page[-1][0], high)

    def count(self, table: str) -> int:
        """How many records the table has."""
        with self._in_sentences():
            return self._cache.count_between(table + SEPARATOR, table + AFTER_SEPARATOR)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen together or not at all; others wait. Never await inside."""
        with self._in_sentences(), self._cache.transact():
            yield

    def close(self) -> None:
        """Release this thread's connection."""
        self._cache.close()

    @contextmanager
    def _in_sentences(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreUnusable(self._folder, *_reason(error)) from error


def _key(table: str, key: str) -> str:
    return f"{table}{SEPARATOR}{key}"


def _reason(error: sqlite3.Error) -> tuple[str, str]:
    """What is wrong and what to do; never the error's own words, which may quote a record."""
    known = next((one for one in REASONS if one[0] in str(error)), None)
    if known:
        return known[1], known[2]
    return f"SQLite says {getattr(error, 'sqlite_errorname', type(error).__name__)}", DAMAGED
