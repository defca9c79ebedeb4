"""The words of prompts and tags, found by how they begin: by SQLite's FTS5 or PostgreSQL's tsvector.

Words are cut here and not by the databases, so that both find the same.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, bindparam, column, func, select, table, text

from sora_compare.store.tables import Text, comparisons, tags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Select

    from sora_compare.store.database import Database

NAME = "prompt_words"
POSTGRESQL = "postgresql"
WORD = re.compile(r"[^\W_]+")
UNSPACED = re.compile("([\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff])")
"""Scripts of the Far East that write words without spaces between: each sign is a word."""
WORD_LENGTH = 64
MOST_WORDS = 16
"""Words of one search; more of them do not narrow it any further."""
BATCH = 1000


def words_in(given: str) -> list[str]:
    """The different words of a text, in one form for small and capital, wide and narrow letters."""
    normal = unicodedata.normalize("NFKC", given).casefold()
    found = (part for word in WORD.findall(normal) for part in UNSPACED.split(word) if part)
    return list(dict.fromkeys(word[:WORD_LENGTH] for word in found))


def make(connection: Connection) -> None:
    """Make the empty index of a new store, as the step 0002 does for others."""
    if connection.dialect.name == POSTGRESQL:
        connection.exec_driver_sql(
            f'CREATE TABLE {NAME} (comparison_id varchar COLLATE "C" NOT NULL, words tsvector NOT NULL,'
            f" CONSTRAINT pk_{NAME} PRIMARY KEY (comparison_id), CONSTRAINT fk_{NAME}_comparison_id"
            " FOREIGN KEY (comparison_id) REFERENCES comparisons (id))"
        )
        connection.exec_driver_sql(f"CREATE INDEX ix_{NAME}_words ON {NAME} USING gin (words)")
    else:
        connection.exec_driver_sql(
            f"CREATE VIRTUAL TABLE {NAME}"
            " USING fts5(comparison_id UNINDEXED, words, tokenize = 'unicode61 remove_diacritics 0')"
        )


def note(connection: Connection, comparison_id: str, prompt: str, its_tags: Iterable[str]) -> None:
    """Add a comparison to the index."""
    _insert(connection, [(comparison_id, words_in(" ".join((prompt, *its_tags))))])


def count(database: Database) -> int:
    """How many comparisons are in the index."""
    return int(database.value(select(func.count()).select_from(table(NAME))))


def rebuild(connection: Connection) -> None:
    """Fill the index from all comparisons."""
    connection.execute(text(f"DELETE FROM {NAME}"))  # noqa: S608  # a constant
    last = ""
    while True:
        query = select(comparisons.c.id, comparisons.c.prompt).where(comparisons.c.id > last)
        rows = connection.execute(query.order_by(comparisons.c.id).limit(BATCH)).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        its_words = {name: words_in(prompt) if isinstance(prompt, str) else [] for name, prompt in rows}
        for name, tag in connection.execute(
            select(tags.c.comparison_id, tags.c.tag).where(
                tags.c.comparison_id >= rows[0][0], tags.c.comparison_id <= last
            )
        ):
            its_words[name] += words_in(str(tag))
        _insert(connection, list(its_words.items()))


def _insert(connection: Connection, several: list[tuple[str, list[str]]]) -> None:
    if connection.dialect.name == POSTGRESQL:
        value, rows = "array_to_tsvector(CAST(:words AS text[]))", [{"id": a, "words": b} for a, b in several]
    else:
        value, rows = ":words", [{"id": name, "words": " ".join(words)} for name, words in several]
    insert = text(f"INSERT INTO {NAME} (comparison_id, words) VALUES (:id, {value})")  # noqa: S608  # constants
    connection.execute(insert.bindparams(bindparam("id", type_=Text())), rows)


def has_words(given: str, dialect: str) -> ColumnElement[bool] | None:
    """Whether a comparison has, for every word of a text, one that begins so; None where the text has no word."""
    words = words_in(given)[:MOST_WORDS]
    if not words:
        return None
    if dialect == POSTGRESQL:
        fits, wanted = "words @@ CAST(:wanted AS tsquery)", " & ".join(f"'{word}':*" for word in words)
    else:
        fits, wanted = f"{NAME} MATCH :wanted", " ".join(f'"{word}"*' for word in words)
    found: Select[Any] = select(column("comparison_id")).select_from(table(NAME))
    return comparisons.c.id.in_(found.where(text(fits).bindparams(wanted=wanted)))
