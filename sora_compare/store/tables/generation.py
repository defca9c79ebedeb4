"""Comparisons, takes and what keeps them from costing twice."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    literal_column,
    text,
)

from sora_compare.domain.takes import ON_THE_WAY, TakeState
from sora_compare.store.tables.parts import METADATA, Text, details

comparisons = Table(
    "comparisons",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("prompt", Text, nullable=False),
    Column("created", Double, nullable=False, index=True),
    Column("suite_run", Text, index=True),
    Column("version", Integer, nullable=False),
    details(),
)
"""One prompt and its settings; ids sort by the time they were made, so that the newest come first by their key."""

arms = Table(
    "arms",
    METADATA,
    Column("comparison_id", ForeignKey(comparisons.c.id), primary_key=True),
    Column("label", Text, primary_key=True),
    Column("endpoint", Text, nullable=False),
    Column("model", Text, nullable=False),
    Index("ix_arms_model", "model", "comparison_id"),
    Index("ix_arms_endpoint", "endpoint", "comparison_id"),
)

tags = Table(
    "tags",
    METADATA,
    Column("comparison_id", ForeignKey(comparisons.c.id), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("tag", Text, nullable=False),
    Index("ix_tags_tag", "tag", "comparison_id"),
)

takes = Table(
    "takes",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("comparison_id", Text, nullable=False),
    Column("arm", Text, nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("other_model", Text),
    Column("version", Integer, nullable=False),
    Column("changed", Integer, nullable=False, server_default=text("0")),
    details(),
    ForeignKeyConstraint(["comparison_id", "arm"], [arms.c.comparison_id, arms.c.label]),
    UniqueConstraint("comparison_id", "arm", "repeat", "attempt"),
    Index("ix_takes_model", "model", "id"),
    Index("ix_takes_changed", "changed", unique=True),
)
"""One row an attempt of an arm. `other_model` is derived from what the server echoed, for those that ask for it;
`changed` counts every write to any take, so that a reader finds what was written since it last looked."""

IS_OPEN = takes.c.state.in_([literal_column(f"'{state}'") for state in sorted(ON_THE_WAY)])
IS_COMPLETED = takes.c.state == literal_column(f"'{TakeState.COMPLETED}'")
"""States as literals: a database uses an index of some rows only where it sees that the query wants no others."""
Index("ix_takes_open", takes.c.id, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
_IS_OTHER = takes.c.other_model.is_not(None)
Index("ix_takes_other_model", takes.c.id, sqlite_where=_IS_OTHER, postgresql_where=_IS_OTHER)

Index(
    "ix_takes_completed",
    takes.c.comparison_id,
    takes.c.repeat,
    takes.c.arm,
    takes.c.attempt,
    sqlite_where=IS_COMPLETED,
    postgresql_where=IS_COMPLETED,
)

answers = Table(
    "answers",
    METADATA,
    Column("fingerprint", Text, primary_key=True),
    Column("take_id", ForeignKey(takes.c.id), nullable=False),
)
"""The one generated take that answers a request, so that an equal one costs nothing."""

request_claims = Table(
    "request_claims",
    METADATA,
    Column("fingerprint", Text, primary_key=True),
    Column("take_id", ForeignKey(takes.c.id), nullable=False),
)
"""The one take that asks for a request now: equal requests wait for it."""

job_claims = Table(
    "job_claims",
    METADATA,
    Column("endpoint", Text, primary_key=True),
    Column("job_id", Text, primary_key=True),
    Column("take_id", ForeignKey(takes.c.id), nullable=False, unique=True),
)
"""The one take that owns a job, and the one job that a take owns."""

signals = Table(
    "signals",
    METADATA,
    Column("take_id", Text, primary_key=True),
    Column("what", Text, nullable=False),
)

suite_runs = Table(
    "suite_runs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("is_planned", Integer, nullable=False),
    Column("promised_at", Double, nullable=False),
    details(),
    Index("ix_suite_runs_promised_at", "promised_at"),
)
