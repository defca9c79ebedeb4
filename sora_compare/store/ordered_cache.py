"""diskcache as the store needs it: JSON text in one database, walked in the order of keys, never a pickle or a file."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import diskcache

from sora_compare.errors import TamperedRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sora_compare.store.records import Value


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


class OrderedCache(diskcache.Cache):  # type: ignore[misc]  # diskcache ships no types
    """A cache that can walk a range of keys with their values in one query.

    The public `iterkeys` starts at one end of the whole database only; `_sql` is the library's own hook for
    subclasses and its version is pinned.
    """

    _txn_id: int | None

    def __init__(self, folder: str, busy_timeout_s: float, **settings: object) -> None:
        self._busy_timeout_s = busy_timeout_s  # before the library's own, which opens with it
        super().__init__(folder, timeout=busy_timeout_s, disk=JsonTextDisk, **settings)

    @property
    def _sql_retry(self) -> Callable[..., Any]:
        """As the library's, which tries for 60 s whatever the timeout is."""

        def execute(*arguments: Any) -> Any:  # noqa: ANN401  # as sqlite3 takes and gives them
            limit = time.monotonic() + self._busy_timeout_s
            while True:
                try:
                    return self._sql(*arguments)
                except sqlite3.OperationalError as error:
                    if "is locked" not in str(error) or time.monotonic() > limit:
                        raise
                time.sleep(0.001)

        return execute

    @property
    def _con(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._con
        connection.text_factory = as_text
        return connection

    def walk(
        self, low: str | bytes, high: str | bytes, *, newest_first: bool, limit: int
    ) -> list[tuple[str | bytes, Value | TamperedRecord]]:
        """Keys between the bounds with their values; the error in place of a value that is none of ours.

        A key that is no text comes as bytes, and can be a bound as well.
        """
        order = "DESC" if newest_first else "ASC"
        statement = (
            "SELECT key, raw, mode, filename, value FROM Cache "  # noqa: S608  # order is one of two constants
            f"WHERE key > CAST(? AS TEXT) AND key < CAST(? AS TEXT) ORDER BY key {order} LIMIT ?"
        )
        rows = self._sql(statement, (low, high, limit)).fetchall()
        return [(key, self._value(key, raw, mode, name, value)) for key, raw, mode, name, value in rows]

    def _value(self, key: object, raw: object, *value: object) -> Value | TamperedRecord:
        try:
            self.disk.get(key, raw)
            return _decoded(*value)
        except TamperedRecord as error:
            return error

    def quick_check(self) -> list[str]:
        """What SQLite finds wrong with its own file."""
        return [str(found) for (found,) in self._sql("PRAGMA quick_check(20)").fetchall() if found != "ok"]

    def tables(self, separator: str) -> list[str]:
        """The different beginnings of keys, up to the separator."""
        rows = self._sql("SELECT DISTINCT substr(key, 1, instr(key, ?) - 1) FROM Cache", (separator,)).fetchall()
        return [name for (name,) in rows]

    def count_between(self, low: str, high: str) -> int:
        """How many keys lie between the bounds."""
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


def as_text(raw: bytes) -> str | bytes:
    """Text of the database; bytes where it is none, so that one bad record does not spoil a query of many."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw
