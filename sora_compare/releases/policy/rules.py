"""What a policy file must be: every fault with the key it concerns, in the order in which people read."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sora_compare.domain.canaries import LONGEST_WINDOW_S, SHORTEST_WINDOW_S, STEPS
from sora_compare.domain.guard_rails import GuardRails
from sora_compare.domain.policies import STABLE, Change
from sora_compare.releases.policy.toml_places import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sora_compare.domain.snapshots import Registry

FORMAT = 1
TOP = ("format", "revision", "registry", "versions", "environments", "history")
OF_ENVIRONMENT = ("model", "previous", "canary", "needs_reason")
Fault = tuple[Keys, str]

NUMBER = (int, float)
CANARY_KINDS: dict[str, Any] = {
    "candidate": str, "share": int, "salt": str, "started": datetime, "step_started": datetime, "window_s": NUMBER,
    "is_automatic": bool, "rails": dict, "since_entry": int,
}  # fmt: skip
CANARY_NEEDS = ("candidate", "share", "salt", "started", "step_started")
RAIL_NAMES = tuple(one.name for one in fields(GuardRails))
SWITCH = "is_model_checked"
CHANGE_KINDS: dict[str, Any] = {one.name: datetime if one.name == "at" else str for one in fields(Change)}
WORDS = {str: "a text", int: "a whole number", bool: "true or false", dict: "a table", NUMBER: "a number",
         datetime: "a moment such as 2026-11-02T10:00:00Z"}  # fmt: skip


def faults(data: dict[str, Any], registry: Registry) -> Iterator[Fault]:
    """Everything wrong with a policy as TOML holds it; nothing when it can be read."""
    yield from _strange(data, TOP, ())
    if data.get("format") != FORMAT:
        yield ("format",), f"format is {data.get('format')!r}: this version reads format = {FORMAT}."
    yield from _kinds(data, {"revision": int, "registry": str}, ())
    for name in ("versions", "environments"):
        if not isinstance(data.get(name), dict) or not data[name]:
            yield (name,), f"[{name}] is missing or empty."
            return
    yield from _versions(data["versions"], registry)
    for name, found in data["environments"].items():
        yield from _environment(name, found, registry)
    yield from _history(data.get("history", []))


def _versions(versions: dict[str, Any], registry: Registry) -> Iterator[Fault]:
    if STABLE not in versions:
        yield ("versions",), f"[versions] names no {STABLE} version: rollback needs it."
    for role, model in versions.items():
        yield from _model(model, ("versions", role), registry)


def _model(model: object, keys: Keys, registry: Registry) -> Iterator[Fault]:
    if not isinstance(model, str):
        yield keys, f"{keys[-1]} is {model!r}: give a snapshot or an alias as a text."
    elif not registry.knows(model):
        known = ", ".join([*registry.snapshots, *registry.aliases])
        yield keys, f"the registry has no snapshot “{model}”. There are: {known}."


def _environment(name: str, data: object, registry: Registry) -> Iterator[Fault]:
    keys: Keys = ("environments", name)
    if not isinstance(data, dict):
        yield keys, f"the environment {name} must be a table: [environments.{name}]."
        return
    yield from _strange(data, OF_ENVIRONMENT, keys)
    if "model" not in data:
        yield keys, f"the environment {name} has no model."
    for field in ("model", "previous"):
        if field in data:
            yield from _model(data[field], (*keys, field), registry)
    yield from _kinds(data, {"needs_reason": bool}, keys)
    if "canary" in data:
        yield from _canary(data["canary"], (*keys, "canary"), registry)


def _canary(data: object, keys: Keys, registry: Registry) -> Iterator[Fault]:
    if not isinstance(data, dict):
        yield keys, "the canary must be a table."
        return
    yield from _strange(data, tuple(CANARY_KINDS), keys)
    for needed in CANARY_NEEDS:
        if needed not in data:
            yield keys, f"the canary has no {needed}."
    yield from _kinds(data, CANARY_KINDS, keys)
    yield from _model(data.get("candidate"), (*keys, "candidate"), registry)
    if data.get("share") not in STEPS:
        yield (*keys, "share"), f"share is {data.get('share')!r}: give one of {', '.join(map(str, STEPS))} percent."
    if not SHORTEST_WINDOW_S <= data.get("window_s", SHORTEST_WINDOW_S) <= LONGEST_WINDOW_S:
        wanted = f"{SHORTEST_WINDOW_S:g} to {LONGEST_WINDOW_S:g} (24 to 48 h)"
        yield (*keys, "window_s"), f"window_s is {data['window_s']}: give {wanted}."
    yield from _rails(data.get("rails", {}), (*keys, "rails"))


def _rails(data: dict[str, Any], keys: Keys) -> Iterator[Fault]:
    yield from _strange(data, RAIL_NAMES, keys)
    for name, limit in data.items():
        if name == SWITCH:
            if not isinstance(limit, bool):
                yield keys, f"the rail {name} is {limit!r}: give true or false."
            continue
        is_off = limit is False and name != "least"
        if not is_off and not (_is(limit, int if name == "least" else NUMBER) and limit >= 0):
            yield keys, f"the rail {name} is {limit!r}: give a number of 0 or more, or false to switch it off."


def _history(data: object) -> Iterator[Fault]:
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        yield ("history",), "write each change of the history under [[history]]."
        return
    for nth, one in enumerate(data):
        keys: Keys = ("history", nth)
        yield from _strange(one, tuple(CHANGE_KINDS), keys)
        for needed in CHANGE_KINDS:
            if needed not in one and needed != "reason":
                yield keys, f"the change has no {needed}."
        yield from _kinds(one, CHANGE_KINDS, keys)


def _strange(data: dict[str, Any], known: tuple[str, ...], keys: Keys) -> Iterator[Fault]:
    for name in data:
        if name not in known:
            yield (*keys, name), f"there is no field “{name}” here: use {', '.join(known)}."


def _kinds(data: dict[str, Any], kinds: dict[str, Any], keys: Keys) -> Iterator[Fault]:
    for name, kind in kinds.items():
        if name in data and not _is(data[name], kind):
            yield (*keys, name), f"{name} is {data[name]!r}: give {WORDS[kind]}."


def _is(value: object, kind: Any) -> bool:  # noqa: ANN401  # a type or several
    """Whether it is of that kind; true and false are no numbers, and a moment says its offset."""
    if kind is datetime:
        return isinstance(value, datetime) and value.tzinfo is not None
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
