"""Restore a backup into an empty data folder, and into an empty database where one is configured.

A restore that was killed is run again: until its end the folder has no mark, and the app does not open it.
"""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sora_compare.domain.takes import TakeState
from sora_compare.errors import StoreError, UsageError
from sora_compare.maintenance.backup import SUMS, Manifest, copy_file, read_manifest, sha256_of
from sora_compare.store.copying import copy_store, count_rows
from sora_compare.store.home import MARK, RESTORING, SYSTEM_FILES, mark_current
from sora_compare.store.sqlite import DATABASE
from sora_compare.store.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.store.store import Store

IDENTITY = "backup"


class RestoreFailed(StoreError):
    """The backup was not restored."""

    def __init__(self, backup: Path, reason: str, advice: str) -> None:
        super().__init__(f"The backup {backup} was not restored: {reason}. {advice}")


@dataclasses.dataclass(frozen=True, slots=True)
class Restored:
    """What is in place now; `unsent` takes may have been sent since the backup, and are looked for at their servers."""

    manifest: Manifest
    unsent: int


def restore(backup: Path, home: Path, database_url: str = "") -> Restored:
    """Put the records and files of a backup in place, each compared with its sum.

    Args:
        backup: the folder that `back_up` wrote.
        home: an empty or new data folder, or one in which a restore of the same backup was interrupted.
        database_url: an empty PostgreSQL database for the records, in the place of a file in the data folder.

    Raises:
        UsageError: it is no complete backup, or the place is not empty.
        RestoreFailed: a file of the backup is missing or damaged, or cannot be written.
    """
    manifest = read_manifest(backup)
    if sha256_of(backup / SUMS) != manifest.sums:
        raise RestoreFailed(backup, f"its {SUMS} is damaged", "Take another backup.")
    work = _claim(home, manifest)
    try:
        _copy_files(backup, home, work)
        opened = open_store(work)
        try:
            _compare(backup, manifest, count_rows(opened.database))
            unsent = _look_for_unsent(opened, manifest.at)
            if database_url:
                _move(opened, work, database_url)
        finally:
            opened.close()
    except OSError as error:
        reason = f"{error.filename or 'a file'} ({(error.strerror or str(error)).lower()})"
        raise RestoreFailed(backup, reason, "Make room, or look at its permissions, and run restore again.") from error
    if not database_url:
        for path in work.glob(f"{DATABASE}*"):
            path.replace(home / path.name)
    mark_current(home)
    shutil.rmtree(work)
    return Restored(manifest, unsent)


def _claim(home: Path, manifest: Manifest) -> Path:
    """The folder inside of the data folder where records are looked at first."""
    work = home / RESTORING
    mark = f"{manifest.store} {manifest.at}"
    others = {path.name for path in home.iterdir()} - SYSTEM_FILES if home.exists() else set()
    if work.is_dir() and not (home / MARK).exists():
        if (work / IDENTITY).exists() and (work / IDENTITY).read_text("utf-8") != mark:
            raise UsageError(f"Another backup was being restored into {home}: finish that one, or empty the folder.")
    elif others:
        raise UsageError(f"{home} is not empty: set SORA_COMPARE_HOME to a folder that is.")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700, parents=True)
    (work / IDENTITY).write_text(mark, "utf-8")
    mark_current(work)
    return work


def _copy_files(backup: Path, home: Path, work: Path) -> None:
    for line in (backup / SUMS).read_text("utf-8").splitlines():
        wanted, _, name = line.partition("  ")
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise RestoreFailed(backup, f"its {SUMS} names {name}, outside of the data folder", "Take another backup.")
        target = work if name == DATABASE else home
        try:
            found = copy_file(backup / path, target / path)
        except FileNotFoundError as error:
            raise RestoreFailed(backup, f"its file {name} is not there", "Take another backup.") from error
        if found != wanted:
            raise RestoreFailed(backup, f"its file {name} is damaged", "Take another backup.")


def _compare(backup: Path, manifest: Manifest, rows: dict[str, int]) -> None:
    differing = [name for name, count in manifest.rows.items() if rows.get(name) != count]
    if differing:
        raise RestoreFailed(backup, f"the counts of {', '.join(differing)} differ", "Take another backup.")


def _look_for_unsent(store: Store, at: float) -> int:
    """What was planned may have been sent since: such a take is looked for at its server before anything is sent."""
    planned = [take for take in store.takes.under_way() if take.state is TakeState.PLANNED]
    for take in planned:
        moments = dataclasses.replace(take.moments, submitting=at)
        store.takes.save(dataclasses.replace(take, state=TakeState.SUBMITTING, moments=moments))
    return len(planned)


def _move(source: Store, work: Path, database_url: str) -> None:
    """Into the configured database, by way of a folder that is marked as ours."""
    target = open_store(work, database_url)
    try:
        copy_store(source.database, target.database)
    finally:
        target.close()
