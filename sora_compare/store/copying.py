"""Copy every record of a store into an empty one, of the same kind of database or another, and compare the two."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import create_engine, func, select
from sqlalchemy.pool import NullPool

from sora_compare.errors import StoreError
from sora_compare.store import search
from sora_compare.store.database import PAGE, RuleBroken
from sora_compare.store.tables import METADATA, leases, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Table

    from sora_compare.store.codec import Row
    from sora_compare.store.database import Database

COPIED = tuple(table for table in METADATA.sorted_tables if table is not leases)
"""Leases belong to running programs, which do not move along."""


class CopyFailed(StoreError):
    """Nothing was copied."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(f"Nothing was copied: {reason}. {advice}")


def count_rows(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    return {table.name: database.count(table) for table in COPIED}


def count_rows_of_file(file: Path) -> dict[str, int]:
    """The same for a database file of SQLite that nobody else uses; it is not changed."""
    engine = create_engine(f"sqlite:///file:{quote(str(file))}?mode=ro&uri=true", poolclass=NullPool)
    with engine.connect() as connection:
        return {one.name: connection.execute(select(func.count()).select_from(one)).scalar() or 0 for one in COPIED}


def copy_store(source: Database, target: Database) -> dict[str, int]:
    """Copy all rows as they are at this moment, in one transaction of the target; returns how many by table.

    Text that is no UTF-8, which PostgreSQL refuses, is written with its bytes as backslash and number: the record
    stays one that cannot be read.

    Raises:
        CopyFailed: the target is not empty, or what was read back from it differs.
        StoreUnusable: one of the two cannot be used.
    """
    with source.snapshot() as reading, target.transaction() as writing:
        _require_empty(writing)
        writing.execute(settings.delete())
        counts = {}
        for table in COPIED:
            try:
                counts[table.name], read = _copy(table, reading, writing)
            except RuleBroken as error:
                raise CopyFailed(f"records of {table.name} do not fit the others", "Run doctor --fix first.") from error
            if _hash(_pages(table, writing)) != read:
                raise CopyFailed(f"what was read back of {table.name} differs", "Look at the disk of the new place.")
        search.rebuild(writing)
    return counts


def _require_empty(writing: Connection) -> None:
    for table in COPIED:
        if table is not settings and writing.execute(select(func.count()).select_from(table)).scalar():
            raise CopyFailed("the new place holds records already", "Name an empty one.")


def _copy(table: Table, reading: Connection, writing: Connection) -> tuple[int, str]:
    count, hashed = 0, hashlib.sha256()
    for page in _pages(table, reading):
        writing.execute(table.insert(), page)
        count += len(page)
        _add(hashed, page)
    return count, hashed.hexdigest()


def _hash(pages: Iterator[list[Row]]) -> str:
    hashed = hashlib.sha256()
    for page in pages:
        _add(hashed, page)
    return hashed.hexdigest()


def _add(hashed: hashlib._Hash, page: list[Row]) -> None:
    for row in page:
        hashed.update(repr(list(row.values())).encode(errors="surrogatepass"))


def _pages(table: Table, connection: Connection) -> Iterator[list[Row]]:
    """The rows in the order of their key, some at a time."""
    query = select(table).order_by(*table.primary_key).execution_options(yield_per=PAGE)
    for page in connection.execute(query).mappings().partitions():
        yield [{name: _text(value) for name, value in row.items()} for row in page]


def _text(value: object) -> object:
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else value
