"""What a command leaves behind: whole files or none, and on standard error what it could not read."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sora_compare.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.store.store import Store


def print_left_out(store: Store) -> None:
    """Count and name the records that were met and cannot be read."""
    sentence = store.damaged.sentence
    if sentence:
        sys.stderr.write(f"{sentence}\n")


def write_whole(path: Path, data: bytes) -> None:
    """Write beside the place, then move there.

    Raises:
        UsageError: the place cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written ({error.strerror}): choose another place with --to.") from error
