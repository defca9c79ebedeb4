"""Copies of clips that every browser plays and steps through frame by frame. Runs in a clip worker."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
import av.filter
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange

from sora_compare.clips.decoding.measure import push, ready
from sora_compare.clips.decoding.probe import THREADS, opened, picture_of
from sora_compare.clips.files import atomic_file
from sora_compare.clips.level_rules import FASTEST, LONGEST_SIDE, SLOWEST

if TYPE_CHECKING:
    from pathlib import Path

    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.filter.context import FilterContext

GOP_S = Fraction(1, 2)
X264 = {"preset": "veryfast", "crf": "18", "bf": "0"}
AUDIO_RATE = 48_000
AAC_SAMPLES = 1024


def make_preview(path: Path, target: Path, *, fps: Fraction) -> None:
    """Write an MP4 copy: constant rate, H.264 yuv420p without B-frames, a key frame each half second, AAC, index first.

    Frame n of a clip with the constant rate `fps` is frame n of its preview. A variable-rate clip shows at each
    instant the frame that it showed there.

    Raises:
        NotAVideo: the clip cannot be decoded.
        NoRoom: the disk is full.
    """
    with atomic_file(target) as part, opened(path) as (_, source):
        video, audio = picture_of(source), source.streams.audio[:1]
        with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}) as out:
            picture = _Picture(out, min(max(fps, SLOWEST), FASTEST))
            sound = Sound(audio[0], out) if audio else None
            for frame in source.decode(video, *audio):
                if isinstance(frame, VideoFrame):
                    picture.add(frame)
                elif sound is not None:
                    sound.add(cast("AudioFrame", frame), picture.start)
            picture.finish()
            if sound is not None:
                sound.finish()


class _Picture:
    """Encodes frames at a constant rate; each frame of the clip belongs to the tick that it is closest to."""

    def __init__(self, out: OutputContainer, rate: Fraction) -> None:
        self.start: Fraction | None = None
        self._out = out
        self._rate = rate
        gop = max(1, int(rate * GOP_S))
        self._stream = out.add_stream("libx264", rate=rate, options={**X264, "g": str(gop)})
        self._held: VideoFrame | None = None
        self._seen = 0
        self._ticks = 0

    def add(self, frame: VideoFrame) -> None:
        time = self._time(frame)
        if self.start is None:
            self.start = time
            self._set_size(frame)
        due = round((time - self.start) * self._rate)
        while self._held is not None and self._ticks < due:
            self._encode(self._held)
        self._held = frame

    def _time(self, frame: VideoFrame) -> Fraction:
        self._seen += 1
        if frame.pts is not None and frame.time_base:
            return frame.pts * frame.time_base
        return (self._seen - 1) / self._rate

    def _set_size(self, frame: VideoFrame) -> None:
        scale = min(1.0, LONGEST_SIDE / max(frame.width, frame.height))
        self._stream.width, self._stream.height = (
            max(2, round(side * scale / 2) * 2) for side in (frame.width, frame.height)
        )
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = 1 / self._rate
        self._stream.codec_context.thread_count = THREADS
        for trait in ("colorspace", "color_primaries", "color_trc"):
            setattr(self._stream.codec_context, trait, getattr(frame, trait))
        if frame.rotation:
            self._stream.set_display_rotation(frame.rotation)

    def _encode(self, frame: VideoFrame) -> None:
        is_full = frame.format.name.startswith("yuvj") or frame.color_range == ColorRange.JPEG
        ready = frame.reformat(
            self._stream.width,
            self._stream.height,
            "yuv420p",
            src_color_range=ColorRange.JPEG if is_full else ColorRange.MPEG,
            dst_color_range=ColorRange.MPEG,
        )
        ready.pts, ready.time_base = self._ticks, 1 / self._rate
        self._out.mux(self._stream.encode(ready))
        self._ticks += 1

    def finish(self) -> None:
        if self._held is not None:
            self._encode(self._held)
            self._out.mux(self._stream.encode(None))


class Sound:
    """Encodes sound as AAC, at the times it had beside the picture; gaps become silence.

    With `samples`, it is cut or filled with silence to so many.
    """

    def __init__(self, source: AudioStream, out: OutputContainer, samples: int | None = None) -> None:
        self._out = out
        self._stream = out.add_stream("aac", rate=AUDIO_RATE, layout="stereo")
        # Its filters hold the graph weakly: without this reference they crash.
        self._graph, self._first, self._last = _sound_filters(source, samples)
        self._early: list[AudioFrame] = []

    def add(self, frame: AudioFrame, picture_start: Fraction | None) -> None:
        """Encode a decoded frame; before the first picture it waits, since that one's encoder needs a size first."""
        self._early.append(frame)
        if picture_start is None:
            return
        for one in self._early:
            if one.pts is not None and one.time_base:
                one.pts -= int(picture_start / one.time_base)
            push(self._first, one)
            self._encode()
        self._early.clear()

    def _encode(self) -> None:
        for frame in ready(self._last):
            self._out.mux(self._stream.encode(cast("AudioFrame", frame)))

    def finish(self) -> None:
        """Encode what is still in the filters."""
        push(self._first, None)
        self._encode()
        self._out.mux(self._stream.encode(None))


def _sound_filters(source: AudioStream, samples: int | None) -> tuple[av.filter.Graph, FilterContext, FilterContext]:
    graph = av.filter.Graph()
    chain = (
        graph.add_abuffer(template=source),
        graph.add("aresample", f"{AUDIO_RATE}:async=1:first_pts=0"),
        graph.add("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
        *_of_length(graph, samples),
        graph.add("asetnsamples", f"n={AAC_SAMPLES}:p=0"),
        graph.add("abuffersink"),
    )
    graph.link_nodes(*chain).configure()
    return graph, chain[0], chain[-1]


def _of_length(graph: av.filter.Graph, samples: int | None) -> list[FilterContext]:
    if samples is None:
        return []
    return [graph.add("apad", f"whole_len={samples}"), graph.add("atrim", f"end_sample={samples}")]
