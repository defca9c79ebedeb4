"""Whether a folder lies on another machine's disk, where SQLite's locks and write-ahead log do not hold.

See https://www.sqlite.org/useovernet.html and https://www.sqlite.org/wal.html ("all processes on the same host").
"""

from __future__ import annotations

import re
from pathlib import Path

MOUNTS = Path("/proc/mounts")
# fmt: off
NETWORK = frozenset({
    "nfs", "nfs4", "cifs", "smb", "smbfs", "smb3", "afs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "orangefs",
    "ocfs2", "gfs2", "davfs", "9p", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.davfs2", "fuse.s3fs",
    "fuse.gcsfuse", "fuse.rclone", "fuse.juicefs",
})
# fmt: on
OCTAL = re.compile(r"\\([0-7]{3})")


def network_file_system(folder: Path, mounts: Path = MOUNTS) -> str:
    """The kind of network file system that the folder is on, such as "nfs4"; empty when it is on none, or unknown."""
    try:
        lines = mounts.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    place, kind, longest = folder.absolute().resolve(), "", -1
    for line in lines:
        _, mounted_at, its_kind, *_ = [*line.split(" "), "", "", ""]
        point = Path(OCTAL.sub(lambda found: chr(int(found[1], 8)), mounted_at))
        # Of two at one place the later one hides the earlier.
        if len(point.parts) >= longest and place.is_relative_to(point):
            kind, longest = its_kind, len(point.parts)
    return kind if kind in NETWORK else ""
