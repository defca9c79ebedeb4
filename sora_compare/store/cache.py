"""What can be computed again, on this machine's disk: diskcache, as its name says.

Deleting the folder while the app runs costs time and nothing else; so does whatever goes wrong here. Values are JSON or
bytes: diskcache would unpickle what it finds (CVE-2025-69872), so any other row is refused and never run.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import threading
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import diskcache

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_BYTES = 512 * 2**20
SETTINGS = {"eviction_policy": "least-recently-used", "cull_limit": 10, "statistics": 0, "tag_index": 0}
OURS = {*diskcache.DEFAULT_SETTINGS, *diskcache.core.METADATA, *SETTINGS, "size_limit"}
VALUE_FILE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]+\.val")
FAULTS = (sqlite3.Error, OSError, ValueError, diskcache.Timeout)
WAIT_S = 1.0
"""For another process's write; computing again is better than waiting longer."""


class ForeignRowError(ValueError):
    """A row of the cache that Sora Compare did not write."""


class JsonOrBytesDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache ships no types
    """Stores JSON as text and bytes as they are; every other kind of row is refused."""

    def put(self, key: object) -> tuple[str, bool]:
        """A key for the database: text only."""
        if not isinstance(key, str):
            raise TypeError(key)
        return key, True

    def get(self, key: object, raw: object) -> str:
        """A key from the database; raw=0 would be a pickle."""
        if not isinstance(key, str) or not raw:
            raise ForeignRowError(key)
        return key

    def store(self, value: object, read: bool, key: object = None) -> Any:  # noqa: ANN401, FBT001  # diskcache's signature
        """A value for the database, or for a file when it is large."""
        if read:
            raise TypeError("values are not streams")
        text = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":"), allow_nan=False)
        return super().store(text, read=False, key=key)

    def fetch(self, mode: object, filename: object, value: object, read: object) -> Any:  # noqa: ANN401  # JSON or bytes
        """A value from the database, or from a file of the cache."""
        is_inside = mode == diskcache.core.MODE_RAW and filename is None
        is_file = mode in {diskcache.core.MODE_BINARY, diskcache.core.MODE_TEXT}
        if read or not (is_inside or (is_file and VALUE_FILE.fullmatch(str(filename)))):
            raise ForeignRowError(filename)
        found = super().fetch(mode, filename, value, read)
        return found if isinstance(found, bytes) else json.loads(found)


class LocalCache:
    """The least recently used goes first when it is full. Safe between threads and processes of one machine."""

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        """Nothing is opened yet."""
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._cache: diskcache.Cache | None = None

    def get(self, key: str) -> Any | None:  # noqa: ANN401  # JSON or bytes
        """What was kept under the key, JSON or bytes; None when it is not there any more, or cannot be read."""
        try:
            return self._opened().get(key)
        except FAULTS:
            self.close()
            return None

    def set(self, key: str, value: object) -> None:
        """Keep JSON or bytes under a key; where that is not possible it is computed again next time.

        Raises:
            TypeError, ValueError: it is neither.
        """
        if not isinstance(value, bytes):
            json.dumps(value, allow_nan=False)
        for _ in range(2):
            with suppress(*FAULTS):
                self._opened().set(key, value)
                return
            self.close()

    def _opened(self) -> diskcache.Cache:
        with self._lock:
            database = self._folder / "cache.db"
            if self._cache is not None and not database.exists():
                # Somebody removed the folder: an open database would go on in files that have no name any more.
                self._cache.close()
                self._cache = None
            if self._cache is None:
                self._cache = self._open(database)
            return self._cache

    def _open(self, database: Path) -> diskcache.Cache:
        if any(sign in str(self._folder) for sign in "$~"):
            raise ForeignRowError("diskcache would expand the name of the folder")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_sound(database):
            shutil.rmtree(self._folder)
            self._folder.mkdir(mode=0o700)
        limits = {**SETTINGS, "size_limit": self._limit_bytes}
        return diskcache.Cache(str(self._folder), timeout=WAIT_S, disk=JsonOrBytesDisk, **limits)

    def close(self) -> None:
        """Release files; the next call opens them again."""
        with self._lock:
            if self._cache is not None:
                with suppress(*FAULTS):
                    self._cache.close()
            self._cache = None


def _is_sound(database: Path) -> bool:
    """Whether it is a database with our settings alone: diskcache runs those it finds as pragmas."""
    if not database.exists():
        return True
    try:
        with closing(sqlite3.connect(database, timeout=WAIT_S)) as connection:
            found = {str(key) for (key,) in connection.execute("SELECT key FROM Settings")}
    except sqlite3.DatabaseError as error:
        # Another process may be making it just now: then it is locked, or has no tables yet.
        return isinstance(error, sqlite3.OperationalError)
    return found <= OURS
