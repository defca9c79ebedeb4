"""What keeps the house: leases, settings, policies, logins that ended, the audit log."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, Table
from sqlalchemy import Text as PlainText

from sora_compare.store.tables.parts import METADATA, Text, details

leases = Table(
    "leases",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", Double, nullable=False),
    Column("length_s", Double, nullable=False),
    Column("since", Double, nullable=False),
    Column("who", Text, nullable=False),
)

endpoints = Table("endpoints", METADATA, Column("name", Text, primary_key=True), details())

settings = Table("settings", METADATA, Column("name", Text, primary_key=True), details())

drafts = Table("drafts", METADATA, Column("name", Text, primary_key=True), details())

policies = Table(
    "policies",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    details(),
)

ended_cookies = Table(
    "ended_cookies",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("until", Double, nullable=False, index=True),
)

audit_entries = Table(
    "audit_entries",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("event", Text, nullable=False),
    Column("comparison_id", Text),
    Column("entry", PlainText, nullable=False),
    Index("ix_audit_entries_event", "event", "number"),
    Index("ix_audit_entries_comparison_id", "comparison_id", "number"),
)
"""The entry as its hash was taken of; `event` and `comparison_id` only find it."""

audit_heads = Table(
    "audit_heads",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("at", Double, nullable=False),
)
