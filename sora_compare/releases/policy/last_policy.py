"""The last policy that was read, as a small file beside the data folder, for when the folder itself is away."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from sora_compare.domain.policies import Policy  # noqa: TC001  # pydantic reads the annotation

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = 1
NAME = "last-policy"
DIGEST_LETTERS = 12


@dataclass(frozen=True, slots=True)
class NotedPolicy:
    """A policy as it was read; `noted_at` in seconds since the epoch."""

    format: int
    noted_at: float
    policy: Policy


_ADAPTER = TypeAdapter(NotedPolicy)


class LastPolicyFile:
    """Where the last policy of one store or policy file is noted.

    Beside the data folder, since a folder that is removed or not mounted takes its files along; where nobody may write
    there, inside of it, which still helps against a database that is locked, damaged or full.
    """

    def __init__(self, home: Path, policy_file: Path | None) -> None:
        name = f"{NAME}{_suffix(policy_file)}.json"
        self.places = (home.parent / f"{home.name}.{name}", home / name)

    @property
    def path(self) -> Path:
        """The place that is tried first."""
        return self.places[0]

    def find(self) -> Policy | None:
        """The newest that was noted; None when there is none that can be read."""
        newest = max(self._noted(), key=lambda one: one.noted_at, default=None)
        return newest.policy if newest else None

    def _noted(self) -> Iterator[NotedPolicy]:
        for path in self.places:
            try:
                found = _ADAPTER.validate_json(path.read_bytes())
            except (OSError, ValidationError):
                continue
            if found.format == FORMAT:
                yield found

    def write(self, policy: Policy) -> Path:
        """Note it, whole or not at all; returns where.

        Raises:
            OSError: neither place can be written.
        """
        noted = _ADAPTER.dump_python(NotedPolicy(FORMAT, time.time(), policy), mode="json")
        content = json.dumps(noted, indent=1).encode()
        first, second = self.places
        try:
            return _write_whole(first, content)
        except OSError:
            return _write_whole(second, content)


def _suffix(policy_file: Path | None) -> str:
    """One data folder may serve several policy files."""
    if policy_file is None:
        return ""
    return f"-{hashlib.sha256(os.fsencode(policy_file.absolute())).hexdigest()[:DIGEST_LETTERS]}"


def _write_whole(path: Path, content: bytes) -> Path:
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return Path(part).replace(path)
    except OSError:
        Path(part).unlink(missing_ok=True)
        raise
