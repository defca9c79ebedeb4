"""Rows of CSV, JSONL and YAML files, each with the line it starts at.

Files come from anybody: nothing here follows a reference, builds an object from a tag, or spends more time or
memory on a row than its text is long.
"""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any

import yaml

from sora_compare.domain.comparisons import BrokenRow
from sora_compare.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = tuple[int, Any]
"""The line a row starts at, from 1, and what it holds: a BrokenRow where it could not be read."""

DELIMITERS = ",;\t"
"""Spreadsheets write a semicolon where a comma is the decimal sign."""
LONGEST_FIELD = 100_000
ENTRY = re.compile(r"^( *)- ", re.MULTILINE)
"""The first entry of a list, one to a line, with how far it is indented."""
NOTHING = ("", "~", "null", "Null", "NULL")
OWN_TAG = "tag:yaml.org,2002:"
KNOWN_TAGS = tuple(OWN_TAG + word for word in ("str", "int", "float", "bool", "null"))


def lines_of(text: str) -> list[str]:
    """The text's lines with their ends, as editors count them: only line feeds and carriage returns end a line."""
    return text.replace("\r\n", "\n").replace("\r", "\n").splitlines(keepends=True) if _is_plain(text) else _split(text)


def _is_plain(text: str) -> bool:
    """Whether `splitlines` agrees with editors: it also breaks at separators that may stand inside a prompt."""
    return not any(mark in text for mark in "\v\f\x1c\x1d\x1e\x85\u2028\u2029")


def _split(text: str) -> list[str]:
    return [f"{line}\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def csv_rows(text: str, needed: str = "prompt") -> Iterator[Row]:
    """Rows of a CSV file whose first line names the columns; empty cells are left out.

    Raises:
        UsageError: no column has the needed name.
    """
    lines = lines_of(text)
    delimiter = max(DELIMITERS, key=lines[0].count) if lines else ","
    names: list[str] = []
    for line, cells in _cells(lines, delimiter):
        if not names:
            names = _names(cells, needed)
        elif isinstance(cells, BrokenRow):
            yield line, cells
        elif len(cells) > len(names):
            words = f"it has {len(cells)} cells for {len(names)} columns: put texts with commas between double quotes."
            yield line, BrokenRow(line, words)
        elif any(cell.strip() for cell in cells):
            yield line, {name: cell for name, cell in zip(names, cells, strict=False) if cell.strip()}


def _names(cells: list[str] | BrokenRow, needed: str) -> list[str]:
    names = [] if isinstance(cells, BrokenRow) else [cell.strip().lower() for cell in cells]
    if needed not in names:
        raise UsageError(f"The first line of the CSV must name the columns, among them “{needed}”.")
    return names


def _cells(lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str] | BrokenRow]]:
    """Each row's cells. After a row that is not CSV, reading goes on with the line below its first."""
    start = 0
    csv.field_size_limit(LONGEST_FIELD)
    while start < len(lines):
        begin = start
        reader = csv.reader((lines[n] for n in range(begin, len(lines))), strict=True, delimiter=delimiter)
        try:
            for cells in reader:
                yield begin + 1, cells
                begin = start + reader.line_num
        except csv.Error as error:
            yield begin + 1, BrokenRow(begin + 1, f"not CSV ({error}).")
            start = begin + 1
        else:
            return


def jsonl_rows(text: str) -> Iterator[Row]:
    """One JSON value a line; empty lines are passed over."""
    for line, content in enumerate(lines_of(text), 1):
        if not content.strip():
            continue
        try:
            yield line, json.loads(content)
        except (ValueError, RecursionError) as error:
            yield line, BrokenRow(line, f"not JSON ({error}).")


def yaml_rows(text: str) -> Iterator[Row]:
    """Entries of a list, or of the list under "prompts". Every value is taken as the text it is written as.

    Raises:
        UsageError: it is neither.
    """
    try:
        document = _composed(text)
    except (yaml.YAMLError, RecursionError) as error:
        yield from _one_by_one(text, error)
        return
    if isinstance(document, yaml.MappingNode):
        lists = [value for key, value in document.value if key.value == "prompts"]
        document = lists[0] if lists else None
    if not isinstance(document, yaml.SequenceNode):
        raise UsageError("The YAML must be a list of prompts, or have one under “prompts”.")
    yield from _entries(document, 0)


def _composed(text: str) -> yaml.Node | None:
    # The base loader takes every value as text; its constructors, which tags could drive, are never called.
    return yaml.compose(text, Loader=yaml.BaseLoader)


def _entries(document: yaml.SequenceNode, lines_before: int) -> Iterator[Row]:
    for node in document.value:
        line = lines_before + node.start_mark.line + 1
        try:
            yield line, _value(node)
        except ValueError as error:
            yield line, BrokenRow(line, str(error))


def _one_by_one(text: str, error: Exception) -> Iterator[Row]:
    """Each entry of a block list read by itself, for a document that is broken somewhere."""
    lines = lines_of(text)
    found = ENTRY.search(text)
    starts = [n for n, line in enumerate(lines) if line.startswith(f"{found[1]}- ")] if found else []
    if not starts:
        yield _line_of(error), BrokenRow(_line_of(error), _not_yaml(error))
        return
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        try:
            document = _composed("".join(lines[start:end]))
        except (yaml.YAMLError, RecursionError) as fault:
            yield start + 1, BrokenRow(start + 1, _not_yaml(fault))
        else:
            if isinstance(document, yaml.SequenceNode):
                yield from _entries(document, start)


def _not_yaml(error: Exception) -> str:
    return f"not YAML ({getattr(error, 'problem', None) or error})."


def _line_of(error: Exception) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1


def _value(node: yaml.Node) -> Any:  # noqa: ANN401  # text, or fields of text and lists of text
    if not isinstance(node, yaml.MappingNode):
        return _scalar(node)
    return {_scalar(key): _field(value) for key, value in node.value}


def _field(node: yaml.Node) -> list[str | None] | str | None:
    return [_scalar(one) for one in node.value] if isinstance(node, yaml.SequenceNode) else _scalar(node)


def _scalar(node: yaml.Node) -> str | None:
    if not isinstance(node, yaml.ScalarNode):
        raise ValueError("it is nested deeper than a prompt can be.")  # noqa: TRY004  # a row's fault, not a caller's
    if node.tag not in KNOWN_TAGS:
        raise ValueError(f"the tag “{node.tag[:60]}” has no meaning here.")
    is_nothing = node.style is None and node.value in NOTHING
    return None if is_nothing else str(node.value)
