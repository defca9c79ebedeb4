"""The data folder: ours or nobody's, private to its owner."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.errors import StoreUnusable

if TYPE_CHECKING:
    from pathlib import Path

MARK = "sora-compare.json"
FORMAT = 1
SYSTEM_FILES = frozenset({"lost+found", ".DS_Store"})
"""What an operating system puts into a folder that is empty."""


@dataclass(frozen=True, slots=True)
class Home:
    """The rooms of the data folder."""

    root: Path

    @property
    def records(self) -> Path:
        """The database."""
        return self.root / "records"

    @property
    def clips(self) -> Path:
        """Clips by content."""
        return self.root / "clips"

    @property
    def simulator(self) -> Path:
        """Jobs of the built-in simulator."""
        return self.root / "simulator"

    @property
    def review_table(self) -> Path:
        """The table of all reviews between processes; a cache."""
        return self.root / "index" / "reviews.npz"


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
    """Mark an empty folder as ours, whole or not at all: a start may be killed, and two may come at once."""
    others = [path for path in root.iterdir() if path.name not in SYSTEM_FILES and not path.name.startswith(MARK)]
    if others and not mark.exists():
        raise StoreUnusable(root, "it is not empty and was not made by Sora Compare")
    part = mark.with_name(f"{MARK}.{os.getpid()}.part")
    try:
        part.write_text(json.dumps({"made_by": "sora-compare", "format": FORMAT}), "utf-8")
        part.replace(mark)
    finally:
        part.unlink(missing_ok=True)


def _check_format(root: Path, text: bytes) -> None:
    try:
        kept = json.loads(text)["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise StoreUnusable(root, f"its {MARK} is not readable") from error
    if kept != FORMAT:
        raise StoreUnusable(root, f"it has format {kept}, and this version reads format {FORMAT}")
