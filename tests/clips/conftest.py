"""Small clips made on the spot, of every kind that servers send."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest

from tests.disks import small_disk_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from av.audio.stream import AudioStream
    from av.container import OutputContainer


def picture(index: int, width: int, height: int) -> np.ndarray[Any, Any]:
    """A frame with moving content, so that each differs from the one before."""
    canvas = np.full((height, width, 3), 60, np.uint8)
    left = (index * 5) % max(1, width - 24)
    canvas[height // 3 : height // 3 + 24, left : left + 24] = (240, 200, 40)
    return canvas


def tone(samples: int, rate: int, amplitude: float, start: int) -> np.ndarray[Any, Any]:
    time = (np.arange(samples) + start) / rate
    wave = amplitude * np.sin(2 * math.pi * 997 * time)
    return np.tile(wave.astype(np.float32), (2, 1))


def write_clip(
    path: Path,
    *,
    frames: int = 24,
    fps: Fraction | int = 24,
    size: tuple[int, int] = (160, 96),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    amplitude: float | None = None,
    audio_codec: str = "aac",
    times: list[int] | None = None,
    faststart: bool = True,
    draw: Callable[[int, int, int], np.ndarray[Any, Any]] = picture,
) -> Path:
    """Write a clip; `times` gives each frame's tick in 1/fps, `amplitude` adds a 997 Hz tone."""
    movflags = {"movflags": "+faststart"} if faststart and path.suffix in {".mp4", ".mov"} else {}
    with av.open(str(path), "w", options=movflags) as out:
        video = out.add_stream(codec, rate=fps, options=options or {})
        video.width, video.height, video.pix_fmt = *size, pix_fmt
        video.codec_context.time_base = 1 / Fraction(fps)
        sound = out.add_stream(audio_codec, rate=48000, layout="stereo") if amplitude is not None else None
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(draw(index, *size), format="rgb24")
            frame.pts = times[index] if times else index
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if sound is not None:
            _write_tone(out, sound, frames / Fraction(fps), amplitude or 0.0)
    return path


def _write_tone(out: OutputContainer, sound: AudioStream, seconds: Fraction, amplitude: float) -> None:
    total, step = int(seconds * 48000), 960
    for start in range(0, total, step):
        frame = av.AudioFrame.from_ndarray(tone(step, 48000, amplitude, start), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = 48000, start
        out.mux(sound.encode(frame))
    out.mux(sound.encode(None))


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second of H.264 with sound, index first; do not change it."""
    return write_clip(tmp_path_factory.mktemp("clip") / "plain.mp4", amplitude=0.1, options={"g": "12", "bf": "0"})


@pytest.fixture
def make_clip(tmp_path: Path) -> Callable[..., Path]:
    """Make a clip in this test's folder: `make_clip("name.mp4", fps=30, …)`."""

    def make(name: str, **traits: Any) -> Path:  # noqa: ANN401  # the traits of write_clip
        return write_clip(tmp_path / name, **traits)

    return make


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 1 MB that fills up."""
    with small_disk_at(tmp_path / "small", 1) as disk:
        yield disk
