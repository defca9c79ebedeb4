"""Writing a file that somebody asked for: the whole of it or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


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
