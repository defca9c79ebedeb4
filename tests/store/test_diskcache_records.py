"""On diskcache: nothing is evicted, nothing is unpickled, no foreign file is touched, each error is a sentence."""

from __future__ import annotations

import pickle
import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import diskcache
import pytest

from sora_compare.errors import StoreUnusable, TamperedRecord
from sora_compare.store import diskcache_records
from sora_compare.store.diskcache_records import DiskcacheRecords
from tests.disks import make_full, make_read_only, make_room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "records"


@pytest.fixture
def records(folder: Path) -> Iterator[DiskcacheRecords]:
    opened = DiskcacheRecords(folder)
    yield opened
    opened.close()


def tamper(folder: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / "cache.db")) as connection, connection:
        connection.execute(statement, values)


class Payload:
    """A pickle that leaves a mark when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return (open, (str(self.mark), "w"))


INSERT = "INSERT INTO Cache (key, raw, store_time, access_time, mode, filename, value) VALUES (?, ?, 0, 0, ?, ?, ?)"


# Nothing is lost


def test_nothing_is_evicted_even_where_another_opener_set_a_limit(folder: Path) -> None:
    """The database remembers the policy of whoever opened it last."""
    DiskcacheRecords(folder).close()
    with diskcache.Cache(str(folder), size_limit=1, eviction_policy="least-recently-stored", cull_limit=100) as other:
        assert other.eviction_policy == "least-recently-stored"
    records = DiskcacheRecords(folder)
    for number in range(100):
        records.put("things", f"{number:03d}", {"text": "x" * 2000})
    assert records.count("things") == 100
    assert len(list(records.scan("things"))) == 100
    records.close()


def test_the_same_writes_through_plain_diskcache_are_lost(folder: Path) -> None:
    """Shows that the test above can fail."""
    with diskcache.Cache(str(folder), size_limit=1, cull_limit=100) as plain:
        for number in range(100):
            plain[f"things/{number:03d}"] = "x" * 2000
        assert len(plain) < 100


def test_the_policy_is_checked_at_every_open(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    DiskcacheRecords(folder).close()
    tamper(folder, "UPDATE Settings SET value = 'least-recently-stored' WHERE key = 'eviction_policy'")
    records = DiskcacheRecords(folder)
    with closing(sqlite3.connect(folder / "cache.db")) as connection:
        kept = dict(connection.execute("SELECT key, value FROM Settings").fetchall())
    assert (kept["eviction_policy"], kept["cull_limit"]) == ("none", 0)
    records.close()
    monkeypatch.setitem(diskcache_settings(), "eviction_policy", "least-recently-used")
    with pytest.raises(StoreUnusable, match="eviction settings are unsafe"):
        DiskcacheRecords(folder)


def diskcache_settings() -> dict[str, object]:
    return diskcache_records.SAFE


def test_writes_are_on_disk_when_put_returns(folder: Path, records: DiskcacheRecords) -> None:
    with closing(sqlite3.connect(folder / "cache.db")) as connection:
        kept = dict(connection.execute("SELECT key, value FROM Settings").fetchall())
    assert (kept["sqlite_journal_mode"], kept["sqlite_synchronous"]) == ("wal", 2)
    records.put("things", "a", {})
    assert records._cache._sql("PRAGMA synchronous").fetchone() == (2,)


# Nothing is run


@pytest.mark.parametrize("mode", [2, 3, 4])
def test_a_pickled_value_is_refused_and_not_run(
    folder: Path, records: DiskcacheRecords, tmp_path: Path, mode: int
) -> None:
    mark = tmp_path / "it-ran"
    tamper(folder, INSERT, "things/evil", 1, mode, None, pickle.dumps(Payload(mark)))
    with pytest.raises(TamperedRecord):
        records.get("things", "evil")
    assert not list(records.scan("things"))
    assert records.damaged.names == ["things evil"]
    assert not mark.exists()
    with diskcache.Cache(str(folder)) as plain:
        if mode == diskcache.core.MODE_PICKLE:
            plain.get("things/evil").close()
            assert mark.exists(), "plain diskcache runs it: the payload works"


def test_a_pickled_key_is_refused_and_not_run(folder: Path, records: DiskcacheRecords, tmp_path: Path) -> None:
    """Bytes sort after text, so that such a key is outside of every range; a text key marked as pickle is inside."""
    mark = tmp_path / "it-ran"
    tamper(folder, INSERT, "things/x", 0, 1, None, "{}")
    tamper(folder, INSERT, pickle.dumps(Payload(mark)), 0, 1, None, "{}")
    records.put("things", "y", {})
    assert [key for key, _ in records.scan("things")] == ["y"]
    assert records.damaged.names == ["things x"]
    assert records.get("things", "x") is None
    assert not mark.exists()


def test_a_rotten_key_hides_itself_alone(
    folder: Path, records: DiskcacheRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end of a page, too, where the next one goes on behind it."""
    monkeypatch.setattr(diskcache_records, "SCAN_PAGE", 2)
    for number in range(5):
        records.put("things", f"{number}", {"number": number})
    tamper(folder, "UPDATE Cache SET key = CAST(? AS TEXT) WHERE key = ?", b"things/1\xff", "things/1")
    assert [key for key, _ in records.scan("things")] == ["0", "2", "3", "4"]
    assert [key for key, _ in records.scan("things", newest_first=True)] == ["4", "3", "2", "0"]
    assert records.damaged.names == ["things 1\\xff"]
    assert records.check() == []


@pytest.mark.parametrize("value", ["not json", b"bytes", 5, None, ""])
def test_a_value_that_is_no_json_text_is_refused(folder: Path, records: DiskcacheRecords, value: object) -> None:
    tamper(folder, INSERT, "things/a", 1, 1, None, value)
    with pytest.raises(TamperedRecord, match="did not write"):
        records.get("things", "a")


@pytest.mark.parametrize(("mode", "filename"), [(0, None), (2, None), (3, None), (4, None), (1, "../secret"), (1, "")])
def test_a_row_of_another_kind_is_refused_though_its_value_is_json(
    folder: Path, records: DiskcacheRecords, mode: int, filename: str | None
) -> None:
    tamper(folder, INSERT, "things/a", 1, mode, filename, "{}")
    with pytest.raises(TamperedRecord, match="did not write"):
        records.get("things", "a")
    assert not list(records.scan("things"))
    assert records.damaged.names == ["things a"]


@pytest.mark.parametrize("value", ["[]", "5", "null", '"text"'])
def test_a_value_that_is_no_object_is_refused(folder: Path, records: DiskcacheRecords, value: str) -> None:
    tamper(folder, INSERT, "things/a", 1, 1, None, value)
    with pytest.raises(TamperedRecord):
        records.get("things", "a")
    assert not list(records.scan("things"))
    assert records.damaged.names == ["things a"]


@pytest.mark.parametrize("rot", [b'{"prompt":"caf\xe9 at night"}', b'{"prompt":"a ca', b"\x00\xff\xfe"])
def test_a_rotten_record_hides_itself_alone_and_is_named_but_never_quoted(
    folder: Path, records: DiskcacheRecords, rot: bytes
) -> None:
    for number in range(5):
        records.put("things", f"{number}", {"number": number})
    tamper(folder, "UPDATE Cache SET value = CAST(? AS TEXT) WHERE key = ?", rot, "things/2")
    assert [key for key, _ in records.scan("things")] == ["0", "1", "3", "4"]
    assert [key for key, _ in records.scan("things", newest_first=True, limit=3)] == ["4", "3"]
    assert records.damaged.sentence.startswith("1 record of the store cannot be read and is left out: things 2.")
    with pytest.raises(TamperedRecord) as caught:
        records.get("things", "2")
    assert "caf" not in f"{caught.value} {records.damaged.sentence}"
    assert records.check() == []
    assert records.damaged.names == ["things 2"]


# No foreign file is touched


def test_a_row_that_names_a_file_is_neither_read_nor_does_it_remove_the_file(
    folder: Path, records: DiskcacheRecords, tmp_path: Path
) -> None:
    """Plain diskcache reads `../secret` and removes it when the key is written again."""
    secret = tmp_path / "secret"
    secret.write_text('{"key": "value"}')
    for mode in (1, 2, 3, 4):
        for key in ("put", "delete", "read"):
            tamper(folder, INSERT, f"things/{key}{mode}", 1, mode, "../secret", None)
        with pytest.raises(TamperedRecord):
            records.get("things", f"read{mode}")
        records.put("things", f"put{mode}", {})
        records.delete("things", f"delete{mode}")
    assert secret.read_text() == '{"key": "value"}'


def test_only_the_owner_can_look_in(folder: Path, records: DiskcacheRecords) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o755)
    records.close()
    DiskcacheRecords(folder).close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_values_lie_in_the_database_and_nowhere_else(folder: Path, records: DiskcacheRecords) -> None:
    records.put("things", "long", {"text": "é" * 1_000_000})
    assert {path.name for path in folder.rglob("*")} <= {"cache.db", "cache.db-wal", "cache.db-shm"}
    assert records.get("things", "long") == {"text": "é" * 1_000_000}


def test_a_folder_whose_name_looks_like_a_variable_is_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain diskcache expands `$HOME` and would keep the records elsewhere."""
    monkeypatch.setenv("ELSEWHERE", str(tmp_path / "elsewhere"))
    with pytest.raises(StoreUnusable, match=r"\$ or ~"):
        DiskcacheRecords(tmp_path / "$ELSEWHERE" / "records")
    assert not (tmp_path / "elsewhere").exists()


# Errors are sentences


@pytest.mark.parametrize("key", ["disk_surprise", "sqlite_writable_schema", "get", "_sql"])
def test_settings_that_nobody_of_us_wrote_are_refused(folder: Path, key: str) -> None:
    """Plain diskcache runs them as pragmas and sets them as attributes."""
    DiskcacheRecords(folder).close()
    tamper(folder, "INSERT INTO Settings VALUES (?, ?)", key, "1")
    with pytest.raises(StoreUnusable, match=f"settings that are not ours: {key}"):
        DiskcacheRecords(folder)


@pytest.mark.parametrize("content", [b"this is no database " * 100, b"SQLite format 3\0" + bytes(4000)])
def test_a_file_that_is_no_database_is_a_sentence(folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / "cache.db").write_bytes(content)
    with pytest.raises(StoreUnusable, match="cannot be used"):
        DiskcacheRecords(folder)


def test_a_database_that_breaks_while_in_use_is_a_sentence(folder: Path) -> None:
    records = DiskcacheRecords(folder)
    with records.transaction():
        for number in range(2000):
            records.put("things", f"{number:04d}", {"text": "x" * 100})
    records.close()
    data = bytearray((folder / "cache.db").read_bytes())
    data[4096 * 8 :] = b"\xff" * (len(data) - 4096 * 8)
    (folder / "cache.db").write_bytes(data)
    records = DiskcacheRecords(folder)
    with pytest.raises(StoreUnusable, match="damaged"):
        list(records.scan("things"))
    records.close()


@pytest.mark.parametrize("place", ["file", "under-a-file"])
def test_a_place_that_can_hold_no_folder_is_a_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x")
    chosen = tmp_path / "file" if place == "file" else tmp_path / "file" / "records"
    with pytest.raises(StoreUnusable, match="cannot be used"):
        DiskcacheRecords(chosen)


def test_a_full_disk_is_a_sentence_and_what_was_there_stays(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(500_000))
    records = DiskcacheRecords(small_disk / "records")
    acknowledged: list[str] = []
    with pytest.raises(StoreUnusable, match="the disk is full"):
        fill(records, acknowledged)
    assert len(acknowledged) > 3
    assert [key for key, _ in records.scan("things")] == acknowledged
    (small_disk / "ballast").unlink()
    records.put("things", "0000", {"text": "room again"})
    assert records.get("things", "0000") == {"text": "room again"}
    records.close()


def fill(records: DiskcacheRecords, acknowledged: list[str]) -> None:
    for number in range(1000):
        records.put("things", f"{number:04d}", {"text": "x" * 50_000})
        acknowledged.append(f"{number:04d}")


def test_a_full_disk_in_a_transaction_undoes_all_of_it(small_disk: Path) -> None:
    records = DiskcacheRecords(small_disk / "records")
    records.put("things", "before", {})
    with pytest.raises(StoreUnusable, match="the disk is full"):
        write_too_much(records)
    assert list(records.scan("things")) == [("before", {})]
    records.put("things", "after", {})
    records.close()


def write_too_much(records: DiskcacheRecords) -> None:
    with records.transaction():
        fill(records, [])


@pytest.mark.parametrize(("spoil", "sentence"), [(make_read_only, "it is read-only"), (make_full, "the disk is full")])
def test_what_cannot_be_written_is_opened_for_reading_and_says_so_at_each_write(
    spoil: Callable[[Path], None], sentence: str, small_disk: Path
) -> None:
    """Plain diskcache writes its settings at every open, and tries for ever, as if the database were busy."""
    folder = small_disk / "records"
    before = DiskcacheRecords(folder)
    before.put("things", "a", {"n": 1})
    before.close()
    spoil(small_disk)
    records = DiskcacheRecords(folder)
    assert records.get("things", "a") == {"n": 1}
    assert (list(records.scan("things")), records.count("things"), records.check()) == ([("a", {"n": 1})], 1, [])
    for write in (lambda: records.put("things", "b", {}), lambda: records.delete("things", "a")):
        with pytest.raises(StoreUnusable, match=f"can be read and exported, but nothing can be written: {sentence}"):
            write()
    with pytest.raises(StoreUnusable, match=sentence), records.transaction():
        pass
    make_room(small_disk)
    records.put("things", "b", {"n": 2})
    assert list(records.scan("things")) == [("a", {"n": 1}), ("b", {"n": 2})], "the open one goes on by itself"
    records.close()


def test_without_a_database_there_is_nothing_to_be_read(small_disk: Path) -> None:
    make_read_only(small_disk)
    with pytest.raises(StoreUnusable, match="cannot be used"):
        DiskcacheRecords(small_disk / "records")


def test_a_database_that_became_read_only_is_a_sentence_and_no_endless_wait(records: DiskcacheRecords) -> None:
    records.put("things", "a", {"n": 1})
    records._cache._sql("PRAGMA query_only = ON")
    with pytest.raises(StoreUnusable, match="read-only"):
        records.put("things", "a", {"n": 2})
    assert records.get("things", "a") == {"n": 1}


def test_a_writer_that_never_ends_is_a_sentence(folder: Path) -> None:
    records = DiskcacheRecords(folder, busy_timeout_s=0.1)
    with closing(sqlite3.connect(folder / "cache.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnusable, match="another process"):
            records.put("things", "a", {})
        other.execute("ROLLBACK")
    records.put("things", "a", {})
    records.close()
