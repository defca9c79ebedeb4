"""Runs of suites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sora_compare.domain.comparisons import SuiteRun
from sora_compare.store.codec import Codec
from sora_compare.store.tables import suite_runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select

    from sora_compare.store.database import Database


PAGE = 50
"""Runs that are read at a time: each holds its whole suite."""


class SuiteRunRepository:
    """What was started of which suite."""

    codec = Codec("suite run", SuiteRun, suite_runs)

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, run: SuiteRun) -> None:
        """Keep a run, or what changed of it."""
        row = self.codec.row(run)
        self._database.put(suite_runs, {**row, "is_planned": int(run.is_planned)})

    def get(self, identifier: str) -> SuiteRun:
        """One run.

        Raises:
            UnknownRecord: there is none of that id.
        """
        row = self._database.row(select(suite_runs).where(suite_runs.c.id == identifier))
        return self.codec.known(identifier, row)

    def list(self) -> Iterator[SuiteRun]:
        """Runs, newest first."""
        return self._readable(select(suite_runs))

    def promised_since(self, moment: float) -> Iterator[SuiteRun]:
        """Runs whose money was held back at or after that moment (seconds since the epoch), newest first."""
        return self._readable(select(suite_runs).where(suite_runs.c.promised_at >= moment))

    def _readable(self, query: Select[Any]) -> Iterator[SuiteRun]:
        rows = self._database.walk(query, suite_runs.c.id, newest_first=True, page=PAGE)
        return self.codec.readable(rows, self._database.damaged)
