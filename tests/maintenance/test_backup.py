"""A backup of a store in use, and restoring it: over both databases, with damage and kills in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.comparisons import ComparisonFilter
from sora_compare.domain.takes import TakeState
from sora_compare.errors import StoreUnusable, UsageError
from sora_compare.maintenance.backup import SUMS, BackupFailed, back_up, read_manifest
from sora_compare.maintenance.restore import RestoreFailed, restore
from sora_compare.store.backups import MANIFEST
from sora_compare.store.copying import COPIED, count_rows
from sora_compare.store.home import RESTORING, Home
from sora_compare.store.sqlite import DATABASE
from sora_compare.store.store import Store, open_store
from tests.commands.terminal import PROJECT, environment
from tests.maintenance.stock import PAIRS, add_clip, filled
from tests.simulation import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.store.postgres import PostgresServer

KINDS = ["sqlite", "postgresql"]


def _place(kind: str, postgres: PostgresServer) -> str:
    return postgres.new_store_database() if kind == "postgresql" else ""


def _records(store: Store) -> dict[str, list[dict[str, object]]]:
    return {
        table.name: store.database.rows(table.select().order_by(*table.primary_key))
        for table in COPIED
        if table.name != "takes"
    }


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def backup(home: Path, tmp_path: Path) -> Path:
    """A complete backup of a filled folder."""
    store = filled(home)
    back_up(store, home, tmp_path / "backup")
    store.close()
    return tmp_path / "backup"


@pytest.mark.parametrize("of", KINDS)
@pytest.mark.parametrize("into", KINDS)
def test_everything_is_there_again(of: str, into: str, home: Path, tmp_path: Path, postgres: PostgresServer) -> None:
    store = filled(home, _place(of, postgres))
    manifest = back_up(store, home, tmp_path / "backup")
    assert manifest.rows == count_rows(store.database)
    url, second = _place(into, postgres), tmp_path / "second"
    done = restore(tmp_path / "backup", second, url)
    again = open_store(second, url)
    try:
        assert _records(again) == _records(store)
        assert again.identity == store.identity
        assert again.audit_log.verify() == store.audit_log.verify()
        wanted = ComparisonFilter(words="BALL num")
        assert len(list(again.comparisons.list(wanted))) == PAIRS
        assert [one.name for one in Home(second).clips.rglob("*.mp4")] == [f"{add_clip(home)}.mp4"]
        assert not (second / RESTORING).exists()
        assert (done.unsent, {take.state for take in again.takes.under_way()}) == (2, {TakeState.SUBMITTING})
    finally:
        again.close()
        store.close()


def test_what_is_written_meanwhile_is_in_it_whole_or_not_at_all(home: Path, tmp_path: Path) -> None:
    store, writes, stop = filled(home), 0, threading.Event()

    def write() -> None:
        nonlocal writes
        while not stop.is_set():
            with store.transaction():
                store.settings.save("first", {"n": writes})
                store.settings.save("second", {"n": writes})
            writes += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until(lambda: writes > 3)
        for number in range(5):
            back_up(store, home, tmp_path / f"backup {number}")
    finally:
        stop.set()
        writer.join()
        store.close()
    for number in range(5):
        restore(tmp_path / f"backup {number}", tmp_path / f"home {number}")
        again = open_store(tmp_path / f"home {number}")
        assert again.settings.get("first") == again.settings.get("second")
        again.close()


def test_a_file_list_that_other_tools_read(backup: Path) -> None:
    done = subprocess.run(
        ["/usr/bin/sha256sum", "--check", "--strict", SUMS], cwd=backup, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"{DATABASE}: OK".encode() in done.stdout
    assert read_manifest(backup).files == 1


def test_a_clip_that_is_damaged_already_is_named(home: Path, tmp_path: Path) -> None:
    store = filled(home)
    (clip,) = Home(home).clips.rglob("*.mp4")
    clip.write_bytes(b"rotten")
    manifest = back_up(store, home, tmp_path / "backup")
    store.close()
    assert manifest.damaged == (clip.relative_to(home).as_posix(),)


def test_a_backup_goes_only_into_an_empty_place_outside(home: Path, tmp_path: Path) -> None:
    store = filled(home)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    for place, words in (
        (tmp_path / "full", "is not empty"),
        (tmp_path / "full" / "letter.txt", "is not empty"),
        (home / "backup", "part of the data folder"),
    ):
        with pytest.raises(UsageError, match=words):
            back_up(store, home, place)
    assert (tmp_path / "full" / "letter.txt").read_text() == "mine"
    store.close()


def test_a_full_disk_leaves_nothing_behind(home: Path, small_disk: Path) -> None:
    store = filled(home)
    add_clip(home, os.urandom(3_000_000))
    with pytest.raises(BackupFailed, match="larger disk"):
        back_up(store, home, small_disk / "backup")
    store.close()
    assert list(small_disk.iterdir()) == []


def _cut(backup: Path, name: str) -> None:
    path = backup / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def _remove_clip(backup: Path) -> None:
    next((backup / "clips").rglob("*.mp4")).unlink()


def _name_outside(backup: Path) -> None:
    sums = backup / SUMS
    sums.write_text(sums.read_text().replace("clips/", "../clips/"))
    manifest = json.loads((backup / MANIFEST).read_text())
    found = subprocess.run(["/usr/bin/sha256sum", sums], capture_output=True, text=True, check=True).stdout.split()[0]
    (backup / MANIFEST).write_text(json.dumps({**manifest, "sums": found}))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda backup: (backup / MANIFEST).unlink(), "no complete backup"),
        (lambda backup: (backup / MANIFEST).write_text("{}"), "is damaged"),
        (lambda backup: _cut(backup, SUMS), f"{SUMS} is damaged"),
        (lambda backup: _cut(backup, DATABASE), f"{DATABASE} is damaged"),
        (_remove_clip, "is not there"),
        (_name_outside, "outside of the data folder"),
    ],
)
def test_a_damaged_backup_is_refused(
    damage: Callable[[Path], object], words: str, backup: Path, tmp_path: Path
) -> None:
    damage(backup)
    with pytest.raises((UsageError, RestoreFailed), match=words):
        restore(backup, tmp_path / "second")
    assert not (tmp_path / "second" / DATABASE).exists()
    assert not (tmp_path / "clips").exists()


def test_nothing_is_restored_over_what_is_there(backup: Path, home: Path) -> None:
    with pytest.raises(UsageError, match="is not empty"):
        restore(backup, home)


def test_a_killed_restore_is_run_again(backup: Path, tmp_path: Path) -> None:
    """It reads a clip from a pipe that never ends; until the restore is done, the app does not open the folder."""
    second, clip = tmp_path / "second", next((backup / "clips").rglob("*.mp4"))
    content = clip.read_bytes()
    clip.unlink()
    os.mkfifo(clip)
    words = [sys.executable, "-m", "sora_compare", "restore", str(backup)]
    with subprocess.Popen(words, env=environment(second), cwd=PROJECT) as process:
        held = os.open(clip, os.O_WRONLY)
        try:
            process.send_signal(signal.SIGKILL)
            process.wait()
        finally:
            os.close(held)
    clip.unlink()
    clip.write_bytes(content)
    with pytest.raises(StoreUnusable, match="Run that restore again"):
        open_store(second)
    restore(backup, second)
    again = open_store(second)
    assert again.comparisons.count() == PAIRS + 1
    again.close()
