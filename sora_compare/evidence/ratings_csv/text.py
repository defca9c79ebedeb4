"""A ratings file as text: its encoding, its separator and its columns, and each row with its line."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE_LIMIT = 100_000_000
"""Bytes; a larger file is refused."""
DELIMITERS = ",;\t"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
SEPARATOR_LINE = "sep="
"""With this Excel names the separator in a first line of its own."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it was typed.

    Attributes:
        name: of the file.
        text: everything below a `sep=` line.
        delimiter: between cells.
        lines_before: how many lines of the file stand above `text`.
        columns: as named in the first line, in small letters, with single spaces.
        notes: sentences on how the file was read.
    """

    name: str
    text: str
    delimiter: str
    lines_before: int
    columns: tuple[str, ...]
    notes: tuple[str, ...]

    def rows(self, broken: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row with its line; a row with more cells than there are columns is added to `broken` instead.

        Raises:
            UsageError: what follows is no CSV, such as a quote that is never closed.
        """
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter, strict=True)
        width = len(self.columns)
        try:
            next(reader)
            for cells in reader:
                line = reader.line_num + self.lines_before
                if any(cell.strip() for cell in cells[width:]):
                    broken.append(f"Line {line} has {len(cells)} cells for {width} columns.")
                elif unnamed := [
                    cell for name, cell in zip(self.columns, cells, strict=False) if not name and tidy(cell)
                ]:
                    broken.append(f"Line {line}: “{tidy(unnamed[0])[:40]}” stands in a column without a name.")
                elif any(cell.strip() for cell in cells):
                    yield line, {name: tidy(cell) for name, cell in zip(self.columns, cells, strict=False) if name}
        except csv.Error as error:
            line = reader.line_num + self.lines_before
            raise UsageError(f"{self.name} is not a CSV file (line {line}: {error}).") from error


def read_sheet(path: Path) -> Sheet:
    """The table in a file.

    Raises:
        UsageError: the file cannot be read, is too large or no text, or names a column twice.
    """
    try:
        with path.open("rb") as file:
            content = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
    if len(content) > FILE_LIMIT:
        raise UsageError(f"{path.name} is larger than {FILE_LIMIT // 1_000_000:,} MB: split it.")
    text, notes = _decoded(path.name, content)
    first, _, below = text.partition("\n")
    named = first.strip().lower().strip('"')
    delimiter, lines_before = "", 0
    if named.startswith(SEPARATOR_LINE) and len(named) <= len(SEPARATOR_LINE) + 1:
        delimiter, lines_before, text = named.removeprefix(SEPARATOR_LINE) or "\t", 1, below
        first = text.partition("\n")[0]
    delimiter = delimiter or max(DELIMITERS, key=first.count)
    return Sheet(path.name, text, delimiter, lines_before, _columns(path.name, text, delimiter), notes)


def tidy(text: str) -> str:
    """Text without space around it, with single ordinary spaces within: also for no-break spaces."""
    return " ".join(text.split())


def folded(text: str) -> str:
    """The same for names that differ only in capital letters and spaces."""
    return tidy(text).casefold()


def _decoded(name: str, content: bytes) -> tuple[str, tuple[str, ...]]:
    notes: tuple[str, ...] = ()
    try:
        if content.startswith(UTF_16):
            text = content.decode("utf-16")
        else:
            try:
                text = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = content.decode("cp1252")
                notes = (f"{name} is not UTF-8 and was read as Windows-1252: check names with letters beyond ASCII.",)
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is no text that can be read: save it as “CSV UTF-8”.") from error
    if "\0" in text:
        raise UsageError(f"{name} is not a CSV file: it holds zero bytes. Save it as “CSV UTF-8”.")
    return text, notes


def _columns(name: str, text: str, delimiter: str) -> tuple[str, ...]:
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        columns = tuple(tidy(cell).lower() for cell in next(reader, []))
    except csv.Error as error:
        raise UsageError(f"{name} is not a CSV file (line 1: {error}).") from error
    twice = [column for column, count in Counter(columns).items() if column and count > 1]
    if twice:
        raise UsageError(f"{name} has the column {twice[0]} more than once: name each column once.")
    return columns
