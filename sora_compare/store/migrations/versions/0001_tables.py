"""The tables of the first relational store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def text() -> sa.String:
    """Text that sorts by code point."""
    return sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "audit_entries",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", text(), nullable=False),
        sa.Column("comparison_id", text(), nullable=True),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entries")),
    )
    op.create_index("ix_audit_entries_comparison_id", "audit_entries", ["comparison_id", "number"], unique=False)
    op.create_index("ix_audit_entries_event", "audit_entries", ["event", "number"], unique=False)
    op.create_table(
        "audit_heads",
        sa.Column("name", text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("hash", text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_audit_heads")),
    )
    op.create_table(
        "comparisons",
        sa.Column("id", text(), nullable=False),
        sa.Column("prompt", text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("suite_run", text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparisons")),
    )
    op.create_index(op.f("ix_comparisons_suite_run"), "comparisons", ["suite_run"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("name", text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_drafts")),
    )
    op.create_table(
        "ended_cookies",
        sa.Column("id", text(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_cookies")),
    )
    op.create_index(op.f("ix_ended_cookies_until"), "ended_cookies", ["until"], unique=False)
    op.create_table(
        "endpoints",
        sa.Column("name", text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_endpoints")),
    )
    op.create_table(
        "item_drafts",
        sa.Column("reviewer_id", text(), nullable=False),
        sa.Column("item_id", text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reviewer_id", "item_id", name=op.f("pk_item_drafts")),
    )
    op.create_table(
        "leases",
        sa.Column("name", text(), nullable=False),
        sa.Column("owner", text(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("length_s", sa.Double(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("who", text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "policies",
        sa.Column("name", text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_policies")),
    )
    op.create_table(
        "presence",
        sa.Column("reviewer_id", text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reviewer_id", name=op.f("pk_presence")),
    )
    op.create_table(
        "presentations",
        sa.Column("session_id", text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_presentations")),
    )
    op.create_table(
        "reveals",
        sa.Column("session_id", text(), nullable=False),
        sa.Column("comparison_id", text(), nullable=False),
        sa.Column("repeat", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "comparison_id", "repeat", name=op.f("pk_reveals")),
    )
    op.create_table(
        "reviewers",
        sa.Column("id", text(), nullable=False),
        sa.Column("session_id", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("name_key", text(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewers")),
        sa.UniqueConstraint("session_id", "name_key", name=op.f("uq_reviewers_session_id_name_key")),
        sa.UniqueConstraint("session_id", "number", name=op.f("uq_reviewers_session_id_number")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", text(), nullable=False),
        sa.Column("deleted_at", sa.Double(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_table(
        "settings",
        sa.Column("name", text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "shown",
        sa.Column("about", text(), nullable=False),
        sa.Column("reviewer", text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("about", "reviewer", name=op.f("pk_shown")),
    )
    op.create_table(
        "sign_offs",
        sa.Column("id", text(), nullable=False),
        sa.Column("session_id", text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_offs")),
    )
    op.create_index(op.f("ix_sign_offs_session_id"), "sign_offs", ["session_id"], unique=False)
    op.create_table(
        "signals",
        sa.Column("take_id", text(), nullable=False),
        sa.Column("what", text(), nullable=False),
        sa.PrimaryKeyConstraint("take_id", name=op.f("pk_signals")),
    )
    op.create_table(
        "suite_runs",
        sa.Column("id", text(), nullable=False),
        sa.Column("is_planned", sa.Integer(), nullable=False),
        sa.Column("promised_at", sa.Double(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suite_runs")),
    )
    op.create_index("ix_suite_runs_promised_at", "suite_runs", ["promised_at"], unique=False)
    op.create_table(
        "arms",
        sa.Column("comparison_id", text(), nullable=False),
        sa.Column("label", text(), nullable=False),
        sa.Column("endpoint", text(), nullable=False),
        sa.Column("model", text(), nullable=False),
        sa.ForeignKeyConstraint(["comparison_id"], ["comparisons.id"], name=op.f("fk_arms_comparison_id")),
        sa.PrimaryKeyConstraint("comparison_id", "label", name=op.f("pk_arms")),
    )
    op.create_index("ix_arms_endpoint", "arms", ["endpoint", "comparison_id"], unique=False)
    op.create_index("ix_arms_model", "arms", ["model", "comparison_id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("session_id", text(), nullable=False),
        sa.Column("id", text(), nullable=False),
        sa.Column("token_hash", text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_invitations_session_id")),
        sa.PrimaryKeyConstraint("session_id", "id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_table(
        "reviews",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", text(), nullable=False),
        sa.Column("comparison_id", text(), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("reviewer", text(), nullable=False),
        sa.Column("session", text(), nullable=True),
        sa.Column("item", text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["comparison_id"], ["comparisons.id"], name=op.f("fk_reviews_comparison_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_reviews")),
        sa.UniqueConstraint("comparison_id", "id", name=op.f("uq_reviews_comparison_id_id")),
    )
    op.create_index("ix_reviews_session", "reviews", ["session", "number"], unique=False)
    op.create_table(
        "tags",
        sa.Column("comparison_id", text(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tag", text(), nullable=False),
        sa.ForeignKeyConstraint(["comparison_id"], ["comparisons.id"], name=op.f("fk_tags_comparison_id")),
        sa.PrimaryKeyConstraint("comparison_id", "place", name=op.f("pk_tags")),
    )
    op.create_index("ix_tags_tag", "tags", ["tag", "comparison_id"], unique=False)
    op.create_table(
        "scores",
        sa.Column("review", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("criterion", text(), nullable=False),
        sa.Column("arm", text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.CheckConstraint("value BETWEEN 1 AND 10", name=op.f("ck_scores_value")),
        sa.ForeignKeyConstraint(["review"], ["reviews.number"], name=op.f("fk_scores_review")),
        sa.PrimaryKeyConstraint("review", "place", name=op.f("pk_scores")),
        sa.UniqueConstraint("review", "criterion", "arm", name=op.f("uq_scores_review_criterion_arm")),
    )
    op.create_table(
        "takes",
        sa.Column("id", text(), nullable=False),
        sa.Column("comparison_id", text(), nullable=False),
        sa.Column("arm", text(), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("endpoint", text(), nullable=False),
        sa.Column("model", text(), nullable=False),
        sa.Column("origin", text(), nullable=False),
        sa.Column("state", text(), nullable=False),
        sa.Column("other_model", text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comparison_id", "arm"], ["arms.comparison_id", "arms.label"], name=op.f("fk_takes_comparison_id_arm")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takes")),
        sa.UniqueConstraint(
            "comparison_id", "arm", "repeat", "attempt", name=op.f("uq_takes_comparison_id_arm_repeat_attempt")
        ),
    )
    op.create_index("ix_takes_model", "takes", ["model", "id"], unique=False)
    op.create_index(
        "ix_takes_open",
        "takes",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state IN ('fetching', 'planned', 'queued', 'running', 'submitting')"),
        postgresql_where=sa.text("state IN ('fetching', 'planned', 'queued', 'running', 'submitting')"),
    )
    op.create_index(
        "ix_takes_other_model",
        "takes",
        ["id"],
        unique=False,
        sqlite_where=sa.text("other_model IS NOT NULL"),
        postgresql_where=sa.text("other_model IS NOT NULL"),
    )
    op.create_table(
        "answers",
        sa.Column("fingerprint", text(), nullable=False),
        sa.Column("take_id", text(), nullable=False),
        sa.ForeignKeyConstraint(["take_id"], ["takes.id"], name=op.f("fk_answers_take_id")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_answers")),
    )
    op.create_table(
        "job_claims",
        sa.Column("endpoint", text(), nullable=False),
        sa.Column("job_id", text(), nullable=False),
        sa.Column("take_id", text(), nullable=False),
        sa.ForeignKeyConstraint(["take_id"], ["takes.id"], name=op.f("fk_job_claims_take_id")),
        sa.PrimaryKeyConstraint("endpoint", "job_id", name=op.f("pk_job_claims")),
        sa.UniqueConstraint("take_id", name=op.f("uq_job_claims_take_id")),
    )
    op.create_table(
        "request_claims",
        sa.Column("fingerprint", text(), nullable=False),
        sa.Column("take_id", text(), nullable=False),
        sa.ForeignKeyConstraint(["take_id"], ["takes.id"], name=op.f("fk_request_claims_take_id")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_request_claims")),
    )
    op.create_index(
        "uq_reviews_answered",
        "reviews",
        [
            "comparison_id",
            "repeat",
            "reviewer",
            sa.text("coalesce(session, '')"),
            sa.text("coalesce(item, '')"),
            "revision",
        ],
        unique=True,
    )
