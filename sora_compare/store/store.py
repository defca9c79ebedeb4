"""The store: what the product keeps, one repository per aggregate over one database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sora_compare.store import home
from sora_compare.store.audit import AuditLog
from sora_compare.store.copying import copy_store, count_rows_of_file
from sora_compare.store.database import Database
from sora_compare.store.migrations.upgrade import IDENTITY, upgrade
from sora_compare.store.postgresql import PostgresBackend
from sora_compare.store.repositories.comparisons import ComparisonRepository
from sora_compare.store.repositories.cookies import EndedCookieRepository
from sora_compare.store.repositories.pairs import PairRepository
from sora_compare.store.repositories.policies import PolicyRepository
from sora_compare.store.repositories.reveals import Reveals
from sora_compare.store.repositories.reviews import ReviewRepository
from sora_compare.store.repositories.sessions import SessionRepository
from sora_compare.store.repositories.settings import EndpointRepository, drafts_of, settings_of
from sora_compare.store.repositories.suite_runs import SuiteRunRepository
from sora_compare.store.repositories.takes import TakeRepository
from sora_compare.store.sqlite import BUSY_TIMEOUT_S, DATABASE, SqliteBackend

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sora_compare.store.codec import Value
    from sora_compare.store.damaged import Damaged


class Store:
    """Everything that is kept, but for the clips."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.takes = TakeRepository(database)
        self.comparisons = ComparisonRepository(database, self.takes)
        self.pairs = PairRepository(database)
        self.suite_runs = SuiteRunRepository(database)
        self.reviews = ReviewRepository(database)
        self.sessions = SessionRepository(database)
        self.reveals = Reveals(database)
        self.endpoints = EndpointRepository(database)
        self.settings = settings_of(database)
        self.drafts = drafts_of(database)
        self.policies = PolicyRepository(database)
        self.ended_cookies = EndedCookieRepository(database)
        self.audit_log = AuditLog(database)

    @property
    def identity(self) -> str:
        """What tells this store from others: made with its tables, the same wherever it is moved to."""
        return str(self.settings.get(IDENTITY).get("id", ""))

    def transaction(self) -> AbstractContextManager[object]:
        """All writes inside happen together or not at all; others wait. Never await inside. Inner ones join the outer.

        Raises:
            StoreUnusable: it cannot be written.
        """
        return self.database.transaction()

    @property
    def damaged(self) -> Damaged:
        """What was met that cannot be read, and was left out."""
        return self.database.damaged

    def audit(self, event: str, **details: Any) -> None:  # noqa: ANN401  # whatever JSON holds
        """Append one event to the audit trail."""
        self.audit_log.append(event, details)

    def audit_trail(self) -> Iterator[Value]:
        """Every event with its facts, oldest first; `audit_log` has the chain."""
        return ({"at": one.at, "event": one.event, **one.facts} for one in self.audit_log.entries())

    def check(self) -> list[str]:
        """Look at the database and at every record; what is wrong with the database. `damaged` has the rest."""
        found = self.database.check()
        sessions = [*self.sessions.sessions(), *self.sessions.deleted_sessions()]
        for several in (
            self.comparisons.list(),
            self.takes.list(),
            self.reviews.list(),
            self.suite_runs.list(),
            self.endpoints.list(),
            self.audit_log.entries(),
            *(self.sessions.invitations(one.id) for one in sessions),
            *(self.sessions.everybody(one.id) for one in sessions),
        ):
            for _ in several:
                pass
        return found

    def back_up(self, folder: Path) -> dict[str, int]:
        """Write all records as they are now into a database file of SQLite in an empty folder; the rows of each table.

        Raises:
            StoreError, StoreUnusable: the copy differs, or there is no room; the folder is not to be used.
        """
        file = folder / DATABASE
        if self.database.copy_to(file):
            return count_rows_of_file(file)
        copy = open_store(folder)
        try:
            rows = copy_store(self.database, copy.database)
        finally:
            copy.close()
        home.unmark(folder)
        return rows

    def close(self) -> None:
        """Release files and connections."""
        self.database.close()


def open_store(folder: Path, url: str = "", *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Store:
    """Open the store, and bring its tables to the form of this version.

    Args:
        folder: the data folder.
        url: a PostgreSQL database in the place of the file in the data folder.
        busy_timeout_s: how long a write to that file waits for another process's.

    Raises:
        ConfigurationError: the folder is not ours, the URL is none, or the database cannot be used.
    """
    home.open_home(folder)
    backend = PostgresBackend(url) if url else SqliteBackend(folder, busy_timeout_s=busy_timeout_s)
    database = Database(backend)
    try:
        upgrade(database, folder)
    except BaseException:
        database.close()
        raise
    return Store(database)
