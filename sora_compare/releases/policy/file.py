"""The policy as a TOML file that can live in a repository: read with the place of each fault, written whole or not."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


def policy_text(policy: Policy, head: str = TITLE) -> str:
    """The policy as TOML, under the comment lines `head`."""
    lines = [head, f"format = {FORMAT}", f"revision = {policy.revision}"]
    if policy.registry:
        lines.append(f"registry = {_format_value(policy.registry)}")
    lines += ["", "[versions]", *_pairs(policy.versions)]
    for name, one in policy.environments.items():
        lines += ["", f"[environments.{_key(name)}]", *_pairs(_environment_fields(one))]
        if one.canary:
            lines += ["", f"[environments.{_key(name)}.canary]", *_canary_lines(one.canary)]
    for change in policy.history:
        record = {slot: getattr(change, slot) for slot in Change.__slots__}
        lines += ["", "[[history]]", *_pairs({**record, "at": _moment(change.at)})]
    return "\n".join(lines) + "\n"


def _environment_fields(one: Environment) -> dict[str, Any]:
    return {"model": one.model, "previous": one.previous, "needs_reason": one.needs_reason}


def _canary_lines(canary: Canary) -> list[str]:
    record = {slot: getattr(canary, slot) for slot in Canary.__slots__ if slot != "rails"}
    moments = {name: _moment(record[name]) for name in ("started", "step_started")}
    limits = {slot: getattr(canary.rails, slot) for slot in GuardRails.__slots__}
    rails = ", ".join(_pairs({name: False if limit is None else limit for name, limit in limits.items()}))
    return [*_pairs({**record, **moments}), f"rails = {{ {rails} }}"]


def _pairs(data: dict[str, Any]) -> list[str]:
    return [f"{_key(name)} = {_format_value(value)}" for name, value in data.items() if value is not None]


def _format_value(value: Any) -> str:  # noqa: ANN401  # whatever a policy holds
    """A TOML value; JSON's escapes are TOML's, but for DEL."""
    if isinstance(value, datetime):
        return value.isoformat()
    text = value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return (
        name if name and all(one.isascii() and (one.isalnum() or one in "-_") for one in name) else _format_value(name)
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def write_policy(path: Path, policy: Policy) -> bytes:
    """Write the file whole: a reader sees the old one or the new one, also after a killed process. Returns its bytes.

    Raises:
        PolicyFileUnusable: it cannot be written; the old one stands.
    """
    part: str | None = None
    try:
        head = _comments(path.read_text("utf-8")) if path.exists() else TITLE
        content = policy_text(policy, head).encode()
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
    return content


def _comments(text: str) -> str:
    """The comment lines with which the file begins; comments further down are not kept."""
    lines = text.splitlines()
    end = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "\n".join(lines[:end]) or TITLE


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
