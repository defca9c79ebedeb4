"""What `doctor --fix` mends, and what it leaves alone."""

from __future__ import annotations

import dataclasses
import json
import os
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sora_compare.clips.files import ClipFiles
from sora_compare.domain.takes import TakeState
from sora_compare.maintenance.repair import SET_ASIDE, remove_earlier_records, repair
from sora_compare.store.home import Home
from sora_compare.store.migrations.carry_over import SETTING
from sora_compare.store.sqlite import DATABASE
from sora_compare.store.store import Store, open_store
from tests.maintenance.stock import PAIRS, filled
from tests.releases.evidence import add_pair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    opened = filled(home)
    yield opened
    opened.close()


def _repair(store: Store, home: Path) -> list[str]:
    return repair(store, ClipFiles(Home(home).clips), home)


def test_what_is_whole_stays_as_it_is(store: Store, home: Path) -> None:
    before = list(store.takes.list())
    assert _repair(store, home) == []
    assert list(store.takes.list()) == before


def test_orphans_are_removed_and_kept_elsewhere(store: Store, home: Path) -> None:
    """Somebody deletes a comparison by hand: its arms, takes, answers, reviews and scores hang in the air."""
    name = next(one.id for one in store.comparisons.list() if one.prompt == "a red ball number 0")
    store.close()
    with closing(sqlite3.connect(home / DATABASE)) as database, database:
        database.execute("DELETE FROM comparisons WHERE id = ?", (name,))
    store = open_store(home)
    assert store.check()
    (orphans, search) = _repair(store, home)
    assert "rows named others" in orphans
    assert "search" in search
    assert store.check() == []
    kept = [json.loads(line) for line in (home / SET_ASIDE).read_text().splitlines()]
    assert {"arms", "takes", "reviews", "scores"} <= {one["table"] for one in kept}
    assert all(one["comparison_id"] == name for one in kept if one["table"] in {"arms", "takes", "reviews"})
    assert store.comparisons.count() == PAIRS
    store.close()


def test_a_take_without_its_clip_answers_nothing_and_can_be_fetched_again(store: Store, home: Path) -> None:
    """One pair of a live server, unscored: its server may have the clip still. Scored pairs keep their scores."""
    add_pair(store, "unscored", time.time())
    unscored = [take for take in store.takes.list() if take.clip and take.clip.sha256 == "0" * 64]
    for take in unscored:
        store.takes.save(dataclasses.replace(take, job_id=f"video_{take.id}"))
    next(Home(home).clips.rglob("*.mp4")).unlink()
    scored = [take for take in store.takes.list() if take.state is TakeState.COMPLETED][: 2 * PAIRS]
    assert all(store.takes.answer_to(take.fingerprint) for take in unscored)
    sentences = _repair(store, home)
    assert len(sentences) == 2
    assert unscored[0].id in sentences[1]
    assert {store.takes.get(take.id).state for take in unscored} == {TakeState.NOT_SAVED}
    assert {store.takes.get(take.id).state for take in scored} == {TakeState.COMPLETED}
    assert not any(store.takes.answer_to(take.fingerprint) for take in [*unscored, *scored])
    assert _repair(store, home) == []


def test_files_that_were_never_finished_are_removed_once_they_are_old(store: Store, home: Path) -> None:
    folder = Home(home).clips / "incoming"
    for name, age in (("old.part", 2 * 86_400), ("new.part", 0)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (time.time() - age,) * 2)
    assert _repair(store, home) == ["Removed 1 files that were never finished."]
    assert [path.name for path in folder.iterdir()] == ["new.part"]


def test_records_of_an_earlier_version_go_only_once_they_were_carried_over(store: Store, home: Path) -> None:
    (home / "records").mkdir()
    assert "stay" in remove_earlier_records(store, home)[0]
    assert (home / "records").exists()
    store.settings.save(SETTING, {"at": 1.0})
    assert "Removed records" in remove_earlier_records(store, home)[0]
    assert not (home / "records").exists()
    assert "no files" in remove_earlier_records(store, home)[0]
