"""What was carried over, read back under the names that it had in the first releases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sora_compare.store import tables
from sora_compare.store.repositories.comparisons import ComparisonRepository
from sora_compare.store.repositories.policies import PolicyRepository
from sora_compare.store.repositories.reviews import ReviewRepository
from sora_compare.store.repositories.sessions import SessionRepository
from sora_compare.store.repositories.settings import EndpointRepository
from sora_compare.store.repositories.suite_runs import SuiteRunRepository
from sora_compare.store.repositories.takes import TakeRepository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sora_compare.store.codec import Codec
    from sora_compare.store.database import Database

NAMED = {"preferences": tables.settings, "drafts": tables.drafts}
PLACES = {
    "item_drafts": (tables.item_drafts, ("reviewer_id", "item_id")),
    "presence": (tables.presence, ("reviewer_id",)),
    "shown_to": (tables.shown, ("about", "reviewer")),
    "sign_offs": (tables.sign_offs, ("session_id", "id")),
}
"""Records of any shape, by the parts of their keys."""
PLAIN: tuple[tuple[str, Codec[Any], tuple[str, ...]], ...] = (
    ("suite_runs", SuiteRunRepository.codec, ("id",)),
    ("endpoints", EndpointRepository.codec, ("name",)),
    ("policies", PolicyRepository.codec, ("name",)),
    ("takes", TakeRepository.codec, ("id",)),
    ("review_sessions", SessionRepository.codec, ("id",)),
    ("invitations", SessionRepository.invitation_codec, ("session_id", "id")),
    ("reviewers", SessionRepository.reviewer_codec, ("id",)),
    ("stages", SessionRepository.presentation_codec, ("session_id",)),
)
"""Records that lie whole in one row, by the columns of their keys."""


def read_back(database: Database) -> Iterator[tuple[tuple[str, str], object]]:
    """Table and key as the first releases had them, with the record as it is now."""
    for name, codec, columns in PLAIN:
        for row in database.rows(codec.table.select()):
            yield (name, ":".join(row[column] for column in columns)), codec.record(codec.thing(row))
    for comparison in ComparisonRepository(database, TakeRepository(database)).list():
        yield ("comparisons", comparison.id), ComparisonRepository.codec.record(comparison)
    for review in ReviewRepository(database).list():
        yield ("reviews", f"{review.comparison_id}:{review.id}"), ReviewRepository.codec.record(review)
    yield from _values(database)


def _values(database: Database) -> Iterator[tuple[tuple[str, str], object]]:
    parts = {**{name: (table, ("name",)) for name, table in NAMED.items()}, **PLACES}
    for name, (table, columns) in parts.items():
        for row in database.rows(table.select()):
            yield (name, ":".join(row[column] for column in columns)), json.loads(row["details"])
    for row in database.rows(tables.ended_cookies.select()):
        yield ("ended_cookies", row["id"]), {"until": row["until"]}
    for row in database.rows(tables.reveals.select()):
        yield ("reveals", f"{row['session_id']}:{row['comparison_id']}:{row['repeat']}"), {"at": row["at"]}
    for row in database.walk(tables.audit_entries.select(), tables.audit_entries.c.number):
        yield ("audit", str(row["number"])), json.loads(row["entry"])
