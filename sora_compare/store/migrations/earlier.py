"""Records of the first releases: JSON text in diskcache's database, with keys such as "takes/…". Only read here."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING
from urllib.parse import quote

from sora_compare.errors import TamperedRecord
from sora_compare.store.codec import from_json
from sora_compare.store.sqlite import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.store.codec import Value

FOLDER, DATABASE = "records", "cache.db"
RAW = 1
"""diskcache's mode of a value that lies in the database as it is; others are files and pickles, which are not read."""
PAGE = 1000


class EarlierRecords:
    """An open database of an earlier release."""

    def __init__(self, file: Path) -> None:
        """Open it for reading.

        Raises:
            sqlite3.Error: it is none.
        """
        self._connection = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, isolation_level=None)
        self._connection.text_factory = as_text
        # One snapshot: what is counted, read and compared is the same, whoever writes meanwhile.
        self._connection.execute("BEGIN")
        self._connection.execute("SELECT COUNT(*) FROM Cache").fetchall()
        self.damaged: list[str] = []
        """Names of records that cannot be read."""

    def scan(self, table: str) -> Iterator[tuple[str, Value]]:
        """The records of a table in the order of their keys; those that cannot be read are named in `damaged`."""
        last: str | bytes = f"{table}/"
        query = (
            "SELECT key, raw, mode, filename, value FROM Cache "
            "WHERE key > CAST(? AS TEXT) AND key < ? ORDER BY key LIMIT ?"
        )
        while rows := self._connection.execute(query, (last, f"{table}0", PAGE)).fetchall():
            for key, raw, mode, filename, value in rows:
                is_ours = isinstance(key, str) and raw and mode == RAW and filename is None
                record = _readable(value) if is_ours else None
                if record is None:
                    self.damaged.append(str(key))
                else:
                    yield key.partition("/")[2], record
            last = rows[-1][0]

    def get(self, table: str, key: str) -> Value | None:
        """One record; None where there is none that can be read."""
        query = "SELECT value FROM Cache WHERE key = ? AND raw = 1 AND mode = 1 AND filename IS NULL"
        row = self._connection.execute(query, (f"{table}/{key}",)).fetchone()
        return None if row is None else _readable(row[0])

    def close(self) -> None:
        """Close it."""
        self._connection.close()


def _readable(value: object) -> Value | None:
    try:
        return from_json(value)
    except TamperedRecord:
        return None
