"""The tables of the store: real columns for what is searched, sorted, counted or unique, JSON for the rest.

The column `details` of a table holds, as JSON text, the fields of a record that no query asks for; no fact is in both.
Migrations make these tables (`migrations/versions`); a test compares the two.
"""

from sora_compare.store.tables.generation import (
    IS_COMPLETED,
    IS_OPEN,
    answers,
    arms,
    comparisons,
    job_claims,
    request_claims,
    signals,
    suite_runs,
    tags,
    takes,
)
from sora_compare.store.tables.operations import (
    audit_entries,
    audit_heads,
    drafts,
    ended_cookies,
    endpoints,
    leases,
    policies,
    settings,
)
from sora_compare.store.tables.parts import METADATA, Text
from sora_compare.store.tables.reviewing import (
    invitations,
    item_drafts,
    presence,
    presentations,
    reveals,
    reviewers,
    reviews,
    scores,
    sessions,
    shown,
    sign_offs,
)

__all__ = [
    "IS_COMPLETED",
    "IS_OPEN",
    "METADATA",
    "Text",
    "answers",
    "arms",
    "audit_entries",
    "audit_heads",
    "comparisons",
    "drafts",
    "ended_cookies",
    "endpoints",
    "invitations",
    "item_drafts",
    "job_claims",
    "leases",
    "policies",
    "presence",
    "presentations",
    "request_claims",
    "reveals",
    "reviewers",
    "reviews",
    "scores",
    "sessions",
    "settings",
    "shown",
    "sign_offs",
    "signals",
    "suite_runs",
    "tags",
    "takes",
]
