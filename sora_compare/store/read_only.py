"""The database where nothing can be written: a full disk, a read-only folder. Reading and exporting go on."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

from sora_compare.errors import StoreUnusable
from sora_compare.store.ordered_cache import JsonTextDisk, OrderedCache, as_text

if TYPE_CHECKING:
    from pathlib import Path

UNWRITABLE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}
"""Primary result codes of SQLite that leave a database readable (https://www.sqlite.org/rescode.html)."""
PRIMARY = 0xFF


class StoreReadOnly(StoreUnusable):
    """The data folder can be read and exported, and nothing can be written."""

    def __init__(self, path: Path, reason: str, advice: str) -> None:
        super().__init__(path, reason, advice, state="can be read and exported, but nothing can be written")


def is_unwritable(error: sqlite3.Error) -> bool:
    """Whether a database that failed so may still be readable."""
    return (getattr(error, "sqlite_errorcode", 0) & PRIMARY) in UNWRITABLE


class ReadOnlyCache(OrderedCache):
    """The cache opened without a write. The library's own opening writes its settings each time."""

    def __init__(self, folder: Path, database: Path) -> None:
        """Open the database.

        Raises:
            sqlite3.Error: it cannot be read either.
        """
        self._directory, self._timeout, self._busy_timeout_s = str(folder), 0, 0.0
        self._local, self._txn_id = threading.local(), None
        self._disk = JsonTextDisk(self._directory)
        self.eviction_policy, self.cull_limit, self.statistics = "none", 0, 0
        self._address = _readable_address(database)

    @property
    def _con(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "con", None)
        if connection is None:
            connection = self._local.con = sqlite3.connect(self._address, uri=True, isolation_level=None)
            connection.text_factory = as_text
        return connection


def _readable_address(database: Path) -> str:
    """The URI under which it can be read.

    A database with a write-ahead log wants a small file beside it, which cannot be made here. Without anything in that
    log, and with nobody who could write, SQLite may take the database as immutable and do without.
    """
    address = f"file:{quote(str(database))}?mode=ro"
    try:
        _try(address)
    except sqlite3.Error:
        log = database.with_name(f"{database.name}-wal")
        if log.exists() and log.stat().st_size:
            raise
        address += "&immutable=1"
        _try(address)
    return address


def _try(address: str) -> None:
    with closing(sqlite3.connect(address, uri=True)) as connection:
        connection.execute("SELECT COUNT(*) FROM Settings").fetchall()
