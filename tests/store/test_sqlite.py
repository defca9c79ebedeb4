"""SQLite in the data folder: private, durable, and each error is a sentence."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sora_compare.errors import StoreUnusable
from sora_compare.store.sqlite import DATABASE
from sora_compare.store.store import Store, open_store
from tests.disks import make_full, make_read_only, make_room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def kept(folder: Path) -> Iterator[Store]:
    opened = open_store(folder)
    yield opened
    opened.close()


def test_each_connection_writes_through_to_the_disk_and_holds_the_rules(kept: Store) -> None:
    with kept.transaction() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()  # type: ignore[attr-defined]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_what_was_written_is_there_for_another_opener_at_once(folder: Path, kept: Store) -> None:
    kept.settings.save("budget", {"day": 1})
    other = open_store(folder)
    assert other.settings.get("budget") == {"day": 1}
    other.close()


def test_only_the_owner_can_look_in(folder: Path, kept: Store) -> None:
    kept.settings.save("budget", {})
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.glob(f"{DATABASE}*")} == {0o600}
    folder.chmod(0o755)
    kept.close()
    open_store(folder).close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"this is no database " * 100, b"SQLite format 3\0" + bytes(4000)])
def test_a_file_that_is_no_database_is_a_sentence(folder: Path, content: bytes) -> None:
    open_store(folder).close()
    (folder / DATABASE).write_bytes(content)
    with pytest.raises(StoreUnusable, match="cannot be used"):
        open_store(folder)


def test_a_database_that_breaks_while_in_use_is_a_sentence(folder: Path) -> None:
    store = open_store(folder)
    with store.transaction():
        for number in range(2000):
            store.drafts.save(f"{number:04d}", {"text": "x" * 1000})
    store.close()
    data = bytearray((folder / DATABASE).read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle:] = b"\xff" * (len(data) - middle)
    (folder / DATABASE).write_bytes(data)
    store = open_store(folder)
    with pytest.raises(StoreUnusable, match="damaged"):
        [store.drafts.get(f"{number:04d}") for number in range(2000)]
    store.close()


def test_a_log_that_was_cut_loses_the_last_writes_and_nothing_before(folder: Path, tmp_path: Path) -> None:
    """As a crashed disk leaves it: SQLite takes the frames of the write-ahead log whose sums fit, and no others."""
    store = open_store(folder)
    for number in range(50):
        store.drafts.save(f"{number:04d}", {"n": number})
    copy = shutil.copytree(folder, tmp_path / "copy")
    store.close()
    log = copy / f"{DATABASE}-wal"
    log.write_bytes(log.read_bytes()[: log.stat().st_size * 2 // 3 + 1])
    store = open_store(copy)
    assert store.check() == []
    found = [bool(store.drafts.get(f"{number:04d}")) for number in range(50)]
    assert found == sorted(found, reverse=True), "a beginning of what was written"
    assert any(found)
    store.drafts.save("after", {"n": 1})
    assert store.drafts.get("after") == {"n": 1}
    store.close()


@pytest.mark.parametrize("place", ["file", "under-a-file"])
def test_a_place_that_can_hold_no_folder_is_a_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x")
    chosen = tmp_path / "file" if place == "file" else tmp_path / "file" / "home"
    with pytest.raises(StoreUnusable, match="cannot be used"):
        open_store(chosen)


def fill(store: Store, acknowledged: list[str]) -> None:
    for number in range(1000):
        store.drafts.save(f"{number:04d}", {"text": "x" * 50_000})
        acknowledged.append(f"{number:04d}")


def test_a_full_disk_is_a_sentence_and_what_was_there_stays(small_disk: Path) -> None:
    store = open_store(small_disk / "home")
    (small_disk / "ballast").write_bytes(bytes(500_000))
    acknowledged: list[str] = []
    with pytest.raises(StoreUnusable, match="the disk is full"):
        fill(store, acknowledged)
    assert len(acknowledged) > 3
    assert [name for name in acknowledged if not store.drafts.get(name)] == []
    assert store.drafts.get(f"{len(acknowledged):04d}") == {}
    (small_disk / "ballast").unlink()
    store.drafts.save("0000", {"text": "room again"})
    assert store.drafts.get("0000") == {"text": "room again"}
    store.close()


def test_a_full_disk_in_a_transaction_undoes_all_of_it(small_disk: Path) -> None:
    store = open_store(small_disk / "home")
    store.drafts.save("before", {"n": 1})
    with pytest.raises(StoreUnusable, match="the disk is full"):
        write_too_much(store)
    assert (store.drafts.get("before"), store.drafts.get("0000")) == ({"n": 1}, {})
    store.drafts.save("after", {})
    store.close()


def write_too_much(store: Store) -> None:
    with store.transaction():
        fill(store, [])


@pytest.mark.parametrize(("spoil", "sentence"), [(make_read_only, "it is read-only"), (make_full, "the disk is full")])
def test_what_cannot_be_written_is_opened_for_reading_and_says_so_at_each_write(
    spoil: Callable[[Path], None], sentence: str, small_disk: Path
) -> None:
    folder = small_disk / "home"
    before = open_store(folder)
    before.drafts.save("a", {"n": 1})
    before.close()
    spoil(small_disk)
    store = open_store(folder)
    assert (store.drafts.get("a"), store.check()) == ({"n": 1}, [])
    for write in (lambda: store.drafts.save("b", {}), lambda: store.drafts.delete("a"), lambda: store.audit("seen")):
        with pytest.raises(StoreUnusable, match=f"can be read and exported, but nothing can be written: {sentence}"):
            write()
    with pytest.raises(StoreUnusable, match=sentence), store.transaction():
        pass
    make_room(small_disk)
    store.drafts.save("b", {"n": 2})
    assert (store.drafts.get("a"), store.drafts.get("b")) == ({"n": 1}, {"n": 2}), "the open one goes on by itself"
    store.close()


def test_without_a_database_there_is_nothing_to_be_read(small_disk: Path) -> None:
    make_read_only(small_disk)
    with pytest.raises(StoreUnusable, match="cannot be used"):
        open_store(small_disk / "home")


def test_a_writer_that_never_ends_is_a_sentence(folder: Path) -> None:
    store = open_store(folder, busy_timeout_s=0.1)
    with closing(sqlite3.connect(folder / DATABASE)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnusable, match="another process"):
            store.drafts.save("a", {})
        other.execute("ROLLBACK")
    store.drafts.save("a", {})
    store.close()


def test_rows_that_hang_in_the_air_are_named(folder: Path, kept: Store) -> None:
    with closing(sqlite3.connect(folder / DATABASE)) as other, other:
        other.execute("INSERT INTO job_claims VALUES ('lab', 'video_1', 'take_gone')")
    (found,) = kept.check()
    assert "job_claims names a row of takes that is not there" in found
