"""Copies of clips that tell nothing of where they come from."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import av

from sora_compare.clips.unmarking import unmark
from tests.clips.conftest import write_clip

if TYPE_CHECKING:
    from pathlib import Path

WORDS = b"sora-2-2025-12-08"


def test_a_clip_that_tells_nothing_is_written_anew_too_and_laid_out_the_same(tmp_path: Path) -> None:
    unmark(write_clip(tmp_path / "plain.mp4", amplitude=0.1), tmp_path / "silent.mp4")
    unmark(tmp_path / "silent.mp4", tmp_path / "copy.mp4")
    assert (tmp_path / "copy.mp4").read_bytes() == (tmp_path / "silent.mp4").read_bytes()


def test_tags_are_left_out_and_frames_stay(tmp_path: Path) -> None:
    plain, tagged = write_clip(tmp_path / "plain.mp4", amplitude=0.1), tmp_path / "tagged.mp4"
    with av.open(str(plain)) as source, av.open(str(tagged), "w") as out:
        out.metadata["title"] = out.metadata["comment"] = WORDS.decode()
        streams = {one.index: out.add_stream_from_template(one) for one in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                out.mux(packet)
    assert WORDS in tagged.read_bytes()
    unmark(tagged, tmp_path / "copy.mp4")
    assert WORDS not in (tmp_path / "copy.mp4").read_bytes()
    assert times(tmp_path / "copy.mp4") == times(tagged)


def test_what_the_encoder_wrote_of_itself_is_left_out(tmp_path: Path) -> None:
    """One arm may be coded with other options than the other, and x264 writes all of them beside the first frame."""
    clip = write_clip(tmp_path / "plain.mp4", amplitude=0.1)
    assert b"x264 - core" in clip.read_bytes()
    unmark(clip, tmp_path / "copy.mp4")
    assert b"x264" not in (tmp_path / "copy.mp4").read_bytes()
    assert times(tmp_path / "copy.mp4") == times(clip)


def test_a_provenance_box_is_left_out(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "plain.mp4")
    box = struct.pack(">I4s16s", 24 + len(WORDS), b"uuid", bytes(16)) + WORDS
    clip.write_bytes(clip.read_bytes() + box)
    unmark(clip, tmp_path / "copy.mp4")
    assert WORDS not in (tmp_path / "copy.mp4").read_bytes()


def times(path: Path) -> list[tuple[str, float | None, int]]:
    with av.open(str(path)) as source:
        return [(frame.__class__.__name__, frame.time, sum(bytes(frame.planes[0])[:500])) for frame in source.decode()]
