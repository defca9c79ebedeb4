"""The local cache: JSON and bytes, within its size, and nothing that goes wrong with it costs more than time."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.store.cache import LocalCache
from tests.disks import make_full, make_read_only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LARGE = bytes(range(256)) * 4096
MEGABYTE = 2**20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def cache(folder: Path) -> Iterator[LocalCache]:
    opened = LocalCache(folder)
    yield opened
    opened.close()


@pytest.mark.parametrize("value", [{"n": [1, 2.5, None, "é"]}, [], "text", 7, b"bytes", LARGE, "x" * 100_000, b""])
def test_what_is_set_comes_back(cache: LocalCache, folder: Path, value: object) -> None:
    cache.set("results/1", value)
    assert cache.get("results/1") == value
    other = LocalCache(folder)
    assert other.get("results/1") == value
    assert other.get("results/2") is None
    other.close()


@pytest.mark.parametrize("value", [object(), float("nan"), {"a": {1, 2}}, [b"bytes inside"]])
def test_what_is_neither_json_nor_bytes_is_refused(cache: LocalCache, value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        cache.set("results/1", value)
    assert cache.get("results/1") is None


def test_it_stays_within_its_size_and_the_least_recently_used_goes_first(folder: Path) -> None:
    cache = LocalCache(folder, 20 * MEGABYTE)
    cache.set("kept", LARGE)
    for number in range(60):
        cache.set(f"large/{number}", LARGE)
        assert cache.get("kept") == LARGE, number
    sizes = sum(one.stat().st_size for one in folder.rglob("*.val"))
    assert sizes <= 22 * MEGABYTE
    assert cache.get("large/0") is None
    cache.close()


@pytest.mark.parametrize("mode", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("filename", [None, "../secret", "/etc/passwd"])
def test_a_foreign_row_is_neither_read_nor_run(
    cache: LocalCache, folder: Path, tmp_path: Path, mode: int, filename: str | None
) -> None:
    (tmp_path / "secret").write_text("{}")
    bomb = b"cos\nsystem\n(S'touch " + str(tmp_path / "ran").encode() + b"'\ntR."
    cache.set("results/1", {"n": 1})
    with closing(sqlite3.connect(folder / "cache.db")) as other, other:
        row = (mode, filename, None if filename else bomb)
        other.execute("UPDATE Cache SET mode = ?, filename = ?, value = ?", row)
    found = cache.get("results/1")
    assert found is None or (mode == 1 and found == bomb), "bytes are bytes"
    assert not (tmp_path / "ran").exists()
    assert (tmp_path / "secret").read_text() == "{}"


@pytest.mark.parametrize("name", ["disk_surprise", "sqlite_writable_schema", "get"])
def test_foreign_settings_are_not_run_and_cost_the_cache(folder: Path, name: str) -> None:
    first = LocalCache(folder)
    first.set("results/1", {"n": 1})
    first.close()
    with closing(sqlite3.connect(folder / "cache.db")) as other, other:
        other.execute("INSERT INTO Settings VALUES (?, ?)", (name, "1"))
    cache = LocalCache(folder)
    assert cache.get("results/1") is None
    cache.set("results/1", {"n": 2})
    assert cache.get("results/1") == {"n": 2}
    cache.close()


def remove(folder: Path) -> None:
    shutil.rmtree(folder)


def overwrite(folder: Path) -> None:
    (folder / "cache.db").write_bytes(b"this is no database " * 500)


def remove_values(folder: Path) -> None:
    for one in folder.rglob("*.val"):
        one.unlink()


@pytest.mark.parametrize("spoil", [remove, overwrite, remove_values])
def test_spoilt_while_in_use_it_costs_time_and_nothing_more(
    cache: LocalCache, folder: Path, spoil: Callable[[Path], None]
) -> None:
    cache.set("results/1", LARGE)
    spoil(folder)
    assert cache.get("results/1") in {None, LARGE}, "what SQLite holds in memory is still right"
    cache.set("results/1", LARGE)
    assert cache.get("results/1") == LARGE


@pytest.mark.parametrize("spoil", [make_full, make_read_only])
def test_a_disk_that_cannot_be_written_costs_time_and_nothing_more(
    small_disk: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(small_disk)
    cache = LocalCache(small_disk / "cache")
    cache.set("results/1", LARGE)
    assert cache.get("results/1") is None
    cache.close()


def test_a_folder_whose_name_diskcache_would_expand_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELSEWHERE", str(tmp_path / "elsewhere"))
    cache = LocalCache(tmp_path / "$ELSEWHERE" / "cache")
    cache.set("results/1", {"n": 1})
    assert cache.get("results/1") is None
    assert not (tmp_path / "elsewhere").exists()


def test_processes_share_it(cache: LocalCache, folder: Path) -> None:
    cache.set("before", 1)
    code = (
        "import sys; from pathlib import Path; from sora_compare.store.cache import LocalCache; "
        "cache = LocalCache(Path(sys.argv[1])); [cache.set(f'{sys.argv[2]}/{n}', {'n': n}) for n in range(50)]"
    )
    others = [subprocess.Popen([sys.executable, "-c", code, str(folder), str(name)]) for name in range(3)]
    assert [one.wait(60) for one in others] == [0] * 3
    found: list[Any] = [(cache.get(f"{name}/{n}"), {"n": n}) for name in range(3) for n in range(50)]
    assert all(kept in (None, right) for kept, right in found), "who waits too long for others leaves it"
    assert sum(kept is not None for kept, _ in found) > 100
