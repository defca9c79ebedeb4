"""Records as rows and back: named fields become columns, the other ones JSON in `details`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from sora_compare.errors import TamperedRecord, UnknownRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Table

    from sora_compare.store.damaged import Damaged

Value = dict[str, Any]
"""A record: what `json` can write, keys being text."""
Row = Mapping[str, Any]
Kept = TypeVar("Kept")


def to_json(value: object) -> str:
    """JSON text in ASCII; a number that JSON has no word for raises ValueError."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def from_json(text: object) -> Value:
    """The record in the text of a row.

    Raises:
        TamperedRecord: it is no record of ours.
    """
    if not isinstance(text, str):
        raise TamperedRecord("a value that is no text")
    try:
        record = json.loads(text)
    except ValueError as error:
        raise TamperedRecord("text that is not JSON") from error
    if not isinstance(record, dict):
        raise TamperedRecord("JSON that is no record")
    return record


class Codec(Generic[Kept]):
    """How things of one kind lie in their table."""

    def __init__(self, word: str, kind: type[Kept], table: Table, columns: Mapping[str, str] | None = None) -> None:
        """Say what becomes a column.

        Args:
            word: what people call the kind.
            kind: the dataclass.
            table: where it lies.
            columns: the field of each column, such as "request.model"; those named alike by themselves. A field whose
                values lie in a table of their own is named too, to be taken from the row by whoever writes it.
        """
        self.word = word
        self.table = table
        self._adapter: TypeAdapter[Kept] = TypeAdapter(kind)
        names = (column.name for column in table.columns)
        fields = {name: name for name in names if name in getattr(kind, "__dataclass_fields__", {})}
        self._columns = {**fields, **(columns or {})}

    def record(self, thing: Kept) -> Value:
        """The thing as JSON holds it."""
        record: Value = self._adapter.dump_python(thing, mode="json")
        return record

    def row(self, thing: Kept, **columns: object) -> dict[str, Any]:
        """The thing as its table holds it; `columns` are those that no field has."""
        record = self.record(thing)
        found = {column: _taken(record, path.split(".")) for column, path in self._columns.items()}
        return {**found, **columns, "details": to_json(record)}

    def thing(self, row: Row, **fields: object) -> Kept:
        """What a row holds; `fields` lie in tables of their own.

        Raises:
            TamperedRecord: we did not write it so.
        """
        record, whole = from_json(row["details"]), {**row, **fields}
        for column, path in self._columns.items():
            *above, last = path.split(".")
            place = record
            for name in above:
                place = place.get(name) or {}
            place[last] = whole[column]
        return self.read(record)

    def read(self, record: object) -> Kept:
        """The thing that a record describes.

        Raises:
            TamperedRecord: it describes none.
        """
        try:
            return self._adapter.validate_python(record)
        except ValidationError as error:
            first = error.errors()[0]
            raise TamperedRecord(f"{self.word}, field {first['loc']}: {first['msg']}") from error

    def known(self, identifier: str, row: Row | None) -> Kept:
        """The thing that was asked for.

        Raises:
            UnknownRecord: there is no such row.
            TamperedRecord: we did not write it so.
        """
        if row is None:
            raise UnknownRecord(self.word, identifier)
        return self.thing(row)

    def readable(self, rows: Iterable[Row], damaged: Damaged) -> Iterator[Kept]:
        """What the rows hold; one that cannot be read is noted and left out."""
        for row in rows:
            try:
                yield self.thing(row)
            except TamperedRecord as error:
                damaged.note(self.table.name, key_of(self.table, row), str(error))


def key_of(table: Table, row: Row) -> str:
    """The row's key as it can be shown."""
    return ":".join(_shown(row[column.name]) for column in table.primary_key)


def _shown(part: object) -> str:
    return part.decode(errors="backslashreplace") if isinstance(part, bytes) else str(part)


def _taken(record: Value, path: list[str]) -> object:
    """Take a field out of a record."""
    *above, last = path
    for name in above:
        record = record[name]
    return record.pop(last)
