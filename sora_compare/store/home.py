"""The data folder: ours or nobody's, private to its owner."""

from __future__ import annotations

import json
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.errors import StoreUnusable

if TYPE_CHECKING:
    from pathlib import Path

MARK = "sora-compare.json"
FORMAT, EARLIER = 2, 1
"""Since 2 the records lie in one relational database; a folder of before is carried over when the store is opened."""
BEFORE = f"{MARK}.before"
"""The mark of a folder that is being carried over."""
RESTORING = ".restoring"
"""A folder inside of one that a backup is being restored into."""
SYSTEM_FILES = frozenset({"lost+found", ".DS_Store"})
"""What an operating system puts into a folder that is empty."""


@dataclass(frozen=True, slots=True)
class Home:
    """The rooms of the data folder."""

    root: Path

    @property
    def clips(self) -> Path:
        """Clips by content."""
        return self.root / "clips"

    @property
    def simulator(self) -> Path:
        """Jobs of the built-in simulator."""
        return self.root / "simulator"

    @property
    def cache(self) -> Path:
        """What can be computed again."""
        return self.root / "cache"


def open_home(root: Path) -> Home:
    """Make the data folder or check that it is ours; one that cannot be written is opened for reading.

    Raises:
        StoreUnusable: it holds something else, was made by a newer version, or cannot be made or read.
    """
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark = root / MARK
        if not mark.exists():
            _claim(root, mark)
        _check_format(root, mark.read_bytes())
    except OSError as error:
        raise StoreUnusable(root, (error.strerror or str(error)).lower()) from error
    return Home(root)


def _claim(root: Path, mark: Path) -> None:
    """Mark an empty folder as ours: a start may be killed, and two may come at once."""
    others = [path for path in root.iterdir() if path.name not in SYSTEM_FILES and not path.name.startswith(MARK)]
    if others and not mark.exists():
        if (root / RESTORING).exists():
            raise StoreUnusable(root, "a restore into it was not finished", "Run that restore again.")
        raise StoreUnusable(root, "it is not empty and was not made by Sora Compare")
    mark_current(root)


def is_to_be_carried_over(root: Path) -> bool:
    """Whether the folder is one of the format before, or was about to be carried over when a process was killed."""
    return (root / BEFORE).exists() or _format(root, (root / MARK).read_bytes()) == EARLIER


def mark_carried_over(root: Path) -> None:
    """Mark the folder as one of this format and keep the mark before, for `put_mark_back`.

    Raises:
        StoreUnusable: it cannot be written.
    """
    try:
        if not (root / BEFORE).exists():
            shutil.copy2(root / MARK, root / BEFORE)
        mark_current(root)
    except OSError as error:
        raise StoreUnusable(root, (error.strerror or str(error)).lower()) from error


def put_mark_back(root: Path) -> None:
    """What was carried over was undone: the earlier version may use the folder again."""
    with suppress(OSError):
        (root / BEFORE).replace(root / MARK)


def forget_mark_before(root: Path) -> None:
    """What was carried over stays."""
    with suppress(OSError):
        (root / BEFORE).unlink(missing_ok=True)


def unmark(root: Path) -> None:
    """A folder that is to be no data folder any more."""
    (root / MARK).unlink(missing_ok=True)


def mark_current(root: Path) -> None:
    """Mark the folder as one of this format, whole or not at all: from now on earlier versions leave it alone."""
    mark = root / MARK
    part = mark.with_name(f"{MARK}.{secrets.token_hex(4)}.part")
    try:
        part.write_text(json.dumps({"made_by": "sora-compare", "format": FORMAT}), "utf-8")
        part.replace(mark)
    finally:
        part.unlink(missing_ok=True)


def _format(root: Path, text: bytes) -> object:
    try:
        return json.loads(text)["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise StoreUnusable(root, f"its {MARK} is not readable") from error


def _check_format(root: Path, text: bytes) -> None:
    kept = _format(root, text)
    if kept not in {FORMAT, EARLIER}:
        raise StoreUnusable(root, f"it has format {kept}, and this version reads format {FORMAT}")
