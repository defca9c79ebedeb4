"""A backup: all records as of one moment in a database file, every clip, and the SHA-256 of each file.

Its list of sums is one that `sha256sum -c SHA256SUMS` reads too. The manifest is written last: without it, a backup is
not complete.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from sora_compare.clips.files import DISK_FULL
from sora_compare.errors import StoreError, UsageError
from sora_compare.store.backups import LIST, MANIFEST, note_backup
from sora_compare.store.home import MARK, SYSTEM_FILES
from sora_compare.store.sqlite import DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sora_compare.store.store import Store

FORMAT = 1
SUMS = "SHA256SUMS"
LEFT_OUT = frozenset({"cache", "records", "index", LIST, SUMS, MANIFEST, *SYSTEM_FILES})
"""What can be computed again, what an earlier release left, and what a backup has of its own."""
UNFINISHED = re.compile(r".*\.(part|partial|lock)")
CLIP = re.compile(r"([0-9a-f]{64})\.[a-z0-9]+")
CHUNK = 1 << 20


class BackupFailed(StoreError):
    """No backup was made."""

    def __init__(self, to: Path, reason: str, advice: str) -> None:
        super().__init__(f"No backup was made in {to}: {reason}. {advice}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes:
        at: when, in seconds since the epoch.
        store: identity of the store.
        program: version of the program that made it.
        rows: of each table.
        files, file_bytes: those besides the database.
        damaged: clips whose content does not fit their name any more; they are in the backup as they are.
        sums: SHA-256 of the list of sums.
    """

    format: int
    at: float
    store: str
    program: str
    rows: dict[str, int]
    files: int
    file_bytes: int
    damaged: tuple[str, ...]
    sums: str


_ADAPTER = TypeAdapter(Manifest)


def back_up(store: Store, home: Path, to: Path) -> Manifest:
    """Make a backup in a new or empty folder, while the app may run.

    Records come first: whatever clip they name lies in the data folder by then.

    Raises:
        UsageError: there is something in the folder, or it is part of the data folder.
        BackupFailed: there is no room, or a file cannot be read or written; what was written is removed.
    """
    _require_empty(home, to)
    existed = to.exists()
    try:
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        _require_room(home, to)
        manifest = _write(store, home, to)
        note_backup(home, to.absolute(), manifest.at)
    except BaseException as error:
        _remove(to, keep_folder=existed)
        if isinstance(error, OSError):
            advice = "Choose a larger disk." if error.errno in DISK_FULL else "Look at its permissions."
            reason = f"{error.filename or 'a file'} ({(error.strerror or str(error)).lower()})"
            raise BackupFailed(to, reason, advice) from error
        raise
    return manifest


def read_manifest(backup: Path) -> Manifest:
    """What a backup says it holds.

    Raises:
        UsageError: the folder is no complete backup, or one of a newer version.
    """
    try:
        found = _ADAPTER.validate_json((backup / MANIFEST).read_bytes())
    except OSError as error:
        raise UsageError(f"{backup} is no complete backup: it has no {MANIFEST}. Name the folder of one.") from error
    except ValidationError as error:
        raise UsageError(f"{backup} is no backup that can be read: its {MANIFEST} is damaged.") from error
    if found.format != FORMAT:
        raise UsageError(f"{backup} was made by a newer version of Sora Compare: restore it with that one.")
    return found


def sha256_of(path: Path) -> str:
    """Of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_file(source: Path, target: Path) -> str:
    """Copy one file, private to its owner and safe from a power cut; returns the SHA-256 of what was read."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hashed = hashlib.sha256()
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as writing, source.open("rb") as reading:
        while chunk := reading.read(CHUNK):
            hashed.update(chunk)
            writing.write(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    return hashed.hexdigest()


def files_of(home: Path) -> Iterator[tuple[Path, str]]:
    """Every file of a data folder that a backup holds besides the records, and its path within it."""
    for top in sorted(home.iterdir()):
        if top.name in LEFT_OUT or top.name.startswith((DATABASE, MARK)) or UNFINISHED.fullmatch(top.name):
            continue
        if top.is_file():
            yield top, top.name
        for folder, _, names in os.walk(top):
            for name in sorted(names):
                path = Path(folder, name)
                if path.is_file() and not UNFINISHED.fullmatch(name):
                    yield path, path.relative_to(home).as_posix()


def _require_empty(home: Path, to: Path) -> None:
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise UsageError(f"{to} is not empty: name a folder that is, or one that does not exist yet.")
    if to.absolute().resolve().is_relative_to(home.resolve()):
        raise UsageError(f"{to} is part of the data folder: name a place outside of it, best on another disk.")


def _require_room(home: Path, to: Path) -> None:
    needed, free = sum(path.stat().st_size for path, _ in files_of(home)), shutil.disk_usage(to).free
    if needed > free:
        raise BackupFailed(to, f"it takes {needed:,} bytes and {free:,} are free", "Choose a larger disk.")


def _write(store: Store, home: Path, to: Path) -> Manifest:
    at = time.time()
    rows = store.back_up(to)
    sums, damaged, size = {DATABASE: sha256_of(to / DATABASE)}, [], 0
    for path, name in files_of(home):
        try:
            sums[name] = copy_file(path, to / name)
        except FileNotFoundError:
            continue  # the app runs, and may remove what it needs no more
        size += path.stat().st_size
        clip = CLIP.fullmatch(path.name)
        if clip and clip[1] != sums[name]:
            damaged.append(name)
    (to / SUMS).write_text("".join(f"{sums[name]}  {name}\n" for name in sorted(sums)), "utf-8")
    manifest = Manifest(
        format=FORMAT,
        at=at,
        store=store.identity,
        program=_version(),
        rows=rows,
        files=len(sums) - 1,
        file_bytes=size,
        damaged=tuple(damaged),
        sums=sha256_of(to / SUMS),
    )
    (to / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1) + "\n", "utf-8")
    return manifest


def _version() -> str:
    try:
        return version("sora-compare")
    except PackageNotFoundError:
        return "of a clone"


def _remove(folder: Path, *, keep_folder: bool) -> None:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    if not keep_folder and folder.is_dir():
        folder.rmdir()
