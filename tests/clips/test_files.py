"""Clips are kept whole or not at all, under their own hash, and nothing from outside chooses a path."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sora_compare.clips.files import POSTER, ClipFiles, atomic_file
from sora_compare.errors import ClipTooLarge, Conflict, NoRoom, UnknownRecord

BYTES = b"\0\0\0\x18ftypisom" + bytes(range(256)) * 40
SHA256 = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture
def files(tmp_path: Path) -> ClipFiles:
    return ClipFiles(tmp_path / "clips")


def kept(files: ClipFiles, data: bytes = BYTES, name: str = "take_1") -> str:
    with files.incoming(name) as incoming:
        for start in range(0, len(data), 1000):
            incoming.write(data[start : start + 1000])
        return incoming.save(".mp4")


def everything(files: ClipFiles) -> list[Path]:
    return [path for path in files.root.rglob("*") if path.is_file()]


def test_a_kept_clip_lies_under_the_hash_of_its_bytes(files: ClipFiles) -> None:
    assert kept(files) == SHA256
    assert files.has(SHA256)
    assert files.path(SHA256).read_bytes() == BYTES
    assert everything(files) == [files.root / SHA256[:2] / f"{SHA256}.mp4"]


def test_only_the_owner_can_look_into_the_folders(files: ClipFiles) -> None:
    kept(files)
    folders = [files.root, *(path for path in files.root.rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    assert len(folders) == 3


def test_what_is_written_can_be_read_at_once(files: ClipFiles) -> None:
    with files.incoming("take_1") as incoming:
        incoming.write(BYTES[:500])
        assert incoming.path.read_bytes() == BYTES[:500]
        assert incoming.bytes_written == 500


def test_an_abandoned_clip_leaves_nothing(files: ClipFiles) -> None:
    with files.incoming("take_1") as incoming:
        incoming.write(BYTES)
    assert everything(files) == []


def test_the_same_content_is_kept_once(files: ClipFiles) -> None:
    kept(files, name="take_1")
    before = files.path(SHA256).stat().st_ino
    assert kept(files, name="take_2") == SHA256
    assert everything(files) == [files.path(SHA256)]
    assert files.path(SHA256).stat().st_ino == before


def test_a_damaged_copy_is_replaced_by_a_whole_one(files: ClipFiles) -> None:
    kept(files)
    os.truncate(files.path(SHA256), 100)
    kept(files)
    assert files.path(SHA256).read_bytes() == BYTES


def test_a_download_starts_afresh_after_its_process_was_killed(files: ClipFiles) -> None:
    script = (
        "import sys, time; from pathlib import Path; from sora_compare.clips.files import ClipFiles\n"
        "incoming = ClipFiles(Path(sys.argv[1])).incoming('take_1'); incoming.write(b'half a clip')\n"
        "print('written', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(files.root)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "written\n"
        with pytest.raises(Conflict):
            files.incoming("take_1")
        child.send_signal(signal.SIGKILL)
    assert (files.root / "incoming" / "take_1.part").read_bytes() == b"half a clip"
    assert kept(files) == SHA256
    assert files.path(SHA256).read_bytes() == BYTES


def test_two_downloads_of_one_name_cannot_mix(files: ClipFiles) -> None:
    with files.incoming("take_1") as first:
        first.write(BYTES[:5000])
        with pytest.raises(Conflict, match="take_1"):
            files.incoming("take_1")
        first.write(BYTES[5000:])
        assert first.save(".mp4") == SHA256
    assert files.path(SHA256).read_bytes() == BYTES


def test_bytes_are_on_disk_before_their_name_and_the_name_before_it_is_told(
    files: ClipFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut cannot be tried here, so the order of the calls is looked at."""
    order: list[str] = []
    sync, replace = os.fsync, Path.replace

    def synced(handle: int) -> None:
        order.append(f"sync {Path(f'/proc/self/fd/{handle}').readlink().name}")
        sync(handle)

    def replaced(path: Path, target: Path) -> Path:
        order.append(f"name {target.name}")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    kept(files)
    assert order == ["sync clips", "sync take_1.part", f"name {SHA256}.mp4", f"sync {SHA256[:2]}"]


KILLED_WRITER = """
import sys
from pathlib import Path
from sora_compare.clips.files import ClipFiles
files = ClipFiles(Path(sys.argv[1]))
for number in range(100_000):
    with files.incoming(f"take_{number}") as incoming:
        for part in range(8):
            incoming.write(f"{number} {part} ".encode() * 500)
        print(incoming.save(".mp4"), flush=True)
"""


def test_kill_9_leaves_whole_clips_only(files: ClipFiles) -> None:
    """Whatever lies under a hash has that hash, and every clip that was reported kept is there."""
    reported: list[str] = []
    for pause_s in (0.02, 0.05, 0.08):
        with subprocess.Popen([sys.executable, "-c", KILLED_WRITER, str(files.root)], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            first = child.stdout.readline()
            time.sleep(pause_s)
            child.kill()
            reported += [line.decode().strip() for line in (first, *child.stdout) if line.endswith(b"\n")]
    clips = list(files.root.glob("??/*.mp4"))
    assert len(reported) > 3
    assert all(files.has(sha256) for sha256 in reported)
    assert [path.stem for path in clips] == [hashlib.sha256(path.read_bytes()).hexdigest() for path in clips]


def test_a_file_over_the_limit_is_refused_and_dropped(tmp_path: Path) -> None:
    files = ClipFiles(tmp_path, max_bytes=1_000_000)
    incoming = files.incoming("take_1")
    incoming.write(bytes(999_999))
    with pytest.raises(ClipTooLarge, match="1 MB"):
        incoming.write(b"12")
    assert everything(files) == []


def test_a_full_disk_is_a_sentence_and_nothing_stays(small_disk: Path) -> None:
    files = ClipFiles(small_disk / "clips")
    incoming = files.incoming("take_1")
    with pytest.raises(NoRoom, match="is full"):
        incoming.write(bytes(5_000_000))
    assert everything(files) == []
    assert kept(files) == SHA256


def write_half(target: Path) -> None:
    with atomic_file(target) as part:
        part.write_bytes(b"half")
        raise RuntimeError


def test_a_file_beside_a_clip_appears_whole_or_not_at_all(files: ClipFiles, small_disk: Path) -> None:
    kept(files)
    with pytest.raises(UnknownRecord, match="thumbnail"):
        files.thumbnail(SHA256)
    target = files.beside(SHA256, POSTER)
    with pytest.raises(RuntimeError):
        write_half(target)
    assert not target.exists()
    with atomic_file(target) as part:
        part.write_bytes(b"whole")
    assert files.thumbnail(SHA256).read_bytes() == b"whole"
    with pytest.raises(NoRoom), atomic_file(small_disk / "poster.jpg") as part:
        part.write_bytes(bytes(5_000_000))
    assert list(small_disk.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "a" * 64 + "\n", SHA256.upper(), SHA256[:63], f"../{SHA256}", f"{SHA256}/x"]
)
def test_text_that_is_no_hash_names_no_file(files: ClipFiles, name: str) -> None:
    kept(files)
    assert not files.has(name)
    with pytest.raises(UnknownRecord):
        files.path(name)
    with pytest.raises(UnknownRecord):
        files.beside(name, POSTER)


@pytest.mark.parametrize("name", ["", ".", "..", "../up", "a/b", "/etc/passwd", ".hidden", "a\0b", "x" * 101])
def test_a_download_cannot_choose_its_folder(files: ClipFiles, name: str) -> None:
    with pytest.raises(UnknownRecord):
        files.incoming(name)


@pytest.mark.parametrize("extension", ["", ".exe", ".html", ".mp4/../../x", "mp4"])
def test_only_known_kinds_of_file_are_kept(files: ClipFiles, extension: str) -> None:
    with files.incoming("take_1") as incoming:
        incoming.write(BYTES)
        with pytest.raises(UnknownRecord):
            incoming.save(extension)
    assert everything(files) == []


def test_sweeping_removes_only_unfinished_files_that_nobody_touched_for_a_day(files: ClipFiles) -> None:
    kept(files)
    old, young = files.incoming("old"), files.incoming("young")
    long_ago = time.time() - 90_000
    os.utime(old.path, (long_ago, long_ago))
    os.utime(files.path(SHA256), (long_ago, long_ago))
    assert files.sweep() == [old.path]
    assert young.path.exists()
    assert files.has(SHA256)
    old.abandon()
    young.abandon()
