"""Reads what a clip is, and refuses what is no whole, decodable clip. Runs in a clip worker."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
import av.error

from sora_compare.clips import containers
from sora_compare.clips.decoding.timing import Rate, rate_of
from sora_compare.clips.files import DISK_FULL
from sora_compare.domain.clips import Clip
from sora_compare.errors import NotAVideo, Truncated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

DECODED_GOP = 60
"""The last group of pictures is decoded as a check when it has at most this many frames."""
MISSING_S = 0.5
"""Seconds by which a file may end before its declared end."""
THREADS = 4

# PyAV's default, kept on purpose: any other level calls Python from decoder threads, which then wait for the
# interpreter that a closing container holds while it waits for them.
av.logging.set_level(None)


@dataclass(slots=True)
class _Pictures:
    """What demuxing saw of the picture: the time of each frame, and the packets kept for decoding."""

    ticks: list[int] = field(default_factory=list)
    last_length: int = 0
    first: Packet[VideoStream] | None = None
    gop: list[Packet[VideoStream]] = field(default_factory=list)
    frames_in_gop: int = 0
    longest_gop: int = 0
    is_reordered: bool = False

    def add(self, packet: Packet[VideoStream]) -> None:
        time = packet.pts if packet.pts is not None else packet.dts
        if time is None:
            time = self.ticks[-1] + self.last_length if self.ticks else 0
        self.is_reordered |= bool(self.ticks) and time < self.ticks[-1]
        self.ticks.append(time)
        self.last_length = packet.duration or self.last_length
        self.first = self.first or packet
        self._add_to_gop(packet)

    def _add_to_gop(self, packet: Packet[VideoStream]) -> None:
        if packet.is_keyframe:
            self.gop, self.frames_in_gop = [], 0
        self.frames_in_gop += 1
        self.longest_gop = max(self.longest_gop, self.frames_in_gop)
        if self.frames_in_gop <= DECODED_GOP:
            self.gop.append(packet)


@dataclass(slots=True)
class _Seen:
    pictures: _Pictures = field(default_factory=_Pictures)
    audio_packets: int = 0
    end_s: float = 0.0
    broken: int = 0


def probe(path: Path, *, sha256: str) -> Clip:
    """Read a clip's traits; every packet is read, the first frame and a short last group are decoded.

    Raises:
        NotAVideo: another kind of file, without picture, or not decodable.
        Truncated: packets or bytes are missing.
    """
    with opened(path) as (container, source):
        video = picture_of(source)
        audio = source.streams.audio[0] if source.streams.audio else None
        seen = _demuxed(source, video)
        _refuse_missing(source, seen, promised=video.frames if container.demuxer == "mp4" else 0)
        first = _decoded(video, seen.pictures)
        rate = _rate(video, seen.pictures)
        frames, duration_s = _length(video, seen.pictures, rate)
        width, height = shown_size(first)
        has_audio = audio is not None and seen.audio_packets > 0
        return Clip(
            sha256=sha256,
            bytes=path.stat().st_size,
            container=container.name,
            extension=container.extension,
            has_provenance=container.has_provenance,
            video_codec=video.codec_context.codec.canonical_name,
            pixel_format=first.format.name,
            width=width,
            height=height,
            fps=str(rate.fps),
            frames=frames,
            duration_s=duration_s,
            is_variable_rate=rate.is_variable,
            longest_gop=seen.pictures.longest_gop,
            has_b_frames=seen.pictures.is_reordered,
            has_audio=has_audio,
            audio_codec=audio.codec_context.codec.canonical_name if audio and has_audio else None,
            audio_rate=audio.codec_context.sample_rate if audio and has_audio else None,
        )


def first_frame_is_there(path: Path) -> bool:
    """Whether the file, perhaps still growing, already holds a first frame that can be decoded."""
    try:
        size = path.stat().st_size
        with opened(path, is_whole=False) as (_, source):
            video = picture_of(source)
            packet = next((one for one in source.demux(video) if one.size), None)
            if packet is None or packet.is_corrupt or (packet.pos or 0) + packet.size > size:
                return False
            return _frame(video, packet) is not None
    except (NotAVideo, Truncated, FileNotFoundError):
        return False


@contextmanager
def opened(path: Path, *, is_whole: bool = True) -> Iterator[tuple[containers.Container, InputContainer]]:
    """The container, opened with the one demuxer its magic names and no access to anything but the file.

    Raises:
        NotAVideo: it cannot be read as what it seems to be.
        Truncated: it ends early; only when `is_whole` is expected.
    """
    container = containers.inspect(path, is_whole=is_whole)
    try:
        with av.open(
            str(path),
            format=container.demuxer,
            options={"protocol_whitelist": "file"},
            metadata_errors="replace",
        ) as source:
            yield container, source
    except av.error.MemoryError as error:
        raise NotAVideo("its frames need more memory than is allowed") from error
    except av.error.FFmpegError as error:
        if error.errno in DISK_FULL:
            raise OSError(error.errno, error.strerror) from error
        raise NotAVideo(f"its {container.name} structure cannot be read: {error.strerror}") from error


def picture_of(source: InputContainer) -> VideoStream:
    """The stream of moving pictures, ready to decode.

    Raises:
        NotAVideo: there is none.
    """
    moving = [one for one in source.streams.video if not one.disposition & av.stream.Disposition.attached_pic]
    if not moving:
        raise NotAVideo("it has sound but no picture" if source.streams.audio else "it has neither picture nor sound")
    video = moving[0]
    if video.codec_context is None:
        raise NotAVideo("its picture is coded in a way that is not known here")
    video.thread_type = "AUTO"
    video.codec_context.thread_count = THREADS
    return video


def shown_size(frame: VideoFrame) -> tuple[int, int]:
    """Width and height as players show the frame, turned as the file asks."""
    return (frame.height, frame.width) if frame.rotation % 180 else (frame.width, frame.height)


def _demuxed(source: InputContainer, video: VideoStream) -> _Seen:
    seen = _Seen()
    for packet in source.demux():
        if not packet.size:
            continue
        seen.broken += packet.is_corrupt
        if packet.stream_index == video.index:
            seen.pictures.add(cast("Packet[VideoStream]", packet))
        elif packet.stream.type == "audio":
            seen.audio_packets += 1
        if packet.dts is not None:
            seen.end_s = max(seen.end_s, float((packet.dts + (packet.duration or 0)) * packet.time_base))
    return seen


def _refuse_missing(source: InputContainer, seen: _Seen, *, promised: int) -> None:
    """`promised`: frames according to an index that counts them exactly; AVI counts repeated frames too."""
    count = len(seen.pictures.ticks)
    if count < promised:
        raise Truncated(f"{count} of {promised} frames are there")
    if seen.broken:
        raise Truncated(f"{seen.broken} of its packets are cut short")
    if not count:
        raise NotAVideo("it has no frames")
    declared_s = ((source.duration or 0) + max(0, source.start_time or 0)) / av.time_base
    if declared_s - seen.end_s > MISSING_S:
        raise Truncated(f"{seen.end_s:.1f} of {declared_s:.1f} s are there")


def _decoded(video: VideoStream, pictures: _Pictures) -> VideoFrame:
    """The first frame; the last group is decoded too when it is short.

    Raises:
        NotAVideo: one of them does not decode.
    """
    first = _frame(video, pictures.first) if pictures.first else None
    if first is None:
        raise NotAVideo("its first frame cannot be decoded")
    if 0 < pictures.frames_in_gop <= DECODED_GOP and not _frames(video, pictures.gop):
        raise NotAVideo("its last frames cannot be decoded")
    return first


def _frame(video: VideoStream, packet: Packet[VideoStream]) -> VideoFrame | None:
    return next(iter(_frames(video, [packet])), None)


def _frames(video: VideoStream, packets: list[Packet[VideoStream]]) -> list[VideoFrame]:
    """What the packets decode to on their own; empty when they do not."""
    try:
        found = [frame for packet in packets for frame in video.codec_context.decode(packet)]
        found += video.codec_context.decode(None)
    except av.error.InvalidDataError:
        found = []
    video.codec_context.flush_buffers()
    return [] if any(frame.is_corrupt for frame in found) else found


def _rate(video: VideoStream, pictures: _Pictures) -> Rate:
    declared = [rate for rate in (video.guessed_rate, video.average_rate) if rate]
    return rate_of(pictures.ticks, _time_base(video), declared)


def _length(video: VideoStream, pictures: _Pictures, rate: Rate) -> tuple[int, float]:
    """Frames shown, and seconds; an AVI may leave a frame out to say that the one before is shown again."""
    span = (max(pictures.ticks) - min(pictures.ticks)) * _time_base(video)
    if rate.is_variable:
        last = pictures.last_length * _time_base(video)
        return len(pictures.ticks), round(float(span + last), 6)
    frames = round(span * rate.fps) + 1
    return frames, round(float(frames / rate.fps), 6)


def _time_base(video: VideoStream) -> Fraction:
    return video.time_base or Fraction(1, int(av.time_base))
