"""What people set, and what they are still typing: endpoints added on a page, settings, drafts. Keys are never kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from sora_compare.domain.endpoints import Endpoint
from sora_compare.store.codec import Codec, Value, from_json, to_json
from sora_compare.store.tables import drafts, endpoints, settings

if TYPE_CHECKING:
    from sqlalchemy import Table

    from sora_compare.store.database import Database


Endpoints = list[Endpoint]


class EndpointRepository:
    """Endpoints that were added on the Settings page."""

    codec = Codec("endpoint", Endpoint, endpoints)

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, endpoint: Endpoint) -> None:
        """Add or change one."""
        self._database.put(endpoints, self.codec.row(endpoint))

    def delete(self, name: str) -> None:
        """Forget one."""
        self._database.run(endpoints.delete().where(endpoints.c.name == name))

    def list(self) -> Endpoints:
        """All of them, by name."""
        rows = self._database.rows(select(endpoints).order_by(endpoints.c.name))
        return list(self.codec.readable(rows, self._database.damaged))


class NamedValues:
    """Records of any shape under names."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._table = table

    def save(self, name: str, value: Value) -> None:
        """Keep a record under a name; replaces the one before."""
        self._database.put(self._table, {"name": name, "details": to_json(value)})

    def get(self, name: str) -> Value:
        """The record of that name; empty when none was kept.

        Raises:
            TamperedRecord: it is no record of ours.
        """
        text = self._database.value(select(self._table.c.details).where(self._table.c.name == name))
        return {} if text is None else from_json(text)

    def delete(self, name: str) -> None:
        """Forget the record of that name."""
        self._database.run(self._table.delete().where(self._table.c.name == name))


def settings_of(database: Database) -> NamedValues:
    """Settings that people change, such as the budget."""
    return NamedValues(database, settings)


def drafts_of(database: Database) -> NamedValues:
    """What somebody is still typing, until it became something kept."""
    return NamedValues(database, drafts)
