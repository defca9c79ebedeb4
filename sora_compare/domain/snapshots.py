"""The registry of snapshots: dated model ids and the aliases that move between them. Data, not code."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

DEFAULT_A = "sora-2-2025-10-06"
DEFAULT_B = "sora-2-2025-12-08"
ALIAS = "sora-2"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One dated model id, with what is known of it and from where."""

    id: str
    released: date
    recommended_use: str
    seconds: tuple[int, ...]
    sizes: tuple[str, ...]
    dollars_per_second: float
    price_source: str
    retired: date | None = None
    retired_source: str = ""

    def is_retired(self, on: date) -> bool:
        """Whether its maker has switched it off by that day."""
        return self.retired is not None and self.retired <= on


@dataclass(frozen=True, slots=True)
class AliasMove:
    """From this day the alias points to that snapshot."""

    since: date
    points_to: str
    source: str


@dataclass(frozen=True, slots=True)
class Registry:
    """Snapshots by id, and each alias with its moves, oldest first."""

    snapshots: dict[str, Snapshot]
    aliases: dict[str, tuple[AliasMove, ...]]

    def resolve(self, model: str, on: date) -> str:
        """The snapshot an alias pointed to on that day; any other name is returned as it is."""
        moves = [move for move in self.aliases.get(model, ()) if move.since <= on]
        return moves[-1].points_to if moves else model


@cache
def registry() -> Registry:
    """The shipped registry (`domain/data/snapshots.toml`)."""
    text = resources.files("sora_compare.domain").joinpath("data/snapshots.toml").read_text("utf-8")
    data = tomllib.loads(text)
    snapshots = [
        Snapshot(**{**entry, "seconds": tuple(entry["seconds"]), "sizes": tuple(entry["sizes"])})
        for entry in data["snapshot"]
    ]
    aliases = {
        entry["id"]: tuple(AliasMove(m["from"], m["points_to"], m["source"]) for m in entry["history"])
        for entry in data["alias"]
    }
    return Registry({snapshot.id: snapshot for snapshot in snapshots}, aliases)
