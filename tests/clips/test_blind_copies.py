"""Copies for blind reviewers: each is made once, and nobody waits for a copy of another clip."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from sora_compare.clips.blind_copies import BlindCopies
from sora_compare.clips.decoding.worker import ClipWorker
from sora_compare.clips.files import ClipFiles
from sora_compare.errors import NotAVideo
from tests.pages import filling
from tests.simulation import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.domain.clips import Clip

LONG_S = 20.0
SLOW = b"slow"


class GatedWorker(ClipWorker):
    """A worker that holds a copy of a slow clip back until it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = threading.Event()
        self.made: list[str] = []
        self.refuses = False

    def unmark(self, path: Path, target: Path) -> None:
        self.made.append(path.stem)
        if SLOW in path.read_bytes():
            assert self.may_go_on.wait(LONG_S)
        if self.refuses:
            raise NotAVideo("the test refuses it")
        target.write_bytes(path.read_bytes())


@pytest.fixture
def files(tmp_path: Path) -> ClipFiles:
    return ClipFiles(tmp_path / "clips")


def pair(files: ClipFiles, words: str) -> tuple[Clip, Clip]:
    return filling.clip(files, f"{words} A"), filling.clip(files, f"{words} B")


def test_a_pair_does_not_wait_for_a_copy_of_another(files: ClipFiles) -> None:
    worker = GatedWorker()
    copies = BlindCopies(files, worker)
    slow, quick = pair(files, SLOW.decode()), pair(files, "quick")
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(copies.paths, *slow, None) for _ in range(2)]
        wait_until(lambda: len(worker.made) == 1)
        quickly = pool.submit(copies.paths, *quick, None)
        assert all(path.is_file() for path in quickly.result(LONG_S / 2))
        assert not any(one.done() for one in waiting)
        worker.may_go_on.set()
        assert waiting[0].result() == waiting[1].result()
    assert sorted(worker.made) == sorted(clip.sha256 for clip in (*slow, *quick)), "each once"


def test_a_copy_that_cannot_be_made_is_tried_again_at_the_next_look(files: ClipFiles) -> None:
    worker = GatedWorker()
    copies, clips = BlindCopies(files, worker), pair(files, "quick")
    worker.refuses = True
    with pytest.raises(NotAVideo):
        copies.paths(*clips, None)
    worker.refuses = False
    assert all(path.is_file() for path in copies.paths(*clips, None))
