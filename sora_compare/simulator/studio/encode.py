"""Frames and sound into an MP4 that plays everywhere: H.264 yuv420p, AAC, the index first, no B-frames."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import av
import numpy as np

from sora_compare.simulator.studio.sound import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction
    from pathlib import Path

    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.video.stream import VideoStream

    from sora_compare.simulator.studio.drawing.pictures import Picture

AAC_FRAME = 1024
AUDIO_BITS_PER_S = 128_000
QUALITY = "20"
PRESET = "veryfast"
BT601 = 6
"""SMPTE 170M, the matrix of OpenCV's conversion, written into the file so that players show the same colours."""
LIMITED_RANGE = 1


def write_clip(
    path: Path, frames: Iterable[Picture], sound: np.ndarray, *, width: int, height: int, fps: Fraction
) -> None:
    """Encode planar YUV 4:2:0 frames (height x 3/2 by width) and sound (n x 2, -1 to 1) into `path`.

    The same frames and sound give the same bytes: one thread, no times, no program names.
    """
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        video = _video_stream(container, width, height, fps)
        audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
        audio.codec_context.bit_rate = AUDIO_BITS_PER_S
        audio.codec_context.flags |= av.codec.context.Flags.bitexact
        feeder = _SoundFeeder(container, audio, sound)
        for index, planes in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts = index
            container.mux(video.encode(frame))
            feeder.until(math.ceil((index + 1) * SAMPLE_RATE / fps))
        container.mux(video.encode(None))
        feeder.finish()


def _video_stream(container: OutputContainer, width: int, height: int, fps: Fraction) -> VideoStream:
    stream = container.add_stream("libx264", rate=fps)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    context = stream.codec_context
    context.thread_count = 1
    context.gop_size = round(fps)
    context.max_b_frames = 0
    context.color_range = LIMITED_RANGE
    context.color_primaries = context.color_trc = context.colorspace = BT601
    context.flags |= av.codec.context.Flags.bitexact
    context.options = {"preset": PRESET, "crf": QUALITY, "sc_threshold": "0"}
    return stream


class _SoundFeeder:
    """Encodes the sound beside the pictures, so that the file is interleaved and memory stays small."""

    def __init__(self, container: OutputContainer, stream: AudioStream, sound: np.ndarray) -> None:
        self._container, self._stream = container, stream
        self._samples = np.ascontiguousarray(sound.T, dtype=np.float32)
        self._sent = 0

    def until(self, sample: int) -> None:
        while self._sent + AAC_FRAME <= min(sample, self._samples.shape[1]):
            self._send(AAC_FRAME)

    def finish(self) -> None:
        self.until(self._samples.shape[1])
        if rest := self._samples.shape[1] - self._sent:
            self._send(rest)
        self._container.mux(self._stream.encode(None))

    def _send(self, count: int) -> None:
        piece = np.ascontiguousarray(self._samples[:, self._sent : self._sent + count])
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = SAMPLE_RATE, self._sent
        self._container.mux(self._stream.encode(frame))
        self._sent += count
