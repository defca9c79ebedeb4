"""Where a key stands in a TOML text: `tomllib` tells places of syntax errors only, people need them for any error."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from typing import TYPE_CHECKING, Any

from sora_compare.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

TABLE = re.compile(r"\s*\[(?P<many>\[)?\s*(?P<keys>[^\[\]]+?)\s*\]\]?\s*(#.*)?$")
PAIR = re.compile(r"""\s*(?P<keys>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
ONE_KEY = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
SYNTAX_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")

Keys = tuple[str | int, ...]
"""A path into the document; a number is the position within an array of tables, from 0."""
Place = tuple[int, int]


class TomlFileBroken(ConfigurationError):
    """A TOML file that a person wrote cannot be used; `line` and `column` count from 1."""

    def __init__(self, path: Path, place: Place, problem: str) -> None:
        self.line, self.column = place
        super().__init__(f"{path}, line {self.line}, column {self.column}: {problem}")


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """The file's text and what it holds.

    Raises:
        TomlFileBroken: it is not TOML, or not UTF-8.
        OSError: it cannot be read.
    """
    return parse_toml(path, path.read_bytes())


def parse_toml(path: Path, raw: bytes) -> tuple[str, dict[str, Any]]:
    """The same of a file's bytes; the path is only named.

    Raises:
        TomlFileBroken: see above.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        place = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise TomlFileBroken(path, place, "this is not UTF-8 text: save the file as UTF-8.") from error
    try:
        return text, tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TomlFileBroken(path, *_of_syntax(text, str(error))) from error


def _of_syntax(text: str, sentence: str) -> tuple[Place, str]:
    found = SYNTAX_PLACE.search(sentence)
    reason = f"this is not TOML ({SYNTAX_PLACE.sub('', sentence).lower()})."
    if found and found[1]:
        return (int(found[1]), int(found[2])), reason
    lines = text.split("\n")
    return (len(lines), len(lines[-1]) + 1), reason


def place_of(text: str, keys: Keys) -> Place:
    """Line and column of a key such as ("snapshot", 1, "released"), or of the nearest table around it."""
    places = _places(text)
    for length in range(len(keys), 0, -1):
        if keys[:length] in places:
            return places[keys[:length]]
    return 1, 1


def _places(text: str) -> dict[Keys, Place]:
    table: Keys = ()
    counts: Counter[Keys] = Counter()
    places: dict[Keys, Place] = {}
    for number, line in enumerate(text.splitlines(), 1):
        is_table = TABLE.match(line)
        found = is_table or PAIR.match(line)
        if found is None:
            continue
        keys: Keys = tuple(one.strip("\"'") for one in ONE_KEY.findall(found["keys"]))
        if is_table and is_table["many"]:
            places.setdefault(keys, (number, found.start("keys") + 1))
            counts[keys] += 1
            keys = (*keys, counts[keys] - 1)
        table = keys if is_table else table
        whole = keys if is_table else (*table, *keys)
        places.setdefault(whole, (number, found.start("keys") + 1))
    return places
