"""A user's own snapshots and aliases: a TOML of the same form as the shipped one, checked field by field."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sora_compare.domain.snapshots import Registry, Snapshot, registry, registry_from
from sora_compare.releases.policy.toml_places import Keys, TomlFileBroken, place_of, read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "snapshots.toml"
"""The file looked for in the data folder."""
KINDS: dict[str, tuple[str, Any]] = {
    "released": ("a date such as 2025-10-06", date),
    "retired": ("a date such as 2026-09-24", date),
    "seconds": ("a list of whole numbers", int),
    "sizes": ("a list of texts", str),
    "capabilities": ("a list of texts", str),
    "dollars_per_second": ("a number of 0 or more", (int, float)),
}
"""What a field must be; every other field is text."""
LISTS = ("seconds", "sizes", "capabilities")
SNAPSHOT_FIELDS = tuple(one.name for one in fields(Snapshot))
ALIAS_FIELDS = ("id", "history", "recommended_use")
MOVE_FIELDS = ("from", "points_to", "source")


def load_registry(*files: Path) -> Registry:
    """The shipped registry, extended by each of these files that exists, in order.

    Raises:
        TomlFileBroken: with line and column.
    """
    known = registry()
    for path in files:
        if path.exists():
            known = known.extended(read_registry(path, known))
    return known


def read_registry(path: Path, known: Registry) -> Registry:
    """The snapshots and aliases of one file; aliases may point to known snapshots too.

    Raises:
        TomlFileBroken: with line and column.
        OSError: it cannot be read.
    """
    text, data = read_toml(path)
    problems = next(_faults(data, known), None)
    if problems:
        keys, sentence = problems
        raise TomlFileBroken(path, place_of(text, keys), sentence)
    return registry_from(data)


Fault = tuple[Keys, str]


def _faults(data: dict[str, Any], known: Registry) -> Iterator[Fault]:
    strange = [name for name in data if name not in {"snapshot", "alias"}]
    if strange:
        yield (strange[0],), f"there is no table “{strange[0]}” here: use [[snapshot]] and [[alias]]."
    for kind in ("snapshot", "alias"):
        if not _is_tables(data.get(kind, [])):
            yield (kind,), f"write each {kind} as a table of its own, under [[{kind}]]."
            return
    for nth, entry in enumerate(data.get("snapshot", [])):
        yield from _snapshot_faults(nth, entry)
    there = {*known.snapshots, *(entry.get("id") for entry in data.get("snapshot", []))}
    for nth, entry in enumerate(data.get("alias", [])):
        yield from _alias_faults(nth, entry, there)


def _is_tables(data: object) -> bool:
    return isinstance(data, list) and all(isinstance(one, dict) for one in data)


def _snapshot_faults(nth: int, entry: dict[str, Any]) -> Iterator[Fault]:
    for needed in ("id", "released"):
        if needed not in entry:
            yield ("snapshot", nth), f"the snapshot “{entry.get('id', '')}” has no {needed}."
    for name, value in entry.items():
        if name not in SNAPSHOT_FIELDS:
            yield ("snapshot", nth, name), f"a snapshot has no field “{name}”: use {', '.join(SNAPSHOT_FIELDS)}."
        elif not _is_right(name, value):
            wanted = KINDS.get(name, ("a text", str))[0]
            yield ("snapshot", nth, name), f"{name} is {value!r}: give {wanted}."


def _is_right(name: str, value: object) -> bool:
    kind = KINDS.get(name, ("", str))[1]
    if name in LISTS:
        return isinstance(value, list) and all(isinstance(one, kind) and not isinstance(one, bool) for one in value)
    if name == "dollars_per_second":
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
    if kind is date:
        return _is_day(value)
    return isinstance(value, str) and (name != "id" or bool(value))


def _is_day(value: object) -> bool:
    """Whether it is a date without a time: the two cannot be compared."""
    return isinstance(value, date) and not isinstance(value, datetime)


def _alias_faults(nth: int, entry: dict[str, Any], there: set[Any]) -> Iterator[Fault]:
    if not isinstance(entry.get("id"), str) or not entry["id"]:
        yield ("alias", nth), "the alias has no id."
    for name in entry:
        if name not in ALIAS_FIELDS:
            yield ("alias", nth, name), f"an alias has no field “{name}”: use {', '.join(ALIAS_FIELDS)}."
    history = entry.get("history")
    if not history or not _is_tables(history):
        wanted = "history = [{ from = 2026-01-13, points_to = …, source = … }]"
        yield ("alias", nth, "history"), f"the alias “{entry.get('id', '')}” needs {wanted}."
        return
    for move in history:
        yield from _move_faults(nth, move, there)


def _move_faults(nth: int, move: dict[str, Any], there: set[Any]) -> Iterator[Fault]:
    place = ("alias", nth, "history")
    if not _is_day(move.get("from")):
        yield place, "a move of the alias needs from, a date such as 2026-01-13."
    if move.get("points_to") not in there:
        known = ", ".join(sorted(map(str, there)))
        yield place, f"the alias points to “{move.get('points_to')}”, which is no snapshot; there are: {known}."
    if any(name not in MOVE_FIELDS for name in move) or not isinstance(move.get("source", ""), str):
        yield place, f"a move of the alias has only the fields {', '.join(MOVE_FIELDS)}."
