"""Where the backups of a data folder are: noted beside its database, so that a damaged one can name the newest."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path

MANIFEST = "backup.json"
"""Written last into a backup: one without it is not complete."""
LIST = "backups.json"
MOST = 100


def note_backup(home: Path, backup: Path, at: float) -> None:
    """Remember a backup made at that moment (seconds since the epoch)."""
    kept = [one for one in _noted(home) if one != (at, str(backup))]
    part = home / f"{LIST}.{secrets.token_hex(4)}.part"
    part.write_text(json.dumps([*kept, (at, str(backup))][-MOST:]), "utf-8")
    part.replace(home / LIST)


def newest_backup(home: Path) -> str:
    """The newest backup that is still in its place, and how to use it, in a sentence; empty without one."""
    for at, path in sorted(_noted(home), reverse=True):
        if (Path(path) / MANIFEST).is_file():
            return (
                f"The newest backup is of {datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC: set SORA_COMPARE_HOME "
                f"to an empty folder, and run restore {path}."
            )
    return ""


def _noted(home: Path) -> list[tuple[float, str]]:
    try:
        found = json.loads((home / LIST).read_text("utf-8"))
        return [(float(at), str(path)) for at, path in found]
    except (OSError, ValueError, TypeError):
        return []
