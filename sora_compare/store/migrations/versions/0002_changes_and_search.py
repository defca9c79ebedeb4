"""Changes of takes are numbered, reviews say of which kind they are, and words of prompts are searched."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH = 1000


def upgrade() -> None:
    """Add the columns, fill them from what is there, and index them."""
    text = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.add_column("takes", sa.Column("changed", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.execute(
        "UPDATE takes SET changed = numbered.place FROM"
        " (SELECT id, row_number() OVER (ORDER BY id) AS place FROM takes) AS numbered WHERE numbered.id = takes.id"
    )
    op.create_index("ix_takes_changed", "takes", ["changed"], unique=True)
    is_completed = sa.text("state = 'completed'")
    op.create_index(
        "ix_takes_completed",
        "takes",
        ["comparison_id", "repeat", "arm", "attempt"],
        sqlite_where=is_completed,
        postgresql_where=is_completed,
    )
    op.add_column("reviews", sa.Column("kind", text, nullable=False, server_default="pair"))
    op.add_column("reviews", sa.Column("is_withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()))
    _fill_reviews(op.get_bind())
    op.create_index("ix_reviews_reviewer", "reviews", ["reviewer", "comparison_id", "repeat"])
    op.create_index(op.f("ix_comparisons_created"), "comparisons", ["created"])
    _make_search(op.get_bind())


def _fill_reviews(connection: sa.Connection) -> None:
    """Move the two fields out of the JSON of each review; what is no JSON stays as it is and is reported when read."""
    last = 0
    while rows := connection.execute(
        sa.text("SELECT number, details FROM reviews WHERE number > :last ORDER BY number LIMIT :batch"),
        {"last": last, "batch": BATCH},
    ).fetchall():
        last = rows[-1][0]
        changed = []
        for number, details in rows:
            try:
                record = json.loads(details)
                kind, is_withdrawn = record.pop("kind", "pair"), record.pop("is_withdrawn", False)
            except (TypeError, ValueError, AttributeError):
                continue
            changed.append(
                {
                    "number": number,
                    "kind": str(kind),
                    "is_withdrawn": bool(is_withdrawn),
                    "details": json.dumps(record, separators=(",", ":")),
                }
            )
        if changed:
            connection.execute(
                sa.text(
                    "UPDATE reviews SET kind = :kind, is_withdrawn = :is_withdrawn, details = :details"
                    " WHERE number = :number"
                ),
                changed,
            )


def _make_search(connection: sa.Connection) -> None:
    """The index of words; it is filled after the steps, by the code that fills it ever after."""
    if connection.dialect.name == "postgresql":
        op.execute(
            'CREATE TABLE prompt_words (comparison_id varchar COLLATE "C" NOT NULL, words tsvector NOT NULL,'
            " CONSTRAINT pk_prompt_words PRIMARY KEY (comparison_id),"
            " CONSTRAINT fk_prompt_words_comparison_id FOREIGN KEY (comparison_id) REFERENCES comparisons (id))"
        )
        op.execute("CREATE INDEX ix_prompt_words_words ON prompt_words USING gin (words)")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE prompt_words"
            " USING fts5(comparison_id UNINDEXED, words, tokenize = 'unicode61 remove_diacritics 0')"
        )
