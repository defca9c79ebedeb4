"""What takes a decode of the whole clip: loudness, and whether it flashes. Runs in a clip worker."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import av
import av.error
import av.filter

from sora_compare.clips.decoding.probe import opened, picture_of
from sora_compare.domain.clips import Measurements

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.filter.context import FilterContext
    from av.frame import Frame

SILENCE_LUFS = -69.9
"""The gate of EBU R128 is at -70 LUFS: what is quieter, or shorter than 0.4 s, has no loudness."""
INTEGRATED = "lavfi.r128.I"
FLASH_WIDTH = 160
BADNESS = 6.0
"""Four changes of the whole picture between black and white within a second reach this. WCAG 2.3.1 draws the line at
three flashes, which are six changes, so this errs towards a warning; cuts once a second stay at 2.4."""
WINDOW_FRAMES = 30
"""The filter's badness is per this many frames."""


def measure(path: Path) -> Measurements:
    """Decode a clip and measure it.

    Raises:
        NotAVideo: it cannot be decoded.
        Truncated: it is not whole.
    """
    return Measurements(loudness_lufs=loudness(path), has_flashes=has_flashes(path))


def loudness(path: Path) -> float | None:
    """Integrated loudness in LUFS by libav's ebur128 (EBU R128, ITU-R BS.1770); None for silence or no sound."""
    with opened(path) as (_, source):
        if not source.streams.audio:
            return None
        audio = source.streams.audio[0]
        graph = av.filter.Graph()
        first, last = graph.add_abuffer(template=audio), graph.add("abuffersink")
        meter = graph.add("ebur128", "metadata=1:framelog=quiet")
        graph.link_nodes(first, meter, last).configure()
        lines = [frame.metadata for frame in _filtered(source.decode(audio), first, last)]
    heard = [one[INTEGRATED] for one in lines if INTEGRATED in one]
    level = float(heard[-1]) if heard else SILENCE_LUFS
    return round(level, 2) if level > SILENCE_LUFS else None


def has_flashes(path: Path) -> bool:
    """Whether any second of the clip flashes, by libav's photosensitivity filter."""
    with opened(path) as (_, source):
        video = picture_of(source)
        # One thread, to the end: leaving a threaded decode halfway was seen to hang when its parts are released.
        video.thread_type = "NONE"
        video.codec_context.thread_count = 1
        window = min(240, max(2, round(float(video.guessed_rate or video.average_rate or WINDOW_FRAMES))))
        graph = av.filter.Graph()
        first, last = graph.add_buffer(template=video), graph.add("buffersink")
        small = graph.add("scale", f"{FLASH_WIDTH}:-2")
        meter = graph.add("photosensitivity", f"frames={window}:bypass=1")
        graph.link_nodes(first, small, meter, last).configure()
        limit = BADNESS * WINDOW_FRAMES / window
        frames = _filtered(source.decode(video), first, last)
        lines = [float(frame.metadata.get("lavfi.photosensitivity.badness", 0)) for frame in frames]
    return max(lines, default=0.0) >= limit


def _filtered(frames: Iterator[Frame], first: FilterContext, last: FilterContext) -> Iterator[Frame]:
    for frame in frames:
        first.push(frame)
        yield from ready(last)
    first.push(None)
    yield from ready(last)


def push(first: FilterContext, frame: Frame | None) -> None:
    """Give a frame to a filter chain, or None for the end; what comes behind the end of a cut is dropped."""
    with contextlib.suppress(av.error.EOFError):
        first.push(frame)


def ready(last: FilterContext) -> Iterator[Frame]:
    """The frames that a filter chain has finished."""
    while True:
        try:
            yield last.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
