"""Records on one machine's disk, on diskcache, made safe: nothing is evicted, nothing is unpickled.

diskcache evicts by default and runs pickle on what it reads (CVE-2025-69872, no maintainer). Here the eviction
policy is "none" and checked at every open, since the database remembers it and any opener could have changed
it; values are JSON text in the database and any other row is refused. See docs/decisions/0002-diskcache.md.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import diskcache

from sora_compare.errors import StoreUnusable, TamperedRecord
from sora_compare.store.damaged import Damaged
from sora_compare.store.ordered_cache import OrderedCache
from sora_compare.store.read_only import ReadOnlyCache, StoreReadOnly, is_unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.store.records import Value

SEPARATOR = "/"
AFTER_SEPARATOR = "0"
"""The character after "/" in code point order: ends the range of a table's keys."""
SCAN_PAGE = 1000
DATABASE = "cache.db"
"""diskcache's name for the file."""
BUSY_TIMEOUT_S = 60.0
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
FULL = "the disk is full", "Free some space: what waits goes on by itself."
READ_ONLY = "it is read-only", "Make it writable; until then it can be read and exported."
LEAST_FREE_BYTES = 65_536
"""Less than the smallest files that SQLite makes beside a database."""
PRIVATE = 0o700
REASONS = (
    ("is full", *FULL),
    ("readonly", *READ_ONLY),
    ("is locked", "another process is writing to it and does not end", "Find that process and end it."),
    ("malformed", "its database is damaged", DAMAGED),
    ("not a database", "its database is damaged", DAMAGED),
    ("decode", "one of its records is damaged", DAMAGED),
    ("disk I/O", "the disk does not read or write as it should", "Look at the disk, and keep a copy of the folder."),
)


class DiskcacheRecords:
    """`Records` in one SQLite database; safe between threads and processes of one machine."""

    def __init__(self, folder: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        """Open or make the database in `folder`.

        Raises:
            StoreUnusable: the folder cannot be made, or its database neither written nor read.
        """
        self.damaged = Damaged()
        self._folder = folder
        if any(sign in str(folder) for sign in "$~"):
            raise StoreUnusable(folder, "its name holds $ or ~, which diskcache would expand")
        self._busy_timeout_s = busy_timeout_s
        self._why_read_only: tuple[str, str] | None = None
        self._cache = self._open()
        self._opened = self._file_identity()

    def _open(self) -> OrderedCache:
        """Open for writing; where that is impossible and there is a database, for reading alone."""
        database = self._folder / DATABASE
        try:
            self._make_folder()
            self._refuse_foreign_settings(self._busy_timeout_s)
            cache = OrderedCache(str(self._folder), self._busy_timeout_s, **SAFE)
        except sqlite3.Error as error:
            if not (database.exists() and is_unwritable(error)):
                raise StoreUnusable(self._folder, *_reason(error)) from error
            self._why_read_only = self._why(error)
            try:
                return ReadOnlyCache(self._folder, database)
            except sqlite3.Error:
                raise StoreUnusable(self._folder, *self._why_read_only) from error
        self._why_read_only = None
        self._check_policy(cache)
        return cache

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._folder.stat().st_mode & 0o777 != PRIVATE:
                self._folder.chmod(PRIVATE)
        except OSError as error:
            if not (self._folder / DATABASE).exists():
                raise StoreUnusable(self._folder, (error.strerror or str(error)).lower()) from error

    def _why(self, error: sqlite3.Error) -> tuple[str, str]:
        """Why nothing can be written: SQLite itself only says that a file beside the database cannot be made."""
        if shutil.disk_usage(self._folder).free < LEAST_FREE_BYTES:
            return FULL
        return _reason(error) if os.access(self._folder, os.W_OK | os.X_OK) else READ_ONLY

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Around every write: what could only be read is opened again, since somebody may have made room."""
        if self._why_read_only:
            self._cache = self._open()
        if self._why_read_only:
            raise StoreReadOnly(self._folder, *self._why_read_only)
        with self._in_sentences():
            yield

    def is_in_place(self) -> bool:
        """Whether the database that was opened still lies in its folder, not removed, moved away or exchanged."""
        return self._opened is not None and self._file_identity() == self._opened

    def _file_identity(self) -> tuple[int, int] | None:
        try:
            found = (self._folder / DATABASE).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _refuse_foreign_settings(self, busy_timeout_s: float) -> None:
        """Checked before diskcache opens: it runs settings as pragmas and sets them as attributes."""
        database = self._folder / DATABASE
        if not database.exists():
            return
        with closing(sqlite3.connect(database, timeout=busy_timeout_s)) as connection:
            tables = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'Settings'").fetchall()
            keys = connection.execute("SELECT key FROM Settings").fetchall() if tables else []
        foreign = sorted({str(key) for (key,) in keys} - OURS)
        if foreign:
            raise StoreUnusable(self._folder, f"it holds settings that are not ours: {', '.join(foreign)}")

    def _check_policy(self, cache: OrderedCache) -> None:
        kept = {name: getattr(cache, name) for name in ("eviction_policy", "cull_limit")}
        if kept != {"eviction_policy": "none", "cull_limit": 0}:
            cache.close()
            raise StoreUnusable(self._folder, f"its eviction settings are unsafe ({kept})")

    def get(self, table: str, key: str) -> Value | None:
        """The record, or None when there is none."""
        with self._in_sentences():
            found: Value | None = self._cache.get(_key(table, key))
        return found

    def put(self, table: str, key: str, value: Value) -> None:
        """Write the record; on return it survives a killed process and a power cut."""
        with self._writing():
            self._cache.set(_key(table, key), value)

    def delete(self, table: str, key: str) -> bool:
        """Remove the record; whether there was one."""
        with self._writing():
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
        low: str | bytes = _key(table, after)
        high: str | bytes = table + AFTER_SEPARATOR if before is None else _key(table, before)
        left = limit
        while left is None or left > 0:
            size = SCAN_PAGE if left is None else min(SCAN_PAGE, left)
            with self._in_sentences():
                page = self._cache.walk(low, high, newest_first=newest_first, limit=size)
            for key, value in page:
                name = _name(key)
                if isinstance(value, TamperedRecord):
                    self.damaged.note(table, name, "no record of ours")
                else:
                    yield name, value
            if len(page) < SCAN_PAGE:
                return
            left = None if left is None else left - len(page)
            low, high = (low, page[-1][0]) if newest_first else (page[-1][0], high)

    def check(self) -> list[str]:
        """Look at the database itself and at every record; what is wrong with the database, in sentences."""
        with self._in_sentences():
            found = self._cache.quick_check()
            for name in self._cache.tables(SEPARATOR):
                for _ in self.scan(name):
                    pass
        return found

    def count(self, table: str) -> int:
        """How many records the table has."""
        with self._in_sentences():
            return self._cache.count_between(table + SEPARATOR, table + AFTER_SEPARATOR)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen together or not at all; others wait. Never await inside."""
        with self._writing(), self._cache.transact():
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


def _name(key: str | bytes) -> str:
    """The key without its table, as far as it can be read."""
    text = key.decode(errors="backslashreplace") if isinstance(key, bytes) else key
    return text.partition(SEPARATOR)[2]


def _reason(error: sqlite3.Error) -> tuple[str, str]:
    """What is wrong and what to do; never the error's own words, which may quote a record."""
    known = next((one for one in REASONS if one[0] in str(error)), None)
    if known:
        return known[1], known[2]
    return f"SQLite says {getattr(error, 'sqlite_errorname', type(error).__name__)}", DAMAGED
