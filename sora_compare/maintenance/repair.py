"""What `doctor --fix` mends: rows without their others, clips that are gone, leftovers of writes that were killed."""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from typing import TYPE_CHECKING

from sora_compare.domain.problems import ProblemKind
from sora_compare.domain.takes import Problem, Take, TakeState
from sora_compare.errors import Conflict
from sora_compare.store.migrations.carry_over import SETTING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.clips.files import ClipFiles
    from sora_compare.store.codec import Row
    from sora_compare.store.store import Store

SET_ASIDE = "set-aside.jsonl"
"""Where removed rows are kept, one JSON document a line."""
EARLIER = ("records", "index")
"""Folders of the first releases."""
NAMED = 5


def missing_clips(store: Store, files: ClipFiles) -> Iterator[Take]:
    """Completed takes whose clip is not in the data folder."""
    for take in store.takes.list():
        if take.state is TakeState.COMPLETED and take.clip and not files.has(take.clip.sha256):
            yield take


def some_of(names: list[str]) -> str:
    """The first of them, and how many more."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def repair(store: Store, files: ClipFiles, home: Path) -> list[str]:
    """Mend what can be mended while the app may run; what was done, in sentences."""
    return [
        *_set_orphans_aside(store, home),
        *_mend_missing_clips(store, files),
        *_remove_unfinished(files),
        *_rebuild_search(store),
    ]


def remove_earlier_records(store: Store, home: Path) -> list[str]:
    """Remove the files of a release before the relational store, once their records were carried over."""
    there = [home / name for name in EARLIER if (home / name).is_dir()]
    if not there:
        return ["There are no files of an earlier version."]
    if not store.settings.get(SETTING):
        return ["The files of an earlier version stay: nothing says that their records were carried over."]
    for folder in there:
        shutil.rmtree(folder)
    store.audit("files of an earlier version removed", folders=[folder.name for folder in there])
    return [f"Removed {', '.join(folder.name for folder in there)}, which an earlier version kept its records in."]


def _set_orphans_aside(store: Store, home: Path) -> list[str]:
    def write(rows: list[Row]) -> None:
        with (home / SET_ASIDE).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps({"at": time.time(), **row}, default=repr) + "\n" for row in rows)

    count = store.database.set_orphans_aside(write)
    if not count:
        return []
    store.audit("rows set aside", count=count)
    return [f"{count} rows named others that are not there: they were removed and are kept in {home / SET_ASIDE}."]


def _mend_missing_clips(store: Store, files: ClipFiles) -> list[str]:
    forgotten, again = [], []
    for take in missing_clips(store, files):
        if store.takes.forget_answer(take.id):
            forgotten.append(take.id)
        if _offer_again(store, take):
            again.append(take.id)
    sentences = []
    if forgotten:
        names = some_of(forgotten)
        sentences.append(f"{len(forgotten)} takes without their clip answer no equal request any more: {names}.")
    if again:
        sentences.append(f"{len(again)} clips that are gone can be fetched again on Compare: {some_of(again)}.")
    return sentences


def _offer_again(store: Store, take: Take) -> bool:
    """Whether its server may still have the clip; a scored pair stays, so that its scores count on."""
    if not take.job_id or take.cached_from or store.reviews.of(take.comparison_id):
        return False
    problem = Problem("Its clip is gone from the data folder.", kind=ProblemKind.NO_FILE)
    try:
        with store.transaction():
            store.takes.save(dataclasses.replace(take, state=TakeState.NOT_SAVED, problem=problem, clip=None))
            store.audit("clip missing", take=take.id, comparison=take.comparison_id)
    except Conflict:
        return False
    return True


def _remove_unfinished(files: ClipFiles) -> list[str]:
    removed = files.sweep()
    return [f"Removed {len(removed)} files that were never finished."] if removed else []


def _rebuild_search(store: Store) -> list[str]:
    if store.comparisons.is_index_whole():
        return []
    store.comparisons.rebuild_index()
    return ["The index of the search was made again."]
