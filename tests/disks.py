"""A real disk of a few megabytes: it fills up, becomes read-only, has room again."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def small_disk_at(place: Path, megabytes: int) -> Iterator[Path]:
    """Mounts one there; skips the test where that is not allowed."""
    place.mkdir()
    options = f"size={megabytes}m,mode=700"
    mounted = subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=False)
    if mounted.returncode:
        pytest.skip("needs the right to mount a file system")
    yield place
    subprocess.run(["/bin/umount", "--lazy", place], check=True)


def make_read_only(disk: Path) -> None:
    subprocess.run(["/bin/mount", "-o", "remount,ro", disk], check=True)


def make_full(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(bytes(4096))


def make_room(disk: Path) -> None:
    subprocess.run(["/bin/mount", "-o", "remount,rw", disk], check=True)
    (disk / "ballast").unlink(missing_ok=True)
