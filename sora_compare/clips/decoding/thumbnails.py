"""Still pictures of a clip: a poster, and a sheet of tiles for hovering over the timeline. Runs in a clip worker."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import chain, repeat
from typing import TYPE_CHECKING

from PIL import Image

from sora_compare.clips.decoding.probe import opened, picture_of, shown_size
from sora_compare.clips.files import atomic_file
from sora_compare.domain.clips import SpriteSheet, sheet_layout
from sora_compare.errors import NotAVideo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

POSTER_SIDE = 480
POSTER_AT = Fraction(1, 3)
"""A third in: past a fade from black, before the end gives the story away."""
SAME_INSTANT_S = 0.001
QUALITY = 82


def make_poster(path: Path, target: Path) -> tuple[int, int]:
    """Write a JPEG of the frame a third into the clip; returns its width and height, the longer side 480 at most.

    Raises:
        NotAVideo: no frame can be decoded.
        NoRoom: the disk is full.
    """
    with opened(path) as (_, source):
        video = picture_of(source)
        length = (source.duration or 0) / Fraction(1_000_000)
        frame = _frame_at(source, video, length * POSTER_AT)
        width, height = shown_size(frame)
        scale = min(1.0, POSTER_SIDE / max(width, height))
        image = _picture(frame, _even(width * scale), _even(height * scale))
    with atomic_file(target) as part:
        image.save(part, "JPEG", quality=QUALITY, optimize=True)
    return image.size


def make_sprite(path: Path, target: Path, *, duration_s: float) -> SpriteSheet:
    """Write a JPEG sheet of tiles; its layout is that of `sheet_layout` for the clip's size and `duration_s`.

    Raises:
        NotAVideo: no frame can be decoded.
        NoRoom: the disk is full.
    """
    with opened(path) as (_, source):
        frames = _timed(source, picture_of(source))
        first = next(frames, None)
        if first is None:
            raise NotAVideo("none of its frames can be decoded")
        layout = sheet_layout(*shown_size(first[1]), duration_s)
        sheet = Image.new(
            "RGB", (layout.columns * layout.width, math.ceil(layout.tiles / layout.columns) * layout.height)
        )
        for index, frame in enumerate(_shown_at(chain([first], frames), layout)):
            row, column = divmod(index, layout.columns)
            sheet.paste(_picture(frame, layout.width, layout.height), (column * layout.width, row * layout.height))
    with atomic_file(target) as part:
        sheet.save(part, "JPEG", quality=QUALITY)
    return layout


def _shown_at(frames: Iterator[tuple[Fraction, VideoFrame]], layout: SpriteSheet) -> Iterator[VideoFrame]:
    """For each tile the frame that a player shows at its instant."""
    instants = [tile * layout.interval_s for tile in range(layout.tiles)]
    made, start, held = 0, None, None
    for time, frame in frames:
        start = time if start is None else start
        while held is not None and made < layout.tiles and time - start > instants[made] + SAME_INSTANT_S:
            yield held
            made += 1
        held = frame
    if held is not None:
        yield from repeat(held, layout.tiles - made)


def _timed(source: InputContainer, video: VideoStream) -> Iterator[tuple[Fraction, VideoFrame]]:
    for index, frame in enumerate(source.decode(video)):
        yield _seconds(frame, index, video), frame


def _frame_at(source: InputContainer, video: VideoStream, at: Fraction) -> VideoFrame:
    """The first frame at or after that many seconds, else the last there is."""
    base = video.time_base or Fraction(1, 1_000_000)
    tick = int(at / base) + (video.start_time or 0)
    source.seek(tick, stream=video)
    last: VideoFrame | None = None
    for last in source.decode(video):
        if last.pts is None or last.pts >= tick:
            break
    if last is None:
        raise NotAVideo("none of its frames can be decoded")
    return last


def _seconds(frame: VideoFrame, index: int, video: VideoStream) -> Fraction:
    if frame.pts is not None and frame.time_base:
        return frame.pts * frame.time_base
    return index / (video.guessed_rate or Fraction(30))


def _picture(frame: VideoFrame, width: int, height: int) -> Image.Image:
    """The frame at that size, turned as players turn it."""
    turned = frame.rotation % 180 != 0
    small = frame.reformat(height if turned else width, width if turned else height, "rgb24", interpolation="AREA")
    image: Image.Image = small.to_image()  # type: ignore[no-untyped-call]  # PyAV left it out
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)
