"""Copies of a pair's clips with one size, rate and length for both. Runs in a clip worker."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
import av.filter
from av.video.frame import VideoFrame

from sora_compare.clips.decoding.measure import push, ready
from sora_compare.clips.decoding.previews import AUDIO_RATE, GOP_S, X264, Sound
from sora_compare.clips.decoding.probe import THREADS, opened, picture_of
from sora_compare.clips.files import atomic_file

if TYPE_CHECKING:
    from pathlib import Path

    from av.audio.frame import AudioFrame
    from av.container import OutputContainer
    from av.filter.context import FilterContext

    from sora_compare.clips.level_rules import Level

TURNS = {90: ("transpose", "cclock"), -90: ("transpose", "clock"), 180: ("rotate", "PI"), -180: ("rotate", "PI")}
"""Filters that turn a picture as players do; degrees count against the clock."""
BT709, UNSAID = 1, 2
"""Colour codes of ITU-T H.273."""
TICK = Fraction(1, 90_000)
"""Seconds, in which frames are timed on their way."""
HD_LINES = 720
"""Browsers take a picture of this height or more for BT.709 when it does not say, else for BT.601."""


def make_levelled(path: Path, target: Path, level: Level) -> None:
    """Write an MP4 copy of exactly that size, rate, number of frames and sound, coded as previews are.

    A clip of another shape is scaled to cover the size and cut evenly; at a lower rate frames are left out, each shown
    at the tick that it is closest to.

    Raises:
        NotAVideo: the clip cannot be decoded.
        NoRoom: the disk is full.
    """
    with atomic_file(target) as part, opened(path) as (_, source):
        video = picture_of(source)
        audio = source.streams.audio[:1] if level.has_audio else ()
        with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}) as out:
            picture = _Picture(out, level)
            sound = Sound(audio[0], out, round(level.frames / level.frame_rate * AUDIO_RATE)) if audio else None
            for frame in source.decode(video, *audio):
                if isinstance(frame, VideoFrame):
                    picture.add(frame)
                elif sound is not None:
                    sound.add(cast("AudioFrame", frame), picture.start)
            picture.finish()
            if sound is not None:
                sound.finish()


class _Picture:
    """Brings frames to the level by libavfilter and encodes them."""

    def __init__(self, out: OutputContainer, level: Level) -> None:
        self.start: Fraction | None = None
        self._out = out
        self._level = level
        self._seen = self._encoded = 0
        gop = max(1, int(level.frame_rate * GOP_S))
        self._stream = out.add_stream("libx264", rate=level.frame_rate, options={**X264, "g": str(gop)})
        self._stream.width, self._stream.height, self._stream.pix_fmt = level.width, level.height, "yuv420p"
        context = self._stream.codec_context
        context.time_base, context.thread_count = 1 / level.frame_rate, THREADS
        context.colorspace = context.color_primaries = context.color_trc = BT709

    def add(self, frame: VideoFrame) -> None:
        time = frame.pts * frame.time_base if frame.pts is not None and frame.time_base else None
        time = self._seen / self._level.frame_rate if time is None else time
        if self.start is None:
            self.start = time
            self._graph, self._first, self._last = _picture_filters(frame, self._level)
        self._seen += 1
        frame.pts, frame.time_base = round((time - self.start) / TICK), TICK
        push(self._first, frame)
        self._encode()

    def _encode(self) -> None:
        for frame in ready(self._last):
            frame.pts, frame.time_base = self._encoded, 1 / self._level.frame_rate
            self._out.mux(self._stream.encode(cast("VideoFrame", frame)))
            self._encoded += 1

    def finish(self) -> None:
        if self.start is not None:
            push(self._first, None)
            self._encode()
            self._out.mux(self._stream.encode(None))


def _picture_filters(frame: VideoFrame, level: Level) -> tuple[av.filter.Graph, FilterContext, FilterContext]:
    graph = av.filter.Graph()
    size = f"{level.width}:{level.height}"
    unsaid = "bt709" if frame.height >= HD_LINES else "smpte170m"
    matrix = f":in_color_matrix={unsaid}" if int(frame.colorspace) == UNSAID else ""
    turn = TURNS.get(round(frame.rotation))
    chain = (
        graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=TICK),
        *([graph.add(*turn)] if turn else []),
        graph.add("fps", f"fps={level.fps}:start_time=0:round=near"),
        # The last frame stays until the end, where a rounding of the length leaves a tick over.
        graph.add("tpad", f"stop_mode=clone:stop={level.frames}"),
        graph.add("trim", f"end_frame={level.frames}"),
        graph.add("scale", f"{size}:force_original_aspect_ratio=increase:out_color_matrix=bt709:out_range=tv{matrix}"),
        graph.add("crop", size),
        graph.add("setsar", "1"),
        graph.add("format", "yuv420p"),
        graph.add("buffersink"),
    )
    graph.link_nodes(*chain).configure()
    return graph, chain[0], chain[-1]
