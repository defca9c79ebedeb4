"""Padded files: as long as they should be, in any range, and the same clip or picture when decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import pytest
from PIL import Image

from sora_compare.clips.containers import boxes
from sora_compare.clips.decoding.thumbnails import make_poster
from sora_compare.clips.padding import LEAST_SPREAD, PaddedFile, common_length
from tests.clips.conftest import write_clip

if TYPE_CHECKING:
    from pathlib import Path

SEED = "one showing"


def whole(file: PaddedFile) -> bytes:
    return b"".join(file.read(0, file.length))


def frames(path: Path) -> list[bytes]:
    with av.open(str(path)) as source:
        return [bytes(plane) for frame in source.decode() for plane in frame.planes]


@pytest.mark.parametrize("extra", [8, 9, 300_000])
def test_a_padded_clip_has_its_length_and_decodes_to_the_same_frames_and_sound(extra: int, tmp_path: Path) -> None:
    clip, padded = write_clip(tmp_path / "clip.mp4", amplitude=0.1), tmp_path / "padded.mp4"
    file = PaddedFile(clip, clip.stat().st_size + extra, SEED)
    padded.write_bytes(whole(file))
    assert padded.stat().st_size == file.length
    assert frames(padded) == frames(clip)


def test_the_length_before_padding_does_not_stand_in_the_outer_structure(tmp_path: Path) -> None:
    clip, padded = tmp_path / "clip.mp4", tmp_path / "padded.mp4"
    write_clip(clip, options={"movflags": "+faststart"})
    file = PaddedFile(clip, clip.stat().st_size + 5_000, SEED)
    padded.write_bytes(whole(file))
    with padded.open("rb") as opened:
        *_, last = boxes(opened, file.length)
    assert (last.kind, last.end) == (b"mdat", file.length)
    assert frames(padded) == frames(clip)
    assert b"".join(b"".join(file.read(at, at + 1)) for at in range(file.length)) == whole(file)


def test_a_padded_poster_is_the_same_picture(tmp_path: Path) -> None:
    poster, padded = tmp_path / "poster.jpg", tmp_path / "padded.jpg"
    make_poster(write_clip(tmp_path / "clip.mp4"), poster)
    padded.write_bytes(whole(PaddedFile(poster, poster.stat().st_size + 5_000, SEED)))
    assert Image.open(padded).tobytes() == Image.open(poster).tobytes()


def test_any_range_is_that_part_of_the_whole(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4")
    size = clip.stat().st_size
    file = PaddedFile(clip, size + 200_000, SEED)
    everything = whole(file)
    for start in (0, 1, size - 1, size, size + 3, size + 8, size + 65_535, size + 65_536, size + 199_999):
        for length in (1, 2, 70_000, 150_000):
            stop = min(start + length, file.length)
            assert b"".join(file.read(start, stop)) == everything[start:stop]


def test_the_padding_differs_from_showing_to_showing_and_stays_within_one(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4")
    one, again, other = (PaddedFile(clip, 500_000, seed) for seed in (SEED, SEED, "another"))
    assert whole(one) == whole(again)
    assert whole(one) != whole(other)


def test_the_common_length_is_over_the_longest_by_a_bounded_draw() -> None:
    for sizes in ((10, 5_000), (3_000_000, 16_000_000)):
        drawn = {common_length(sizes, f"draw {number}") for number in range(50)}
        assert len(drawn) > 45
        assert min(drawn) >= max(sizes) + 8
        assert max(drawn) <= max(sizes) + 8 + max(LEAST_SPREAD, max(sizes) // 8)
