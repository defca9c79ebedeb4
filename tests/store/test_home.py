"""The data folder: ours or nobody's."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sora_compare.errors import StoreUnusable
from sora_compare.store.home import MARK, open_home
from tests.disks import make_full, make_read_only

ROOT = Path(__file__).resolve().parents[2]


def test_a_new_folder_is_made_marked_and_private(tmp_path: Path) -> None:
    home = open_home(tmp_path / "deep" / "data")
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700
    assert json.loads((home.root / MARK).read_text("utf-8")) == {"made_by": "sora-compare", "format": 2}
    assert {home.clips.parent, home.simulator.parent} == {home.root}


def test_an_empty_folder_is_taken_and_ours_is_opened_again(tmp_path: Path) -> None:
    assert open_home(tmp_path) == open_home(tmp_path)
    (tmp_path / "records").mkdir()
    assert open_home(tmp_path).root == tmp_path


def test_threads_that_open_a_new_folder_at_once_all_open_it(tmp_path: Path) -> None:
    places = [tmp_path / str(number) for number in range(100)]
    with ThreadPoolExecutor(8) as threads:
        opened = [threads.submit(open_home, place) for place in places for _ in range(8)]
    assert {one.result().root for one in opened} == set(places)


@pytest.mark.parametrize("name", ["lost+found", ".DS_Store", f"{MARK}.4711.part"])
def test_what_systems_and_killed_starts_leave_does_not_make_a_folder_foreign(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    assert open_home(tmp_path).root == tmp_path


def test_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(StoreUnusable, match=r"not empty and was not made by Sora Compare\. Set SORA_COMPARE_HOME"):
        open_home(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(
    ("mark", "what"),
    [
        (b'{"made_by": "sora-compare", "format": 3}', "format 3, and this version reads format 2"),
        (b'{"made_by": "sora-compare"}', "not readable"),
        (b"[]", "not readable"),
        (b"{half", "not readable"),
        (b"", "not readable"),
        (b"\xff\xfe\x00", "not readable"),
    ],
)
def test_a_folder_of_another_format_is_a_sentence(tmp_path: Path, mark: bytes, what: str) -> None:
    (tmp_path / MARK).write_bytes(mark)
    with pytest.raises(StoreUnusable, match=what):
        open_home(tmp_path)


def test_a_file_in_its_place_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StoreUnusable, match="cannot be used"):
            open_home(place)


def test_a_folder_that_cannot_be_written_is_a_sentence(small_disk: Path) -> None:
    """On a disk that is read-only, since the superuser may write into any folder that is not."""
    open_home(small_disk / "ours")
    (small_disk / "empty").mkdir()
    make_read_only(small_disk)
    assert open_home(small_disk / "ours"), "it can still be read"
    for name in ("empty", "missing"):
        with pytest.raises(StoreUnusable, match="read-only"):
            open_home(small_disk / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere; the read-only disk shows the rest")
def test_a_folder_of_somebody_else_is_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreUnusable):
        open_home(tmp_path / "data")


def test_a_full_disk_is_a_sentence_and_leaves_the_folder_usable(small_disk: Path) -> None:
    make_full(small_disk)
    (small_disk / "data").mkdir()
    with pytest.raises(StoreUnusable, match="no space left"):
        open_home(small_disk / "data")
    (small_disk / "ballast").unlink()
    assert open_home(small_disk / "data")


def test_many_first_starts_at_once_all_succeed(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from sora_compare.store.home import open_home\n"
        "sys.stdin.readline()\n"
        "for n in range(150): open_home(Path(sys.argv[1]) / str(n)).clips.mkdir(exist_ok=True)"
    )
    arguments = [sys.executable, "-c", script, str(tmp_path)]
    starts = [subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    for start in starts:
        assert start.stdin is not None
        start.stdin.write(b"go\n")
        start.stdin.flush()
    assert [start.communicate()[1] for start in starts] == [b"", b"", b""]
