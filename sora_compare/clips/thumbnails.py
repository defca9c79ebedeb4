"""Still pictures of a clip: a poster, and a sheet of tiles for hovering over the timeline. Runs in a clip worker."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from PIL import Image

from sora_compare.clips.files import atomic_file
from sora_compare.clips.probe import opened, picture_of, shown_size
from sora_compare.domain.clips import SpriteSheet
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
TILE_WIDTH = 160
MOST_TILES = 60
COLUMNS = 10
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
    """Write a JPEG sheet of up to 60 tiles spread evenly over `duration_s`.

    Raises:
        NotAVideo: no frame can be decoded.
        NoRoom: the disk is full.
    """
    with opened(path) as (_, source):
        video = picture_of(source)
        count = max(1, min(MOST_TILES, math.ceil(duration_s * 4)))
        interval = Fraction(duration_s).limit_denominator(10_000) / count
        tiles = list(_tiles(source, video, count, interval))
    columns = min(COLUMNS, len(tiles))
    width, height = tiles[0].size
    sheet = Image.new("RGB", (columns * width, math.ceil(len(tiles) / columns) * height))
    for index, tile in enumerate(tiles):
        sheet.paste(tile, (index % columns * width, index // columns * height))
    with atomic_file(target) as part:
        sheet.save(part, "JPEG", quality=QUALITY)
    return SpriteSheet(width, height, columns, len(tiles), round(float(interval), 6))


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


def _tiles(source: InputContainer, video: VideoStream, count: int, interval: Fraction) -> Iterator[Image.Image]:
    made, start = 0, None
    for index, frame in enumerate(source.decode(video)):
        at = _seconds(frame, index, video)
        start = at if start is None else start
        if made < count and at - start >= made * interval:
            width, height = shown_size(frame)
            yield _picture(frame, TILE_WIDTH, _even(TILE_WIDTH * height / width))
            made += 1
    if start is None:
        raise NotAVideo("none of its frames can be decoded")


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
