"""The registry of snapshots: dated model ids and the aliases that move between them. Data, not code."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sora_compare.domain.takes import Take

DEFAULT_A = "sora-2-2025-10-06"
DEFAULT_B = "sora-2-2025-12-08"
ALIAS = "sora-2"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One dated model id, with what is known of it and from where.

    Attributes:
        seconds, sizes: allowed lengths and pixels; empty for "not known".
        capabilities: what it can do beyond prompt, length and size.
        dollars_per_second: list price in US dollars; None when not known.
        retired: the day on which its maker switches it off; None while no day is announced.
        claims: the file of published figures about it, to be tested and never shown as fact.
    """

    id: str
    released: date
    recommended_use: str = ""
    seconds: tuple[int, ...] = ()
    sizes: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    dollars_per_second: float | None = None
    price_source: str = ""
    retired: date | None = None
    retired_source: str = ""
    released_source: str = ""
    seconds_source: str = ""
    sizes_source: str = ""
    capabilities_source: str = ""
    claims: str = ""

    def is_retired(self, on: date) -> bool:
        """Whether its maker has switched it off by that day."""
        return self.retired is not None and self.retired <= on


@dataclass(frozen=True, slots=True)
class AliasMove:
    """From this day the alias points to that snapshot."""

    since: date
    points_to: str
    source: str = ""


class Phase(StrEnum):
    """Where a model id stands on a day."""

    LIVE = "live"
    ENDING = "will be retired"
    RETIRED = "retired"
    NOT_YET = "not released yet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Where a model id stands on a day.

    Attributes:
        model: as asked.
        snapshot: what it means on that day; equal to `model` unless that is an alias.
        day: when it is or was retired, or is released; None for live and unknown ids.
        source: where that day comes from.
    """

    model: str
    snapshot: str
    phase: Phase
    day: date | None = None
    source: str = ""

    @property
    def is_flagged(self) -> bool:
        """Whether whoever uses it should be warned: it is, or will be, switched off."""
        return self.phase in {Phase.RETIRED, Phase.ENDING}

    @property
    def sentence(self) -> str:
        """The same for people."""
        name = self.model if self.model == self.snapshot else f"{self.model} ({self.snapshot})"
        record = {
            Phase.LIVE: f"{name} is live; no retirement is announced.",
            Phase.ENDING: f"{name} will be retired on {self.day}.",
            Phase.RETIRED: f"{name} was retired on {self.day}: its maker serves it no more.",
            Phase.NOT_YET: f"{name} is not released before {self.day}.",
            Phase.UNKNOWN: f"{name} is not in the registry: nothing is known of its retirement.",
        }
        return record[self.phase]


@dataclass(frozen=True, slots=True)
class Registry:
    """Snapshots by id, and each alias with its moves, oldest first."""

    snapshots: dict[str, Snapshot]
    aliases: dict[str, tuple[AliasMove, ...]]
    alias_uses: dict[str, str] = field(default_factory=dict)

    def knows(self, model: str) -> bool:
        """Whether the id is a snapshot or an alias of this registry."""
        return model in self.snapshots or model in self.aliases

    def resolve(self, model: str, on: date) -> str:
        """The snapshot an alias pointed to on that day; any other name is returned as it is."""
        moves = [move for move in self.aliases.get(model, ()) if move.since <= on]
        return moves[-1].points_to if moves else model

    def aliases_of(self, snapshot: str, on: date) -> list[str]:
        """The aliases that point to the snapshot on that day."""
        return [alias for alias in self.aliases if self.resolve(alias, on) == snapshot]

    def lifecycle(self, model: str, on: date) -> Lifecycle:
        """Where any model id stands on that day: live, ending, retired, not released yet, or unknown."""
        moves = self.aliases.get(model)
        if moves and on < moves[0].since:
            return Lifecycle(model, model, Phase.NOT_YET, moves[0].since, moves[0].source)
        found = self.snapshots.get(self.resolve(model, on))
        if found is None:
            return Lifecycle(model, self.resolve(model, on), Phase.UNKNOWN)
        if on < found.released:
            return Lifecycle(model, found.id, Phase.NOT_YET, found.released, found.released_source)
        if found.retired is None:
            return Lifecycle(model, found.id, Phase.LIVE)
        phase = Phase.RETIRED if found.is_retired(on) else Phase.ENDING
        return Lifecycle(model, found.id, phase, found.retired, found.retired_source)

    def calendar(self) -> list[tuple[date, str, str]]:
        """Every announced or past retirement as (day, snapshot, source), soonest first."""
        found = [(one.retired, one.id, one.retired_source) for one in self.snapshots.values() if one.retired]
        return sorted(found)

    def extended(self, other: Registry) -> Registry:
        """This registry with the other's entries added; an entry of the same id is replaced."""
        return Registry(
            {**self.snapshots, **other.snapshots},
            {**self.aliases, **other.aliases},
            {**self.alias_uses, **other.alias_uses},
        )


@cache
def registry() -> Registry:
    """The shipped registry (`domain/data/snapshots.toml`)."""
    text = resources.files("sora_compare.domain").joinpath("data/snapshots.toml").read_text("utf-8")
    return registry_from(tomllib.loads(text))


def registry_from(data: dict[str, Any]) -> Registry:
    """A registry as its TOML holds it, already checked (`releases/policy/registry_file.py` checks what users write)."""
    snapshots = [_snapshot(entry) for entry in data.get("snapshot", ())]
    found = data.get("alias", ())
    aliases = {entry["id"]: tuple(sorted(map(_move, entry["history"]), key=lambda one: one.since)) for entry in found}
    uses = {entry["id"]: entry.get("recommended_use", "") for entry in found}
    return Registry({snapshot.id: snapshot for snapshot in snapshots}, aliases, uses)


def _snapshot(data: dict[str, Any]) -> Snapshot:
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    return Snapshot(**fields)


def _move(data: dict[str, Any]) -> AliasMove:
    return AliasMove(data["from"], data["points_to"], data.get("source", ""))


MOVING_ENDING = re.compile(r"[-_@:](?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$")
DATED_ENDING = re.compile(r"[-_@:](?:\d{4}-\d{2}-\d{2}|\d{8})$")


@dataclass(frozen=True, slots=True)
class OtherModel:
    """A completed take of which the server says that it used another model than the one asked for."""

    take: str
    comparison: str
    repeat: int
    arm: str
    origin: str
    asked: str
    echoed: str

    @classmethod
    def of(cls, take: Take) -> OtherModel | None:
        """What is kept of the take; None where the echo does not contradict."""
        if take.other_model is None:
            return None
        names = take.comparison_id, take.repeat, str(take.arm), str(take.origin), take.request.model
        return cls(take.id, *names, take.other_model)

    @property
    def pair(self) -> str:
        """The pair's name, as ratings have it."""
        return f"{self.comparison}:{self.repeat}"


def contradicts(asked: str, echoed: str | None) -> bool:
    """Whether the echoed name cannot mean the model that was asked for."""
    wanted, got = _bare(asked), _bare(echoed or "")
    if not got or wanted == got or _is_alias_of(wanted, got) or _is_alias_of(got, wanted):
        return False
    if not (_is_dated(wanted) and _is_dated(got)) and _family(wanted) == _family(got):
        return False
    return _is_dated(wanted) or registry().knows(wanted)


def contradiction_sentence(asked: str, echoed: str) -> str:
    """The same for people."""
    return f"The server says that it used {echoed}, not {asked}: this clip may come from another model."


def _bare(model: str) -> str:
    """Without a provider before the name, such as "openai/", and without regard to case."""
    return model.strip().casefold().rpartition("/")[2]


def _is_alias_of(alias: str, snapshot: str) -> bool:
    return any(move.points_to == snapshot for move in registry().aliases.get(alias, ()))


def _is_dated(model: str) -> bool:
    return DATED_ENDING.search(model) is not None


def _family(model: str) -> str:
    return MOVING_ENDING.sub("", model)
