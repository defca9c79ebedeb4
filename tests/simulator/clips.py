"""Reading clips back, as a player would."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import numpy as np

if TYPE_CHECKING:
    from fractions import Fraction
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Seen:
    """A decoded clip: frames (rgb), their times, the sound (mono) and its rate, and the container's duration."""

    frames: list[np.ndarray]
    times: list[Fraction]
    sound: np.ndarray
    rate: int
    duration_s: float
    codecs: tuple[str, str]
    pixel_format: str


def seen(clip: bytes | Path) -> Seen:
    source = io.BytesIO(clip) if isinstance(clip, bytes) else str(clip)
    with av.open(source) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        codecs, pixel_format = (video.codec_context.name, audio.codec_context.name), str(video.codec_context.pix_fmt)
        frames, times, sound = [], [], []
        for frame in container.decode(video, audio):
            if isinstance(frame, av.VideoFrame):
                frames.append(frame.to_ndarray(format="rgb24"))
                assert frame.pts is not None
                times.append(frame.pts * video.time_base)
            elif isinstance(frame, av.AudioFrame):
                sound.append(frame.to_ndarray().mean(axis=0))
        duration_s = float(container.duration or 0) / 1e6
    return Seen(frames, times, np.concatenate(sound), audio.rate, duration_s, codecs, pixel_format)


def boxes(data: bytes) -> list[str]:
    """The kinds of the top-level MP4 boxes, in order."""
    found, place = [], 0
    while place + 8 <= len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        found.append(data[place + 4 : place + 8].decode("ascii"))
        place += size or len(data)
    return found
