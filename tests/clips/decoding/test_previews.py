"""A preview plays everywhere and shows the same frames at the same instants."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest

from sora_compare.clips.decoding.measure import loudness
from sora_compare.clips.decoding.previews import make_preview
from sora_compare.clips.decoding.probe import probe
from sora_compare.domain.clips import needs_preview
from sora_compare.errors import NoRoom

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def grey(index: int, width: int, height: int) -> np.ndarray[Any, Any]:
    return np.full((height, width, 3), 20 + 4 * index, np.uint8)


def numbers(path: Path) -> list[int]:
    """The number that each frame shows."""
    with av.open(str(path)) as source:
        levels = [frame.to_ndarray(format="rgb24").mean() for frame in source.decode(video=0)]
    return [round((float(level) - 20) / 4) for level in levels]


def previewed(path: Path, tmp_path: Path) -> Path:
    target = tmp_path / "made.mp4"
    make_preview(path, target, fps=probe(path, sha256="").frame_rate)
    return target


@pytest.mark.parametrize(
    ("name", "traits"),
    [
        ("a.avi", {"codec": "mjpeg", "pix_fmt": "yuvj420p", "fps": 16}),
        (
            "a.mp4",
            {
                "codec": "libx265",
                "amplitude": 0.1,
                "fps": Fraction(30000, 1001),
                "options": {"x265-params": "log-level=none"},
            },
        ),
        ("a.mkv", {"amplitude": 0.1, "fps": Fraction(24000, 1001), "options": {"bf": "3"}}),
        ("a.mp4", {"pix_fmt": "yuv444p", "fps": 60}),
    ],
)
def test_frame_n_of_a_clip_is_frame_n_of_its_preview(
    make_clip: Callable[..., Path], tmp_path: Path, name: str, traits: dict[str, Any]
) -> None:
    path = make_clip(name, frames=40, draw=grey, **traits)
    before = probe(path, sha256="")
    assert needs_preview(before)
    made = previewed(path, tmp_path)
    after = probe(made, sha256="")
    assert needs_preview(after) is None
    assert (after.fps, after.frames, after.width, after.height) == (before.fps, 40, 160, 96)
    assert numbers(made) == list(range(40))


def test_a_preview_can_be_sought_quickly_and_starts_at_once(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    made = previewed(make_clip("a.mkv", fps=30, frames=90, amplitude=0.1), tmp_path)
    found = probe(made, sha256="")
    assert (found.video_codec, found.pixel_format, found.audio_codec) == ("h264", "yuv420p", "aac")
    assert found.longest_gop is not None
    assert found.longest_gop <= 15
    assert not found.has_b_frames
    data = made.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_variable_rate_becomes_constant_and_keeps_its_instants(
    make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    path = make_clip("a.mp4", frames=6, draw=grey, times=[0, 1, 2, 6, 7, 8])
    target = tmp_path / "made.mp4"
    make_preview(path, target, fps=Fraction(24))
    assert not probe(target, sha256="").is_variable_rate
    assert numbers(target) == [0, 1, 2, 2, 2, 2, 3, 4, 5]


def test_sound_stays_as_loud_and_as_long(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    path = make_clip("a.avi", codec="mpeg4", audio_codec="libmp3lame", frames=48, amplitude=0.1)
    made = previewed(path, tmp_path)
    assert loudness(made) == pytest.approx(loudness(path), abs=0.5)
    with av.open(str(made)) as source:
        audio = source.streams.audio[0]
        assert float((audio.duration or 0) * (audio.time_base or 0)) == pytest.approx(2.0, abs=0.1)


def test_a_full_disk_is_a_sentence_and_leaves_nothing(make_clip: Callable[..., Path], small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(1_000_000))
    rng = np.random.default_rng(1)
    noisy = make_clip(
        "a.avi", codec="mpeg4", size=(320, 240), draw=lambda _, w, h: rng.integers(0, 255, (h, w, 3)).astype(np.uint8)
    )
    with pytest.raises(NoRoom):
        make_preview(noisy, small_disk / "made.mp4", fps=Fraction(24))
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]
