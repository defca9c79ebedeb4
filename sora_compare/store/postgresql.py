"""PostgreSQL, for several machines: the same tables and queries, on a server that a URL names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from sora_compare.errors import ConfigurationError, StoreUnusable

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL

    from sora_compare.store.codec import Row

WRITERS = 5_090_517
"""The advisory lock that a transaction holds, so that writers take turns as they do in SQLite."""
CONNECT_S = 5
LOCK_WAIT_S = 60
MOST_CONNECTIONS = 8
BACK = "Look whether the server runs and can be reached: what waits goes on by itself."


class DatabaseUnusable(StoreUnusable):
    """The database server cannot be used."""

    def __init__(self, place: str, reason: str, advice: str = BACK) -> None:
        ConfigurationError.__init__(self, f"The database {place} cannot be used: {reason}. {advice}")


class PostgresBackend:
    """One database of a server."""

    READING: ClassVar[dict[str, Any]] = {"isolation_level": "AUTOCOMMIT"}

    def __init__(self, url: str) -> None:
        """Read the address.

        Raises:
            ConfigurationError: it is none.
        """
        self._url = address(url)
        self.place = f"{self._url.database} on {self._url.host or 'this machine'}"
        self.why_read_only: StoreUnusable | None = None

    def open(self) -> Engine:
        """Connect once, so that a wrong address is said at the start."""
        engine = create_engine(
            self._url,
            pool_size=MOST_CONNECTIONS,
            max_overflow=MOST_CONNECTIONS,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_S, "options": f"-c lock_timeout={LOCK_WAIT_S}s -c timezone=UTC"},
        )
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            engine.dispose()
            raise self.unusable(error) from error
        return engine

    def begin(self, connection: Connection) -> None:
        """Wait until no other transaction writes."""
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")

    def begin_reading(self, connection: Connection) -> Connection:
        """Start a transaction that sees one moment of the database."""
        return connection.execution_options(isolation_level="REPEATABLE READ")

    def unusable(self, error: Exception) -> StoreUnusable:
        """What is wrong and what to do."""
        state = getattr(error, "sqlstate", None) or getattr(getattr(error, "orig", None), "sqlstate", None)
        if state is None or state.startswith(("08", "57")):
            return DatabaseUnusable(self.place, "the server does not answer")
        if state.startswith("28"):
            return DatabaseUnusable(self.place, "the server refuses the user or the password", "Look at the URL.")
        if state.startswith("3D"):
            return DatabaseUnusable(self.place, "the server has no such database", "Make it, or look at the URL.")
        if state.startswith("53"):
            return DatabaseUnusable(self.place, "the server is full or out of memory")
        return DatabaseUnusable(self.place, f"PostgreSQL says {state}", "Its log on the server tells more.")

    def copy_to(self, connection: Connection, file: Path) -> bool:
        """Nothing: a server has no file to copy, its records are read."""
        del connection, file
        return False

    def is_in_place(self) -> bool:
        """Always: connections find a server that came back by themselves."""
        return True

    def set_orphans_aside(self, connection: Connection) -> list[Row]:
        """None: the server lets no such row come to be."""
        del connection
        return []

    def check(self, connection: Connection) -> list[str]:
        """Nothing: the server looks after its files, and its constraints hold at every write."""
        del connection
        return []


def address(url: str, what: str = "SORA_COMPARE_DATABASE_URL") -> URL:
    """The database of a URL such as postgresql://user:password@host/name, spoken to by psycopg 3.

    Raises:
        ConfigurationError: it is none.
    """
    wanted = "Write postgresql://USER:PASSWORD@HOST/DATABASE."
    try:
        found = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError(f"{what} is no URL of a database. {wanted}") from error
    if found.get_backend_name() not in {"postgresql", "postgres"} or not found.database:
        raise ConfigurationError(f"{what} names no database of PostgreSQL. {wanted}")
    return found.set(drivername="postgresql+psycopg")
