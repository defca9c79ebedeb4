"""Reviews and review sessions."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    false,
    func,
)

from sora_compare.domain.reviews import COUNTS
from sora_compare.store.tables.generation import comparisons
from sora_compare.store.tables.parts import METADATA, Text, details

reviews = Table(
    "reviews",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("comparison_id", ForeignKey(comparisons.c.id), nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("session", Text),
    Column("item", Text),
    Column("revision", Integer, nullable=False),
    Column("kind", Text, nullable=False, server_default=COUNTS),
    Column("is_withdrawn", Boolean, nullable=False, server_default=false()),
    details(),
    UniqueConstraint("comparison_id", "id"),
    Index("ix_reviews_session", "session", "number"),
    Index("ix_reviews_reviewer", "reviewer", "comparison_id", "repeat"),
)
"""Append-only; numbered from 1 without gaps in the order in which they came."""

_ANSWERED = (reviews.c.comparison_id, reviews.c.repeat, reviews.c.reviewer)
_WITHIN = (func.coalesce(reviews.c.session, ""), func.coalesce(reviews.c.item, ""), reviews.c.revision)
Index("uq_reviews_answered", *_ANSWERED, *_WITHIN, unique=True)

scores = Table(
    "scores",
    METADATA,
    Column("review", ForeignKey(reviews.c.number), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("criterion", Text, nullable=False),
    Column("arm", Text, nullable=False),
    Column("value", Integer),
    UniqueConstraint("review", "criterion", "arm"),
    CheckConstraint("value BETWEEN 1 AND 10", name="value"),
)
"""One row a score; without a value it is "not applicable"."""

sessions = Table(
    "sessions",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("deleted_at", Double),
    Column("version", Integer, nullable=False),
    details(),
)

invitations = Table(
    "invitations",
    METADATA,
    Column("session_id", ForeignKey(sessions.c.id), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    details(),
)

reviewers = Table(
    "reviewers",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("session_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text),
    Column("number", Integer, nullable=False),
    details(),
    UniqueConstraint("session_id", "name_key"),
    UniqueConstraint("session_id", "number"),
)
"""Reviewers outlive their session, hence no foreign key. `name_key` is the name in one case; None once free."""

item_drafts = Table(
    "item_drafts",
    METADATA,
    Column("reviewer_id", Text, primary_key=True),
    Column("item_id", Text, primary_key=True),
    details(),
)

presence = Table("presence", METADATA, Column("reviewer_id", Text, primary_key=True), details())

presentations = Table("presentations", METADATA, Column("session_id", Text, primary_key=True), details())

reveals = Table(
    "reveals",
    METADATA,
    Column("session_id", Text, primary_key=True),
    Column("comparison_id", Text, primary_key=True),
    Column("repeat", Integer, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
)
"""Pairs of which everybody in a session was shown the scores."""

shown = Table(
    "shown",
    METADATA,
    Column("about", Text, primary_key=True),
    Column("reviewer", Text, primary_key=True),
    details(),
)
"""What a reviewer was shown of a pair or session that a blind review hides."""

sign_offs = Table(
    "sign_offs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("session_id", Text, nullable=False, index=True),
    details(),
)
