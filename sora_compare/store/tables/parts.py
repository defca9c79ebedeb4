"""What the tables share: any text, one naming of constraints, the column of what nothing asks for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, MetaData, String
from sqlalchemy import Text as PlainText
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

ESCAPED = "\x01json:"
"""Begins a text that a database would not take as it is."""


class Text(TypeDecorator[str]):
    """Any text: a zero byte, which PostgreSQL refuses, and half a surrogate pair are kept escaped.

    It sorts by code point on every database, as identifiers want it.
    """

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type of the column."""
        return dialect.type_descriptor(String(collation="C") if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002  # SQLAlchemy's signature
        """What is written."""
        if value is None or (value.isprintable() and not value.startswith(ESCAPED)):
            return value
        is_odd = "\x00" in value or value.startswith(ESCAPED) or any("\ud800" <= sign <= "\udfff" for sign in value)
        return f"{ESCAPED}{json.dumps(value)}" if is_odd else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002  # a rotten row
        """What is read."""
        if isinstance(value, str) and value.startswith(ESCAPED):
            return json.loads(value[len(ESCAPED) :])
        return value


NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = MetaData(naming_convention=NAMING)


def details() -> Column[str]:
    """The fields of a record that no query asks for, as JSON text."""
    return Column("details", PlainText, nullable=False)
