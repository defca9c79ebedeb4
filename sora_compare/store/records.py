"""The seam under the store: JSON records in tables, with versions, transactions and ordered scans.

Two things may stand here: `DiskcacheRecords` for one machine, and a database for a shared server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sora_compare.store.damaged import Damaged

Value = dict[str, Any]
"""A record: what `json` can write, keys being text."""


class Records(Protocol):
    """Tables of records, each under a text key; keys sort by code point."""

    damaged: Damaged
    """What was met that cannot be read; `scan` leaves it out."""

    def get(self, table: str, key: str) -> Value | None:
        """The record, or None when there is none."""

    def put(self, table: str, key: str, value: Value) -> None:
        """Write the record; on return it survives a killed process."""

    def delete(self, table: str, key: str) -> bool:
        """Remove the record; whether there was one."""

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

    def check(self) -> list[str]:
        """Look at the database itself and at every record; what is wrong with the database, in sentences."""

    def count(self, table: str) -> int:
        """How many records the table has."""

    def transaction(self) -> AbstractContextManager[None]:
        """All writes inside happen together or not at all; others wait. Never await inside."""

    def close(self) -> None:
        """Release files and connections."""
