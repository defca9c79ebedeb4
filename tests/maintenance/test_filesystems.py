"""Which mount a folder is on is read from the system's table of mounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sora_compare.maintenance.filesystems import network_file_system

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("server:/home {place} nfs4 rw 0 0", "nfs4"),
        ("//server/share {place} cifs rw 0 0", "cifs"),
        ("me@server: {place} fuse.sshfs rw 0 0", "fuse.sshfs"),
        ("/dev/sda1 {place} ext4 rw 0 0", ""),
        ("server:/home {place}/deeper nfs4 rw 0 0", ""),
        ("server:/home {place}x nfs4 rw 0 0", ""),
        ("server:/home {place} nfs4 rw 0 0\n/dev/sdb1 {place} ext4 rw 0 0", ""),
        ("no table at all", ""),
        ("", ""),
    ],
)
def test_the_innermost_mount_decides(line: str, kind: str, tmp_path: Path) -> None:
    place, mounts = tmp_path / "a b", tmp_path / "mounts"
    escaped = str(place).replace(" ", "\\040")
    mounts.write_text(f"/dev/root / ext4 rw 0 0\n{line.format(place=escaped)}\n")
    assert network_file_system(place, mounts) == kind


def test_a_system_without_such_a_table(tmp_path: Path) -> None:
    assert network_file_system(tmp_path, tmp_path / "none") == ""
