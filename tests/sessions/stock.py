"""Pairs with clips that play, made on the spot, and sessions over them."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

from sora_compare.clips.decoding.probe import probe
from sora_compare.clips.decoding.thumbnails import make_poster
from sora_compare.clips.files import POSTER
from sora_compare.domain.sessions import PairRef, Protocol
from tests.clips.conftest import write_clip
from tests.pages import filling

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.clips.files import ClipFiles
    from sora_compare.domain.clips import Clip
    from sora_compare.domain.sessions import ReviewSession
    from sora_compare.services import Services

FRAMES, FPS = 24, 24


def real_clip(files: ClipFiles, folder: Path, words: str, frames: int = FRAMES) -> Clip:
    """A kept clip of one second, with its poster; the words make it differ from others."""
    path = folder / f"{hashlib.sha256(words.encode()).hexdigest()[:12]}.mp4"
    # Size of the picture: the words decide it, so that equal words make equal bytes.
    write_clip(path, frames=frames, fps=FPS, size=(160 + 16 * (len(words) % 5), 96), amplitude=0.1)
    incoming = files.incoming(path.stem)
    incoming.write(path.read_bytes())
    sha256 = incoming.save(".mp4")
    kept = files.path(sha256)
    make_poster(kept, files.beside(sha256, POSTER))
    return probe(kept, sha256=sha256)


def fill_pairs(opened: Services, folder: Path, count: int = 3, frames: int = FRAMES) -> tuple[PairRef, ...]:
    """Completed pairs whose two clips play."""
    folder.mkdir(parents=True, exist_ok=True)
    pairs = []
    for number in range(count):
        make = partial(_clip, opened.files, folder, number, frames)
        made, _ = filling.fill_pair(opened.store, make, f"A ball drops, {number}", at=filling.START + number)
        pairs.append(PairRef(made.id))
    return tuple(pairs)


def _clip(files: ClipFiles, folder: Path, number: int, frames: int, arm: str) -> Clip:
    return real_clip(files, folder, f"{arm}{'.' * number}{number}", frames)


def fill_paper_pairs(opened: Services, count: int = 3) -> tuple[PairRef, ...]:
    """Completed pairs whose clips are files that are no videos: enough where nothing is played."""
    pairs = []
    for number in range(count):
        make = partial(_paper, opened.files, number)
        made, _ = filling.fill_pair(opened.store, make, f"A ball drops, {number}", at=filling.START + number)
        pairs.append(PairRef(made.id))
    return tuple(pairs)


def _paper(files: ClipFiles, number: int, arm: str) -> Clip:
    return filling.clip(files, f"{arm} {number}")


def new_session(opened: Services, pairs: tuple[PairRef, ...], **protocol: object) -> ReviewSession:
    """A session over these pairs, without hidden repeats and same-clip pairs unless they are asked for."""
    chosen = Protocol(**{"hidden_repeats": 0, "same_clip_pairs": 0, **protocol})  # type: ignore[arg-type]  # of Protocol
    return opened.sessions.admin.create("Spring review", pairs, protocol=chosen)
