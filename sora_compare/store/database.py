"""The database under the store: transactions, reads, and its failures as sentences."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from sora_compare.errors import StoreError, StoreUnusable
from sora_compare.store.damaged import Damaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Column, Connection, Engine, Select, Table
    from sqlalchemy.sql.base import Executable

    from sora_compare.store.codec import Row

PAGE = 1000
"""Rows that are read at a time."""


FOREIGN_TRIGGER = "SQLITE_CONSTRAINT_TRIGGER"
"""No table of ours has a trigger that refuses: somebody else's does, such as an operator's who stops all writes."""


class RuleBroken(StoreError):
    """A record that stands against others in the store."""

    def __init__(self) -> None:
        super().__init__(
            "The store refused a record that does not fit the others: nothing was written. Load the page again; "
            "if it happens again, run doctor."
        )


def in_batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Some values at a time, as many as one query may name."""
    every = iter(values)
    while batch := list(islice(every, PAGE)):
        yield batch


class Backend(Protocol):
    """What differs between SQLite in the data folder and a PostgreSQL server."""

    def open(self) -> Engine:
        """Connect, for writing where that is possible.

        Raises:
            StoreUnusable: neither writing nor reading is.
        """

    def begin(self, connection: Connection) -> None:
        """Start a transaction that no other writer overlaps."""

    def begin_reading(self, connection: Connection) -> Connection:
        """Start a transaction that sees one moment of the database, whoever writes meanwhile."""

    def unusable(self, error: Exception) -> StoreUnusable:
        """What is wrong and what to do; never the error's own words, which may quote a record."""

    def copy_to(self, connection: Connection, file: Path) -> bool:
        """Write the database as it is at this moment into one new file; False where this kind has no such copies."""

    def is_in_place(self) -> bool:
        """Whether what was opened is still there, not removed, moved away or exchanged."""

    def check(self, connection: Connection) -> list[str]:
        """What the database finds wrong with itself, in sentences."""

    def set_orphans_aside(self, connection: Connection) -> list[Row]:
        """Remove rows that name others which are not there, and return them, each with its table."""

    READING: ClassVar[dict[str, Any]]
    """Options of connections that only read."""

    why_read_only: StoreUnusable | None
    """Why nothing can be written, where it was opened for reading alone."""


class Database:
    """Connections to one database; safe between threads and processes."""

    def __init__(self, backend: Backend) -> None:
        """Open it.

        Raises:
            StoreUnusable: it can neither be written nor read.
        """
        self.damaged = Damaged()
        self._backend = backend
        self._lock = threading.Lock()
        self._local = threading.local()
        self._engine = backend.open()
        self._reader = self._engine.execution_options(**backend.READING)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All writes inside happen together or not at all; others wait. Never await inside. Inner ones join the outer.

        Raises:
            StoreUnusable: it cannot be written.
        """
        current: Connection | None = getattr(self._local, "connection", None)
        if current is not None:
            yield current
            return
        self._open_for_writing()
        with self._in_sentences(), self._engine.connect() as connection:
            self._local.connection = connection
            try:
                self._backend.begin(connection)
                yield connection
                connection.commit()
            finally:
                self._local.connection = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading: that of the transaction under way, if there is one."""
        current: Connection | None = getattr(self._local, "connection", None)
        with self._in_sentences():
            if current is not None:
                yield current
                return
            with self._reader.connect() as connection:
                yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection for reading that sees one moment, whoever writes meanwhile."""
        with self._in_sentences(), self._engine.connect() as connection:
            yield self._backend.begin_reading(connection)
            connection.rollback()

    def copy_to(self, file: Path) -> bool:
        """Write the database as it is at this moment into one new file; False where this kind has no such copies."""
        with self.reading() as connection:
            return self._backend.copy_to(connection, file)

    def rows(self, statement: Executable, values: dict[str, Any] | None = None) -> list[Row]:
        """All rows of a query."""
        with self.reading() as connection:
            found = connection.execute(statement, values)
            names = tuple(found.keys())
            return [dict(zip(names, row, strict=True)) for row in found]

    def tuples(self, statement: Executable) -> list[tuple[Any, ...]]:
        """All rows of a query as they come, for tables of very many."""
        with self.reading() as connection:
            return [tuple(row) for row in connection.execute(statement)]

    def row(self, statement: Executable, values: dict[str, Any] | None = None) -> Row | None:
        """The first row of a query."""
        with self.reading() as connection:
            found = connection.execute(statement, values).mappings().first()
        return None if found is None else dict(found)

    def value(self, statement: Executable) -> Any:  # noqa: ANN401  # of any column
        """The first column of the first row; None without one."""
        with self.reading() as connection:
            return connection.execute(statement).scalar()

    def run(self, statement: Executable, values: dict[str, Any] | list[dict[str, Any]] | None = None) -> int:
        """Write; on return it survives a killed process and a power cut. How many rows it was about."""
        with self.transaction() as connection:
            return int(connection.execute(statement, values).rowcount)

    def put(self, table: Table, values: Row) -> None:
        """Write a row, in the place of the one with its key."""
        key = [column.name for column in table.primary_key]
        with self.transaction() as connection:
            changed = connection.execute(
                table.update().where(*(table.c[name] == values[name] for name in key)), dict(values)
            )
            if not changed.rowcount:
                connection.execute(table.insert(), dict(values))

    def walk(
        self,
        query: Select[Any],
        column: Column[Any],
        *,
        newest_first: bool = False,
        limit: int | None = None,
        page: int = PAGE,
    ) -> Iterator[Row]:
        """The rows of a query in the order of a unique column, read a page at a time as they are asked for."""
        ordered, left, last = query.order_by(column.desc() if newest_first else column.asc()), limit, None
        while left is None or left > 0:
            size = page if left is None else min(page, left)
            further = ordered if last is None else ordered.where(column < last if newest_first else column > last)
            rows = self.rows(further.limit(size))
            yield from rows
            if len(rows) < size:
                return
            last, left = rows[-1][column.name], None if left is None else left - len(rows)

    @property
    def dialect(self) -> str:
        """The kind of database, "sqlite" or "postgresql"."""
        return self._engine.dialect.name

    def count(self, table: Table) -> int:
        """How many rows the table has."""
        return int(self.value(select(func.count()).select_from(table)))

    def check(self) -> list[str]:
        """What the database finds wrong with itself, in sentences."""
        with self.reading() as connection:
            return self._backend.check(connection)

    def set_orphans_aside(self, keep: Callable[[list[Row]], None]) -> int:
        """Remove rows that name others which are not there, once `keep` has kept them elsewhere; how many."""
        with self.transaction() as connection:
            found = self._backend.set_orphans_aside(connection)
            if found:
                keep(found)
        return len(found)

    def is_in_place(self) -> bool:
        """Whether what was opened is still there, not removed, moved away or exchanged."""
        return self._backend.is_in_place()

    def close(self) -> None:
        """Release files and connections."""
        self._engine.dispose()

    def _open_for_writing(self) -> None:
        """What could only be read is opened again, since somebody may have made room."""
        with self._lock:
            if self._backend.why_read_only:
                self._engine.dispose()
                self._engine = self._backend.open()
                self._reader = self._engine.execution_options(**self._backend.READING)
            if self._backend.why_read_only:
                raise self._backend.why_read_only

    @contextmanager
    def _in_sentences(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            if getattr(error.orig, "sqlite_errorname", "") == FOREIGN_TRIGGER:
                raise self._unusable(error) from error
            raise RuleBroken from error
        except DBAPIError as error:
            raise self._unusable(error) from error
        except SQLAlchemyError as error:
            raise self._backend.unusable(error) from error

    def _unusable(self, error: DBAPIError) -> StoreUnusable:
        return self._backend.unusable(error.orig if isinstance(error.orig, Exception) else error)
