"""The policy as a TOML file that can live in a repository: read with the place of each fault, written whole or not."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, InlineTable

from sora_compare.domain.canaries import Canary
from sora_compare.domain.guard_rails import GuardRails
from sora_compare.domain.policies import Change, Environment, Policy
from sora_compare.errors import ConfigurationError
from sora_compare.releases.policy.registry_file import read_registry
from sora_compare.releases.policy.rules import FORMAT, SWITCH, faults
from sora_compare.releases.policy.toml_places import TomlFileBroken, parse_toml, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sora_compare.domain.snapshots import Registry

if sys.platform != "win32":
    import fcntl

TITLE = "# Which snapshot each environment uses. Edit it by hand, or with `python -m sora_compare versions`."


class PolicyFileUnusable(ConfigurationError):
    """The policy file cannot be read or written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"The policy file {path} cannot be used: {reason}.")


def read_policy(path: Path, known: Registry) -> tuple[Policy, Registry]:
    """The policy of a file, and the registry with what the file `registry` beside it adds.

    Raises:
        TomlFileBroken: with line and column.
        PolicyFileUnusable: it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PolicyFileUnusable(path, (error.strerror or str(error)).lower()) from error
    return parse_policy(path, content, known)


def parse_policy(path: Path, content: bytes, known: Registry) -> tuple[Policy, Registry]:
    """The same of a file's bytes; the path is only named.

    Raises:
        TomlFileBroken: with line and column.
    """
    text, data = parse_toml(path, content)
    registry = _registry_of(path, text, data, known)
    problems = next(faults(data, registry), None)
    if problems:
        keys, sentence = problems
        raise TomlFileBroken(path, place_of(text, keys), sentence)
    return _policy(data), registry


def _registry_of(path: Path, text: str, data: dict[str, Any], known: Registry) -> Registry:
    name = data.get("registry")
    if not isinstance(name, str) or not name:
        return known
    try:
        return known.extended(read_registry(path.parent / name, known))
    except OSError as error:
        sentence = f"the registry {name} cannot be read ({error.strerror}): it is looked for beside this file."
        raise TomlFileBroken(path, place_of(text, ("registry",)), sentence) from error


def _policy(data: dict[str, Any]) -> Policy:
    return Policy(
        versions=dict(data["versions"]),
        environments={name: _environment(name, found) for name, found in data["environments"].items()},
        revision=data.get("revision", 0),
        history=tuple(Change(**{**found, "at": found["at"].timestamp()}) for found in data.get("history", ())),
        registry=data.get("registry", ""),
    )


def _environment(name: str, data: dict[str, Any]) -> Environment:
    canary = data.get("canary")
    read = canary and _canary(canary)
    return Environment(name, data["model"], data.get("previous"), read, data.get("needs_reason"))


def _canary(data: dict[str, Any]) -> Canary:
    moments = {name: data[name].timestamp() for name in ("started", "step_started")}
    rails = data.get("rails", {})
    limits: dict[str, Any] = {
        name: (None if limit is False and name != SWITCH else limit) for name, limit in rails.items()
    }
    return Canary(**{**data, **moments, "rails": GuardRails(**limits)})


def policy_text(policy: Policy, before: str = TITLE + "\n") -> str:
    """The policy as TOML: the text `before` with its values changed, so that people's comments and order stay."""
    document = tomlkit.parse(before)
    history = [_fields(change, "at") for change in policy.history]
    environments = {_text(name): _environment_fields(one) for name, one in policy.environments.items()}
    head = {"format": FORMAT, "revision": policy.revision, "registry": policy.registry or None}
    _update(document, {**head, "versions": policy.versions, "environments": environments, "history": history or None})
    return tomlkit.dumps(document)


def _update(table: MutableMapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Bring a table to what is wanted; values that are so already are not touched, nor are the comments beside them."""
    for name in set(table) - {name for name, value in wanted.items() if value is not None}:
        del table[name]
    for name, value in wanted.items():
        there = table.get(name)
        if value is None or there == value:
            continue
        if isinstance(value, list):
            _update_entries(table.setdefault(name, tomlkit.aot()), value)
        elif isinstance(value, InlineTable) or not isinstance(value, Mapping):
            table[name] = _text(value) if isinstance(value, str) else value
        else:
            _update(table.setdefault(name, tomlkit.table()), value)


def _update_entries(entries: AoT, wanted: list[dict[str, Any]]) -> None:
    """Old entries go at the front, new ones come at the end; those between stay as they are written."""
    while entries and list(entries) != wanted[: len(entries)]:
        del entries[0]
    for one in wanted[len(entries) :]:
        entries.append(tomlkit.item(one))


def _environment_fields(one: Environment) -> dict[str, Any]:
    canary = one.canary and {**_fields(one.canary, "started", "step_started"), "rails": _rails(one.canary.rails)}
    return {"model": one.model, "previous": one.previous, "needs_reason": one.needs_reason, "canary": canary}


def _rails(rails: GuardRails) -> InlineTable:
    limits = tomlkit.inline_table()
    limits.update({slot: False if (limit := getattr(rails, slot)) is None else limit for slot in GuardRails.__slots__})
    return limits


def _fields(thing: Canary | Change, *moments: str) -> dict[str, Any]:
    """What TOML can hold of it: no None, moments as dates, text without what is no Unicode."""
    record = {slot: getattr(thing, slot) for slot in thing.__slots__}
    return {
        name: _moment(value) if name in moments else _text(value) if isinstance(value, str) else value
        for name, value in record.items()
        if value is not None
    }


def _text(value: str) -> str:
    return value.encode("utf-8", "backslashreplace").decode()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def write_policy(path: Path, policy: Policy) -> bytes:
    """Write the file whole: a reader sees the old one or the new one, also after a killed process. Returns its bytes.

    Raises:
        PolicyFileUnusable: it cannot be written; the old one stands.
    """
    part: str | None = None
    try:
        content = policy_text(policy, path.read_text("utf-8") if path.exists() else TITLE + "\n").encode()
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(part).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        Path(part).replace(path)
    except OSError as error:
        if part:
            Path(part).unlink(missing_ok=True)
        raise PolicyFileUnusable(path, (error.strerror or str(error)).lower()) from error
    except TOMLKitError as error:
        raise PolicyFileUnusable(path, f"it is not TOML any more ({error})") from error
    return content


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """One process and thread at a time inside, for the policy files of one folder; leaves no file behind.

    Raises:
        PolicyFileUnusable: the folder cannot be opened, or this system has no such lock.
    """
    if sys.platform == "win32":
        raise PolicyFileUnusable(path, "this system cannot lock a folder; edit the file by hand, or leave it out")
    else:  # mypy reads the branch by platform
        try:
            folder = os.open(path.parent, os.O_RDONLY)
        except OSError as error:
            raise PolicyFileUnusable(path, (error.strerror or str(error)).lower()) from error
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)
